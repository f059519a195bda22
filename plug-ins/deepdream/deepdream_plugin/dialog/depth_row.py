"""The row for choosing how deep to dream: the plainest objectives, one for each depth."""

from __future__ import annotations

from deepdream_core.shared.depths import DEPTHS
from deepdream_core.shared.recipe import FORMS, Parameter, Value
from deepdream_plugin.dialog.rows import ChoiceRow, Mnemonics
from deepdream_plugin.dialog.state import State
from deepdream_plugin.texts import _

_AS_CHOSEN = ""


class DepthRow(ChoiceRow):
    """A list of depths, which shows one only while it is the whole objective."""

    def __init__(self, state: State, mnemonics: Mnemonics) -> None:
        depth = Parameter(
            "depth",
            "choice",
            _AS_CHOSEN,
            label=_("Depth"),
            group=FORMS,
            help=_("Dream one depth of the network, instead of what is chosen: near its entrance "
                   "it sees edges, at its end whole things."),
            choices={_AS_CHOSEN: _("As chosen"), **_depths()},
        )  # fmt: skip
        super().__init__(depth, state, mnemonics)

    def refresh(self) -> None:
        """Show the objective from the state, if it is a depth."""
        objective = self._state.recipe.objective
        self._quiet = True
        self._show(objective if objective in DEPTHS else _AS_CHOSEN)
        self._quiet = False

    def _tell(self, value: Value) -> None:
        if self._quiet:
            return
        if value != _AS_CHOSEN:
            self._state.choose_feature(str(value))
        else:
            self.refresh()


def _depths() -> dict[str, str]:
    titles = (_("Edges"), _("Textures"), _("Patterns"), _("Parts of things"), _("Whole things"))
    return dict(zip(DEPTHS, titles))
