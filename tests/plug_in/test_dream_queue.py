"""Dreams that wait for their turn, on a real engine."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from deepdream_plugin.dream_queue import DreamQueue, QueuedDream
from deepdream_plugin.dreaming import Order, Task
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineDied, EngineError
from deepdream_plugin.layers import SourceLayer

from deepdream_core.dreaming.dream import dream
from deepdream_core.engine.frames import array_of, picture_of
from deepdream_core.shared.recipe import Recipe

IMAGE = np.random.default_rng(5).integers(0, 256, (40, 50, 3), np.uint8)
QUICK = Recipe(octaves=1, steps=2)
LONG = Recipe(octaves=1, steps=1000)


def order(*recipes: Recipe) -> Order:
    unused: Any = None
    source = SourceLayer(unused, "photo", 1, (0, 0), picture_of(IMAGE), "", None, None)
    return Order("Dream", [Task(source, recipe) for recipe in recipes], lambda dreamed: [])


class Waking:
    """A queue, and the engines that it has woken."""

    def __init__(self) -> None:
        self.engines: list[Engine] = []
        self.changed = threading.Event()
        self.queue = DreamQueue(self._wake, self.changed.set)

    def _wake(self) -> Engine:
        self.engines.append(Engine.start(Path(sys.executable)))
        return self.engines[-1]

    def add(self, *recipes: Recipe) -> QueuedDream:
        self.queue.add(order(*recipes))
        return self.queue.dreams[-1]

    def until(self, what: Callable[[], object]) -> None:
        until = time.monotonic() + 60
        while not what():
            assert time.monotonic() < until
            self.changed.wait(0.2)
            self.changed.clear()


@pytest.fixture
def waking() -> Iterator[Waking]:
    made = Waking()
    yield made
    made.queue.close()


def test_orders_are_dreamed_one_after_the_other_in_a_changed_order(waking: Waking) -> None:
    first = waking.add(LONG)
    waking.until(lambda: first.has_begun)
    second, third = waking.add(QUICK), waking.add(QUICK.changed(seed=9), QUICK)
    assert waking.queue.dreams == (first, second, third)
    waking.queue.put_earlier(second)  # what has begun stays first
    waking.queue.put_earlier(third)
    assert waking.queue.dreams == (first, third, second)
    assert (second.has_begun, third.has_begun, 0 < first.fraction < 1) == (False, False, True)

    waking.queue.take_away(first)
    waking.until(lambda: third.has_ended)
    assert third.fraction == 1
    waking.until(lambda: second.has_ended)
    assert waking.queue.dreams == (third, second)
    assert not waking.queue.may_be_earlier(second)
    pictures = [array_of(each.result) for one in (third, second) for each in one.dreamed or ()]
    expected = [dream(IMAGE, recipe) for recipe in (QUICK.changed(seed=9), QUICK, QUICK)]
    assert all(np.array_equal(*pair) for pair in zip(pictures, expected, strict=True))
    assert len(waking.engines) == 1


def test_a_dream_that_fails_stops_no_other(waking: Waking) -> None:
    wrong, right = waking.add(QUICK.changed(objective="block99")), waking.add(QUICK)
    waking.until(lambda: right.has_ended)
    assert isinstance(wrong.problem, EngineError)
    assert right.problem is None

    long, right = waking.add(LONG), waking.add(QUICK)
    waking.until(lambda: long.has_begun)
    waking.engines[-1]._cut()  # as if it had been killed
    waking.until(lambda: right.has_ended)
    assert isinstance(long.problem, EngineDied)
    assert right.problem is None


def test_a_dream_that_failed_is_tried_again_in_its_place(waking: Waking) -> None:
    first, second = waking.add(LONG), waking.add(LONG)
    waking.until(lambda: first.has_begun)
    waking.engines[-1]._cut()
    waking.until(lambda: second.has_begun)
    waking.queue.try_again(first)
    assert not first.has_ended and not first.has_begun
    waking.queue.take_away(second)
    waking.until(lambda: first.has_begun)
    assert waking.queue.dreams == (first,)


def test_a_dream_is_cancelled_even_while_its_pictures_are_sent(
    waking: Waking, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Engine.dream

    def dream_slowly(engine: Engine, *given: Any, **named: Any) -> Any:
        request = ask(engine, *given, **named)
        for sent in waking.queue.dreams[:1]:
            waking.queue.take_away(sent)
        return request

    monkeypatch.setattr(Engine, "dream", dream_slowly)
    long = waking.add(LONG)
    waking.until(lambda: not waking.queue.dreams)
    monkeypatch.undo()
    quick = waking.add(QUICK)
    waking.until(lambda: quick.has_ended)
    assert quick.problem is None
    assert long.fraction < 0.5


def test_closing_ends_the_engine(waking: Waking) -> None:
    long = waking.add(LONG)
    waking.until(lambda: long.has_begun)
    waking.queue.close()
    with pytest.raises(EngineDied):
        waking.engines[0].networks()
    assert waking.queue.dreams == ()
