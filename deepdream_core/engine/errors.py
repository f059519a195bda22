"""What an artist is told when a dream fails: what happened, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


class Cancelled(Exception):
    """The dream was called off by whoever asked for it."""


@dataclass(frozen=True)
class Failure:
    """A failed dream in words. `code` is for programs, `message` and `hint` for people."""

    code: str
    message: str
    hint: str = ""


OUT_OF_MEMORY = Failure(
    "out-of-memory",
    "There was not enough memory for this dream.",
    "Close other programs, or dream a smaller layer or a selection.",
)


def explain(error: BaseException) -> Failure:
    """Put an error into words."""
    from deepdream_core.compute.devices import DeviceMissing
    from deepdream_core.dreaming.memory import is_out_of_memory
    from deepdream_core.models import WeightsMissing
    from deepdream_core.pictures.picture import PictureError
    from deepdream_core.shared.objective import ObjectiveError
    from deepdream_core.shared.recipe import RecipeError

    if isinstance(error, Cancelled):
        return Failure("cancelled", "The dream was cancelled.")
    if isinstance(error, (RecipeError, ObjectiveError)):
        return Failure("bad-recipe", str(error), "Change the setting and dream again.")
    if isinstance(error, PictureError):
        return Failure("bad-picture", str(error), "Try another layer or picture.")
    if isinstance(error, WeightsMissing):
        return Failure("no-weights", str(error))
    if isinstance(error, DeviceMissing):
        return Failure("no-device", str(error))
    if is_out_of_memory(error):
        return OUT_OF_MEMORY
    return Failure(
        "internal",
        f"The engine failed ({type(error).__name__}: {error}).",
        "Please report this together with the engine's log.",
    )
