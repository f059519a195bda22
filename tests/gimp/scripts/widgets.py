"""What a screen reader and the Tab key find in the dialog; runs inside GIMP."""

from __future__ import annotations

import array
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import gimpfu

ROOT = Path(__file__).resolve().parents[3]
sys.path += [str(ROOT), str(ROOT / "plug-ins" / "deepdream")]

import gi  # noqa: E402

gi.require_version("Atk", "1.0")
from deepdream_plugin.again import Again  # noqa: E402
from deepdream_plugin.choice import load_last  # noqa: E402
from deepdream_plugin.dialog import progress_window  # noqa: E402
from deepdream_plugin.dialog.again_box import AgainBox  # noqa: E402
from deepdream_plugin.dialog.gtk import GLib, Gtk, settle, start_gtk  # noqa: E402
from deepdream_plugin.dialog.rows import Mnemonics  # noqa: E402
from deepdream_plugin.dialog.state import State  # noqa: E402
from deepdream_plugin.dialog.surprise import SurpriseWindow  # noqa: E402
from deepdream_plugin.dialog.window import Dialog  # noqa: E402
from deepdream_plugin.dreaming import Task  # noqa: E402
from deepdream_plugin.engine import Engine  # noqa: E402
from deepdream_plugin.layers import take_source  # noqa: E402
from gi.repository import Atk  # noqa: E402

from deepdream_core.shared.protocol import Picture  # noqa: E402

_FRAMES = (Gtk.Window, Gtk.ScrolledWindow, Gtk.Viewport, Gtk.Notebook, Gtk.Popover)
"""What has no meaning of its own, or whose name is that of what is in it."""
_DREAMED = "This is the dream."
_SIDE = 120
"""Of the pictures that are compared."""
_SECONDS = 100
"""How long a walk may take."""


@contextmanager
def _dialog(image) -> Iterator[Dialog]:
    start_gtk(gimpfu.gimp)
    dialog = Dialog(gimpfu.gimp, image, image.layers[:1], load_last(), lambda choice: None)
    try:
        dialog.window.show_all()
        dialog.window.present()
        settle()
        yield dialog
    finally:
        dialog.destroy()


def unnamed(image) -> dict[str, list[str]]:
    """Return the names of the controls, "Surprise me" included, and which of them have none."""
    named: list[str] = []
    missing: list[str] = []

    def look(window: Gtk.Window) -> None:
        for widget in filter(_is_control, _all(window)):
            if _name(widget):
                named.append(_name(widget))
            else:
                missing.append(_path(widget))

    def look_and_close(parent: Gtk.Window) -> None:
        for window in Gtk.Window.list_toplevels():
            if isinstance(window, Gtk.Dialog) and window.get_transient_for() is parent:
                look(window)
                window.response(Gtk.ResponseType.CANCEL)

    with _dialog(image) as dialog:
        look(dialog.window)
        GLib.timeout_add(300, look_and_close, dialog.window)
        SurpriseWindow(dialog.window, dialog.state, dialog.preview, []).run()
    return {"named": named, "unnamed": missing}


def choose_computer(image, text: str) -> dict[str, object]:
    """Type a computer into its field and press Enter; return what the dialog then chose."""
    from deepdream_core.shared.chosen_computer import saved_text

    with _dialog(image) as dialog:
        entry = next(one for one in _all(dialog.window) if _name(one) == "Other computer")
        before = dialog.state.choice
        entry.set_text(text)
        entry.activate()
        icon = entry.get_icon_tooltip_text(Gtk.EntryIconPosition.SECONDARY)
        return {
            "saved": saved_text(),
            "warning": icon or "",
            "recipe changed": dialog.state.choice != before,
        }


