"""What the command line says when something fails."""

from __future__ import annotations

import traceback

from deepdream_core.farm.client import FarmError
from deepdream_core.models.weights import WeightsMissing
from deepdream_core.shared.objective import ObjectiveError
from deepdream_core.shared.other_computer import ComputerError
from deepdream_core.shared.recipe import RecipeError

INTERRUPTED = 130
"""The exit code of a command that was interrupted, as in a shell."""


class UsageError(Exception):
    """The command cannot be carried out as given; the message says why."""


class Interrupted(Exception):
    """The user pressed Ctrl-C; the message says what became of the dream."""


_SENTENCES = (
    *(UsageError, Interrupted, RecipeError, ObjectiveError, WeightsMissing),
    *(ComputerError, FarmError),
)
"""Errors whose message is all that the user needs."""


def wording(error: Exception) -> str:
    """Return an error as a sentence; one that should not happen is also printed with its trace."""
    if isinstance(error, _SENTENCES):
        return str(error)
    from deepdream_core.engine.errors import explain
    from deepdream_core.pictures.picture import PictureError

    if isinstance(error, PictureError):
        # Its hint is for artists in GIMP, who could choose another layer.
        return str(error)
    failure = explain(error)
    if failure.code == "internal":
        traceback.print_exception(error)
    return f"{failure.message} {failure.hint}".strip()
