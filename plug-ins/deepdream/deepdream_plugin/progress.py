"""How far a dream has come, in words for an artist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def progress_text(fields: Mapping[str, Any]) -> str:
    """Return the line for a `progress` frame: octave, step and time left."""
    octave, step = int(fields["octave"]) + 1, int(fields["step"]) + 1
    text = f"Octave {octave} of {fields['octaves']}, step {step} of {fields['steps']}"
    left = fields.get("seconds_left")
    return text if left is None else f"{text}, {time_left(float(left))} left"


def time_left(seconds: float) -> str:
    """Return a duration in the two units that matter."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
