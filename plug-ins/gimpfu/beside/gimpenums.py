"""`from gimpenums import *`: GIMP 2.10's constants."""

from gimpfu.enums import *  # noqa: F403
