"""The scores that a dream raises: layers, channels, units, classes, and sums of them.

A layer's score is half the sum of its squared activations; its gradient at the layer is the
activation itself: "set the gradient to the activation" (Mordvintsev, Olah, Tyka, 2015). The score
of a channel or unit is its activation, as in Lucid (Olah et al., 2017). For classes see
`class_score`.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.dreaming.guide import Guide, analyse
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.source_features import SourceFeatures, caricature_score
from deepdream_core.models.labels import classes_like, either, find_class
from deepdream_core.models.network import LOGITS, LayerInfo, Network
from deepdream_core.pictures.resize import picture_size
from deepdream_core.shared.depths import DEPTHS
from deepdream_core.shared.messages import Message
from deepdream_core.shared.objective import Class, Expression, TargetError, Term
from deepdream_core.shared.quoting import listed, shortened
from deepdream_core.shared.suggestions import nearest

TermScore = Callable[[Mapping[str, Tensor], Sequence[WindowPlace]], Tensor]
"""Takes activations (windows, channels, height, width) by layer, and each window's position;
returns the number to be raised."""

_LAYERS_LISTED, _LAYER_SHOWN = 140, 30
"""Characters of the layers' names, and of a wrong one, in a message."""
_AREAS, _SMALLEST_AREA = 4, 2
"""How many areas along each side differ in `diversity_score`, and the positions in each."""
_PRESENT_SHARE = 0.33
"""Weight of the features already present in `class_score`."""
_NEIGHBOURS = 3
"""Side of the square of positions that decide together which of several classes they grow."""
_DEEP = 0.95
"""Upper limit for the receptive field of `deep_layer`, as a fraction of the classifier's."""


@dataclass(frozen=True)
class WeightedTerm:
    """A term bound to a network."""

    layers: tuple[str, ...]
    """The layers whose activations the score needs."""
    score: TermScore
    weight: float | Tensor = 1.0
    """A tensor if the weight was computed on the device, which avoids waiting for it."""
    natural: bool = False
    """Whether the gradient needs the frequencies and colours of photographs to be readable."""
    placed: bool = False
    """Whether the score depends on a window's position in the picture."""
    steerable: bool = False
    """Whether a guide picture, if there is one, replaces the score."""

    def steered(self, guide: Guide) -> WeightedTerm:
        """Return this term steered by a guide that has features for its layer."""
        (layer,) = self.layers
        return replace(
            self,
            score=lambda activations, places: guide.score(layer, activations[layer].float()),
            # Balancing many features at once gives a noisy gradient, as a class does.
            natural=guide.mode == "statistics",
        )


@dataclass(frozen=True)
class Objective:
    """Terms bound to a network: what a step raises."""

    network: Network
    terms: tuple[WeightedTerm, ...]

    @property
    def natural(self) -> bool:
        """Whether the gradient needs the frequencies and colours of photographs."""
        return any(term.natural for term in self.terms)

    @property
    def placed(self) -> bool:
        """Whether the score depends on a window's position in the picture."""
        return any(term.placed for term in self.terms)

    @property
    def layers(self) -> set[str]:
        """The layers whose activations the terms need."""
        return {layer for term in self.terms for layer in term.layers}

    @property
    def stride(self) -> int:
        """Distance between neighbouring positions of the coarsest layer, in pixels."""
        return max(layer.stride for layer in self.network.layers if layer.name in self.layers)

    def score(self, windows: Tensor, places: Sequence[WindowPlace]) -> Tensor:
        """Return the number to be raised, for windows: float32 (windows, 3, height, width)."""
        activations = self.network.activations(windows, self.layers)
        scores = [term.weight * term.score(activations, places) for term in self.terms]
        return torch.stack(scores).sum()

    def single(self, index: int) -> Objective:
        """Return an objective with only one of the terms, with weight 1."""
        return Objective(self.network, (replace(self.terms[index], weight=1.0),))

    def reweighted(self, weights: Sequence[float | Tensor]) -> Objective:
        """Return the same terms with other weights."""
        terms = zip(self.terms, weights, strict=True)
        return Objective(self.network, tuple(replace(t, weight=w) for t, w in terms))


def bind(
    objective: Expression,
    network: Network,
    guide: Tensor | None = None,
    guide_mode: str = "match",
    source: Tensor | None = None,
) -> Objective:
    """Bind an objective to a network.

    `guide`: a picture, float32 (1, 3, height, width), that steers the terms for whole layers.
    `source`: the picture that is dreamed, of the same form; some terms depend on it. None: gray.
    Raises `ObjectiveError`, which points at the term.
    """
    scores = NetworkScores(network, SourceFeatures(network, source))
    terms = [bound for term in objective.terms for bound in _bind_term(objective, term, scores)]
    if guide is not None:
        layers = {layer for term in terms if term.steerable for layer in term.layers}
        if not layers:
            raise objective.error(objective.terms[0], Message("guide-needs-layer"))
        analysed = analyse(guide, guide_mode, network, layers)
        terms = [term.steered(analysed) if term.steerable else term for term in terms]
    return Objective(network, tuple(terms))


