"""The row for choosing how much of a frame's dream moves on to the next frame."""

from __future__ import annotations

from deepdream_core.shared.outputs import OUTPUT_PARAMETERS
from deepdream_core.shared.recipe import Value
from deepdream_plugin.dialog.rows import Mnemonics, NumberRow
from deepdream_plugin.dialog.state import State


class CarryRow(NumberRow):
    """A slider and a number that belong to the output and not to the recipe."""

    def __init__(self, state: State, mnemonics: Mnemonics) -> None:
        super().__init__(OUTPUT_PARAMETERS["carry"], state, mnemonics)
        state.listen_to_output(self.refresh)

    def refresh(self) -> None:
        """Show the value from the state."""
        self._quiet = True
        self._show(self._state.output.carry)
        self._quiet = False

    def _tell(self, value: Value) -> None:
        if not self._quiet:
            self._state.set_carry(float(value))
