"""The trained networks that dream."""

from __future__ import annotations

from functools import lru_cache

import torch

from deepdream_core.models import efficientnet_lite
from deepdream_core.models.efficientnet_lite import WeightsMissing as WeightsMissing
from deepdream_core.models.network import Network
from deepdream_core.recipe import RecipeError, unknown


@lru_cache(maxsize=2)
def load_network(name: str, device: torch.device, dtype: torch.dtype) -> Network:
    """Return a network with its trained weights, ready to run; the last ones used stay loaded.

    Raises `RecipeError` for a name that does not exist and `WeightsMissing`.
    """
    if name not in efficientnet_lite.VARIANTS:
        raise RecipeError(unknown("network", name, efficientnet_lite.VARIANTS))
    network = efficientnet_lite.load(name)
    return network.to(device, dtype, memory_format=torch.channels_last)
