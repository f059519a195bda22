"""Plain dream loops to compare ours with: a straightforward first version, without waste or tricks.

Frozen weights, NCHW, float32, torch.roll, autograd. The standard job uses torchvision's own
network, cut at the layer; the default job runs the whole network as its package defines it, with
unfolded batch normalisations.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepdream_core.bench.jobs import SMALLEST_SIDE
from deepdream_core.models.weights import weights_file
from deepdream_core.pictures.resize import picture_size
from deepdream_core.shared.objective import Layer
from deepdream_core.shared.octaves import octave_sizes, octave_steps
from deepdream_core.shared.recipe import Recipe

_LITE_STRIDES = {1: 2, 3: 2, 5: 2, 11: 2}


def plain_dream(source: Tensor, network: nn.Module, recipe: Recipe) -> Tensor:
    """Dream like the original notebook. `source`: (1, 3, height, width), 0..1.

    `network` takes such a picture and returns the activations of the layers to dream.
    """
    random = torch.Generator().manual_seed(recipe.seed)
    detail = torch.zeros_like(source)
    sizes, _ = octave_sizes(picture_size(source), recipe, SMALLEST_SIDE)
    for size, steps in zip(sizes, octave_steps(recipe, len(sizes))):
        base = F.interpolate(source, size, mode="bilinear", antialias=True)
        picture = base + F.interpolate(detail, size, mode="bilinear", antialias=True)
        for _ in range(steps):
            span = (-recipe.jitter, recipe.jitter + 1)
            down, right = (int(torch.randint(*span, (), generator=random)) for _ in range(2))
            rolled = picture.roll((-down, -right), (2, 3)).requires_grad_()
            activations = network(rolled)
            (gradient,) = torch.autograd.grad(activations, rolled, activations)
            gradient = gradient.roll((down, right), (2, 3))
            step = recipe.step_size / 255 * gradient / gradient.abs().mean()
            picture = (picture + step).clamp(0, 1)
        detail = picture - base
    return source + F.interpolate(detail, source.shape[-2:], mode="bilinear", antialias=True)


class PlainGoogLeNet(nn.Module):
    """torchvision's GoogLeNet up to inception4c, with the random weights of `load_untrained`."""

    def __init__(self, recipe: Recipe) -> None:
        from deepdream_core.models.torchvision_nets import build
        from deepdream_core.models.untrained import calibrated

        super().__init__()
        traced = calibrated(build("googlenet"), seed=0)
        parts = dict(traced.root.named_children())
        wanted = list(parts)[: list(parts).index("inception4c") + 1]
        self.body = nn.Sequential(*(parts[name] for name in wanted)).requires_grad_(False)

    def forward(self, picture: Tensor) -> list[Tensor]:
        return [self.body(picture * 2 - 1)]


class PlainEfficientNetLite0(nn.Module):
    """The whole EfficientNet-Lite0; returns the activations of the recipe's blocks."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        targets = [term.target for term in recipe.expression.terms]
        self.wanted = [target.layer for target in targets if isinstance(target, Layer)]
        weights = torch.load(weights_file("efficientnet_lite0"), weights_only=True)
        self.stem = _convolution(weights, "_conv_stem", "_bn0", stride=2)
        self.blocks = nn.ModuleList(_PlainBlock(weights, number) for number in range(16))
        self.head = _convolution(weights, "_conv_head", "_bn1")
        self.classifier = nn.Linear(1280, 1000)
        self.classifier.load_state_dict(
            {"weight": weights["_fc.weight"], "bias": weights["_fc.bias"]}
        )
        self.requires_grad_(False).eval()

    def forward(self, picture: Tensor) -> list[Tensor]:
        x = self.stem(picture * (255 / 128) - 127 / 128)
        kept = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if f"block{number}" in self.wanted:
                kept.append(x)
        self.classifier(self.head(x).mean((2, 3)))
        return kept


class _PlainBlock(nn.Module):
    def __init__(self, weights: Mapping[str, Tensor], number: int) -> None:
        super().__init__()
        name, stride = f"_blocks.{number}.", _LITE_STRIDES.get(number, 1)
        steps = [
            _convolution(weights, name + "_depthwise_conv", name + "_bn1", stride, depthwise=True),
            _convolution(weights, name + "_project_conv", name + "_bn2")[:2],
        ]
        if number:
            steps.insert(0, _convolution(weights, name + "_expand_conv", name + "_bn0"))
        self.steps = nn.Sequential(*steps)
        self.residual = stride == 1 and steps[0][0].in_channels == steps[-1][0].out_channels

    def forward(self, x: Tensor) -> Tensor:
        return x + self.steps(x) if self.residual else self.steps(x)


def _convolution(
    weights: Mapping[str, Tensor], conv: str, norm: str, stride: int = 1, depthwise: bool = False
) -> nn.Sequential:
    """Return a convolution, its batch normalisation and ReLU6."""
    kernel = weights[f"{conv}.weight"]
    outputs, inputs, side, _ = kernel.shape
    groups = outputs if depthwise else 1
    convolution = nn.Conv2d(
        inputs * groups, outputs, side, stride, side // 2, groups=groups, bias=False
    )
    convolution.weight = nn.Parameter(kernel)
    normalisation = nn.BatchNorm2d(outputs, eps=1e-3)
    names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    normalisation.load_state_dict({name: weights[f"{norm}.{name}"] for name in names})
    return nn.Sequential(convolution, normalisation, nn.ReLU6(inplace=True))
