"""The row with the button that opens the window for installing and removing the engine."""

from __future__ import annotations

from collections.abc import Callable

from deepdream_core.shared.recipe import MACHINE, Parameter, Value
from deepdream_plugin.dialog.gtk import Gtk
from deepdream_plugin.dialog.rows import Mnemonics, Row
from deepdream_plugin.dialog.state import State
from deepdream_plugin.texts import _


class EngineRow(Row):
    """A button that belongs to this installation and not to the recipe."""

    def __init__(self, state: State, mnemonics: Mnemonics, manage: Callable[[], None]) -> None:
        self._manage = manage
        engine = Parameter(
            "engine",
            "text",
            "",
            label=_("Engine"),
            group=MACHINE,
            help=_("The program that dreams: see how large it is, update it or remove it."),
        )
        super().__init__(engine, state, mnemonics)

    def _make(self) -> Gtk.Widget:
        button = Gtk.Button(label=_("Update or remove…"), halign=Gtk.Align.START)
        button.connect("clicked", lambda button: self._manage())
        self.label.set_mnemonic_widget(button)
        return button

    def refresh(self) -> None:
        """There is nothing in the recipe to show."""

    def _show(self, value: Value) -> None:
        """The recipe does not name an engine."""
