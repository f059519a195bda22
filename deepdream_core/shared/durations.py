"""How long something takes, in words. Standard library only: the plug-in uses it too."""

from __future__ import annotations


def spoken(seconds: float) -> str:
    """Return a duration in the two units that matter: `7 s`, `2 min 05 s`, `1 h 03 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
