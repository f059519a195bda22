"""Steps that are recorded and replayed give the same dream as steps that are run.

Most machines have no GPU with CUDA graphs. A stand-in treats memory like a CUDA graph: it reads
from its own copy of the windows and overwrites its own gradients. For real ones see `test_gpu`.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from deepdream_core import dream
from deepdream_core.dreaming.cuda_graphs import Pace, recorder_for
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import Objective
from deepdream_core.dreaming.tiles import window_gradients
from deepdream_core.shared.presets import NOISE_SETTINGS
from deepdream_core.shared.recipe import Recipe

SMALL = {"octaves": 2, "steps": 4, "jitter": 16, "device": "cpu"}
RECORDED = {
    "a layer": {},
    "several terms": {"objective": "block4 + 2*block8:5 - block6"},
    "a class": {"objective": "class:castle"},
    "windows": {"tile": 128, "jitter": 0},
    "noise": dict(NOISE_SETTINGS),
}


class OwnMemory:
    """Records like a CUDA graph, and counts."""

    def __init__(self) -> None:
        self.recorded: list[torch.Size] = []
        self.replayed = 0
        self.kept: weakref.WeakSet[_Replay] = weakref.WeakSet()
        self.most_kept = 0

    def rehearse(
        self, windows: Tensor, objective: Objective, places: Sequence[WindowPlace]
    ) -> Tensor:
        return window_gradients(windows, objective, places)

    def record(
        self,
        windows: Tensor,
        objective: Objective,
        places: Sequence[WindowPlace],
        beside: object,
    ) -> _Replay:
        assert (beside is None) == (not self.kept)
        self.recorded.append(windows.shape)
        made = _Replay(self, windows.clone(), objective, places)
        self.kept.add(made)
        self.most_kept = max(self.most_kept, len(self.kept))
        return made


class _Replay:
    def __init__(
        self, owner: OwnMemory, windows: Tensor, objective: Objective, places: Sequence[WindowPlace]
    ) -> None:
        self._owner, self._windows = owner, windows
        self._of = objective, places
        self._gradients = torch.empty_like(windows)

    def replay(self, windows: Tensor) -> Tensor:
        self._owner.replayed += 1
        self._windows.copy_(windows)
        return self._gradients.copy_(window_gradients(self._windows, *self._of))


class Unable(OwnMemory):
    """Fails to record."""

    def record(
        self,
        windows: Tensor,
        objective: Objective,
        places: Sequence[WindowPlace],
        beside: object,
    ) -> _Replay:
        super().record(windows, objective, places, beside)
        raise RuntimeError("operation not permitted when stream is capturing")


def dream_with(
    recorder: object, recipe: Recipe, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> np.ndarray:
    monkeypatch.setattr("deepdream_core.dreaming.gradients.recorder_for", lambda device: recorder)
    return dream(photo, recipe)


@pytest.mark.parametrize("options", RECORDED)
def test_a_replayed_dream_is_the_same(
    options: str, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe().changed(**{**RECORDED[options], **SMALL})
    recorder = OwnMemory()
    assert np.array_equal(
        dream_with(recorder, recipe, photo, monkeypatch),
        dream_with(None, recipe, photo, monkeypatch),
    )
    assert len(recorder.recorded) == len(set(recorder.recorded)) >= recipe.octaves
    assert recorder.replayed >= recipe.octaves * (recipe.steps - 1)


def test_an_octave_drops_the_recordings_of_the_previous_one(
    photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe().changed(**SMALL)
    recorder = OwnMemory()
    dream_with(recorder, recipe, photo, monkeypatch)
    assert len(recorder.recorded) == recipe.octaves > recorder.most_kept == 1


def test_a_guided_dream_is_replayed_too(photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe().changed(**SMALL)
    recorder, guide = OwnMemory(), np.flip(photo, 1)
    monkeypatch.setattr("deepdream_core.dreaming.gradients.recorder_for", lambda device: recorder)
    replayed = dream(photo, recipe, guide=guide)
    monkeypatch.undo()
    assert recorder.replayed and np.array_equal(replayed, dream(photo, recipe, guide=guide))


def test_a_unit_is_not_recorded_because_it_moves_within_the_window(
    photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(objective="block4 + block8:5@0.5,0.5").changed(**SMALL)
    recorder = OwnMemory()
    assert np.array_equal(
        dream_with(recorder, recipe, photo, monkeypatch),
        dream_with(None, recipe, photo, monkeypatch),
    )
    assert not recorder.recorded


def test_steps_that_cannot_be_recorded_are_run(
    photo: np.ndarray, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    recipe = Recipe().changed(**SMALL)
    recorder = Unable()
    assert np.array_equal(
        dream_with(recorder, recipe, photo, monkeypatch),
        dream_with(None, recipe, photo, monkeypatch),
    )
    assert len(recorder.recorded) == 1 and not recorder.replayed
    assert "running without: operation not permitted" in caplog.text


def test_a_cpu_records_nothing() -> None:
    assert recorder_for(torch.device("cpu")) is None


@pytest.mark.parametrize("kind", ["cuda", "mps"])
def test_the_program_stays_two_steps_ahead_of_a_gpu(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The GPU's events are stand-ins, as they cannot be created without a GPU."""
    given, done = [], []

    class Event:
        def __init__(self, blocking: bool = False) -> None:
            assert blocking == (kind == "cuda")

        def record(self) -> None:
            given.append(self)

        def synchronize(self) -> None:
            done.append(self)

    monkeypatch.setattr(getattr(torch, kind), "Event", Event)
    pace = Pace(torch.device(kind))
    for _ in range(5):
        pace.keep()
        assert len(given) - len(done) <= 2
    assert done == given[:3]
