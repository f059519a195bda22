"""GIMP 3.x through GObject introspection.

`backend` and `pixels` implement the `Backend` behind the handles in `objects`; `database` calls
GIMP's procedures; `declaring` and `serving` offer the plug-in's own.
"""

from __future__ import annotations

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
gi.require_version("Babl", "0.1")
