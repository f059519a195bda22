"""The row for choosing the computer that dreams: this one, or one that a command reaches."""

from __future__ import annotations

from collections.abc import Callable

from deepdream_core.shared.chosen_computer import save_text, saved_text, text_in_environment
from deepdream_core.shared.other_computer import VARIABLE, ComputerError
from deepdream_core.shared.recipe import MACHINE, Parameter, Value
from deepdream_plugin.computer import stay_here
from deepdream_plugin.dialog.gtk import Gtk
from deepdream_plugin.dialog.rows import Mnemonics, TextRow
from deepdream_plugin.dialog.state import State
from deepdream_plugin.texts import _, sentence


class ComputerRow(TextRow):
    """A text field that belongs to this installation and not to the recipe.

    A change counts once the artist leaves the field or presses Enter, since it starts a command.
    """

    def __init__(self, state: State, mnemonics: Mnemonics, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        computer = Parameter(
            "computer",
            "text",
            "",
            label=_("Other computer"),
            group=MACHINE,
            help=_("Let another computer dream that has DeepDream: a command that logs in there, "
                   "such as ssh gpu-box. Empty: this computer."),
        )  # fmt: skip
        super().__init__(computer, state, mnemonics)

    def _make(self) -> Gtk.Widget:
        self._entry = Gtk.Entry(hexpand=True)
        self._entry.set_placeholder_text(_("This computer"))
        self._entry.connect("activate", lambda entry: self._save())
        self._entry.connect("focus-out-event", self._left)
        self.label.set_mnemonic_widget(self._entry)
        return self._entry

    @property
    def tip(self) -> str:
        if text_in_environment():
            return _("The variable {variable} says which computer dreams.").format(
                variable=VARIABLE
            )
        return super().tip

    def refresh(self) -> None:
        """Show what was chosen; a change of the recipe must not undo what is being typed."""
        if not self._entry.has_focus():
            self._quiet = True
            self._show(text_in_environment() or saved_text())
            self._quiet = False
        self._entry.set_sensitive(not text_in_environment())

    def _tell(self, value: Value) -> None:
        """The recipe does not name a computer."""

    def _left(self, entry: Gtk.Entry, event: object) -> bool:
        self._save()
        return False

    def _save(self) -> None:
        text = self._entry.get_text().strip()
        if text == saved_text() or text_in_environment():
            self._show_warning("")
            return
        try:
            save_text(text)
        except (ComputerError, OSError) as problem:
            self._show_warning(sentence(problem))
            return
        self._show_warning("")
        stay_here(False)
        self._on_change()
