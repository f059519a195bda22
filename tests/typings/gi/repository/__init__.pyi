# ruff: noqa: F401
# GIMP's bindings come with GIMP, not with pip: what their namespaces hold is not known here.
from . import _namespace as Babl
from . import _namespace as GLib
from . import _namespace as GObject
from . import _namespace as Gdk
from . import _namespace as GdkPixbuf
from . import _namespace as Gegl
from . import _namespace as Gimp
from . import _namespace as GimpUi
from . import _namespace as Gio
from . import _namespace as Gtk
from . import _namespace as Pango
