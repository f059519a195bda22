"""The progress of a dream as text."""

from __future__ import annotations

from typing import Any

import pytest
from deepdream_plugin.progress import progress_text

STEP: dict[str, Any] = {"octave": 0, "octaves": 2, "step": 4, "steps": 10}


@pytest.mark.parametrize(
    ("fields", "left_out", "text"),
    [
        (STEP, 0, "Octave 1 of 2, step 5 of 10"),
        (STEP, 3, "Octave 1 of 5, step 5 of 10"),
        ({**STEP, "number": 0, "passes": 1}, 0, "Octave 1 of 2, step 5 of 10"),
        ({**STEP, "number": 2, "passes": 8}, 0, "Pass 3 of 8: Octave 1 of 2, step 5 of 10"),
        (
            {**STEP, "number": 2, "passes": 8, "seconds_left": 20},
            0,
            "Pass 3 of 8: Octave 1 of 2, step 5 of 10, 20 s left",
        ),
    ],
)
def test_progress_names_the_pass_the_octave_and_the_step(
    fields: dict[str, Any], left_out: int, text: str
) -> None:
    assert progress_text(fields, left_out) == text
