"""The computer that dreams for this GIMP: this one, or another one that the artist chose."""

from __future__ import annotations

from deepdream_core.shared.chosen_computer import chosen_computer
from deepdream_core.shared.messages import Message
from deepdream_core.shared.other_computer import Computer, ComputerError
from deepdream_plugin.engine_errors import EngineMissing
from deepdream_plugin.texts import translated

_stays_here = False
"""Whether the artist agreed that this computer dreams until the plug-in ends."""


def other_computer() -> Computer | None:
    """Return the computer that dreams instead of this one, if any. Raises `EngineMissing`."""
    if _stays_here:
        return None
    try:
        return chosen_computer()
    except ComputerError as problem:
        hint = translated(Message("check-computer"))
        raise EngineMissing("no-computer", translated(problem.message), hint) from None


def stay_here(stays: bool = True) -> None:
    """Let this computer dream, whatever was chosen, until the plug-in ends or `stays` is False."""
    global _stays_here
    _stays_here = stays
