"""The octave loop: what DeepDream is.

DeepDream (Mordvintsev, Olah, Tyka, 2015, https://github.com/google/deepdream): run a picture
forward to a layer of a trained network, take the activations themselves as gradient, go back to
the pixels, step; from small sizes of the picture to large ones. Only what was dreamed is carried
from one octave to the next, so that the picture's own detail is never blurred.
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
    """How the picture of one octave climbs."""

    def view(self, picture: Tensor) -> Tensor:
        """Return what the network is shown of the picture."""
        ...

    def step(self, picture: Tensor, base: Tensor, gradient: Tensor) -> None:
        """Move the picture along the gradient of what was shown, in place."""
        ...


class Listener(Protocol):
    """Who is told how the dream grows."""

    def step_taken(self, octave: int, step: int, picture: Tensor, base: Tensor) -> bool:
        """Return whether the dream goes on; otherwise it ends with what is there."""
        ...

    def octave_finished(self, octave: int, detail: Tensor) -> None: ...


def dream_octaves(
    source: Tensor,
    sizes: Sequence[Size],
    steps: int,
    gradient_at: Callable[[Tensor], Tensor],
    begin_ascent: Callable[[int, Tensor], Ascent],
    mask: Mask,
    listener: Listener,
) -> Tensor:
    """Return what is dreamed into `source`: its change, at the size of the last octave.

    All tensors are (1, 3, height, width). `gradient_at` gives the objective's gradient at a
    picture; `begin_ascent` gets the octave's number and the picture with which it begins.
    """
    detail = torch.zeros(1, 3, 1, 1, device=source.device)
    for octave, size in enumerate(sizes):
        base = resize(source, size)
        picture = base + mask.limit(resize(detail, size))
        ascent = begin_ascent(octave, picture)
        goes_on = True
        for step in range(steps):
            gradient = gradient_at(ascent.view(picture))
            ascent.step(picture, base, gradient)
            goes_on = listener.step_taken(octave, step, picture, base)
            if not goes_on:
                break
        detail = picture.sub_(base)
        if not goes_on:
            break
        listener.octave_finished(octave, detail)
    return detail
