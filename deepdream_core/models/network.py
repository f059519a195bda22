"""What the dream loop asks of a network, whatever network it is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor, nn

LOGITS = "logits"
"""The layer that holds the classifier applied at every position, one channel for each class."""


@dataclass(frozen=True)
class LayerInfo:
    """A layer that can be dreamed."""

    name: str
    channels: int
    stride: int
    """Pixels of the picture between two neighbouring positions of the layer."""
    receptive_field: int
    """Side, in pixels of the picture, of the square that one position sees."""
    aliases: tuple[str, ...] = ()
    sees_all: bool = False
    """Whether a gate (squeeze-and-excitation) also shows it the mean of all there is."""


class Network(nn.Module):
    """A network with frozen weights that runs no further than the deepest layer wanted."""

    name: str
    layers: tuple[LayerInfo, ...]
    """From shallow to deep."""
    smallest_side: int
    """Pictures with a shorter side than this cannot be run, or give nothing."""

    @abstractmethod
    def activations(self, picture: Tensor, wanted: Collection[str]) -> dict[str, Tensor]:
        """Return the wanted layers' activations, each (n, channels, height, width).

        `picture`: float32 (n, 3, height, width), sRGB values in 0..1. `wanted`: names as in
        `layers` (no aliases).
        """

    def layer(self, name: str) -> LayerInfo | None:
        """Return the layer of that name or alias, or None."""
        for layer in self.layers:
            if name == layer.name or name in layer.aliases:
                return layer
        return None

    @property
    def dtype(self) -> torch.dtype:
        """The type in which the network computes."""
        return next(self.parameters()).dtype

    @property
    def device(self) -> torch.device:
        """Where the network computes."""
        return next(self.parameters()).device
