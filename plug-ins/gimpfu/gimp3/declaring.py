"""Declaring a procedure's arguments and return values to GIMP 3."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gi.repository import Gegl, Gimp, GLib, GObject

from gimpfu.errors import error
from gimpfu.gimp3.colours import native_colour
from gimpfu.params import PF_DRAWABLES, PF_OPTION, PF_SLIDER, PF_SPINNER, Param
from gimpfu.registry import Procedure

_WRITABLE = GObject.ParamFlags.READWRITE
_MAX_INT, _MAX_FLOAT = GLib.MAXINT32, GLib.MAXDOUBLE
_BLACK = (0.0, 0.0, 0.0)


def declare(
    plug_in: Gimp.PlugIn,
    procedure: Procedure,
    run_on_image: Callable[..., Gimp.ValueArray],
    run_plain: Callable[..., Gimp.ValueArray],
) -> Gimp.Procedure:
    """Create the GIMP procedure; when run, it calls `run_on_image` or `run_plain`.

    Raises `error` for a return value that GIMP 3 cannot declare.
    """
    # Without it, colours and buffers crash. Before Gimp.main, it would load its operations twice.
    Gegl.init(None)
    kind = Gimp.PDBProcType.PLUGIN
    if procedure.works_on_image:
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
    made.set_image_types(procedure.image_types)
    made.set_documentation(procedure.blurb, procedure.help or None, procedure.name)
    made.set_attribution(procedure.author, procedure.copyright, procedure.date)
    if procedure.label:
        made.set_menu_label(procedure.label)
        if procedure.menu:
            made.add_menu_path(procedure.menu)
    for param in _own_params(procedure):
        _declare_argument(made, param)
    for param in procedure.results:
        _declare_result(made, param)
    return made


def name_of(param: Param) -> str:
    """Return a parameter's name in GIMP 3, which allows no underscores."""
    return param.name.replace("_", "-")


def _own_params(procedure: Procedure) -> Sequence[Param]:
    """Return the parameters that GIMP does not declare itself."""
    return procedure.params[2:] if procedure.works_on_image else procedure.params


def _words(param: Param) -> tuple[str, str, str]:
    return name_of(param), param.description or param.name, param.text or param.name


def _declare_argument(made: Gimp.Procedure, param: Param) -> None:
    words = _words(param)
    stored = param.stored
    if stored == "int":
        made.add_int_argument(*words, *_int_range(param), int(param.default or 0), _WRITABLE)
    elif stored == "float":
        low, high = param.extra[:2] if param.kind == PF_SLIDER else (-_MAX_FLOAT, _MAX_FLOAT)
        made.add_double_argument(*words, low, high, float(param.default or 0), _WRITABLE)
    elif stored == "bool":
        made.add_boolean_argument(*words, bool(param.default), _WRITABLE)
    elif stored == "string":
        default = "" if param.default is None else str(param.default)
        made.add_string_argument(*words, default, _WRITABLE)
    elif stored == "color":
        made.add_color_argument(*words, True, native_colour(param.default or _BLACK), _WRITABLE)
    elif stored == "drawables":
        made.add_core_object_array_argument(*words, Gimp.Drawable.__gtype__, _WRITABLE)
    else:
        getattr(made, f"add_{stored}_argument")(*words, True, _WRITABLE)


def _int_range(param: Param) -> tuple[int, int]:
    if param.kind == PF_OPTION:
        return 0, len(param.extra) - 1
    if param.kind == PF_SPINNER:
        return int(param.extra[0]), int(param.extra[1])
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
    elif stored in ("color", "drawables"):
        raise error(f"{param.name}: GIMP 3 does not support return values of this kind.")
    else:
        getattr(made, f"add_{stored}_return_value")(*words, True, _WRITABLE)