def download_from_bar(image, preset: str) -> dict[str, object]:
    """Choose a preset whose network is missing, and press the button that offers to download it.

    Returns what the bar says, which page is shown then, and what it says of the download.
    """
    with _dialog(image) as dialog:
        found = list(_all(dialog.window))
        bar = next(widget for widget in found if isinstance(widget, Gtk.InfoBar))
        button = next(widget for widget in found if _name(widget) == "Download it")
        pages = next(widget for widget in found if isinstance(widget, Gtk.Notebook))
        dialog.state.choose_preset(preset)
        _wait(bar.get_visible)
        (label,) = bar.get_content_area().get_children()
        told = {"said": label.get_text(), "log": label.get_tooltip_text()}
        button.clicked()
        labels = [widget for widget in found if isinstance(widget, Gtk.Label)]

        def status() -> list[str]:
            return [text for text in (one.get_text() for one in labels) if "downloaded" in text]

        _wait(lambda: bool(status()))
        return {**told, "page": pages.get_current_page(), "status": status()}


def soft_edge(image) -> dict[str, float]:
    """Return how much a dream changes the preview, and how far half of it is from half as much.

    Half of it: every pixel is selected to one half, as some are at a soft edge.
    """
    pdb = gimpfu.pdb
    halves = array.array("f", [0.5] * image.width * image.height).tobytes()
    seen: list[bytes] = []
    for grades in (None, halves):
        if grades:
            pdb["gimp-selection-all"](image)
            image.selection.write_pixels("Y float", grades)
        with _dialog(image) as dialog:
            labels = [widget for widget in _all(dialog.window) if isinstance(widget, Gtk.Label)]
            _wait(lambda shown=labels: any(one.get_text() == _DREAMED for one in shown), 30)
            if not seen:
                seen.append(bytes(dialog.preview.picture(_SIDE).get_pixels()))
            seen.append(bytes(dialog.preview.dreamed(_SIDE).get_pixels()))
    pdb["gimp-selection-none"](image)
    before, whole, half = seen
    return {
        "change": sum(abs(a - b) for a, b in zip(whole, before)) / len(before),
        "apart": sum(abs(2 * h - a - b) / 2 for h, a, b in zip(half, whole, before)) / len(before),
    }


def again_labels(count: int) -> list[str]:
    """Return what the dialog says, and asks, when this number of dreams is dreamed again."""
    start_gtk(gimpfu.gimp)
    box = AgainBox(
        Again([f"Dream {n}" for n in range(count)], ""), State(load_last()), Mnemonics("")
    )
    return [widget.get_text() for widget in _all(box) if isinstance(widget, Gtk.Label)]


def half_while_dreaming(image) -> list[int]:
    """Return the darkest and lightest value of a white dream, half selected, of a black layer."""
    black, size = image.layers[0].copy(), (image.width, image.height)
    black.write_pixels("R'G'B' u8", bytes(3 * size[0] * size[1]))
    image.insert_layer(black, None, 0)
    gimpfu.pdb["gimp-selection-all"](image)
    image.selection.write_pixels("Y float", array.array("f", [0.5] * size[0] * size[1]).tobytes())
    task = Task(take_source(image, black), load_last().recipe, is_masked=True)
    gimpfu.pdb["gimp-selection-none"](image)
    start_gtk(gimpfu.gimp)
    progress = progress_window._Window(gimpfu.gimp, Engine.warm, [task], "Half")
    progress._show_picture(Picture(40, 30, 3, b"\xff" * 3600, sample="uint8"), 0)
    seen = progress._image.get_pixbuf().get_pixels()
    progress._window.destroy()
    image.remove_layer(black)
    return [min(seen), max(seen)]


def width_with(image, objective: str) -> list[int]:
    """Return the dialog's width before and after something is typed as objective."""
    with _dialog(image) as dialog:
        found = list(_all(dialog.window))
        next(widget for widget in found if isinstance(widget, Gtk.Notebook)).set_current_page(1)
        entry = next(w for w in found if isinstance(w, Gtk.Entry) and _name(w) == "Objective")
        widths = []
        for text in (entry.get_text(), objective):
            entry.set_text(text)
            _wait(lambda: True)
            widths.append(dialog.window.get_allocated_width())
        return widths


