"""CUDA graphs for NVIDIA GPUs: a step's kernels are recorded once for each size, then replayed.

Launching the hundreds of kernels in a step one by one from Python takes longer than a fast GPU
needs to run them. A CUDA graph launches them all at once
(https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs).
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import torch
from torch import Tensor

from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import Objective
from deepdream_core.dreaming.tiles import window_gradients

_STEPS_AHEAD = 2

_log = logging.getLogger(__name__)


class Recording(Protocol):
    """A recorded computation of gradients, for windows of one shape."""

    def replay(self, windows: Tensor) -> Tensor:
        """Return the gradients; the next replay overwrites them."""
        ...


class Recorder(Protocol):
    """Makes recordings."""

    def rehearse(
        self, windows: Tensor, objective: Objective, places: Sequence[WindowPlace]
    ) -> Tensor:
        """Return the gradients, computed in the same way as for recording."""
        ...

    def record(
        self,
        windows: Tensor,
        objective: Objective,
        places: Sequence[WindowPlace],
        beside: Recording | None,
    ) -> Recording:
        """Record; `beside` is another recording, whose memory it may use for its own work."""
        ...


class Replays:
    """Computes the gradients of windows; a shape's second use is recorded, later ones replayed."""

    def __init__(self, recorder: Recorder | None) -> None:
        """`recorder`: None to record nothing."""
        self._recorder = recorder
        self._recordings: dict[torch.Size, Recording | None] = {}

    def forget(self) -> None:
        """Drop all recordings and free their memory."""
        self._recordings.clear()

    def gradients(
        self, windows: Tensor, objective: Objective, places: Sequence[WindowPlace]
    ) -> Tensor:
        """Return the objective's gradient at each pixel, like `window_gradients`."""
        if self._recorder is None or objective.placed:
            return window_gradients(windows, objective, places)
        shape = windows.shape
        if shape not in self._recordings:
            self._recordings[shape] = None
            return self._recorder.rehearse(windows, objective, places)
        recording = self._recordings[shape]
        if recording is None:
            beside = next(filter(None, self._recordings.values()), None)
            try:
                recording = self._recorder.record(windows, objective, places, beside)
            except RuntimeError as error:
                # If it cannot be recorded, or memory is too small, it can still be run.
                _log.warning("Recording a CUDA graph failed; running without: %s", error)
                self._recorder = None
                self.forget()
                return window_gradients(windows, objective, places)
            self._recordings[shape] = recording
        return recording.replay(windows)


@lru_cache
def recorder_for(device: torch.device) -> Recorder | None:
    """Return a device's recorder, or None if the device does not support recording."""
    nvidia = device.type == "cuda" and torch.version.hip is None
    return _GraphRecorder(device) if nvidia else None


class _GraphRecorder:
    def __init__(self, device: torch.device) -> None:
        # Rehearse and record on the same stream: libraries keep handles and plans for each stream.
        self._stream = torch.cuda.Stream(device)

    def rehearse(
        self, windows: Tensor, objective: Objective, places: Sequence[WindowPlace]
    ) -> Tensor:
        around = torch.cuda.current_stream()
        self._stream.wait_stream(around)
        windows.record_stream(self._stream)
        with torch.cuda.stream(self._stream):
            gradients = window_gradients(windows, objective, places)
        around.wait_stream(self._stream)
        gradients.record_stream(around)
        return gradients

    def record(
        self,
        windows: Tensor,
        objective: Objective,
        places: Sequence[WindowPlace],
        beside: Recording | None,
    ) -> Recording:
        pool = beside.pool if isinstance(beside, _Graph) else None
        return _Graph(windows.clone(), objective, places, self._stream, pool)


class _Graph:
    def __init__(
        self,
        windows: Tensor,
        objective: Objective,
        places: Sequence[WindowPlace],
        stream: torch.cuda.Stream,
        pool: Any,
    ) -> None:
        self._windows = windows
        self._graph = torch.cuda.CUDAGraph()
        around = torch.cuda.current_stream()
        try:
            with torch.cuda.graph(self._graph, pool, stream):
                self._gradients = window_gradients(self._windows, objective, places)
        finally:
            # When recording fails, torch.cuda.graph can leave its own stream in place.
            torch.cuda.set_stream(around)

    @property
    def pool(self) -> Any:
        """The memory of the recorded computation; recordings are replayed one after another."""
        return self._graph.pool()

    def replay(self, windows: Tensor) -> Tensor:
        self._windows.copy_(windows)
        self._graph.replay()
        return self._gradients


class Pace:
    """Keeps the program at most two steps ahead of a GPU.

    Without this, reported progress would run ahead of the dream, and cancelling would take long.
    """

    def __init__(self, device: torch.device) -> None:
        self._kind = device.type
        self._given: deque[torch.cuda.Event | torch.mps.Event] = deque()

    def keep(self) -> None:
        """Call after queueing a step; waits while too many steps are queued."""
        if self._kind == "cuda":
            given: torch.cuda.Event | torch.mps.Event = torch.cuda.Event(blocking=True)
        elif self._kind == "mps":
            given = torch.mps.Event()
        else:
            return
        given.record()
        self._given.append(given)
        if len(self._given) > _STEPS_AHEAD:
            self._given.popleft().synchronize()
