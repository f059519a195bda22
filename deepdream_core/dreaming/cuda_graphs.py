"""On NVIDIA's GPUs: what a step launches, recorded once for each size, then replayed.

Launched from Python one by one, the hundreds of kernels of a step take longer than a fast GPU needs
to run them. A CUDA graph launches them all at once
(https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from deepdream_core.dreaming.scores import Objective, WindowPlace
from deepdream_core.dreaming.tiles import window_gradients

_STEPS_AHEAD = 2


class Recording(Protocol):
    """The gradients of windows of one shape."""

    def replay(self, windows: Tensor) -> Tensor:
        """Return the gradients; the next replay overwrites them."""
        ...


class Recorder(Protocol):
    """Makes recordings."""

    def rehearse(
        self, windows: Tensor, objective: Objective, places: Sequence[WindowPlace]
    ) -> Tensor:
        """Return the gradients, as it is done when they are recorded."""
        ...

    def record(
        self, windows: Tensor, objective: Objective, places: Sequence[WindowPlace]
    ) -> Recording: ...


class Replays:
    """Gives the gradients of windows; a shape that comes again is recorded, then replayed."""

    def __init__(self, recorder: Recorder | None) -> None:
        """Without a recorder, nothing is recorded."""
        self._recorder = recorder
        self._recordings: dict[torch.Size, Recording | None] = {}

    def forget(self) -> None:
        """Give up all recordings, and the memory that they hold."""
        self._recordings.clear()

    def gradients(
        self, windows: Tensor, objective: Objective, places: Sequence[WindowPlace]
    ) -> Tensor:
        """Return the objective's gradient at each pixel; as `window_gradients`."""
        if self._recorder is None or objective.placed:
            return window_gradients(windows, objective, places)
        shape = windows.shape
        if shape not in self._recordings:
            self._recordings[shape] = None
            return self._recorder.rehearse(windows, objective, places)
        if self._recordings[shape] is None:
            try:
                self._recordings[shape] = self._recorder.record(windows, objective, places)
            except RuntimeError:
                # What cannot be recorded, or does not fit twice, can still be run.
                self._recorder = None
                self.forget()
                return window_gradients(windows, objective, places)
        return self._recordings[shape].replay(windows)


def recorder_for(device: torch.device) -> Recorder | None:
    """Return what records for a device, if anything does."""
    nvidia = device.type == "cuda" and torch.version.hip is None
    return _GraphRecorder(device) if nvidia else None


class _GraphRecorder:
    def __init__(self, device: torch.device) -> None:
        # Recorded where it was rehearsed: libraries keep handles and plans for each stream.
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
        self, windows: Tensor, objective: Objective, places: Sequence[WindowPlace]
    ) -> Recording:
        return _Graph(windows.clone(), objective, places, self._stream)


class _Graph:
    def __init__(
        self,
        windows: Tensor,
        objective: Objective,
        places: Sequence[WindowPlace],
        stream: torch.cuda.Stream,
    ) -> None:
        self._windows = windows
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, stream=stream):
            self._gradients = window_gradients(self._windows, objective, places)

    def replay(self, windows: Tensor) -> Tensor:
        self._windows.copy_(windows)
        self._graph.replay()
        return self._gradients


class Pace:
    """Keeps the program no more than two steps ahead of a GPU.

    So what is told of the dream has happened, and a wish to cancel is heard in time.
    """

    def __init__(self, device: torch.device) -> None:
        self._counts = device.type == "cuda"
        self._given: deque[torch.cuda.Event] = deque()

    def keep(self) -> None:
        """Note that the device was given a step; wait if there are too many before it."""
        if not self._counts:
            return
        given = torch.cuda.Event(blocking=True)
        given.record()
        self._given.append(given)
        if len(self._given) > _STEPS_AHEAD:
            self._given.popleft().synchronize()
