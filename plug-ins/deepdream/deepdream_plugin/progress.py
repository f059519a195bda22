"""How far a dream has come, in words for an artist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deepdream_core.shared.durations import spoken
from deepdream_plugin.texts import _


def progress_text(fields: Mapping[str, Any], left_out: int = 0) -> str:
    """Return the line for a `progress` frame: octave, step and time left.

    `left_out`: octaves that a preview does not dream.
    """
    text = _("Octave {octave} of {octaves}, step {step} of {steps}").format(
        octave=int(fields["octave"]) + 1,
        octaves=int(fields["octaves"]) + left_out,
        step=int(fields["step"]) + 1,
        steps=fields["steps"],
    )
    left = fields.get("seconds_left")
    if left is None:
        return text
    return _("{progress}, {time} left").format(progress=text, time=spoken(float(left)))
