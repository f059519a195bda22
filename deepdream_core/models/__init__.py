"""The trained networks. Importing this package is cheap; loading a network is not."""

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
    """Return a network with its trained weights, ready to run; the last two used stay loaded.

    Raises `RecipeError` for an unknown name, and `WeightsMissing`.
    """
    from deepdream_core.models.fused import best_layout

    # Importing torchvision takes as long as a small dream, and only its own networks need it.
    if entry_of(name).is_torchvisions:
        from deepdream_core.models import torchvision_nets as source
    else:
        from deepdream_core.models import efficientnet_lite as source
    network = _substitutes[name]() if name in _substitutes else source.load(name)
    return network.to(device, dtype).to(memory_format=best_layout(network, device))


_substitutes: dict[str, Callable[[], Network]] = {}


def substitute_network(name: str, make: Callable[[], Network]) -> None:
    """Make `load_network` call `make` from now on, such as for random weights in a test."""
    _substitutes[name] = make


def layers_of(name: str) -> tuple[LayerInfo, ...]:
    """Return a network's layers; for torchvision's architectures this needs no weights.

    Raises `RecipeError` for an unknown name, and `WeightsMissing`.
    """
    if entry_of(name).is_torchvisions:
        from deepdream_core.models.torchvision_nets import describe

        return describe(name)
    from deepdream_core.models.efficientnet_lite import load

    return load(name).layers
