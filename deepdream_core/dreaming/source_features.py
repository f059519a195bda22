"""What a network sees in the picture that is dreamed, before any dream."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.models.network import LayerInfo, Network
from deepdream_core.pictures.resize import picture_size, resize
from deepdream_core.shared.sizes import Size, scaled

_MOST_PIXELS = 1 << 20
"""Larger pictures are shrunk to this: their features matter, not their resolution."""
_GRAY = 0.5
_SIDE = 224
_LEAST_LIKENESS = 0.1
"""Features that point elsewhere still count a little, or nothing would turn them."""


class SourceFeatures:
    """A network's activations for the source picture, computed when they are needed."""

    def __init__(self, network: Network, source: Tensor | None) -> None:
        """`source`: float32 (1, 3, height, width), 0..1; None is plain gray."""
        self._network = network
        self._source = torch.full((1, 3, _SIDE, _SIDE), _GRAY) if source is None else source
        self._found: dict[str, tuple[Size, Tensor]] = {}

    def strongest(self, layer: str, count: int) -> list[int]:
        """Return the numbers of the channels that the picture excites most, strongest first."""
        _, features = self._activations(layer, picture_size(self._source))
        excitement = features[0].clamp(min=0).square().mean((1, 2))
        return excitement.topk(count).indices.tolist()

    def at(self, layer: LayerInfo, here: Tensor, place: WindowPlace) -> Tensor:
        """Return the picture's features where a window has the activations `here`.

        `here` and the result: (channels, height, width), float32. The picture continues beyond its
        borders as its mirror image.
        """
        size, features = self._activations(layer.name, (place.height, place.width))
        middles = [
            layer.stride * (torch.arange(side, device=here.device) + 0.5) - 0.5
            for side in here.shape[-2:]
        ]
        pixels = place.in_picture(middles[0][:, None], middles[1][None, :])
        # From -1 to 1, from one border of the features to the other.
        down, across = (
            (2 * pixel + 1) * (shown / side) / (count * layer.stride) - 1
            for pixel, side, shown, count in zip(
                pixels, (place.height, place.width), size, picture_size(features), strict=True
            )
        )
        grid = torch.stack([across, down], -1)[None]
        return F.grid_sample(features, grid, padding_mode="reflection", align_corners=False)[0]

    @torch.no_grad()
    def _activations(self, layer: str, size: Size) -> tuple[Size, Tensor]:
        """Return the activations for the picture at about a size, and at which size.

        They are (1, channels, height, width).
        """
        wanted = scaled(size, min(1.0, math.sqrt(_MOST_PIXELS / math.prod(size))))
        smallest = self._network.smallest_side
        wanted = (max(smallest, wanted[0]), max(smallest, wanted[1]))
        if layer not in self._found or self._found[layer][0] != wanted:
            picture = resize(self._source, wanted).to(self._network.device)
            features = self._network.activations(picture, {layer})[layer].float()
            self._found[layer] = wanted, features
        return self._found[layer]


def caricature_score(here: Tensor, there: Tensor) -> Tensor:
    """Return how strongly `here` has the features of `there`, counting like features more.

    Both are (channels, height, width). At each position, it is the dot product times the cosine of
    the angle between both (Lucid's caricatures: https://distill.pub/2019/activation-atlas).
    """
    likeness = F.cosine_similarity(here, there, dim=0).clamp(min=_LEAST_LIKENESS)
    return ((here * there).sum(0) * likeness).sum()
