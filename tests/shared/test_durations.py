"""Durations, formatted for people."""

from __future__ import annotations

import pytest

from deepdream_core.shared.durations import spoken


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1.0, "0 s"),
        (7.4, "7 s"),
        (59.6, "1 min 00 s"),
        (125.0, "2 min 05 s"),
        (3600.0, "1 h 00 min"),
        (3800.0, "1 h 03 min"),
    ],
)
def test_a_duration_is_shown_in_at_most_two_units(seconds: float, words: str) -> None:
    assert spoken(seconds) == words
