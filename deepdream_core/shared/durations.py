"""Durations, formatted for people."""

from __future__ import annotations

from deepdream_core.shared.messages import Message


def spoken(seconds: float) -> Message:
    """Return a duration in at most two units: `7 s`, `2 min 05 s`, `1 h 03 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return Message("seconds", seconds=whole)
    if whole < 3600:
        return Message("minutes", minutes=whole // 60, seconds=f"{whole % 60:02d}")
    return Message("hours", hours=whole // 3600, minutes=f"{whole % 3600 // 60:02d}")
