"""The C functions of GTK 2, and of GIMP 2.10's widgets, that the dialog uses.

Importing this module loads GTK 2, which cannot be in the same process as GTK 3.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_double, c_float, c_int, c_void_p
from typing import Any

from gimpfu.gimp2.library import libgobject, load

if sys.platform == "win32":
    _SYSTEM = "win32"
elif sys.platform == "darwin":
    _SYSTEM = "quartz"
else:
    _SYSTEM = "x11"

FILL, EXPAND_AND_FILL = 4, 5
NEVER, AUTOMATIC = 2, 1
CANCEL, OK = -6, -5
G_TYPE_INT = 6 << 2

CLICKED = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)
"""A function that takes a button and nothing else of use."""


class Size(ctypes.Structure):
    """`GtkRequisition`."""

    _fields_ = (("width", c_int), ("height", c_int))


class Rectangle(ctypes.Structure):
    """`GdkRectangle`."""

    _fields_ = (("x", c_int), ("y", c_int), ("width", c_int), ("height", c_int))


class TextIter(ctypes.Structure):
    """`GtkTextIter`, whose parts are private."""

    _fields_ = (("private", c_void_p * 16),)


class GValue(ctypes.Structure):
    """`GValue`."""

    _fields_ = (("type", ctypes.c_size_t), ("data", ctypes.c_int64 * 2))


class GList(ctypes.Structure):
    """The first element of a `GList`."""

    _fields_ = (("data", c_void_p), ("next", c_void_p), ("previous", c_void_p))


Colour = c_double * 4
"""`GimpRGB`."""

# Name: return type, argument types
_GTK = {
    "init_check": (c_int, c_void_p, c_void_p),
    "events_pending": (c_int,),
    "main_iteration": (c_int,),
    "dialog_add_button": (c_void_p, c_void_p, c_char_p, c_int),
    "dialog_get_content_area": (c_void_p, c_void_p),
    "dialog_run": (c_int, c_void_p),
    "dialog_set_default_response": (None, c_void_p, c_int),
    "dialog_set_alternative_button_order_from_array": (None, c_void_p, c_int, POINTER(c_int)),
    "window_set_title": (None, c_void_p, c_char_p),
    "window_set_transient_for": (None, c_void_p, c_void_p),
    "widget_get_toplevel": (c_void_p, c_void_p),
    "widget_grab_focus": (None, c_void_p),
    "widget_destroy": (None, c_void_p),
    "widget_show_all": (None, c_void_p),
    "widget_set_tooltip_text": (None, c_void_p, c_char_p),
    "widget_set_size_request": (None, c_void_p, c_int, c_int),
    "widget_size_request": (None, c_void_p, POINTER(Size)),
    "container_add": (None, c_void_p, c_void_p),
    "container_set_border_width": (None, c_void_p, c_int),
    "container_set_focus_vadjustment": (None, c_void_p, c_void_p),
    "box_pack_start": (None, c_void_p, c_void_p, c_int, c_int, c_int),
    "hbox_new": (c_void_p, c_int, c_int),
    "vbox_new": (c_void_p, c_int, c_int),
    "table_new": (c_void_p, c_int, c_int, c_int),
    "table_set_col_spacings": (None, c_void_p, c_int),
    "table_set_row_spacings": (None, c_void_p, c_int),
    "table_attach": (None, c_void_p, c_void_p, *[c_int] * 8),
    "scrolled_window_new": (c_void_p, c_void_p, c_void_p),
    "scrolled_window_set_policy": (None, c_void_p, c_int, c_int),
    "scrolled_window_set_shadow_type": (None, c_void_p, c_int),
    "scrolled_window_add_with_viewport": (None, c_void_p, c_void_p),
    "scrolled_window_get_vadjustment": (c_void_p, c_void_p),
    "viewport_set_shadow_type": (None, c_void_p, c_int),
    "bin_get_child": (c_void_p, c_void_p),
    "label_new_with_mnemonic": (c_void_p, c_char_p),
    "label_set_mnemonic_widget": (None, c_void_p, c_void_p),
    "misc_set_alignment": (None, c_void_p, c_float, c_float),
    "entry_new": (c_void_p,),
    "entry_set_text": (None, c_void_p, c_char_p),
    "entry_get_text": (c_char_p, c_void_p),
    "entry_set_activates_default": (None, c_void_p, c_int),
    "check_button_new": (c_void_p,),
    "cell_layout_get_cells": (POINTER(GList), c_void_p),
    "radio_button_new_with_mnemonic_from_widget": (c_void_p, c_void_p, c_char_p),
    "toggle_button_set_active": (None, c_void_p, c_int),
    "toggle_button_get_active": (c_int, c_void_p),
    "adjustment_new": (c_void_p, *[c_double] * 6),
    "hscale_new": (c_void_p, c_void_p),
    "scale_set_draw_value": (None, c_void_p, c_int),
    "scale_set_digits": (None, c_void_p, c_int),
    "spin_button_new": (c_void_p, c_void_p, c_double, c_int),
    "spin_button_set_numeric": (None, c_void_p, c_int),
    "spin_button_update": (None, c_void_p),
    "spin_button_get_value": (c_double, c_void_p),
    "combo_box_text_new": (c_void_p,),
    "combo_box_text_append_text": (None, c_void_p, c_char_p),
    "combo_box_set_active": (None, c_void_p, c_int),
    "combo_box_get_active": (c_int, c_void_p),
    "button_new": (c_void_p,),
    "button_set_image": (None, c_void_p, c_void_p),
    "image_new_from_stock": (c_void_p, c_char_p, c_int),
    "text_view_new": (c_void_p,),
    "text_view_set_accepts_tab": (None, c_void_p, c_int),
    "text_view_set_wrap_mode": (None, c_void_p, c_int),
    "text_view_get_buffer": (c_void_p, c_void_p),
    "text_buffer_set_text": (None, c_void_p, c_char_p, c_int),
    "text_buffer_get_bounds": (None, c_void_p, POINTER(TextIter), POINTER(TextIter)),
    "text_buffer_get_text": (*(c_void_p, c_void_p, POINTER(TextIter), POINTER(TextIter), c_int),),
    # Without buttons, no argument is variadic.
    "file_chooser_dialog_new": (c_void_p, c_char_p, c_void_p, c_int, c_void_p),
    "file_chooser_set_filename": (c_int, c_void_p, c_char_p),
    "file_chooser_set_current_folder": (c_int, c_void_p, c_char_p),
    "file_chooser_set_current_name": (None, c_void_p, c_char_p),
    "file_chooser_set_do_overwrite_confirmation": (None, c_void_p, c_int),
    "file_chooser_get_filename": (c_void_p, c_void_p),
}
_GDK = {
    "screen_get_default": (c_void_p,),
    "screen_get_primary_monitor": (c_int, c_void_p),
    "screen_get_monitor_geometry": (None, c_void_p, c_int, POINTER(Rectangle)),
}
_UI = {
    "ui_init": (None, c_char_p, c_int),
    "window_set_transient": (None, c_void_p),
    "image_combo_box_new": (c_void_p, c_void_p, c_void_p),
    "drawable_combo_box_new": (c_void_p, c_void_p, c_void_p),
    "layer_combo_box_new": (c_void_p, c_void_p, c_void_p),
    "channel_combo_box_new": (c_void_p, c_void_p, c_void_p),
    "vectors_combo_box_new": (c_void_p, c_void_p, c_void_p),
    "brush_select_button_new": (c_void_p, c_char_p, c_char_p, c_double, c_int, c_int),
    "brush_select_button_get_brush": (
        *(c_char_p, c_void_p, POINTER(c_double), POINTER(c_int), POINTER(c_int)),
    ),
    "font_select_button_new": (c_void_p, c_char_p, c_char_p),
    "font_select_button_get_font": (c_char_p, c_void_p),
    "gradient_select_button_new": (c_void_p, c_char_p, c_char_p),
    "gradient_select_button_get_gradient": (c_char_p, c_void_p),
    "palette_select_button_new": (c_void_p, c_char_p, c_char_p),
    "palette_select_button_get_palette": (c_char_p, c_void_p),
    "pattern_select_button_new": (c_void_p, c_char_p, c_char_p),
    "pattern_select_button_get_pattern": (c_char_p, c_void_p),
}
_WIDGETS = {
    "dialog_get_type": (ctypes.c_size_t,),
    "dialog_run": (c_int, c_void_p),
    "hint_box_new": (c_void_p, c_char_p),
    "int_combo_box_set_active": (c_int, c_void_p, c_int),
    "int_combo_box_get_active": (c_int, c_void_p, POINTER(c_int)),
    "color_button_new": (c_void_p, c_char_p, c_int, c_int, POINTER(Colour), c_int),
    "color_button_get_color": (None, c_void_p, POINTER(Colour)),
}
_GOBJECT = {
    "object_new_with_properties": (c_void_p, ctypes.c_size_t, c_int, c_void_p, c_void_p),
    "signal_connect_data": (
        *(ctypes.c_ulong, c_void_p, c_char_p, CLICKED, c_void_p, c_void_p, c_int),
    ),
    "object_set_property": (None, c_void_p, c_char_p, POINTER(GValue)),
    "value_init": (c_void_p, POINTER(GValue), ctypes.c_size_t),
    "value_set_int": (None, POINTER(GValue), c_int),
}


class Library:
    """Functions of a C library, without the prefix of their names."""

    def __init__(self, library: ctypes.CDLL, prefix: str, functions: dict[str, Any]) -> None:
        for name, (result, *arguments) in functions.items():
            function = getattr(library, f"{prefix}_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


gtk = Library(load(f"gtk-{_SYSTEM}-2.0"), "gtk", _GTK)
gdk = Library(load(f"gdk-{_SYSTEM}-2.0"), "gdk", _GDK)
gimp_ui = Library(load("gimpui-2.0"), "gimp", _UI)
gimp_widgets = Library(load("gimpwidgets-2.0"), "gimp", _WIDGETS)
_gobject = Library(libgobject, "g", _GOBJECT)

_connected: list[Any] = []
"""Functions that C code may call as long as the process lives."""


def new_gimp_dialog() -> int:
    """Return a new `GimpDialog` without a title or buttons."""
    kind = gimp_widgets.dialog_get_type()
    return _gobject.object_new_with_properties(kind, 0, None, None)


def on_click(button: int, act: Callable[[], None]) -> None:
    """Call a function whenever a button is clicked."""
    _connected.append(CLICKED(lambda *_: act()))
    _gobject.signal_connect_data(button, b"clicked", _connected[-1], None, None, 0)


def set_number(thing: int, name: str, number: int) -> None:
    """Set a property that is a number, a truth value or a member of an enumeration."""
    value = GValue()
    _gobject.value_init(value, G_TYPE_INT)
    _gobject.value_set_int(value, number)
    _gobject.object_set_property(thing, name.encode(), value)