def room(image) -> dict[str, list[int]]:
    """Return the dialog's and its pages' widths, and how many pictures are shown.

    First as the dialog opens, then in a larger window.
    """
    with _dialog(image) as dialog:
        found = list(_all(dialog.window))
        pages = next(widget for widget in found if isinstance(widget, Gtk.Notebook))
        pictures = next(widget for widget in found if isinstance(widget, Gtk.IconView))
        told: dict[str, list[int]] = {"widths": [], "pages": [], "pictures": []}
        for wider, taller in ((0, 0), (200, 200)):
            width, height = dialog.window.get_size()
            dialog.window.resize(width + wider, height + taller)
            _wait(lambda w=width + wider: dialog.window.get_allocated_width() >= w)
            told["widths"].append(dialog.window.get_allocated_width())
            told["pages"].append(pages.get_allocated_width())
            told["pictures"].append(1 + pictures.get_visible_range()[1].get_indices()[0])
        return told


def _wait(is_so: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something is so, and then for the layout."""
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        Gtk.main_iteration_do(False)
    for _ in range(50):
        settle()
        time.sleep(0.01)


def walk(image) -> dict[str, list[str]]:
    """Return what got the focus while somebody pressed Tab, and what did not, on all pages.

    A page is done when the focus is where it was at first. "trapped" says where it stayed, if it
    never came back.
    """
    with _dialog(image) as dialog:
        pages = next(w for w in _all(dialog.window) if isinstance(w, Gtk.Notebook))
        for widget in _all(dialog.window):
            if isinstance(widget, Gtk.Expander):
                widget.set_expanded(True)
        seen: list[Gtk.Widget] = []
        dialog.window.connect("set-focus", lambda window, widget: seen.append(widget))
        focused: list[str] = []
        missed: list[str] = []
        end = time.monotonic() + _SECONDS
        for page in range(pages.get_n_pages()):
            pages.set_current_page(page)
            seen.clear()
            pages.grab_focus()
            while seen.count(pages) < 2:
                Gtk.main_iteration_do(False)
                if time.monotonic() > end:
                    return {"trapped": [_path(widget) for widget in seen[-5:] if widget]}
                time.sleep(0.002)
            focused += [_name(widget) for widget in seen if widget]
            left_out = [w for w in _all(dialog.window) if _is_reachable(w) and not _got(w, seen)]
            missed += [f"{_name(widget)}: {_path(widget)}" for widget in left_out]
        return {"focused": focused, "missed": missed, "trapped": []}


def _got(widget: Gtk.Widget, seen: list[Gtk.Widget]) -> bool:
    """Return whether a widget, or another of its radio buttons, had the focus."""
    group = widget.get_group() if isinstance(widget, Gtk.RadioButton) else [widget]
    return any(member in seen for member in group)


def _is_reachable(widget: Gtk.Widget) -> bool:
    able = widget.get_mapped() and widget.is_sensitive() and widget.get_can_focus()
    return able and not isinstance(widget, _FRAMES)


def _is_control(widget: Gtk.Widget) -> bool:
    if isinstance(widget.get_ancestor(Gtk.InfoBar), Gtk.InfoBar) and not widget.get_visible():
        return False  # GTK's own button for closing it, which is never shown
    return isinstance(widget, Gtk.Scale) or (
        widget.get_can_focus() and not isinstance(widget, _FRAMES)
    )


def _all(widget: Gtk.Widget) -> Iterator[Gtk.Widget]:
    yield widget
    if isinstance(widget, Gtk.MenuButton) and widget.get_popover():
        yield from _all(widget.get_popover())
    if isinstance(widget, Gtk.Container):
        inside: list[Gtk.Widget] = []
        widget.forall(inside.append)
        for child in inside:
            yield from _all(child)


def _name(widget: Gtk.Widget) -> str:
    """Return what a screen reader calls a widget; a part of a combo box has the box's name."""
    combo = widget.get_ancestor(Gtk.ComboBox)
    accessible = (combo or widget).get_accessible()
    if accessible.get_name():
        return accessible.get_name()
    relations = accessible.ref_relation_set()
    if not relations.contains(Atk.RelationType.LABELLED_BY):
        return ""
    labels = relations.get_relation_by_type(Atk.RelationType.LABELLED_BY).get_target()
    return " ".join(filter(None, (label.get_name() for label in labels)))


def _path(widget: Gtk.Widget) -> str:
    names = []
    while widget is not None:
        names.append(type(widget).__name__)
        widget = widget.get_parent()
    return " < ".join(names)
