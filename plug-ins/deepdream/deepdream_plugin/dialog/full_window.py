"""Showing the preview alone on the whole screen."""

from __future__ import annotations

from collections.abc import Sequence

from deepdream_plugin.dialog.gtk import Gdk, Gtk
from deepdream_plugin.texts import _


class FullWindow:
    """A button, and F11, that hide everything but the preview; Escape shows it again."""

    def __init__(self, window: Gtk.Window, hidden: Sequence[Gtk.Widget]) -> None:
        self._window = window
        self._hidden = hidden
        self.button = Gtk.ToggleButton()
        image = Gtk.Image.new_from_icon_name("view-fullscreen-symbolic", Gtk.IconSize.BUTTON)
        self.button.add(image)
        self.button.set_tooltip_text(_("The preview alone on the whole screen (F11)"))
        self.button.get_accessible().set_name(_("Full screen"))
        self.button.connect("toggled", self._toggled)
        window.connect("key-press-event", self._key)

    def _toggled(self, button: Gtk.ToggleButton) -> None:
        full = button.get_active()
        for widget in self._hidden:
            widget.set_visible(not full)
        (self._window.fullscreen if full else self._window.unfullscreen)()

    def _key(self, window: Gtk.Window, event: Gdk.EventKey) -> bool:
        full = self.button.get_active()
        if event.keyval == Gdk.KEY_F11:
            self.button.set_active(not full)
        elif event.keyval == Gdk.KEY_Escape and full:
            self.button.set_active(False)
        else:
            return False
        return True
