"""The sizes at which a picture is dreamed."""

from __future__ import annotations

import pytest

from deepdream_core.shared.octaves import octave_factors, octave_sizes


def test_each_octave_is_larger_by_the_same_factor() -> None:
    assert octave_factors(3, 2.0, 1.0) == [0.25, 0.5, 1.0]
    assert octave_factors(2, 1.5, 3.0) == [2.0, 3.0]
    assert octave_sizes((300, 400), 3, 2.0, 1.0) == ([(75, 100), (150, 200), (300, 400)], 0)


def test_octaves_too_small_for_the_network_are_dropped() -> None:
    assert octave_sizes((300, 400), 3, 2.0, 1.0, smallest_side=100) == ([(150, 200), (300, 400)], 1)


@pytest.mark.parametrize("size", [(10, 20), (1, 1)])
def test_one_octave_remains_and_is_enlarged(size: tuple[int, int]) -> None:
    sizes, dropped = octave_sizes(size, 3, 2.0, 1.0, smallest_side=32)
    assert dropped == 2 and len(sizes) == 1
    assert sizes[0] == (32, 32 * size[1] // size[0])