def _bind_term(objective: Expression, term: Term, scores: NetworkScores) -> list[WeightedTerm]:
    try:
        bound = term.target.bind(scores)
    except TargetError as error:
        raise objective.error(term, error.message) from None
    return [replace(part, weight=term.weight / len(bound)) for part in bound]


_Bound = tuple[WeightedTerm, ...]
"""The terms that a target stands for; usually it is one."""


def _term(layer: str, score: Callable[[Tensor], Tensor], steerable: bool = False) -> _Bound:
    """Return a term whose score depends on a layer's activations, wherever they are."""

    def of_all(activations: Mapping[str, Tensor], places: Sequence[WindowPlace]) -> Tensor:
        return score(activations[layer].float())

    return (WeightedTerm((layer,), of_all, steerable=steerable),)


def _placed_term(layer: str, score: Callable[[Tensor, WindowPlace], Tensor]) -> _Bound:
    """Return a term whose score depends on a window's activations, and where it lies."""

    def of_all(activations: Mapping[str, Tensor], places: Sequence[WindowPlace]) -> Tensor:
        windows = zip(activations[layer].float(), places, strict=True)
        return torch.stack([score(seen, place) for seen, place in windows]).sum()

    return (WeightedTerm((layer,), of_all, placed=True),)


@dataclass(frozen=True)
class NetworkScores:
    """The scores of each kind of target in a network; implements `shared.objective.Scores`."""

    network: Network
    source: SourceFeatures

    def layer(self, layer: str) -> _Bound:
        """Return the score of a whole layer, which a guide can steer."""
        return _term(self._layer(layer).name, layer_score, steerable=True)

    def layers(self, patterns: Sequence[str]) -> _Bound:
        """Return the score of each layer that matches."""
        names = [name for pattern in patterns for name in self._matching(pattern)]
        return tuple(bound for name in dict.fromkeys(names) for bound in self.layer(name))

    def mean(self, layer: str) -> _Bound:
        """Return the sum of a layer's activations."""
        return _term(self._layer(layer).name, Tensor.sum)

    def strongest(self, layer: str, count: int) -> _Bound:
        """Return the score of the channels that the picture excites most, of these alone."""
        name = self._layer_with(layer, count - 1).name
        chosen = self.source.strongest(name, count)
        return _term(name, lambda seen: layer_score(seen[:, chosen]))

    def caricature(self, layer: str) -> _Bound:
        """Return how much of the picture's features there is, where the picture has them."""
        info = self._layer(layer)
        return _placed_term(
            info.name, lambda seen, at: caricature_score(seen, self.source.at(info, seen, at))
        )

    def diversity(self, layer: str) -> _Bound:
        """Return how little areas have in common."""
        return _term(self._layer(layer).name, diversity_score)

    def channel(self, layer: str, channel: int) -> _Bound:
        """Return the score of one channel: the sum of its activations."""
        name = self._layer_with(layer, channel).name
        return _term(name, lambda seen: seen[:, channel].sum())

    def unit(self, layer: str, channel: int, x: float, y: float) -> _Bound:
        """Return the score of one channel at one relative position in the picture."""
        info = self._layer_with(layer, channel)
        return _placed_term(info.name, lambda seen, at: unit_score(seen[channel], (x, y), info, at))

    def named(self, names: Sequence[str]) -> _Bound:
        """Return the score of a class, or of several that compete, at every position."""
        deep = deep_layer(self.network)
        numbers = [find_class(name, self.network.name) for name in names]
        return (WeightedTerm((deep, LOGITS), class_score(numbers, deep), natural=True),)

    def _matching(self, pattern: str) -> list[str]:
        if not {"*", "?"} & set(pattern):
            return [self._layer(pattern).name]
        names = [layer.name for layer in self.network.layers if layer.name != LOGITS]
        matching = fnmatch.filter(names, pattern)
        if not matching:
            raise self._no_layer(pattern)
        return matching

    def _layer(self, name: str) -> LayerInfo:
        layer = self.network.layer(name)
        if layer is None:
            raise self._no_layer(name)
        return layer

    def _no_layer(self, name: str) -> TargetError:
        names = [layer.name for layer in self.network.layers]
        network, wrong = self.network.name, shortened(name, _LAYER_SHOWN)
        is_word = name.isalpha() and not nearest(name, [*names, *DEPTHS], similarity=0.75)
        classes = classes_like(name, network) if is_word else []
        if not classes:
            known = listed(names, _LAYERS_LISTED)
            aliases = (alias for layer in self.network.layers for alias in layer.aliases)
            if near := nearest(name, [*names, *aliases]):
                return TargetError(
                    "no-layer-near", network=network, layer=wrong, near=near[0], layers=known
                )
            return TargetError("no-layer", network=network, layer=wrong, layers=known)
        near = either([str(Class(label)) for label in classes])
        return TargetError("no-layer-but-class", network=network, layer=wrong, near=near)

    def _layer_with(self, name: str, channel: int) -> LayerInfo:
        layer = self._layer(name)
        if channel >= layer.channels:
            raise TargetError("no-channel", layer=layer.name, last=layer.channels - 1)
        return layer


