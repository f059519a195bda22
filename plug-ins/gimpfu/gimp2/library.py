"""The C functions of GIMP 2.10 that the shim uses, with their signatures.

Only libgimp itself is loaded: it does not link GTK, so the same process can show a GTK 3 dialog.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import POINTER, c_char_p, c_double, c_int, c_uint32, c_void_p

if sys.platform == "win32":
    _FORM = "lib{0}-0.dll"
elif sys.platform == "darwin":
    _FORM = "lib{0}.0.dylib"
else:
    _FORM = "lib{0}.so.0"


def load(name: str) -> ctypes.CDLL:
    """Load a library by its base name, such as `gimp-2.0`. Raises `OSError`."""
    return ctypes.CDLL(_FORM.format(name))


class Value(ctypes.Union):
    """The data of a `GimpParam`; the largest member is a colour of four doubles."""

    _fields_ = (
        ("int32", ctypes.c_int32),
        ("int16", ctypes.c_int16),
        ("int8", ctypes.c_uint8),
        ("float", c_double),
        ("pointer", c_void_p),
        ("color", c_double * 4),
    )


class Argument(ctypes.Structure):
    """`GimpParam`."""

    _fields_ = (("kind", c_int), ("value", Value))


class Declaration(ctypes.Structure):
    """`GimpParamDef`."""

    _fields_ = (("kind", c_int), ("name", c_char_p), ("description", c_char_p))


class CParasite(ctypes.Structure):
    """`GimpParasite`."""

    _fields_ = (("name", c_char_p), ("flags", c_uint32), ("size", c_uint32), ("data", c_void_p))


class Rectangle(ctypes.Structure):
    """`GeglRectangle`."""

    _fields_ = (("x", c_int), ("y", c_int), ("width", c_int), ("height", c_int))


QueryFunction = ctypes.CFUNCTYPE(None)
RunFunction = ctypes.CFUNCTYPE(
    None, c_char_p, c_int, POINTER(Argument), POINTER(c_int), POINTER(POINTER(Argument))
)


class PlugInInfo(ctypes.Structure):
    """`GimpPlugInInfo`."""

    _fields_ = (
        ("init", c_void_p),
        ("quit", c_void_p),
        ("query", QueryFunction),
        ("run", RunFunction),
    )


libgimp, libgimpbase = load("gimp-2.0"), load("gimpbase-2.0")
libgimpcolor = load("gimpcolor-2.0")
libgegl, libbabl = load("gegl-0.4"), load("babl-0.1")
libgobject, libglib = load("gobject-2.0"), load("glib-2.0")
libglib.g_free.argtypes = [c_void_p]


def _function(library: ctypes.CDLL, name: str, result: object, *arguments: object) -> None:
    function = getattr(library, name)
    function.restype, function.argtypes = result, list(arguments)


INT_P = POINTER(c_int)

# Name without the gimp_ prefix: return type, argument types
_GIMP = {
    "main": (c_int, POINTER(PlugInInfo), c_int, POINTER(c_char_p)),
    "install_procedure": (
        *(None, *[c_char_p] * 8, c_int, c_int, c_int),
        *(POINTER(Declaration), POINTER(Declaration)),
    ),
    "plugin_menu_register": (c_int, c_char_p, c_char_p),
    "plugin_domain_register": (c_int, c_char_p, c_char_p),
    "get_pdb_error": (c_char_p,),
    "procedural_db_proc_exists": (c_int, c_char_p),
    "run_procedure2": (POINTER(Argument), c_char_p, INT_P, c_int, POINTER(Argument)),
    "destroy_params": (None, POINTER(Argument), c_int),
    "message": (c_int, c_char_p),
    "displays_flush": (c_int,),
    "default_display": (c_int,),
    "progress_init": (c_int, c_char_p),
    "progress_set_text": (c_int, c_char_p),
    "progress_update": (c_int, c_double),
    "progress_end": (c_int,),
    "directory": (c_char_p,),
    "data_directory": (c_char_p,),
    "plug_in_directory": (c_char_p,),
    "locale_directory": (c_char_p,),
    "sysconf_directory": (c_char_p,),
    "image_get_color_profile": (c_void_p, c_int),
    "item_is_layer": (c_int, c_int),
    "item_get_image": (c_int, c_int),
    "drawable_get_buffer": (c_void_p, c_int),
    "drawable_get_shadow_buffer": (c_void_p, c_int),
}
_GIMPBASE = (
    *("directory", "data_directory", "plug_in_directory"),
    *("locale_directory", "sysconf_directory"),
)
for _name, (_result, *_arguments) in _GIMP.items():
    _library = libgimpbase if _name in _GIMPBASE else libgimp
    _function(_library, f"gimp_{_name}", _result, *_arguments)
_function(
    *(libgimp, "gimp_procedural_db_proc_info", c_int, c_char_p),
    *[POINTER(c_void_p)] * 5,
    *[INT_P] * 3,
    *[POINTER(POINTER(Declaration))] * 2,
)
_function(libgimpbase, "gimp_user_directory", c_char_p, c_int)
_function(libgegl, "gegl_init", None, c_void_p, c_void_p)
_function(
    *(libgegl, "gegl_buffer_get", None, c_void_p, POINTER(Rectangle), c_double),
    *(c_void_p, c_void_p, c_int, c_int),
)
_function(
    *(libgegl, "gegl_buffer_set", None, c_void_p, POINTER(Rectangle), c_int),
    *(c_void_p, c_void_p, c_int),
)
_function(libgegl, "gegl_buffer_flush", None, c_void_p)
_function(libgegl, "gegl_buffer_get_format", c_void_p, c_void_p)
_function(libbabl, "babl_format", c_void_p, c_char_p)
_function(libbabl, "babl_format_exists", c_int, c_char_p)
_function(libbabl, "babl_format_get_bytes_per_pixel", c_int, c_void_p)
_function(libbabl, "babl_format_is_palette", c_int, c_void_p)
_function(libbabl, "babl_format_get_encoding", c_char_p, c_void_p)
_function(libbabl, "babl_format_with_space", c_void_p, c_char_p, c_void_p)
_function(libbabl, "babl_fish", c_void_p, c_void_p, c_void_p)
_function(libbabl, "babl_process", ctypes.c_long, c_void_p, c_void_p, c_void_p, ctypes.c_long)
_function(
    *(libgimpcolor, "gimp_color_profile_get_space", c_void_p, c_void_p, c_int, c_void_p),
)
_function(libgobject, "g_object_unref", None, c_void_p)


def last_error() -> str:
    """Return GIMP's reason for the last failure, or an empty string."""
    return (libgimp.gimp_get_pdb_error() or b"").decode("utf-8", "replace")


def version() -> tuple[int, int, int]:
    """Return GIMP's version."""
    parts = ("gimp_major_version", "gimp_minor_version", "gimp_micro_version")
    major, minor, micro = (ctypes.c_uint.in_dll(libgimpbase, part).value for part in parts)
    return major, minor, micro
