"""The row of buttons above the pictures that says which of them are shown."""

from __future__ import annotations

from collections.abc import Callable

from deepdream_plugin.atlas import ANIMALS, BUILDINGS, NATURE, PRESETS, TEXTURES, THINGS
from deepdream_plugin.dialog.gtk import Gtk
from deepdream_plugin.texts import _

ALL, STARRED, RECENT = "all", "starred", "recent"


class GroupsBar(Gtk.Box):
    """A button for each group of pictures, one of which is pressed."""

    def __init__(self, on_changed: Callable[[], None]) -> None:
        """Create the buttons; `on_changed` is called when another one was pressed."""
        super().__init__(homogeneous=False)
        self.get_style_context().add_class("linked")
        self.get_style_context().add_class("deepdream-groups")
        self.chosen = ALL
        """`ALL`, `STARRED`, `RECENT` or one of `atlas.GROUPS`."""
        self._on_changed = on_changed
        self._buttons: dict[str, Gtk.RadioButton] = {}
        for name, label, tip in _groups():
            first = self._buttons.get(ALL)
            button = Gtk.RadioButton.new_from_widget(first)
            button.set_mode(False)
            if name == RECENT:
                button.add(Gtk.Image.new_from_icon_name(label, Gtk.IconSize.MENU))
            else:
                button.add(Gtk.Label(label=label))
            button.set_tooltip_text(tip)
            button.get_accessible().set_name(tip)
            button.connect("toggled", self._toggled, name)
            self._buttons[name] = button
            self.pack_start(button, name != RECENT and name != STARRED, True, 0)

    def choose(self, name: str) -> None:
        """Press the button of a group."""
        self._buttons[name].set_active(True)

    def _toggled(self, button: Gtk.RadioButton, name: str) -> None:
        if button.get_active():
            self.chosen = name
            self._on_changed()


def _groups() -> list[tuple[str, str, str]]:
    """Return (name, label or icon, tooltip) of each group."""
    return [
        (ALL, _("All"), _("All pictures")),
        (PRESETS, _("Presets"), _("Whole looks, with all their settings")),
        (ANIMALS, _("Animals"), _("Animals, eyes and faces")),
        (BUILDINGS, _("Buildings"), _("Buildings and streets")),
        (NATURE, _("Nature"), _("Plants, fruit and landscapes")),
        (THINGS, _("Things"), _("Things, vehicles and food")),
        (TEXTURES, _("Textures"), _("Textures and ornaments, those without a name last")),
        (STARRED, "★", _("Pictures that you starred; right-click a picture to star it")),
        (RECENT, "document-open-recent-symbolic", _("Pictures that you dreamed with last")),
    ]
