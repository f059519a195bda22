"""Explaining failed dreams to the artist: what happened, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from deepdream_core.shared.messages import Message


class Cancelled(Exception):
    """The dream was cancelled by its client."""


@dataclass(frozen=True)
class Failure:
    """Why a dream failed; `code` is for programs, `message` and `hint` are for people."""

    code: str
    message: Message
    hint: Message | str = ""


OUT_OF_MEMORY = Failure("out-of-memory", Message("out-of-memory"), Message("free-memory"))


def explain(error: BaseException) -> Failure:
    """Return the explanation of an error."""
    from deepdream_core.compute.devices import DeviceMissing
    from deepdream_core.dreaming.memory import is_out_of_memory
    from deepdream_core.models import WeightsMissing
    from deepdream_core.pictures.picture import PictureError
    from deepdream_core.shared.objective import ObjectiveError
    from deepdream_core.shared.recipe import RecipeError

    if isinstance(error, Cancelled):
        return Failure("cancelled", Message("cancelled"))
    if isinstance(error, (RecipeError, ObjectiveError)):
        return Failure("bad-recipe", error.message, Message("change-setting"))
    if isinstance(error, PictureError):
        return Failure("bad-picture", error.message, Message("try-other-picture"))
    if isinstance(error, WeightsMissing):
        return Failure("no-weights", error.message)
    if isinstance(error, DeviceMissing):
        return Failure("no-device", error.message)
    if is_out_of_memory(error):
        return OUT_OF_MEMORY
    what = Message("internal", kind=type(error).__name__, reason=str(error))
    return Failure("internal", what, Message("report-log"))
