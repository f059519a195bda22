"""The page for choosing the output of the dream."""

from __future__ import annotations

from deepdream_core.shared.outputs import OUTPUT_KINDS, OutputKind
from deepdream_plugin.dialog.gtk import SPACE, WIDE_SPACE, Gtk, heading, hint
from deepdream_plugin.dialog.rows import Mnemonics, Row, attach, new_grid, row_for
from deepdream_plugin.dialog.state import State
from deepdream_plugin.texts import _

WHERE_PARAMETERS = tuple(name for kind in OUTPUT_KINDS.values() for name in kind.parameters)
"""The parameters that are on this page."""


class WherePage(Gtk.Box):
    """The kinds of output as radio buttons, each with its own settings."""

    def __init__(self, state: State, mnemonics: Mnemonics) -> None:
        super().__init__(
            orientation=Gtk.Orientation.VERTICAL, spacing=WIDE_SPACE, border_width=WIDE_SPACE
        )
        self.rows: list[Row] = []
        self._state = state
        self._buttons: dict[str, Gtk.RadioButton] = {}
        self._details: dict[str, Gtk.Revealer] = {}
        self.pack_start(heading(_("The dream becomes")), False, False, 0)
        first = None
        for kind in OUTPUT_KINDS.values():
            label = mnemonics.mark(_(kind.label))
            button = Gtk.RadioButton.new_with_mnemonic_from_widget(first, label)
            first = first or button
            button.connect("toggled", self._toggled, kind)
            self._buttons[kind.name] = button
            self._details[kind.name] = self._detail(kind, mnemonics)
            box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
            box.pack_start(button, False, False, 0)
            box.pack_start(self._details[kind.name], False, False, 0)
            self.pack_start(box, False, False, 0)
        self.refresh()

    def refresh(self) -> None:
        """Show the values from the state."""
        chosen = self._state.output.kind.name
        self._buttons[chosen].set_active(True)
        for name, detail in self._details.items():
            detail.set_reveal_child(name == chosen)
        for row in self.rows:
            row.refresh()

    def _toggled(self, button: Gtk.RadioButton, kind: OutputKind) -> None:
        if button.get_active():
            self._state.choose_output(kind)
            self.refresh()

    def _detail(self, kind: OutputKind, mnemonics: Mnemonics) -> Gtk.Revealer:
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        box.set_margin_start(2 * WIDE_SPACE)
        box.pack_start(hint(_(kind.explanation)), False, False, 0)
        if kind.parameters:
            grid = new_grid()
            for top, name in enumerate(kind.parameters):
                row = row_for(name, self._state, mnemonics)
                attach(grid, top, row)
                self.rows.append(row)
            box.pack_start(grid, False, False, 0)
        revealer = Gtk.Revealer(transition_type=Gtk.RevealerTransitionType.NONE)
        revealer.add(box)
        return revealer
