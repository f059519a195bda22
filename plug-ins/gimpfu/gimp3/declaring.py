"""Declaring a procedure's arguments and return values to GIMP 3."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gi.repository import Gegl, Gimp, GLib, GObject

from gimpfu.colours import rgb
from gimpfu.errors import error
from gimpfu.gimp3.colours import native_colour
from gimpfu.params import PF_DRAWABLES, PF_OPTION, PF_SLIDER, PF_SPINNER, Param
from gimpfu.registry import FileHandler, Procedure, handlers, menus_of


@dataclass(frozen=True)
class FileRunners:
    """What runs the procedures that load and that save files."""

    load: Callable[..., tuple[Gimp.ValueArray, Any]]
    save: Callable[..., Gimp.ValueArray]


_WRITABLE = GObject.ParamFlags.READWRITE
_MAX_INT, _MAX_FLOAT = GLib.MAXINT32, GLib.MAXDOUBLE


def declare(
    plug_in: Gimp.PlugIn,
    procedure: Procedure,
    run_on_image: Callable[..., Gimp.ValueArray],
    run_plain: Callable[..., Gimp.ValueArray],
    run_on_file: FileRunners,
) -> Gimp.Procedure:
    """Create the GIMP procedure; when run, it calls one of the functions.

    Raises `error` for a return value that GIMP 3 cannot declare.
    """
    # Without it, colours and buffers crash. Before Gimp.main, it would load its operations twice.
    Gegl.init(None)
    kind = Gimp.PDBProcType.PLUGIN
    handler = handlers.get(procedure.name)
    if handler:
        made = _new_file_procedure(plug_in, procedure, handler, run_on_file)
    elif procedure.works_on_image:
        made = Gimp.ImageProcedure.new(plug_in, procedure.name, kind, run_on_image, procedure)
        mask = Gimp.ProcedureSensitivityMask.DRAWABLE
        if procedure.params[1].kind == PF_DRAWABLES:
            mask |= Gimp.ProcedureSensitivityMask.DRAWABLES
        made.set_sensitivity_mask(mask)
    else:
        made = Gimp.Procedure.new(plug_in, procedure.name, kind, run_plain, procedure)
        if not procedure.image_types:
            made.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.ALWAYS)
        if procedure.has_run_mode:
            text = "Whether to ask the user for settings"
            mode = (Gimp.RunMode, Gimp.RunMode.NONINTERACTIVE)
            made.add_enum_argument("run-mode", "Run mode", text, *mode, _WRITABLE)
    if not handler or handler.saves:
        # GIMP takes a procedure with types of images for one that saves.
        made.set_image_types(procedure.image_types)
    made.set_documentation(procedure.blurb, procedure.help or None, procedure.name)
    made.set_attribution(procedure.author, procedure.copyright, procedure.date)
    if procedure.label:
        made.set_menu_label(procedure.label)
        for path in menus_of(procedure):
            made.add_menu_path(path)
    for param in own_params(procedure):
        _declare_argument(made, param)
    # GIMP itself declares the image that is loaded.
    for param in procedure.results if not handler or handler.saves else ():
        _declare_result(made, param)
    return made


def name_of(param: Param) -> str:
    """Return a parameter's name in GIMP 3, which allows no underscores."""
    return param.name.replace("_", "-")


def own_params(procedure: Procedure) -> Sequence[Param]:
    """Return the parameters that GIMP does not declare itself."""
    handler = handlers.get(procedure.name)
    if handler:
        return procedure.params[4 if handler.saves else 2 :]
    return procedure.params[2:] if procedure.works_on_image else procedure.params


