"""How long a dream still takes."""

from __future__ import annotations

import pytest

from deepdream_core.compute import clock


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be changed by the test."""
    times = [0.0]
    monkeypatch.setattr(clock.time, "monotonic", lambda: times[0])
    return times


def _seconds_left(now: list[float], seconds: list[float]) -> list[float | None]:
    """Return what is left after each step of an octave of 40 steps."""
    counted = clock.Clock([(10, 10)], [40])
    left = []
    for step in seconds:
        now[0] += step
        left.append(counted.tick(0).seconds_left)
    return left


def test_the_first_step_which_loads_the_network_says_nothing(now: list[float]) -> None:
    assert _seconds_left(now, [60, 2, 2]) == [None, 76, 74]


def test_a_pause_does_not_lengthen_the_rest(now: list[float]) -> None:
    assert _seconds_left(now, [60, 2, 2, 2, 600, 2])[-2:] == [70, 68]


def test_a_computer_that_becomes_slower_is_noticed(now: list[float]) -> None:
    assert _seconds_left(now, [1.0] * 20 + [3.0] * 10)[-1] == 30


def test_steps_of_a_larger_octave_take_longer(now: list[float]) -> None:
    counted = clock.Clock([(10, 10), (20, 20)], [3, 2])
    for _ in range(3):
        now[0] += 1
        left = counted.tick(0).seconds_left
    assert left == 8
