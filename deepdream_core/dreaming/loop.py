"""The octave loop, the heart of DeepDream.

DeepDream (Mordvintsev, Olah, Tyka, 2015, https://github.com/google/deepdream): run a picture
forward to a layer of a trained network, take the activations themselves as the gradient, propagate
it back to the pixels and take a step; repeat at ever larger sizes of the picture. Only the dreamed
detail is carried from one octave to the next, which keeps the picture's own detail sharp.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from deepdream_core.dreaming.mask import Mask
from deepdream_core.pictures.resize import resize
from deepdream_core.shared.sizes import Size


class Ascent(Protocol):
    """Takes the steps of one octave."""

    def view(self, picture: Tensor) -> Tensor:
        """Return the network's input for the picture."""
        ...

    def step(self, picture: Tensor, base: Tensor, gradient: Tensor) -> None:
        """Move the picture along the gradient at that input, in place."""
        ...

    def settle(self, picture: Tensor, base: Tensor) -> None:
        """Finish the octave's picture, in place, after its last step."""
        ...


class Listener(Protocol):
    """Follows the dream's progress."""

    def step_taken(self, octave: int, step: int, picture: Tensor, base: Tensor) -> bool:
        """Return whether to continue; if not, the dream ends with the result so far."""
        ...

    def octave_finished(self, octave: int, detail: Tensor) -> None: ...


def dream_octaves(
    source: Tensor,
    sizes: Sequence[Size],
    steps: Sequence[int],
    gradient_at: Callable[[Tensor], Tensor],
    begin_ascent: Callable[[int, Tensor], Ascent],
    mask: Mask,
    listener: Listener,
    carried_at: Callable[[Size], Tensor] | None = None,
) -> Tensor:
    """Dream into `source` and return the dreamed detail, at the size of the last octave.

    All tensors are (1, 3, height, width). `steps` has a number for each size. `gradient_at` returns
    the objective's gradient at a picture. `begin_ascent` takes the octave's number and its initial
    picture. `carried_at` returns detail that is there before, at a size; it is part of the result.
    """
    detail = grown = torch.zeros(1, 3, 1, 1, device=source.device)
    for octave, size in enumerate(sizes):
        base = resize(source, size).clamp(0, 1)  # resizing rounds
        carried = carried_at(size) if carried_at else None
        picture = base + mask.limit(resize(grown, size))
        if carried is not None:
            picture.add_(carried).clamp_(0, 1)
        ascent = begin_ascent(octave, picture)
        goes_on = True
        for step in range(steps[octave]):
            gradient = gradient_at(ascent.view(picture))
            ascent.step(picture, base, gradient)
            goes_on = listener.step_taken(octave, step, picture, base)
            if not goes_on:
                break
        ascent.settle(picture, base)
        detail = picture.sub_(base)
        if not goes_on:
            break
        listener.octave_finished(octave, detail)
        grown = detail if carried is None else detail - carried
    return detail
