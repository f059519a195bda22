"""The dialog in GTK 3, with GIMP 3's own choosers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
gi.require_version("GimpUi", "3.0")
from gi.repository import Gdk, Gimp, GimpUi, Gtk, Pango  # noqa: E402

from gimpfu.colours import RGB, rgb  # noqa: E402
from gimpfu.errors import error  # noqa: E402
from gimpfu.gimp3.colours import colour_from, native_colour  # noqa: E402
from gimpfu.gimp3.values import resource  # noqa: E402
from gimpfu.objects.handles import Handle  # noqa: E402
from gimpfu.objects.images import Image  # noqa: E402
from gimpfu.params import (  # noqa: E402
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


class Input(NamedTuple):
    """A widget, the part of it that takes the focus, and the function that reads its value."""

    widget: Gtk.Widget
    target: Gtk.Widget
    read: Callable[[], Any]


def ask(title: str, blurb: str, rows: Sequence[tuple[Param, Any]]) -> list[Any] | None:
    """Show a dialog; return what the user entered, or None on Cancel. Raises `error`."""
    if not Gtk.init_check(None)[0]:
        raise error("No display to show a dialog on; run the procedure non-interactively.")
    GimpUi.init("gimpfu")
    window = GimpUi.Dialog(title=title)
    window.add_button("_Cancel", Gtk.ResponseType.CANCEL)
    ok = window.add_button("_OK", Gtk.ResponseType.OK)
    window.set_default_response(Gtk.ResponseType.OK)
    GimpUi.window_set_transient(window)
    box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12, border_width=12)
    if blurb:
        box.pack_start(GimpUi.HintBox.new(in_lines(blurb, HINT_LENGTH)), False, False, 0)
    grid = Gtk.Grid(column_spacing=12, row_spacing=6)
    inputs = [_add_row(grid, i, param, value) for i, (param, value) in enumerate(rows)]
    box.pack_start(_scrolled_if_high(grid), True, True, 0)
    window.get_content_area().pack_start(box, True, True, 0)
    # Otherwise the first field would have its text selected.
    ok.grab_focus()
    window.show_all()
    window.present()
    # Gtk.Dialog's own method would not let the user operate the window for a colour.
    answer = GimpUi.Dialog.run(window)
    entered = [made.read() for made in inputs] if answer == Gtk.ResponseType.OK else None
    window.destroy()
    while Gtk.events_pending():
        Gtk.main_iteration()
    return entered


def _add_row(grid: Gtk.Grid, row: int, param: Param, value: Any) -> Input:
    made = _input(param, value)
    label = Gtk.Label.new_with_mnemonic(param.label)
    label.set_xalign(0.0)
    if param.kind in (PF_TEXT, PF_RADIO):
        label.set_yalign(0.0)
    label.set_mnemonic_widget(made.target)
    made.target.set_tooltip_text(param.help or None)
    made.widget.set_hexpand(True)
    made.widget.set_valign(Gtk.Align.CENTER)
    grid.attach(label, 0, row, 1, 1)
    grid.attach(made.widget, 1, row, 1, 1)
    return made


def _scrolled_if_high(grid: Gtk.Grid) -> Gtk.Widget:
    """Return the grid, or one that scrolls if it would not fit the screen."""
    grid.show_all()
    display = Gdk.Display.get_default()
    monitor = display.get_primary_monitor() or display.get_monitor(0)
    limit = monitor.get_workarea().height - 240
    if grid.get_preferred_height()[1] <= limit:
        return grid
    grid.set_border_width(6)
    scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER, height_request=limit)
    scrolled.set_propagate_natural_width(True)
    scrolled.set_overlay_scrolling(False)
    scrolled.add(grid)
    grid.set_focus_vadjustment(scrolled.get_vadjustment())
    return scrolled


def _input(param: Param, value: Any) -> Input:
    if param.is_object:
        return _chooser(param, value)
    return _INPUTS.get(param.kind, _entry)(param, value)


def _entry(param: Param, value: Any) -> Input:
    entry = Gtk.Entry(text="" if value is None else str(value), activates_default=True)
    return Input(entry, entry, entry.get_text)


def _text(param: Param, value: Any) -> Input:
    view = Gtk.TextView(wrap_mode=Gtk.WrapMode.WORD_CHAR, accepts_tab=False)
    buffer = view.get_buffer()
    buffer.set_text(str(value or ""))
    scrolled = Gtk.ScrolledWindow(
        width_request=240, height_request=80, shadow_type=Gtk.ShadowType.IN
    )
    scrolled.add(view)
    return Input(scrolled, view, lambda: buffer.get_text(*buffer.get_bounds(), True))


def _toggle(param: Param, value: Any) -> Input:
    button = Gtk.CheckButton(active=bool(value))
    return Input(button, button, button.get_active)


def _number(param: Param, value: Any) -> Input:
    low, high, step = param.range
    adjustment = Gtk.Adjustment.new(float(value or 0), low, high, step, 10 * step, 0)
    digits = param.digits(value)
    spin = Gtk.SpinButton(numeric=True, activates_default=True)
    spin.configure(adjustment, step, digits)

    def read() -> float:
        spin.update()
        number = spin.get_value()
        return number if digits or param.stored == "float" else round(number)

    if param.kind != PF_SLIDER:
        return Input(spin, spin, read)
    scale = Gtk.Scale.new(Gtk.Orientation.HORIZONTAL, adjustment)
    scale.set_draw_value(False)
    scale.set_digits(digits)
    scale.set_size_request(160, -1)
    return Input(_side_by_side(scale, spin), spin, read)


def _side_by_side(wide: Gtk.Widget, narrow: Gtk.Widget) -> Gtk.Widget:
    box = Gtk.Box(spacing=6)
    box.pack_start(wide, True, True, 0)
    box.pack_start(narrow, False, False, 0)
    return box


def _option(param: Param, value: Any) -> Input:
    combo = Gtk.ComboBoxText()
    for label in param.extra:
        combo.append_text(label)
    if max(map(len, param.extra)) > LINE_LENGTH:
        for cell in combo.get_cells():
            cell.set_property("ellipsize", Pango.EllipsizeMode.END)
            cell.set_property("max-width-chars", LINE_LENGTH)
    combo.set_active(param.index_of(value))
    return Input(combo, combo, combo.get_active)


def _radio(param: Param, value: Any) -> Input:
    box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=2)
    buttons: list[Gtk.RadioButton] = []
    for label, _ in param.extra:
        group = buttons[0] if buttons else None
        button = Gtk.RadioButton.new_with_mnemonic_from_widget(group, in_lines(label))
        box.pack_start(button, False, False, 0)
        buttons.append(button)
    first = buttons[param.index_of(value)]
    first.set_active(True)

    def read() -> Any:
        return next(row[1] for row, button in zip(param.extra, buttons) if button.get_active())

    return Input(box, first, read)


def _colour(param: Param, value: Any) -> Input:
    colour = rgb(value or "black")
    opaque = colour.a >= 1
    kind = GimpUi.ColorAreaType.FLAT if opaque else GimpUi.ColorAreaType.SMALL_CHECKS
    button = GimpUi.ColorButton.new(param.text, 100, 20, native_colour(colour), kind)
    return Input(button, button, lambda: RGB(*colour_from(button.get_color())))


def _file(param: Param, value: Any) -> Input:
    """Let the user type a name, which need not exist, or look for one."""
    entry = _entry(param, value or "")
    folder = param.is_folder(value)
    icon = "folder-open" if folder else "document-open"
    button = Gtk.Button.new_from_icon_name(icon, Gtk.IconSize.BUTTON)
    entry.widget.set_size_request(240, -1)
    action = Gtk.FileChooserAction.OPEN
    if folder:
        action = Gtk.FileChooserAction.SELECT_FOLDER
    elif param.kind == PF_FILENAME:
        action = Gtk.FileChooserAction.SAVE

    def choose(_: Gtk.Button) -> None:
        chosen = _chosen_file(button.get_toplevel(), param.text, action, entry.read())
        if chosen:
            entry.widget.set_text(chosen)

    button.connect("clicked", choose)
    return Input(_side_by_side(entry.widget, button), entry.widget, entry.read)


def _chosen_file(
    parent: Gtk.Window, title: str, action: Gtk.FileChooserAction, current: str
) -> str:
    """Let the user look for a file or folder; return an empty text on Cancel."""
    saves = action == Gtk.FileChooserAction.SAVE
    window = Gtk.FileChooserDialog(title=title, transient_for=parent, action=action)
    window.add_button("_Cancel", Gtk.ResponseType.CANCEL)
    window.add_button("_Save" if saves else "_Open", Gtk.ResponseType.OK)
    window.set_default_response(Gtk.ResponseType.OK)
    window.set_do_overwrite_confirmation(True)
    if current:
        path = Path(current).absolute()
        window.set_filename(str(path))
        if saves:
            window.set_current_folder(str(path.parent))
            window.set_current_name(path.name)
    answer = window.run()
    chosen = window.get_filename() if answer == Gtk.ResponseType.OK else ""
    window.destroy()
    return chosen or ""


def _resource(param: Param, value: Any) -> Input:
    """Show GIMP's own chooser for fonts, brushes, patterns, gradients or palettes."""
    kind = _RESOURCES[param.kind]
    try:
        first = resource(f"Gimp{kind}", value) if value else None
    except error:
        first = None
    first = first or getattr(Gimp, f"context_get_{kind.lower()}")()
    chooser = getattr(GimpUi, f"{kind}Chooser").new(param.text, None, first)
    return Input(chooser, chooser, lambda: chooser.get_resource().get_name())


