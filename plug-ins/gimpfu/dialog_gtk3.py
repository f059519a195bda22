"""The dialog in GTK 3, through PyGObject."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

from gimpfu.colours import rgb  # noqa: E402
from gimpfu.errors import error  # noqa: E402
from gimpfu.host import Host  # noqa: E402
from gimpfu.objects.handles import call  # noqa: E402
from gimpfu.params import (  # noqa: E402
    PF_BRUSH,
    PF_CHANNEL,
    PF_COLOR,
    PF_DIRNAME,
    PF_DISPLAY,
    PF_FILE,
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
    digits_of,
)

Input = tuple[Gtk.Widget, Callable[[], Any]]
"""A widget and the function that reads its value."""


def ask_values(
    host: Host, title: str, blurb: str, params: Sequence[Param], values: Sequence[Any]
) -> list[Any] | None:
    """Show the dialog; see `gimpfu.dialog.ask_values`. Raises `error` without a display."""
    if not Gtk.init_check(None)[0]:
        raise error("No display to show a dialog on; run the procedure non-interactively.")
    host.init_ui("gimpfu")
    window = Gtk.Dialog(title=title, border_width=6)
    window.add_button("_Cancel", Gtk.ResponseType.CANCEL)
    window.add_button("_OK", Gtk.ResponseType.OK)
    window.set_default_response(Gtk.ResponseType.OK)
    host.set_transient(window)
    grid = Gtk.Grid(column_spacing=12, row_spacing=6, border_width=6)
    hint = Gtk.Label(label=blurb, xalign=0.0, wrap=True, max_width_chars=50)
    grid.attach(hint, 0, 0, 2, 1)
    readers = []
    for row, (param, value) in enumerate(zip(params, values), 1):
        widget, read = _input(host, param, value)
        label = Gtk.Label.new_with_mnemonic(f"{param.description.rstrip(' :')}:")
        label.set_xalign(0.0)
        label.set_mnemonic_widget(widget)
        widget.set_tooltip_text(param.help or None)
        widget.set_hexpand(True)
        grid.attach(label, 0, row, 1, 1)
        grid.attach(widget, 1, row, 1, 1)
        readers.append(read)
    window.get_content_area().pack_start(grid, True, True, 0)
    window.show_all()
    window.get_widget_for_response(Gtk.ResponseType.OK).grab_focus()
    window.present()
    answer = window.run()
    entered = [read() for read in readers] if answer == Gtk.ResponseType.OK else None
    window.destroy()
    while Gtk.events_pending():
        Gtk.main_iteration()
    return entered


def _input(host: Host, param: Param, value: Any) -> Input:
    if param.is_object:
        return _object_chooser(host, param)
    return _INPUTS.get(param.kind, _entry)(param, value)


def _entry(param: Param, value: Any) -> Input:
    entry = Gtk.Entry(text="" if value is None else str(value), activates_default=True)
    return entry, entry.get_text


def _text(param: Param, value: Any) -> Input:
    view = Gtk.TextView(wrap_mode=Gtk.WrapMode.WORD_CHAR)
    buffer = view.get_buffer()
    buffer.set_text(str(value or ""))
    scrolled = Gtk.ScrolledWindow(min_content_height=80, shadow_type=Gtk.ShadowType.IN)
    scrolled.add(view)
    return scrolled, lambda: buffer.get_text(*buffer.get_bounds(), True)


def _toggle(param: Param, value: Any) -> Input:
    button = Gtk.CheckButton(active=bool(value))
    return button, button.get_active


def _slider(param: Param, value: Any) -> Input:
    low, high, step = param.extra
    scale = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, low, high, step)
    scale.set_digits(digits_of(step))
    scale.set_value_pos(Gtk.PositionType.RIGHT)
    scale.set_size_request(200, -1)
    scale.set_value(value)
    return scale, scale.get_value


def _spinner(param: Param, value: Any) -> Input:
    low, high, step = param.extra
    return _spin(low, high, step, digits_of(step), value)


def _integer(param: Param, value: Any) -> Input:
    return _spin(-(2**31), 2**31 - 1, 1, 0, value)


def _float(param: Param, value: Any) -> Input:
    return _spin(-1e15, 1e15, 0.1, 4, value)


def _spin(low: float, high: float, step: float, digits: int, value: Any) -> Input:
    button = Gtk.SpinButton.new_with_range(low, high, step)
    button.set_digits(digits)
    button.set_activates_default(True)
    button.set_value(value or 0)

    def read() -> float:
        button.update()
        return button.get_value() if digits else button.get_value_as_int()

    return button, read


def _option(param: Param, value: Any) -> Input:
    combo = Gtk.ComboBoxText()
    for label in param.extra:
        combo.append_text(label)
    combo.set_active(int(value or 0))
    return combo, combo.get_active


def _radio(param: Param, value: Any) -> Input:
    box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
    buttons: list[Gtk.RadioButton] = []
    for label, choice in param.extra:
        group = buttons[0] if buttons else None
        button = Gtk.RadioButton.new_with_mnemonic_from_widget(group, label)
        button.set_active(choice == value)
        box.pack_start(button, False, False, 0)
        buttons.append(button)
    choices = [choice for _, choice in param.extra]
    return box, lambda: next(c for c, button in zip(choices, buttons) if button.get_active())


def _file(param: Param, value: Any) -> Input:
    folder = param.kind == PF_DIRNAME or str(value or "").endswith("/")
    action = Gtk.FileChooserAction.SELECT_FOLDER if folder else Gtk.FileChooserAction.OPEN
    button = Gtk.FileChooserButton(title=param.text, action=action)
    if value and Path(value).exists():
        button.set_filename(str(value))
    return button, lambda: button.get_filename() or ""


def _colour(param: Param, value: Any) -> Input:
    rgba = Gdk.RGBA(*rgb(value or "black").parts())
    button = Gtk.ColorButton(rgba=rgba, use_alpha=rgba.alpha < 1)

    def read() -> tuple[float, ...]:
        chosen = button.get_rgba()
        return chosen.red, chosen.green, chosen.blue, chosen.alpha

    return button, read


def _resource(param: Param, value: Any) -> Input:
    """Let the user choose a font, brush, pattern, gradient or palette, or type its name."""
    names = call(_LISTS[param.kind], "")[1]
    combo = Gtk.ComboBoxText.new_with_entry()
    for name in names:
        combo.append_text(name)
    entry = combo.get_child()
    completion = Gtk.EntryCompletion(model=combo.get_model(), text_column=0)
    entry.set_completion(completion)
    entry.set_activates_default(True)
    entry.set_text(str(value or (names[0] if names else "")))
    return combo, combo.get_active_text


_LISTS = {
    PF_FONT: "gimp-fonts-get-list",
    PF_BRUSH: "gimp-brushes-get-list",
    PF_PATTERN: "gimp-patterns-get-list",
    PF_GRADIENT: "gimp-gradients-get-list",
    PF_PALETTE: "gimp-palettes-get-list",
}


def _object_chooser(host: Host, param: Param) -> Input:
    """Let the user choose an open image, or an item in one. Raises `error` if there is none."""
    images = host.image_list()
    if param.kind in (PF_IMAGE, PF_DISPLAY):
        choices = [(image.name, image) for image in images if param.kind == PF_IMAGE]
    else:
        wanted = {PF_LAYER: ("layers",), PF_CHANNEL: ("channels",), PF_VECTORS: ("vectors",)}
        sources = wanted.get(param.kind, ("layers", "channels"))
        choices = [
            (f"{image.name}: {item.name}", item)
            for image in images
            for source in sources
            for item in _with_children(getattr(image, source))
        ]
    if not choices and param.kind != PF_DISPLAY:
        kind = {PF_VECTORS: "path"}.get(param.kind, param.stored)
        raise error(f"{param.text}: no image has a {kind} to choose. Create one first.")
    combo = Gtk.ComboBoxText()
    for label, _ in choices:
        combo.append_text(label)
    combo.set_active(0)
    return combo, lambda: choices[combo.get_active()][1] if choices else None


def _with_children(items: Sequence[Any]) -> list[Any]:
    found = []
    for item in items:
        found.append(item)
        if item.is_group:
            found += _with_children(item.children)
    return found


_INPUTS: dict[int, Callable[[Param, Any], Input]] = {
    PF_TEXT: _text,
    PF_TOGGLE: _toggle,
    PF_SLIDER: _slider,
    PF_SPINNER: _spinner,
    PF_INT32: _integer,
    PF_INT16: _integer,
    PF_INT8: _integer,
    PF_FLOAT: _float,
    PF_OPTION: _option,
    PF_RADIO: _radio,
    PF_FILE: _file,
    PF_DIRNAME: _file,
    PF_COLOR: _colour,
    **dict.fromkeys(_LISTS, _resource),
}
