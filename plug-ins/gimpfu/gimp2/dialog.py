"""The dialog in GIMP 2.10's own GTK 2 and its choosers, through ctypes."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from ctypes import byref, c_double, c_int
from pathlib import Path
from typing import Any, NamedTuple

from gimpfu.colours import RGB, rgb
from gimpfu.errors import error
from gimpfu.gimp2.gtk import (
    AUTOMATIC,
    CANCEL,
    EXPAND_AND_FILL,
    FILL,
    NEVER,
    OK,
    Colour,
    Rectangle,
    Size,
    TextIter,
    gdk,
    gimp_ui,
    gimp_widgets,
    gtk,
    new_gimp_dialog,
    on_click,
    set_number,
)
from gimpfu.gimp2.library import libglib
from gimpfu.objects.handles import Handle, call
from gimpfu.objects.images import Image
from gimpfu.params import (
    HINT_LENGTH,
    LINE_LENGTH,
    PF_BRUSH,
    PF_CHANNEL,
    PF_COLOR,
    PF_DIRNAME,
    PF_DRAWABLES,
    PF_FILE,
    PF_FILENAME,
    PF_FLOAT,
    PF_FONT,
    PF_GRADIENT,
    PF_IMAGE,
    PF_INT8,
    PF_INT16,
    PF_INT32,
    PF_LAYER,
    PF_OPTION,
    PF_PALETTE,
    PF_PATTERN,
    PF_RADIO,
    PF_SLIDER,
    PF_SPINNER,
    PF_TEXT,
    PF_TOGGLE,
    PF_VECTORS,
    Param,
    in_lines,
)

_WORDS_AND_CHARACTERS = 3
"""`GTK_WRAP_WORD_CHAR`."""
_AT_THE_END = 3
"""`PANGO_ELLIPSIZE_END`."""
_OPEN, _SAVE, _FOLDER = range(3)
"""`GtkFileChooserAction`."""
_WIDE = 280
"""The width in pixels of a widget whose content may be of any length."""


class Input(NamedTuple):
    """A widget, the part of it that takes the focus, and the function that reads its value."""

    widget: int
    target: int
    read: Callable[[], Any]


def ask(title: str, blurb: str, rows: Sequence[tuple[Param, Any]]) -> list[Any] | None:
    """Show a dialog; return what the user entered, or None on Cancel. Raises `error`."""
    if "gi.repository.Gtk" in sys.modules:
        raise error("A plug-in that uses GTK 3 cannot show gimpfu's dialog in GIMP 2.10.")
    if not gtk.init_check(None, None):
        raise error("No display to show a dialog on; run the procedure non-interactively.")
    gimp_ui.ui_init(b"gimpfu", 1)
    window = new_gimp_dialog()
    gtk.window_set_title(window, title.encode())
    gtk.dialog_add_button(window, b"gtk-cancel", CANCEL)
    ok = gtk.dialog_add_button(window, b"gtk-ok", OK)
    gtk.dialog_set_alternative_button_order_from_array(window, 2, (c_int * 2)(OK, CANCEL))
    gtk.dialog_set_default_response(window, OK)
    gimp_ui.window_set_transient(window)
    box = gtk.vbox_new(0, 12)
    gtk.container_set_border_width(box, 12)
    if blurb:
        hint = gimp_widgets.hint_box_new(in_lines(blurb, HINT_LENGTH).encode())
        gtk.box_pack_start(box, hint, 0, 0, 0)
    table = gtk.table_new(len(rows), 2, 0)
    gtk.table_set_col_spacings(table, 12)
    gtk.table_set_row_spacings(table, 6)
    inputs = [_add_row(table, i, param, value) for i, (param, value) in enumerate(rows)]
    gtk.box_pack_start(box, _scrolled_if_high(table), 1, 1, 0)
    gtk.box_pack_start(gtk.dialog_get_content_area(window), box, 1, 1, 0)
    gtk.widget_show_all(window)
    gtk.widget_grab_focus(ok)
    # GTK's own function would not let the user operate the window for a colour.
    answer = gimp_widgets.dialog_run(window)
    entered = [made.read() for made in inputs] if answer == OK else None
    gtk.widget_destroy(window)
    while gtk.events_pending():
        gtk.main_iteration()
    return entered


def _add_row(table: int, row: int, param: Param, value: Any) -> Input:
    made = _input(param, value)
    label = gtk.label_new_with_mnemonic(param.label.encode())
    high = param.kind in (PF_TEXT, PF_RADIO)
    gtk.misc_set_alignment(label, 0.0, 0.0 if high else 0.5)
    gtk.label_set_mnemonic_widget(label, made.target)
    gtk.widget_set_tooltip_text(made.target, param.help.encode() or None)
    gtk.table_attach(table, label, 0, 1, row, row + 1, FILL, FILL, 0, 0)
    gtk.table_attach(table, made.widget, 1, 2, row, row + 1, EXPAND_AND_FILL, FILL, 0, 0)
    return made


def _scrolled_if_high(table: int) -> int:
    """Return the table, or one that scrolls if it would not fit the screen."""
    gtk.widget_show_all(table)
    size, monitor = Size(), Rectangle()
    gtk.widget_size_request(table, byref(size))
    screen = gdk.screen_get_default()
    gdk.screen_get_monitor_geometry(screen, gdk.screen_get_primary_monitor(screen), byref(monitor))
    limit = monitor.height - 240
    if size.height <= limit:
        return table
    scrolled = gtk.scrolled_window_new(None, None)
    gtk.scrolled_window_set_policy(scrolled, NEVER, AUTOMATIC)
    gtk.scrolled_window_add_with_viewport(scrolled, table)
    gtk.viewport_set_shadow_type(gtk.bin_get_child(scrolled), 0)
    gtk.container_set_border_width(table, 6)
    gtk.widget_set_size_request(scrolled, -1, limit)
    adjustment = gtk.scrolled_window_get_vadjustment(scrolled)
    gtk.container_set_focus_vadjustment(table, adjustment)
    return scrolled


def _input(param: Param, value: Any) -> Input:
    if param.is_object:
        return _chooser(param, value)
    return _INPUTS.get(param.kind, _entry)(param, value)


def _entry(param: Param, value: Any) -> Input:
    entry = gtk.entry_new()
    gtk.entry_set_text(entry, ("" if value is None else str(value)).encode())
    gtk.entry_set_activates_default(entry, 1)
    return Input(entry, entry, lambda: gtk.entry_get_text(entry).decode())


def _text(param: Param, value: Any) -> Input:
    view = gtk.text_view_new()
    gtk.text_view_set_accepts_tab(view, 0)
    gtk.text_view_set_wrap_mode(view, _WORDS_AND_CHARACTERS)
    buffer = gtk.text_view_get_buffer(view)
    gtk.text_buffer_set_text(buffer, str(value or "").encode(), -1)
    scrolled = gtk.scrolled_window_new(None, None)
    gtk.scrolled_window_set_policy(scrolled, AUTOMATIC, AUTOMATIC)
    gtk.scrolled_window_set_shadow_type(scrolled, 1)
    gtk.widget_set_size_request(scrolled, 240, 80)
    gtk.container_add(scrolled, view)

    def read() -> str:
        start, end = TextIter(), TextIter()
        gtk.text_buffer_get_bounds(buffer, byref(start), byref(end))
        return _taken(gtk.text_buffer_get_text(buffer, byref(start), byref(end), 1)).decode()

    return Input(scrolled, view, read)


def _taken(text: int | None) -> bytes:
    """Return a text that belongs to the caller, and free it."""
    if not text:
        return b""
    data = ctypes.string_at(text)
    libglib.g_free(text)
    return data


def _toggle(param: Param, value: Any) -> Input:
    check = gtk.check_button_new()
    gtk.toggle_button_set_active(check, bool(value))
    return Input(check, check, lambda: bool(gtk.toggle_button_get_active(check)))


def _number(param: Param, value: Any) -> Input:
    low, high, step = param.range
    adjustment = gtk.adjustment_new(float(value or 0), low, high, step, 10 * step, 0)
    digits = param.digits(value)
    spin = gtk.spin_button_new(adjustment, step, digits)
    gtk.spin_button_set_numeric(spin, 1)
    gtk.entry_set_activates_default(spin, 1)

    def read() -> float:
        gtk.spin_button_update(spin)
        number = gtk.spin_button_get_value(spin)
        return number if digits or param.stored == "float" else round(number)

    if param.kind != PF_SLIDER:
        return Input(spin, spin, read)
    scale = gtk.hscale_new(adjustment)
    gtk.scale_set_draw_value(scale, 0)
    gtk.scale_set_digits(scale, digits)
    gtk.widget_set_size_request(scale, 160, -1)
    return Input(_side_by_side(scale, spin), spin, read)


def _side_by_side(wide: int, narrow: int) -> int:
    box = gtk.hbox_new(0, 6)
    gtk.box_pack_start(box, wide, 1, 1, 0)
    gtk.box_pack_start(box, narrow, 0, 0, 0)
    return box


def _option(param: Param, value: Any) -> Input:
    combo = gtk.combo_box_text_new()
    for label in param.extra:
        gtk.combo_box_text_append_text(combo, label.encode())
    if max(map(len, param.extra)) > LINE_LENGTH:
        set_number(gtk.cell_layout_get_cells(combo)[0].data, "ellipsize", _AT_THE_END)
        gtk.widget_set_size_request(combo, _WIDE, -1)
    gtk.combo_box_set_active(combo, param.index_of(value))
    return Input(combo, combo, lambda: gtk.combo_box_get_active(combo))


def _radio(param: Param, value: Any) -> Input:
    box = gtk.vbox_new(0, 2)
    buttons: list[int] = []
    for label, _ in param.extra:
        group = buttons[0] if buttons else None
        text = in_lines(label).encode()
        button = gtk.radio_button_new_with_mnemonic_from_widget(group, text)
        gtk.box_pack_start(box, button, 0, 0, 0)
        buttons.append(button)
    first = buttons[param.index_of(value)]
    gtk.toggle_button_set_active(first, 1)

    def read() -> Any:
        active = next(i for i, b in enumerate(buttons) if gtk.toggle_button_get_active(b))
        return param.extra[active][1]

    return Input(box, first, read)


def _colour(param: Param, value: Any) -> Input:
    colour = rgb(value or "black")
    button = gimp_widgets.color_button_new(
        param.text.encode(), 100, 20, Colour(*colour.parts()), colour.a < 1
    )

    def read() -> RGB:
        chosen = Colour()
        gimp_widgets.color_button_get_color(button, chosen)
        return RGB(*chosen)

    return Input(button, button, read)


def _file(param: Param, value: Any) -> Input:
    """Let the user type a name, which need not exist, or look for one."""
    entry = _entry(param, value or "")
    button = gtk.button_new()
    folder = param.is_folder(value)
    stock = b"gtk-directory" if folder else b"gtk-open"
    gtk.button_set_image(button, gtk.image_new_from_stock(stock, 4))
    gtk.widget_set_size_request(entry.widget, 240, -1)
    action = _FOLDER if folder else _SAVE if param.kind == PF_FILENAME else _OPEN

    def choose() -> None:
        parent = gtk.widget_get_toplevel(button)
        chosen = _chosen_file(parent, param.text, action, entry.read())
        if chosen:
            gtk.entry_set_text(entry.widget, chosen.encode("utf-8", "replace"))

    on_click(button, choose)
    return Input(_side_by_side(entry.widget, button), entry.widget, entry.read)


def _chosen_file(parent: int, title: str, action: int, current: str) -> str:
    """Let the user look for a file or folder; return an empty text on Cancel."""
    window = gtk.file_chooser_dialog_new(title.encode(), None, action, None)
    gtk.dialog_add_button(window, b"gtk-cancel", CANCEL)
    gtk.dialog_add_button(window, b"gtk-save" if action == _SAVE else b"gtk-open", OK)
    gtk.dialog_set_default_response(window, OK)
    gtk.file_chooser_set_do_overwrite_confirmation(window, 1)
    gtk.window_set_transient_for(window, parent)
    if current:
        path = Path(current).absolute()
        gtk.file_chooser_set_filename(window, os.fsencode(path))
        if action == _SAVE:
            gtk.file_chooser_set_current_folder(window, os.fsencode(path.parent))
            gtk.file_chooser_set_current_name(window, path.name.encode("utf-8", "replace"))
    answer = gtk.dialog_run(window)
    chosen = _taken(gtk.file_chooser_get_filename(window)) if answer == OK else b""
    gtk.widget_destroy(window)
    return os.fsdecode(chosen)


def _brush(param: Param, value: Any) -> Input:
    name = _known(param, value)
    button = gimp_ui.brush_select_button_new(param.text.encode(), name, -1.0, -1, -1)

    def read() -> str:
        opacity, spacing, mode = c_double(), c_int(), c_int()
        more = (byref(opacity), byref(spacing), byref(mode))
        return gimp_ui.brush_select_button_get_brush(button, *more).decode()

    return Input(button, button, read)


def _resource(param: Param, value: Any) -> Input:
    kind = _LISTED[param.kind]
    make = getattr(gimp_ui, f"{kind}_select_button_new")
    tell = getattr(gimp_ui, f"{kind}_select_button_get_{kind}")
    button = make(param.text.encode(), _known(param, value))
    return Input(button, button, lambda: tell(button).decode())


def _known(param: Param, name: Any) -> bytes:
    """Return the name of a font, brush or the like; if GIMP has none, that of the selected one."""
    kind = _LISTED[param.kind]
    names = call("gimp-brushes-get-list" if kind == "brush" else f"gimp-{kind}s-get-list", "")[1]
    return (name if name in names else call(f"gimp-context-get-{kind}")).encode()


def _chooser(param: Param, value: Handle) -> Input:
    combo = getattr(gimp_ui, f"{_ITEMS.get(param.kind, 'drawable')}_combo_box_new")(None, None)
    gtk.widget_set_size_request(combo, _WIDE, -1)
    gimp_widgets.int_combo_box_set_active(combo, value.ID)

    def read() -> Any:
        chosen = c_int()
        gimp_widgets.int_combo_box_get_active(combo, byref(chosen))
        if param.kind == PF_IMAGE:
            return Image.from_id(chosen.value)
        item = Handle.backend.item(chosen.value)
        return [item] if param.kind == PF_DRAWABLES else item

    return Input(combo, combo, read)


_ITEMS = {PF_IMAGE: "image", PF_LAYER: "layer", PF_CHANNEL: "channel", PF_VECTORS: "vectors"}
_LISTED = {
    PF_FONT: "font",
    PF_BRUSH: "brush",
    PF_PATTERN: "pattern",
    PF_GRADIENT: "gradient",
    PF_PALETTE: "palette",
}
_INPUTS: dict[int, Callable[[Param, Any], Input]] = {
    PF_TEXT: _text,
    PF_TOGGLE: _toggle,
    **dict.fromkeys((PF_SLIDER, PF_SPINNER, PF_INT32, PF_INT16, PF_INT8, PF_FLOAT), _number),
    PF_OPTION: _option,
    PF_RADIO: _radio,
    PF_COLOR: _colour,
    **dict.fromkeys((PF_FILE, PF_FILENAME, PF_DIRNAME), _file),
    **dict.fromkeys(_LISTED, _resource),
    PF_BRUSH: _brush,
}
