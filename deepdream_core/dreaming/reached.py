"""How much of an objective pictures reach."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from deepdream_core.compute.devices import choose_device, dtype_of
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import bind
from deepdream_core.models import load_network
from deepdream_core.models.precision import choose_precision
from deepdream_core.pictures.resize import picture_size, resize
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import scaled

_MOST_PIXELS = 1 << 18
"""Larger pictures are shrunk to this: what they reach is compared only."""


def reached(pictures: Sequence[Tensor], recipe: Recipe, source: Tensor) -> NDArray[np.float32]:
    """Return the score of each of the objective's terms in each picture, (pictures, terms).

    All have the size of `source`, the picture without any dream, (1, 3, height, width). Terms that
    are suppressed do not count, and no guide does. Raises what `dream` raises.
    """
    device = choose_device(recipe.device)
    precision = choose_precision(recipe.precision, recipe.model, device)
    network = load_network(recipe.model, device, dtype_of(precision))
    objective = bind(recipe.expression, network, source=source)
    height, width = picture_size(source)
    most = min(1.0, math.sqrt(_MOST_PIXELS / (height * width)))
    size = scaled((height, width), max(most, network.smallest_side / min(height, width)))
    place = [WindowPlace(0, 0, *size)]
    scores = []
    for picture in pictures:
        # A class is scored by its gradient.
        window = resize(picture, size).to(device).requires_grad_()
        seen = network.activations(window, objective.layers)
        scores.append([t.score(seen, place).item() for t in objective.terms if t.weight > 0])
    return np.array(scores, np.float32)