def layer_score(activations: Tensor) -> Tensor:
    """Return half the sum of squares; its gradient is the activation itself."""
    return activations.square().sum() / 2


def diversity_score(activations: Tensor) -> Tensor:
    """Return how little areas have in common; below 0, and 0 if each shows something else.

    `activations`: (windows, channels, height, width). Areas are compared by the mean of what they
    show, as in Lucid's diversity of several pictures (Olah et al., 2017).
    """
    rows, columns = (min(_AREAS, side // _SMALLEST_AREA) for side in activations.shape[-2:])
    if min(rows, columns) < 1 or rows == columns == 1:
        return activations.sum() * 0
    shown = F.adaptive_avg_pool2d(activations.clamp(min=0), (rows, columns)).flatten(2)
    shown = F.normalize(shown, dim=1)
    likeness = shown.transpose(1, 2) @ shown
    others = likeness.sum() - likeness.diagonal(dim1=1, dim2=2).sum()
    return -others / shown.shape[2]


def unit_score(
    channel: Tensor, unit: tuple[float, float], layer: LayerInfo, place: WindowPlace
) -> Tensor:
    """Return a channel's activation at a relative position (x, y) in the picture.

    `channel`: (height, width). Between the layer's positions, their activations are mixed. The
    score is 0 for a window that does not contain the position.
    """
    pixels, size = place.find(*unit), picture_size(channel)
    if any(pixel >= side * layer.stride for pixel, side in zip(pixels, size, strict=True)):
        return channel.float().sum() * 0
    score = channel.float()
    for pixel, side in zip(pixels, size, strict=True):
        position = min(max(0.0, (pixel - layer.centre) / layer.stride), side - 1.0)
        before = int(position)
        after = min(before + 1, side - 1)
        score = torch.lerp(score[before], score[after], position - before)
    return score


def deep_layer(network: Network) -> str:
    """Return the layer at which `class_score` works: deep, but before the classifier's head."""
    *layers, logits = network.layers
    fitting = [x for x in layers if x.receptive_field <= _DEEP * logits.receptive_field]
    return (fitting or layers)[-1].name


def class_score(numbers: Sequence[int], deep: str) -> TermScore:
    """Return the score of a class, or of several that compete, at every position.

    Raising a class's logit directly mostly finds small patterns that fool the classifier. So a
    target is set in a deep layer instead. At each position, the target is the logit's gradient,
    plus a share of those features already present that support the class: this is "set the
    gradient to the activation", filtered by the class, and gives whole animals instead of
    scattered parts. Positions are weighted by how strongly they show the class, so that it grows
    where the picture suggests it; and, if there are several classes, by the share of the class in
    what they show together, so that each area grows the one that it suggests most.
    """

    def score(activations: Mapping[str, Tensor], places: Sequence[WindowPlace]) -> Tensor:
        features = activations[deep]
        logits = [activations[LOGITS][:, n : n + 1].float() for n in numbers]
        weights = _weights(torch.cat(logits, 1)).split(1, 1)
        targets = [
            _class_target(features, logit, weight)
            for logit, weight in zip(logits, weights, strict=True)
        ]
        return torch.stack([(features.float() * target).sum() for target in targets]).sum()

    return score


def _class_target(features: Tensor, logit: Tensor, weight: Tensor) -> Tensor:
    """Return what `features` are to become. `logit`, `weight`: (windows, 1, height, width)."""
    (gradient,) = torch.autograd.grad(logit.sum(), features, retain_graph=True)
    with torch.no_grad():
        present = features.float()
        gradient = gradient.float()
        supporting = present * (present * gradient > 0)
        target = F.normalize(gradient) + _PRESENT_SHARE * F.normalize(supporting)
        return target * F.interpolate(weight, present.shape[-2:], mode="bilinear")


@torch.no_grad()
def _weights(logits: Tensor) -> Tensor:
    """Return how strongly each position shows each class, times the class's share in its area.

    `logits`: (windows, classes, height, width). The shares in an area add up to 1.
    """
    areas = F.avg_pool2d(logits, _NEIGHBOURS, 1, _NEIGHBOURS // 2, count_include_pad=False)
    return F.softplus(logits) * areas.softmax(1)
