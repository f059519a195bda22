"""The strip of finished previews under the preview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deepdream_core.shared.recipe import PARAMETERS
from deepdream_plugin.choice import Choice
from deepdream_plugin.dialog.gtk import GdkPixbuf, GLib, Gtk, icon_button
from deepdream_plugin.dialog.history import Preview, Previews, is_alike
from deepdream_plugin.dialog.state import State
from deepdream_plugin.texts import _

SIDE = 44
_HEIGHT = 58


class Film(Gtk.ScrolledWindow):
    """A row of small pictures: a click goes back to one, a star keeps it for the next time."""

    def __init__(self, state: State) -> None:
        super().__init__(vscrollbar_policy=Gtk.PolicyType.NEVER, min_content_height=_HEIGHT)
        self.set_overlay_scrolling(True)
        self.set_size_request(-1, _HEIGHT)
        self._state = state
        self._previews = Previews()
        self._row = Gtk.Box(spacing=2, valign=Gtk.Align.START)
        self.add(self._row)
        self._row.connect("size-allocate", lambda row, area: self._show_end())
        self._frames: dict[Preview, Gtk.Button] = {}
        self._count = 0
        state.listen(self._fill)
        self._fill()

    def add_preview(self, picture: GdkPixbuf.Pixbuf | None) -> None:
        """Add the preview of the current choice."""
        if picture is None:
            return
        try:
            _ok, file = picture.save_to_bufferv("png", [], [])
        except GLib.Error:
            return
        self._previews.add(self._state.choice, bytes(file))
        self._fill()

    def _fill(self) -> None:
        # Only what has changed is made anew: a button that is being pressed must stay.
        if list(self._frames) != self._previews.all:
            for child in self._row.get_children():
                child.destroy()
            self._frames.clear()
            for preview in self._previews.all:
                self._row.pack_start(self._frame(preview), False, False, 0)
            self._row.show_all()
        for preview, button in self._frames.items():
            style = button.get_style_context()
            if is_alike(preview.choice, self._state.choice):
                style.add_class("deepdream-current")
            else:
                style.remove_class("deepdream-current")

    def _show_end(self) -> None:
        """Scroll to the last picture when one was added."""
        count = len(self._previews.all)
        if count != self._count:
            self._count = count
            place = self.get_hadjustment()
            GLib.idle_add(lambda: place.set_value(place.get_upper()) or False)

    def _frame(self, preview: Preview) -> Gtk.Widget:
        picture = _picture(preview.picture)
        button = Gtk.Button(relief=Gtk.ReliefStyle.NONE)
        button.add(Gtk.Image.new_from_pixbuf(picture) if picture else Gtk.Label(label="?"))
        button.get_style_context().add_class("deepdream-frame")
        self._frames[preview] = button
        button.set_tooltip_text(described(preview.choice))
        button.get_accessible().set_name(described(preview.choice))
        button.connect("clicked", lambda b: self._go_back(preview.choice))
        star = Gtk.ToggleButton(
            active=preview.starred,
            relief=Gtk.ReliefStyle.NONE,
            valign=Gtk.Align.START,
        )
        star.add(Gtk.Label(label="★" if preview.starred else "☆"))
        star.get_style_context().add_class("deepdream-star")
        star.set_tooltip_text(_("Keep this preview for the next time"))
        star.get_accessible().set_name(_("Keep this preview for the next time"))
        star.connect("toggled", lambda b: self._star(preview.choice, b.get_active()))
        both = Gtk.Box()
        both.pack_start(button, False, False, 0)
        both.pack_start(star, False, False, 0)
        return both

    def _go_back(self, choice: Choice) -> None:
        # What becomes of the dream stays, and with it how often it is dreamed.
        recipe = choice.recipe.changed(passes=self._state.recipe.passes)
        self._state.restore(replace(choice, recipe=recipe, output=self._state.output))

    def _star(self, choice: Choice, starred: bool) -> None:
        self._previews.star(choice, starred)
        GLib.idle_add(lambda: self._fill() or False)  # the button is still being pressed


def described(choice: Choice) -> str:
    """Return the title of a choice and what differs from its preset."""
    changed = [
        f"{_(PARAMETERS[name].label)}: {value}"
        for name, value in choice.settings.items()
        if name != "objective" or not choice.has_own_objective
    ]
    return "\n".join([choice.title.replace("DeepDream ", ""), *changed])


def _picture(file: bytes) -> GdkPixbuf.Pixbuf | None:
    loader = GdkPixbuf.PixbufLoader()
    try:
        loader.write(file)
        loader.close()
    except GLib.Error:
        return None
    return loader.get_pixbuf()


class StepButtons:
    """Buttons, and Ctrl+Z and Ctrl+Shift+Z, that go back and forth between choices."""

    def __init__(
        self,
        window: Gtk.Window,
        undo: Callable[[], None],
        redo: Callable[[], None],
    ) -> None:
        self.undo = icon_button("edit-undo-symbolic", _("Undo the last change (Ctrl+Z)"))
        self.redo = icon_button("edit-redo-symbolic", _("Redo it (Ctrl+Shift+Z)"))
        keys = Gtk.AccelGroup()
        for button, act, accelerators in (
            (self.undo, undo, ["<Control>z"]),
            (self.redo, redo, ["<Control><Shift>z", "<Control>y"]),
        ):
            button.connect("clicked", lambda b, act=act: act())
            for accelerator in accelerators:
                key, modifiers = Gtk.accelerator_parse(accelerator)
                button.add_accelerator("clicked", keys, key, modifiers, Gtk.AccelFlags(0))
        window.add_accel_group(keys)
