"""GIMP 3.x, by GObject introspection.

`backend` and `pixels` are what the handles in `objects` ask for; `database` calls procedures,
`declaring` and `serving` offer the plug-in's own.
"""

from __future__ import annotations

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
