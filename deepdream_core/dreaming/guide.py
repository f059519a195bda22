"""Guided dreams: a layer is not raised as it is, but towards its features in another picture.

"match" is the guided dream from the last part of the original notebook (Mordvintsev, Olah, Tyka,
2015). "statistics" aims for the same mixture of features, wherever they are, as in texture
synthesis (Gatys, Ecker, Bethge, 2015, https://arxiv.org/abs/1505.07376).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from deepdream_core.models.network import Network
from deepdream_core.pictures.colour import Colours, colours_of
from deepdream_core.pictures.picture import SourcePicture, dreamable, visibility
from deepdream_core.pictures.resize import resize

LARGEST_SIDE = 512
"""Larger guides are shrunk to this, in pixels: their features matter, not their resolution."""
_PRODUCTS_AT_ONCE = 1 << 23


@dataclass(frozen=True)
class Guide:
    """The features of a guide picture, in the layers that it steers."""

    mode: str
    """`match` or `statistics`."""
    features: dict[str, Tensor]
    """Each layer's activations, (channels, positions), float32."""

    def score(self, layer: str, activations: Tensor) -> Tensor:
        """Return the score to be raised for activations (windows, channels, height, width)."""
        # The dream may have moved to another device in the meantime.
        there = self.features[layer].to(activations.device)
        score = match_score if self.mode == "match" else mixture_score
        return torch.stack([score(here, there) for here in activations.flatten(2)]).sum()


def opaque(source: SourcePicture) -> Tensor:
    """Return a guide as network input, float32 (1, 3, height, width), transparency over gray."""
    picture, visible = dreamable(source), visibility(source)
    return picture if visible is None else torch.full_like(picture, 0.5).lerp(picture, visible)


def guide_colours(source: SourcePicture) -> Colours:
    """Return the colours of a guide, of which transparent parts show none."""
    visible = visibility(source)
    return colours_of(
        dreamable(source), torch.ones(1, 1, *source.size) if visible is None else visible
    )


def analyse(picture: Tensor, mode: str, network: Network, layers: set[str]) -> Guide:
    """Compute the features of a guide picture, float32 (1, 3, height, width) of any size."""
    height, width = picture.shape[-2:]
    scale = min(1.0, LARGEST_SIDE / max(height, width))
    scale = max(scale, network.smallest_side / min(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    with torch.no_grad():
        found = network.activations(resize(picture, size).to(network.device), layers)
    return Guide(mode, {layer: x[0].float().flatten(1) for layer, x in found.items()})


def match_score(here: Tensor, there: Tensor) -> Tensor:
    """Return the sum of dot products of each position with its best match in the guide.

    `here`, `there`: the features of the dream and of the guide, (channels, positions). The best
    match is the one with the largest dot product.
    """
    with torch.no_grad():
        at_once = max(1, _PRODUCTS_AT_ONCE // there.shape[1])
        best = torch.cat([(there.T @ part).argmax(0) for part in here.split(at_once, dim=1)])
        wanted = there[:, best]
    return (here * wanted).sum()


def mixture_score(here: Tensor, there: Tensor) -> Tensor:
    """Return the similarity of two feature mixtures by mean and covariance; 0 is the best."""
    mean, covariance = _moments(here)
    guide_mean, guide_covariance = _moments(there)
    scale = guide_covariance.diagonal().mean() + 1e-12
    off_mean = (mean - guide_mean).square().sum() / scale
    off_covariance = (covariance - guide_covariance).square().sum() / scale**2
    # Scaled by the number of positions, so that each counts the same in windows of any size.
    return -(off_mean + off_covariance) * here.shape[1]


def _moments(x: Tensor) -> tuple[Tensor, Tensor]:
    mean = x.mean(1, keepdim=True)
    centred = x - mean
    return mean, centred @ centred.T / x.shape[1]
