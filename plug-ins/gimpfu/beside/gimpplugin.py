"""`gimpplugin.plugin`: plug-ins as classes that install their procedures themselves."""

from gimpfu.installing import PlugIn as plugin  # noqa: F401
