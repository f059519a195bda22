"""What a network can be asked to raise: layers, channels, units, classes, and sums of them.

A layer's score is half the sum of its squared activations, whose gradient at the layer is the
activation itself: "set the gradient to the activation" (Mordvintsev, Olah, Tyka, 2015). A
channel or unit is climbed directly, as in lucid (Olah et al., 2017). For a class see `class_score`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.dreaming.guide import Guide, show
from deepdream_core.models.labels import find_class
from deepdream_core.models.network import LOGITS, LayerInfo, Network
from deepdream_core.shared.messages import Message
from deepdream_core.shared.objective import Expression, TargetError, Term


@dataclass(frozen=True)
class WindowPlace:
    """Where a window lies in the picture (which is `height` x `width` and wraps round)."""

    top: int
    left: int
    height: int
    width: int


TermScore = Callable[[Mapping[str, Tensor], Sequence[WindowPlace]], Tensor]
"""Takes activations (windows, channels, height, width) by layer, and where each window lies;
returns a number to be raised."""

_FORM_SHARE = 0.33
"""How much what is already there has its say in the form that a class takes."""
_DEEP = 0.95
"""The layer in which a class takes form sees no more than this part of what the class sees."""


@dataclass(frozen=True)
class WeightedTerm:
    """A term bound to a network."""

    layers: tuple[str, ...]
    """Whose activations the score takes."""
    score: TermScore
    weight: float | Tensor = 1.0
    """A number, or one that only the device knows."""
    natural: bool = False
    """Whether its gradient can be read only with the frequencies and colours of photographs."""
    placed: bool = False
    """Whether the score depends on where in the picture a window lies."""
    steerable: bool = False
    """Whether a guide picture says what is to be raised in its layer, if there is one."""

    def steered(self, guide: Guide) -> WeightedTerm:
        """Return it as a guide wants it, which has looked at its layer."""
        (layer,) = self.layers
        return replace(
            self,
            score=lambda activations, places: guide.score(layer, activations[layer].float()),
            # To hold many features in check at once gives noise, as a class does.
            natural=guide.mode == "statistics",
        )


@dataclass(frozen=True)
class Objective:
    """Terms bound to a network; what a step raises."""

    network: Network
    terms: tuple[WeightedTerm, ...]

    @property
    def natural(self) -> bool:
        """Whether the gradient is to get the frequencies and colours of photographs."""
        return any(term.natural for term in self.terms)

    @property
    def placed(self) -> bool:
        """Whether the score depends on where in the picture a window lies."""
        return any(term.placed for term in self.terms)

    @property
    def layers(self) -> set[str]:
        """Whose activations the terms take."""
        return {layer for term in self.terms for layer in term.layers}

    @property
    def stride(self) -> int:
        """Pixels between two neighbouring positions of the coarsest layer."""
        return max(layer.stride for layer in self.network.layers if layer.name in self.layers)

    def score(self, windows: Tensor, places: Sequence[WindowPlace]) -> Tensor:
        """Return the number to be raised for windows: float32 (windows, 3, height, width)."""
        activations = self.network.activations(windows, self.layers)
        scores = [term.weight * term.score(activations, places) for term in self.terms]
        return torch.stack(scores).sum()

    def single(self, index: int) -> Objective:
        """Return the objective that has one of the terms only, with weight 1."""
        return Objective(self.network, (replace(self.terms[index], weight=1.0),))

    def reweighted(self, weights: Sequence[float | Tensor]) -> Objective:
        """Return the same terms with other weights."""
        terms = zip(self.terms, weights, strict=True)
        return Objective(self.network, tuple(replace(t, weight=w) for t, w in terms))


def bind(
    objective: Expression, network: Network, guide: Tensor | None = None, guide_mode: str = "match"
) -> Objective:
    """Bind an objective to a network.

    `guide`: a picture, float32 (1, 3, height, width), that steers the terms that are whole
    layers. Raises `ObjectiveError`, pointing at the term.
    """
    terms = [_bind_term(objective, term, network) for term in objective.terms]
    if guide is not None:
        layers = {layer for term in terms if term.steerable for layer in term.layers}
        if not layers:
            raise objective.error(objective.terms[0], Message("guide-needs-layer"))
        shown = show(guide, guide_mode, network, layers)
        terms = [term.steered(shown) if term.steerable else term for term in terms]
    return Objective(network, tuple(terms))


def _bind_term(objective: Expression, term: Term, network: Network) -> WeightedTerm:
    try:
        return replace(term.target.bind(NetworkScores(network)), weight=term.weight)
    except TargetError as error:
        raise objective.error(term, error.message) from None


@dataclass(frozen=True)
class NetworkScores:
    """Gives each kind of target its score in a network: `Scores` of `shared.objective`."""

    network: Network

    def layer(self, layer: str) -> WeightedTerm:
        """Return the score of a whole layer, which a guide can steer."""
        name = self._layer(layer).name
        return WeightedTerm(
            (name,),
            lambda activations, places: layer_score(activations[name].float()),
            steerable=True,
        )

    def channel(self, layer: str, channel: int) -> WeightedTerm:
        """Return the score of one channel: the sum of its activations."""
        name = self._layer_with(layer, channel).name
        return WeightedTerm(
            (name,), lambda activations, places: activations[name][:, channel].float().sum()
        )

    def unit(self, layer: str, channel: int, x: float, y: float) -> WeightedTerm:
        """Return the score of one channel at one relative position of the picture."""
        info = self._layer_with(layer, channel)

        def score(activations: Mapping[str, Tensor], places: Sequence[WindowPlace]) -> Tensor:
            windows = zip(activations[info.name][:, channel], places, strict=True)
            return torch.stack([unit_score(seen, (x, y), info, at) for seen, at in windows]).sum()

        return WeightedTerm((info.name,), score, placed=True)

    def named(self, name: str) -> WeightedTerm:
        """Return the score of a class, everywhere at once."""
        deep = deep_layer(self.network)
        return WeightedTerm((deep, LOGITS), class_score(find_class(name), deep), natural=True)

    def _layer(self, name: str) -> LayerInfo:
        layer = self.network.layer(name)
        if layer is None:
            names = ", ".join(layer.name for layer in self.network.layers)
            raise TargetError("no-layer", network=self.network.name, layer=name, layers=names)
        return layer

    def _layer_with(self, name: str, channel: int) -> LayerInfo:
        layer = self._layer(name)
        if channel >= layer.channels:
            raise TargetError("no-channel", layer=layer.name, last=layer.channels - 1)
        return layer


def layer_score(activations: Tensor) -> Tensor:
    """Half the sum of squares: its gradient is the activation itself."""
    return activations.square().sum() / 2


def unit_score(
    channel: Tensor, unit: tuple[float, float], layer: LayerInfo, place: WindowPlace
) -> Tensor:
    """Return one channel (height, width) at one relative position (x, y) of the picture.

    It is 0 for a window that does not show the position.
    """
    y = (int(unit[1] * (place.height - 1)) - place.top) % place.height // layer.stride
    x = (int(unit[0] * (place.width - 1)) - place.left) % place.width // layer.stride
    inside = y < channel.shape[-2] and x < channel.shape[-1]
    return channel[y, x].float() if inside else channel.float().sum() * 0


def deep_layer(network: Network) -> str:
    """Return the layer in which classes take form: deep, but not yet the classifier's own."""
    *layers, logits = network.layers
    fitting = [x for x in layers if x.receptive_field <= _DEEP * logits.receptive_field]
    return (fitting or layers)[-1].name


def class_score(number: int, deep: str) -> TermScore:
    """Return the score of a class, everywhere at once.

    The raw gradient of a class is the sum of a thousand small cheats. So the gradient is taken to
    a deep layer first. There, at each place, the features wanted are what the class asks for, and
    to some part what is there already and speaks for the class ("set the gradient to the
    activation", with the class as judge: whole animals instead of scattered parts); and places
    count by how much of the class they show, so that it grows where the picture suggests it.
    """

    def score(activations: Mapping[str, Tensor], places: Sequence[WindowPlace]) -> Tensor:
        features, shown = activations[deep], activations[LOGITS][:, number : number + 1].float()
        (asked,) = torch.autograd.grad(shown.sum(), features, retain_graph=True)
        with torch.no_grad():
            there = features.float()
            asked = asked.float()
            speaking = there * (there * asked > 0)
            wanted = F.normalize(asked) + _FORM_SHARE * F.normalize(speaking)
            count = F.interpolate(F.softplus(shown), there.shape[-2:], mode="bilinear")
            wanted *= count
        return (features.float() * wanted).sum()

    return score
