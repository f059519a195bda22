"""What a dream climbs: a weighted sum of layers, channels, units and classes.

A layer's score is half the sum of its squared activations, whose gradient at the layer is the
activation itself: "set the gradient to the activation" (Mordvintsev, Olah, Tyka, 2015). A
channel, unit or class is climbed directly, as in lucid (Olah et al., 2017).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from deepdream_core.labels import find_class
from deepdream_core.models.network import LOGITS, LayerInfo, Network
from deepdream_core.objective import ObjectiveError, Term, parse_objective


@dataclass(frozen=True)
class Place:
    """Where a window lies in the picture (which is `height` x `width` and wraps round)."""

    top: int
    left: int
    height: int
    width: int


TermScore = Callable[[Tensor, Place], Tensor]
"""Takes a layer's activations (1, channels, height, width), returns a number to be raised."""


@dataclass(frozen=True)
class WeightedTerm:
    """A term bound to a network's layer."""

    weight: float
    layer: str
    score: TermScore


@dataclass(frozen=True)
class Objective:
    """Terms bound to a network; what a step raises."""

    network: Network
    terms: tuple[WeightedTerm, ...]

    def score(self, window: Tensor, place: Place) -> Tensor:
        """Return the number to be raised for a window: float32 (1, 3, height, width)."""
        layers = {term.layer for term in self.terms}
        activations = self.network.activations(window, layers)
        scores = [t.weight * t.score(activations[t.layer].float(), place) for t in self.terms]
        return torch.stack(scores).sum()

    def single(self, index: int) -> Objective:
        """Return the objective that has one of the terms only, with weight 1."""
        term = self.terms[index]
        return Objective(self.network, (WeightedTerm(1.0, term.layer, term.score),))

    def reweighted(self, weights: list[float]) -> Objective:
        """Return the same terms with other weights."""
        terms = zip(self.terms, weights, strict=True)
        return Objective(self.network, tuple(WeightedTerm(w, t.layer, t.score) for t, w in terms))


def bind(text: str, network: Network) -> Objective:
    """Bind an objective as typed to a network. Raises `ObjectiveError`, pointing at the term."""
    terms = (_bind_term(text, term, network) for term in parse_objective(text))
    return Objective(network, tuple(terms))


def _bind_term(text: str, term: Term, network: Network) -> WeightedTerm:
    if term.class_name:
        try:
            number = find_class(term.class_name)
        except LookupError as error:
            raise ObjectiveError(text, term.position, str(error)) from None
        return WeightedTerm(term.weight, LOGITS, channel_score(number))
    layer = network.layer(term.layer)
    if layer is None:
        names = ", ".join(layer.name for layer in network.layers)
        problem = f"{network.name} has no layer {term.layer} (it has: {names})"
        raise ObjectiveError(text, term.position, problem)
    return WeightedTerm(term.weight, layer.name, _layer_score(text, term, layer))


def _layer_score(text: str, term: Term, layer: LayerInfo) -> TermScore:
    if term.channel is None:
        return layer_score
    if term.channel >= layer.channels:
        problem = f"{layer.name} has channels 0 to {layer.channels - 1}"
        raise ObjectiveError(text, term.position, problem)
    if term.unit is None:
        return channel_score(term.channel)
    return unit_score(term.channel, term.unit, layer.stride)


def layer_score(activations: Tensor, place: Place) -> Tensor:
    """Half the sum of squares: its gradient is the activation itself."""
    return activations.square().sum() / 2


def channel_score(channel: int) -> TermScore:
    """Return the sum of one channel."""
    return lambda activations, place: activations[:, channel].sum()


def unit_score(channel: int, unit: tuple[float, float], stride: int) -> TermScore:
    """Return one channel at one relative position (x, y) of the picture."""

    def score(activations: Tensor, place: Place) -> Tensor:
        y = (int(unit[1] * (place.height - 1)) - place.top) % place.height // stride
        x = (int(unit[0] * (place.width - 1)) - place.left) % place.width // stride
        inside = y < activations.shape[-2] and x < activations.shape[-1]
        return activations[:, channel, y, x].sum() if inside else activations.sum() * 0

    return score
