"""`from gimpshelf import shelf`: values that GIMP keeps until it quits."""

from gimpfu.shelf import shelf  # noqa: F401
