"""The dialog in GIMP 2.10's own GTK 2, through ctypes, for a Python without PyGObject."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from ctypes import c_char_p, c_double, c_int, c_void_p
from typing import Any

from gimpfu.colours import rgb
from gimpfu.errors import error
from gimpfu.gimp2.library import load
from gimpfu.host import Host
from gimpfu.params import (
    PF_COLOR,
    PF_OPTION,
    PF_RADIO,
    PF_SLIDER,
    PF_SPINNER,
    PF_TOGGLE,
    Param,
    digits_of,
)

_CANCEL, _OK = -6, -5
_FILL = 1 | 4
_EXPAND_AND_FILL = 5

Input = tuple[int, Callable[[], Any]]


class _Color(ctypes.Structure):
    """`GdkColor`."""

    _fields_ = (
        ("pixel", ctypes.c_uint32),
        ("red", ctypes.c_uint16),
        ("green", ctypes.c_uint16),
        ("blue", ctypes.c_uint16),
    )


_libui = load("gimpui-2.0")
_libwidgets = load("gimpwidgets-2.0")
_libgtk = load("gtk-x11-2.0")


def _function(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(library, name)
    function.restype, function.argtypes = result, list(arguments)
    return function


_init = _function(_libui, "gimp_ui_init", None, c_char_p, c_int)
_has_display = _function(_libgtk, "gtk_init_check", c_int, c_void_p, c_void_p)
_dialog_run = _function(_libwidgets, "gimp_dialog_run", c_int, c_void_p)
_content = _function(_libgtk, "gtk_dialog_get_content_area", c_void_p, c_void_p)
_default = _function(_libgtk, "gtk_dialog_set_default_response", None, c_void_p, c_int)
_button = _function(_libgtk, "gtk_dialog_get_widget_for_response", c_void_p, c_void_p, c_int)
_focus = _function(_libgtk, "gtk_widget_grab_focus", None, c_void_p)
_destroy = _function(_libgtk, "gtk_widget_destroy", None, c_void_p)
_show_all = _function(_libgtk, "gtk_widget_show_all", None, c_void_p)
_tooltip = _function(_libgtk, "gtk_widget_set_tooltip_text", None, c_void_p, c_char_p)
_size = _function(_libgtk, "gtk_widget_set_size_request", None, c_void_p, c_int, c_int)
_pack = _function(_libgtk, "gtk_box_pack_start", None, c_void_p, c_void_p, c_int, c_int, c_int)
_border = _function(_libgtk, "gtk_container_set_border_width", None, c_void_p, c_int)
_table = _function(_libgtk, "gtk_table_new", c_void_p, c_int, c_int, c_int)
_columns = _function(_libgtk, "gtk_table_set_col_spacings", None, c_void_p, c_int)
_rows = _function(_libgtk, "gtk_table_set_row_spacings", None, c_void_p, c_int)
_attach = _function(_libgtk, "gtk_table_attach", None, c_void_p, c_void_p, *[c_int] * 8)
_label = _function(_libgtk, "gtk_label_new_with_mnemonic", c_void_p, c_char_p)
_wrap = _function(_libgtk, "gtk_label_set_line_wrap", None, c_void_p, c_int)
_align = _function(
    _libgtk, "gtk_misc_set_alignment", None, c_void_p, ctypes.c_float, ctypes.c_float
)
_mnemonic = _function(_libgtk, "gtk_label_set_mnemonic_widget", None, c_void_p, c_void_p)
_entry_new = _function(_libgtk, "gtk_entry_new", c_void_p)
_entry_set = _function(_libgtk, "gtk_entry_set_text", None, c_void_p, c_char_p)
_entry_get = _function(_libgtk, "gtk_entry_get_text", c_char_p, c_void_p)
_activates = _function(_libgtk, "gtk_entry_set_activates_default", None, c_void_p, c_int)
_check_new = _function(_libgtk, "gtk_check_button_new", c_void_p)
_check_set = _function(_libgtk, "gtk_toggle_button_set_active", None, c_void_p, c_int)
_check_get = _function(_libgtk, "gtk_toggle_button_get_active", c_int, c_void_p)
_scale_new = _function(_libgtk, "gtk_hscale_new_with_range", c_void_p, *[c_double] * 3)
_scale_digits = _function(_libgtk, "gtk_scale_set_digits", None, c_void_p, c_int)
_scale_place = _function(_libgtk, "gtk_scale_set_value_pos", None, c_void_p, c_int)
_scale_set = _function(_libgtk, "gtk_range_set_value", None, c_void_p, c_double)
_scale_get = _function(_libgtk, "gtk_range_get_value", c_double, c_void_p)
_spin_new = _function(_libgtk, "gtk_spin_button_new_with_range", c_void_p, *[c_double] * 3)
_spin_digits = _function(_libgtk, "gtk_spin_button_set_digits", None, c_void_p, c_int)
_spin_set = _function(_libgtk, "gtk_spin_button_set_value", None, c_void_p, c_double)
_spin_update = _function(_libgtk, "gtk_spin_button_update", None, c_void_p)
_spin_get = _function(_libgtk, "gtk_spin_button_get_value", c_double, c_void_p)
_combo_new = _function(_libgtk, "gtk_combo_box_text_new", c_void_p)
_combo_add = _function(_libgtk, "gtk_combo_box_text_append_text", None, c_void_p, c_char_p)
_combo_set = _function(_libgtk, "gtk_combo_box_set_active", None, c_void_p, c_int)
_combo_get = _function(_libgtk, "gtk_combo_box_get_active", c_int, c_void_p)
_colour_new = _function(
    _libgtk, "gtk_color_button_new_with_color", c_void_p, ctypes.POINTER(_Color)
)
_colour_get = _function(
    _libgtk, "gtk_color_button_get_color", None, c_void_p, ctypes.POINTER(_Color)
)
_libwidgets.gimp_dialog_new.restype = c_void_p


def ask_values(
    host: Host, title: str, blurb: str, params: Sequence[Param], values: Sequence[Any]
) -> list[Any] | None:
    """Show the dialog; see `gimpfu.dialog.ask_values`. Raises `error` without a display."""
    if any(param.is_object for param in params):
        raise error("This dialog needs PyGObject (Debian and Ubuntu: python3-gi, gir1.2-gtk-3.0).")
    if not _has_display(None, None):
        raise error("No display to show a dialog on; run the procedure non-interactively.")
    _init(b"gimpfu", 1)
    window = _libwidgets.gimp_dialog_new(
        *(c_char_p(title.encode()), c_char_p(b"gimpfu"), None, c_int(0), None, None),
        *(c_char_p(b"gtk-cancel"), c_int(_CANCEL), c_char_p(b"gtk-ok"), c_int(_OK), None),
    )
    table = _table(len(params) + 1, 2, 0)
    _border(table, 12)
    _columns(table, 12)
    _rows(table, 6)
    hint = _label(blurb.encode())
    _wrap(hint, 1)
    _align(hint, 0.0, 0.5)
    _attach(table, hint, 0, 2, 0, 1, _FILL, 0, 0, 0)
    readers = []
    for row, (param, value) in enumerate(zip(params, values), 1):
        widget, read = _input(param, value)
        label = _label(f"{param.description}:".encode())
        _align(label, 0.0, 0.5)
        _mnemonic(label, widget)
        _tooltip(widget, param.help.encode() or None)
        _attach(table, label, 0, 1, row, row + 1, _FILL, 0, 0, 0)
        _attach(table, widget, 1, 2, row, row + 1, _EXPAND_AND_FILL, 0, 0, 0)
        readers.append(read)
    _pack(_content(window), table, 1, 1, 0)
    _show_all(table)
    _default(window, _OK)
    _focus(_button(window, _OK))
    answer = _dialog_run(window)
    entered = [read() for read in readers] if answer == _OK else None
    _destroy(window)
    return entered


def _input(param: Param, value: Any) -> Input:
    if param.kind == PF_TOGGLE:
        check = _check_new()
        _check_set(check, bool(value))
        return check, lambda: bool(_check_get(check))
    if param.kind == PF_OPTION:
        return _combo(param.extra, int(value or 0))
    if param.kind == PF_RADIO:
        labels, choices = zip(*param.extra)
        combo, index = _combo(labels, choices.index(value))
        return combo, lambda: choices[index()]
    if param.kind == PF_SLIDER:
        scale = _scale_new(*map(float, param.extra))
        _scale_digits(scale, digits_of(param.extra[2]))
        _scale_place(scale, 1)
        _size(scale, 200, -1)
        _scale_set(scale, float(value))
        return scale, lambda: _scale_get(scale)
    if param.kind == PF_SPINNER:
        low, high, step = param.extra
        return _spin(low, high, step, value)
    if param.stored == "int":
        return _spin(-(2.0**31), 2.0**31 - 1, 1, value)
    if param.stored == "float":
        return _spin(-1e15, 1e15, 0.0001, value)
    if param.kind == PF_COLOR:
        return _colour(rgb(value or "black").parts()[:3])
    entry = _entry_new()
    _entry_set(entry, ("" if value is None else str(value)).encode())
    _activates(entry, 1)
    return entry, lambda: _entry_get(entry).decode()


def _combo(labels: Sequence[str], active: int) -> tuple[int, Callable[[], int]]:
    combo = _combo_new()
    for label in labels:
        _combo_add(combo, label.replace("_", "").encode())
    _combo_set(combo, active)
    return combo, lambda: _combo_get(combo)


def _colour(value: Sequence[float]) -> Input:
    red, green, blue, *alpha = value
    first = _Color(0, *(round(65535 * part) for part in (red, green, blue)))
    button = _colour_new(ctypes.byref(first))

    def read() -> tuple[float, ...]:
        chosen = _Color()
        _colour_get(button, ctypes.byref(chosen))
        parts = (chosen.red, chosen.green, chosen.blue)
        return (*(part / 65535 for part in parts), *alpha)

    return button, read


def _spin(low: float, high: float, step: float, value: Any) -> Input:
    spin, digits = _spin_new(float(low), float(high), float(step)), digits_of(step)
    _spin_digits(spin, digits)
    _spin_set(spin, float(value or 0))
    _activates(spin, 1)

    def read() -> float:
        _spin_update(spin)
        return _spin_get(spin) if digits else round(_spin_get(spin))

    return spin, read
