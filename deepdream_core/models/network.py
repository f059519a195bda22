"""The interface between the dream loop and a network."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor, nn

LOGITS = "logits"
"""The layer with the classifier applied at every position; one channel for each class."""


@dataclass(frozen=True)
class LayerInfo:
    """A layer that can be dreamed."""

    name: str
    channels: int
    stride: int
    """Distance between neighbouring positions of the layer, in pixels of the picture."""
    receptive_field: int
    """Side of the square that one position sees, in pixels of the picture."""
    aliases: tuple[str, ...] = ()
    sees_all: bool = False
    """Whether each position also depends on the whole picture, through squeeze-and-excitation."""
    centre: float = 0.0
    """The pixel, down and across, at which the layer's first position looks."""


class Network(nn.Module):
    """A network with frozen weights that runs only as far as the deepest layer wanted."""

    name: str
    layers: tuple[LayerInfo, ...]
    """From shallow to deep."""
    smallest_side: int
    """Minimum length of a picture's shorter side, in pixels."""

    @abstractmethod
    def activations(self, picture: Tensor, wanted: Collection[str]) -> dict[str, Tensor]:
        """Return the wanted layers' activations, each (n, channels, height, width).

        `picture`: float32 (n, 3, height, width), sRGB values in 0..1. `wanted`: names from
        `layers`, not aliases.
        """

    def layer(self, name: str) -> LayerInfo | None:
        """Return the layer with this name or alias, or None."""
        for layer in self.layers:
            if name == layer.name or name in layer.aliases:
                return layer
        return None

    @property
    def dtype(self) -> torch.dtype:
        """The type of the network's weights and activations."""
        return next(self.parameters()).dtype

    @property
    def device(self) -> torch.device:
        """The device that the network runs on."""
        return next(self.parameters()).device
