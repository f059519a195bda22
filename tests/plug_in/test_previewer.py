"""Previews from a real engine: what is dreamed anew, and what is only composed anew."""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from deepdream_plugin.dialog.aside import Aside, Asides
from deepdream_plugin.dialog.previewer import Previewer, PreviewEvent, WantedPreview
from deepdream_plugin.engine import Engine

from deepdream_core.engine.frames import array_of, picture_of
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import Recipe

RECIPE = Recipe(octaves=1, steps=12, step_size=6.0)
IMAGE = np.random.default_rng(5).integers(0, 256, (60, 80, 3), np.uint8)


class Seen:
    """A previewer and what it has reported."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[PreviewEvent] = queue.SimpleQueue()
        self.previewer = Previewer(self._events.put)

    def dream(self, number: int, recipe: Recipe, longest: int = 80) -> None:
        pictures = {"image": picture_of(IMAGE)}
        self.previewer.dream(WantedPreview(number, recipe, pictures, longest))

    def until(self, kind: str, number: int) -> list[PreviewEvent]:
        """Return the events up to one of this kind and number."""
        events = []
        while True:
            event = self._events.get(timeout=60)
            assert event.kind != "failed", event.error
            events.append(event)
            if (event.kind, event.number) == (kind, number):
                return events


@pytest.fixture(scope="module")
def seen() -> Iterator[Seen]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "warm", lambda: Engine.start(Path(sys.executable)))
        made = Seen()
        made.dream(0, Recipe(octaves=1, steps=1))
        made.until("done", 0)
        yield made
        if engine := made.previewer.stop():
            engine.close()


def _steps(events: list[PreviewEvent]) -> int:
    return sum(event.kind == "progress" for event in events)


def _last(events: list[PreviewEvent]) -> np.ndarray:
    pictures: list[Picture] = [event.picture for event in events if event.picture]
    return array_of(pictures[-1])


def test_strength_and_size_change_while_the_dream_goes_on(seen: Seen) -> None:
    seen.dream(1, RECIPE)
    begun = seen.until("progress", 1)
    seen.dream(2, RECIPE.changed(strength=0.5))
    seen.dream(3, RECIPE.changed(strength=0.0))
    events = begun + seen.until("done", 3)
    assert _steps(events) == RECIPE.steps
    assert np.array_equal(_last(events), IMAGE)

    seen.dream(4, RECIPE, longest=40)
    whole = seen.until("done", 4)
    assert _steps(whole) == 1
    assert _last(whole).shape == (30, 40, 3)
    seen.dream(5, RECIPE.changed(strength=0.5))
    half = seen.until("done", 5)
    assert _steps(half) == 1
    assert np.abs(_last(half).astype(int) - IMAGE).mean() > 0


def test_a_change_in_the_last_moment_is_not_lost(seen: Seen) -> None:
    recipe = RECIPE.changed(seed=2)
    for number, strength in enumerate([1.0, 0.0] * 10, 10):
        seen.dream(number, recipe.changed(strength=strength))
    assert np.array_equal(_last(seen.until("done", 29)), IMAGE)
    for number in range(30, 50):
        seen.dream(number, recipe.changed(strength=0.5))
        seen.until("progress", number)
        seen.dream(100 + number, recipe.changed(strength=0.0))
        assert np.array_equal(_last(seen.until("done", 100 + number)), IMAGE)


def test_anything_else_is_dreamed_anew(seen: Seen) -> None:
    seen.dream(200, RECIPE.changed(seed=3))
    seen.until("progress", 200)
    seen.dream(201, RECIPE.changed(seed=4))
    assert _steps(seen.until("done", 201)) >= RECIPE.steps
    seen.dream(202, RECIPE.changed(seed=4, colour="guide"))
    assert _steps(seen.until("done", 202)) == 1


def _aside(key: str, done: queue.SimpleQueue[str], steps: int = 4) -> Aside:
    def on_done(picture: Picture) -> None:
        assert (picture.width, picture.height, picture.sample) == (80, 60, "uint8")
        done.put(key)

    return Aside(key, Recipe(octaves=1, steps=steps), picture_of(IMAGE), on_done)


def test_small_dreams_wait_until_nothing_else_is_wanted(seen: Seen) -> None:
    done: queue.SimpleQueue[str] = queue.SimpleQueue()
    seen.dream(300, RECIPE.changed(seed=5))
    seen.until("progress", 300)
    seen.previewer.wish([_aside("first", done), _aside("second", done)])
    seen.previewer.wish([_aside("newest", done), _aside("second", done)])
    seen.until("done", 300)
    assert [done.get(timeout=60) for _ in range(3)] == ["newest", "second", "first"]


def test_a_preview_interrupts_small_dreams_which_go_on_later(seen: Seen) -> None:
    done: queue.SimpleQueue[str] = queue.SimpleQueue()
    seen.previewer.wish([_aside("long", done, steps=150)])
    time.sleep(0.3)
    seen.dream(301, RECIPE.changed(seed=6, steps=2))
    seen.until("done", 301)
    assert done.empty()
    assert done.get(timeout=60) == "long"


def test_strength_is_still_composed_at_once_after_small_dreams(seen: Seen) -> None:
    done: queue.SimpleQueue[str] = queue.SimpleQueue()
    seen.dream(302, RECIPE.changed(seed=7))
    seen.until("done", 302)
    seen.previewer.wish([_aside("small", done)])
    done.get(timeout=60)
    seen.dream(303, RECIPE.changed(seed=7, strength=0.5))
    assert _steps(seen.until("done", 303)) == 1


def test_a_small_dream_that_fails_disturbs_nothing(seen: Seen) -> None:
    done: queue.SimpleQueue[str] = queue.SimpleQueue()
    wrong = Aside("wrong", Recipe(objective="no.layer"), picture_of(IMAGE), lambda picture: None)
    seen.previewer.wish([wrong, _aside("right", done)])
    assert done.get(timeout=60) == "right"
    seen.previewer.wish([_aside("never", done, steps=400)])
    seen.previewer.wish_nothing()
    seen.dream(304, RECIPE.changed(seed=8))
    seen.until("done", 304)
    time.sleep(0.3)
    assert done.empty()


def test_the_wishes_of_a_window_are_forgotten_with_it() -> None:
    done: queue.SimpleQueue[str] = queue.SimpleQueue()
    asides = Asides()
    asides.wish([_aside("surprise/0", done), _aside("preset/classic", done)])
    asides.forget("surprise/")
    assert [asides.take().key for _ in range(len(asides))] == ["preset/classic"]


def test_a_part_is_judged_by_the_whole_layer(seen: Seen) -> None:
    """Beside a layer full of contrast, the plain part hardly changes; alone, it does."""
    plain = np.full((60, 80, 3), 128, np.uint8)
    layer = np.concatenate([plain, IMAGE], axis=1)
    recipe = Recipe(objective="block2", octaves=1, steps=3, plain_areas=0.0)
    alone = {"image": picture_of(plain)}
    beside = {**alone, "whole": picture_of(layer)}
    changes = []
    for number, pictures, place in ((1001, alone, None), (1002, beside, (0.0, 0.0, 0.5, 1.0))):
        seen.previewer.dream(WantedPreview(number, recipe, pictures, 80, place))
        last = [e.picture for e in seen.until("done", number) if e.picture][-1]
        changes.append(np.abs(np.frombuffer(last.data, np.uint8).astype(int) - 128).mean())
    print(changes)
    assert changes[1] < 0.3 * changes[0]