def _new_file_procedure(
    plug_in: Gimp.PlugIn, procedure: Procedure, handler: FileHandler, run: FileRunners
) -> Gimp.Procedure:
    """Create a procedure that loads or saves files."""
    kind = Gimp.PDBProcType.PLUGIN
    if handler.saves:
        made = Gimp.ExportProcedure.new(plug_in, procedure.name, kind, False, run.save, procedure)
    else:
        made = Gimp.LoadProcedure.new(plug_in, procedure.name, kind, run.load, procedure)
        if handler.magics:
            made.set_magics(handler.magics)
    made.set_extensions(handler.extensions)
    if handler.prefixes:
        made.set_prefixes(handler.prefixes)
    return made


def _words(param: Param) -> tuple[str, str, str]:
    return name_of(param), param.description or param.name, param.text or param.name


def _declare_argument(made: Gimp.Procedure, param: Param) -> None:
    words = _words(param)
    stored = param.stored
    if stored == "int":
        low, high = _int_range(param)
        default = min(max(int(param.default or 0), low), high)
        made.add_int_argument(*words, low, high, default, _WRITABLE)
    elif stored == "float":
        low, high = _float_range(param)
        default = min(max(float(param.default or 0), low), high)
        made.add_double_argument(*words, low, high, default, _WRITABLE)
    elif stored == "bool":
        made.add_boolean_argument(*words, bool(param.default), _WRITABLE)
    elif stored == "string":
        default = "" if param.default is None else str(param.default)
        made.add_string_argument(*words, default, _WRITABLE)
    elif stored == "color":
        made.add_color_argument(
            *words, True, native_colour(rgb(param.default or "black")), _WRITABLE
        )
    elif stored == "drawables":
        made.add_core_object_array_argument(*words, Gimp.Drawable.__gtype__, _WRITABLE)
    elif stored == "vectors":
        made.add_path_argument(*words, True, _WRITABLE)
    elif stored in ("strings", "ints", "int16s", "floats"):
        # PyGObject cannot set an array of numbers, so its elements are texts.
        made.add_string_array_argument(*words, _WRITABLE)
    elif stored == "int8s":
        made.add_bytes_argument(*words, _WRITABLE)
    else:
        getattr(made, f"add_{stored}_argument")(*words, True, _WRITABLE)


def _float_range(param: Param) -> tuple[float, float]:
    if param.kind in (PF_SLIDER, PF_SPINNER):
        return float(param.extra[0]), float(param.extra[1])
    return -_MAX_FLOAT, _MAX_FLOAT


def _int_range(param: Param) -> tuple[int, int]:
    if param.kind == PF_OPTION:
        return 0, len(param.extra) - 1
    if param.kind == PF_SPINNER:
        low, high = (int(min(max(end, -_MAX_INT), _MAX_INT)) for end in param.extra[:2])
        return low, high
    return -_MAX_INT, _MAX_INT


def _declare_result(made: Gimp.Procedure, param: Param) -> None:
    words = _words(param)
    stored = param.stored
    if stored == "int":
        made.add_int_return_value(*words, -_MAX_INT, _MAX_INT, 0, _WRITABLE)
    elif stored == "float":
        made.add_double_return_value(*words, -_MAX_FLOAT, _MAX_FLOAT, 0.0, _WRITABLE)
    elif stored == "bool":
        made.add_boolean_return_value(*words, False, _WRITABLE)
    elif stored == "string":
        made.add_string_return_value(*words, "", _WRITABLE)
    elif stored == "layers":
        made.add_core_object_array_return_value(*words, Gimp.Layer.__gtype__, _WRITABLE)
    elif stored == "color":
        made.add_color_return_value(*words, True, native_colour(rgb("black")), _WRITABLE)
    elif stored == "vectors":
        made.add_path_return_value(*words, True, _WRITABLE)
    elif stored == "strings":
        made.add_string_array_return_value(*words, _WRITABLE)
    elif stored == "int8s":
        made.add_bytes_return_value(*words, _WRITABLE)
    elif stored in ("drawables", "ints", "int16s", "floats"):
        raise error(f"{param.name}: GIMP 3 does not support return values of this kind.")
    else:
        getattr(made, f"add_{stored}_return_value")(*words, True, _WRITABLE)
