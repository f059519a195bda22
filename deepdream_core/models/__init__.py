"""The trained networks that dream. Importing this is light; loading a network is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from deepdream_core.models.catalogue import entry_of
from deepdream_core.models.weights import WeightsMissing as WeightsMissing

if TYPE_CHECKING:
    import torch

    from deepdream_core.models.network import LayerInfo, Network


@lru_cache(maxsize=2)
def load_network(name: str, device: torch.device, dtype: torch.dtype) -> Network:
    """Return a network with its trained weights, ready to run; the last ones used stay loaded.

    Raises `RecipeError` for a name that does not exist and `WeightsMissing`.
    """
    import torch

    # torchvision takes as long to import as a small dream; only its own networks need it.
    if entry_of(name).origin == "torchvision":
        from deepdream_core.models import torchvision_nets as source
    else:
        from deepdream_core.models import efficientnet_lite as source
    network = _lent[name]() if name in _lent else source.load(name)
    return network.to(device, dtype).to(memory_format=torch.channels_last)


_lent: dict[str, Callable[[], Network]] = {}


def lend_network(name: str, make: Callable[[], Network]) -> None:
    """Let a network be made otherwise from now on: with random weights, for want of its own."""
    _lent[name] = make


def layers_of(name: str) -> tuple[LayerInfo, ...]:
    """Return a network's layers; torchvision's networks are described without their weights.

    Raises `RecipeError` for a name that does not exist and `WeightsMissing`.
    """
    if entry_of(name).origin == "torchvision":
        from deepdream_core.models.torchvision_nets import describe

        return describe(name)
    from deepdream_core.models.efficientnet_lite import load

    return load(name).layers