def _chooser(param: Param, value: Handle) -> Input:
    combo = getattr(GimpUi, f"{_ITEMS.get(param.kind, 'Drawable')}ComboBox").new(None)
    combo.set_active(value.ID)

    def read() -> Any:
        chosen = combo.get_active()[1]
        if param.kind == PF_IMAGE:
            return Image.from_id(chosen)
        item = Handle.backend.item(chosen)
        return [item] if param.kind == PF_DRAWABLES else item

    return Input(combo, combo, read)


_ITEMS = {PF_IMAGE: "Image", PF_LAYER: "Layer", PF_CHANNEL: "Channel", PF_VECTORS: "Path"}
_RESOURCES = {
    PF_FONT: "Font",
    PF_BRUSH: "Brush",
    PF_PATTERN: "Pattern",
    PF_GRADIENT: "Gradient",
    PF_PALETTE: "Palette",
}
_INPUTS: dict[int, Callable[[Param, Any], Input]] = {
    PF_TEXT: _text,
    PF_TOGGLE: _toggle,
    **dict.fromkeys((PF_SLIDER, PF_SPINNER, PF_INT32, PF_INT16, PF_INT8, PF_FLOAT), _number),
    PF_OPTION: _option,
    PF_RADIO: _radio,
    PF_COLOR: _colour,
    **dict.fromkeys((PF_FILE, PF_FILENAME, PF_DIRNAME), _file),
    **dict.fromkeys(_RESOURCES, _resource),
}
