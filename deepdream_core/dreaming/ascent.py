"""Turning a gradient into a step: smoothing, normalising, stepping."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.dreaming.natural import LEVELS, magnitude, naturalise, normalise_bands
from deepdream_core.pictures.resize import in_bands, picture_size, resize
from deepdream_core.shared.recipe import Recipe

_TINY = 1e-12
_ADAM_MEMORY = (0.9, 0.999)
_CALMING_STEPS = 3
"""In fewer, pixels would overshoot their neighbours."""
_AREAS = 16
"""How many areas `room_for` looks at along the picture's short side."""
_SMALLEST_AREA = 4
"""The shortest side of such an area, in pixels."""


class PhotoAscent:
    """Gradient ascent on a picture, for one octave.

    The step size is how far the average pixel moves, in 255ths.
    """

    def __init__(
        self,
        recipe: Recipe,
        mask: Tensor | None,
        natural: bool = False,
        pace: Tensor | None = None,
    ) -> None:
        """`mask`: (1, 1, height, width), 0..1, scales each pixel's change; None scales nothing.

        `natural`: whether to give the gradient the frequencies and colours of photographs.
        `pace`: (1, 1, height, width), 0 or more, scales each pixel's steps only.
        """
        self._recipe = recipe
        self._mask = mask
        self._natural = natural
        self._pace = pace
        self._adam = Adam()
        self._first_size: Tensor | None = None

    def view(self, picture: Tensor) -> Tensor:
        """Return the network's input: the picture itself."""
        return picture

    def step(self, picture: Tensor, base: Tensor, gradient: Tensor) -> None:
        """Move `picture` along `gradient` and clamp it to 0..1, in place. Overwrites `gradient`.

        `base` is the picture without any dream. All are (1, 3, height, width).
        """
        recipe = self._recipe
        if recipe.optimiser == "adam":
            gradient = self._adam.direction(gradient)
        if recipe.smooth:
            gradient = gaussian_blur(gradient, recipe.smooth)
        if self._natural:
            levels = recipe.laplacian or LEVELS
            gradient = naturalise(gradient, levels, recipe.colourfulness, recipe.crispness)
        elif recipe.laplacian:
            gradient = normalise_bands(gradient, recipe.laplacian)
        gradient = self._normalised(gradient)
        if self._mask is not None:
            gradient *= self._mask
        if self._pace is not None:
            gradient *= self._pace
        picture.add_(gradient, alpha=recipe.step_size / 255)
        if recipe.tv:
            detail = calmed(picture - base, recipe.tv * recipe.step_size / 255)
            picture.copy_(base).add_(detail)
        if recipe.pull:
            picture.lerp_(base, recipe.pull)
        picture.clamp_(0, 1)

    def settle(self, picture: Tensor, base: Tensor) -> None:
        """Make room for the dream in the dark and light areas of `picture`, in place."""
        if not self._recipe.headroom:
            return
        shift = room_for(picture, base, self._recipe.headroom)
        if self._mask is not None:
            shift *= self._mask
        picture.add_(shift).clamp_(0, 1)

    def _normalised(self, gradient: Tensor) -> Tensor:
        if self._recipe.normalise != "none":
            return normalise(gradient, self._recipe.normalise)
        # Gradients differ by orders of magnitude between networks; the first one sets the scale.
        if self._first_size is None:
            self._first_size = magnitude(gradient, 1) + _TINY
        return gradient.div_(self._first_size)


def calmed(detail: Tensor, amount: float) -> Tensor:
    """Reduce the total variation of dreamed detail, in place, but not its mean absolute value.

    `detail`: (1, 3, height, width). `amount`: how far rough pixels move.
    """
    size = magnitude(detail, 1)
    for _ in range(_CALMING_STEPS):
        detail -= roughness_gradient(detail).mul_(amount / _CALMING_STEPS)
    return detail.mul_(size / (magnitude(detail, 1) + _TINY))


def room_for(picture: Tensor, base: Tensor, headroom: float) -> Tensor:
    """Return how much lighter or darker each area must be for its dream to fit into 0..1.

    An area has room if its brightness is `headroom` times the dream's local contrast away from
    black and white. `picture` and `base`, with and without the dream: (1, 3, height, width). The
    result is smooth, (1, 1, height, width).
    """
    size = picture_size(picture)
    area = max(_SMALLEST_AREA, min(size) // _AREAS)
    areas = max(1, size[0] // area), max(1, size[1] // area)
    brightness = picture.mean(1, keepdim=True)
    contrast = (brightness - base.mean(1, keepdim=True)).square_()
    wanted = resize(contrast, areas).sqrt_().mul_(headroom)
    local = resize(brightness, areas)
    missing_below = (wanted - local).clamp_(min=0).minimum(wanted)
    missing_above = (local + wanted - 1).clamp_(min=0).minimum(wanted)
    return resize(missing_below - missing_above, size)


class Adam:
    """Adam (Kingma and Ba, 2014, https://arxiv.org/abs/1412.6980); values move by about 1."""

    def __init__(self) -> None:
        self._moments: tuple[Tensor, Tensor] | None = None
        self._taken = 0

    def direction(self, gradient: Tensor) -> Tensor:
        """Update the moments with a gradient and return the direction of the step."""
        if self._moments is None:
            self._moments = torch.zeros_like(gradient), torch.zeros_like(gradient)
        mean, square = self._moments
        self._taken += 1
        mean.lerp_(gradient, 1 - _ADAM_MEMORY[0])
        square.lerp_(gradient.square(), 1 - _ADAM_MEMORY[1])
        mean_bias = 1 - _ADAM_MEMORY[0] ** self._taken
        square_bias = 1 - _ADAM_MEMORY[1] ** self._taken
        # The size of a gradient depends on the network, so the guard must be relative to it.
        guard = 1e-4 * magnitude(square, 1).sqrt() + _TINY
        return (mean / mean_bias) / ((square / square_bias).sqrt_() + guard)


def normalise(gradient: Tensor, by: str) -> Tensor:
    """Divide a gradient by its own magnitude, in place; a zero gradient stays zero.

    `by`: "mean" (mean absolute value, as in the original notebook), "rms", or "std" (subtracts
    the mean first).
    """
    if by == "std":
        bands = in_bands(gradient.shape[-2], gradient.shape[-1])
        gradient -= torch.stack([gradient[:, :, r].sum() for r in bands]).sum() / gradient.numel()
    return gradient.div_(magnitude(gradient, 1 if by == "mean" else 2) + _TINY)


def gaussian_blur(x: Tensor, sigma: float) -> Tensor:
    """Blur (n, channels, height, width) with a Gaussian of `sigma` pixels, repeating the edges."""
    radius = max(1, round(3 * sigma))
    offsets = torch.arange(-radius, radius + 1, dtype=x.dtype, device=x.device)
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(x.shape[1], 1, -1)
    x = F.pad(x, (radius, radius, radius, radius), mode="replicate")
    x = F.conv2d(x, kernel[:, :, None, :], groups=x.shape[1])
    return F.conv2d(x, kernel[:, :, :, None], groups=x.shape[1])


def roughness_gradient(x: Tensor) -> Tensor:
    """Return the gradient of total variation (Rudin, Osher, Fatemi, 1992), about 1 where rough."""
    across = F.pad(x.diff(dim=-1), (0, 1))
    down = F.pad(x.diff(dim=-2), (0, 0, 0, 1))
    length = (across.square() + down.square()).sqrt_().add_(1 / 255)
    across /= length
    down /= length
    return -across - down + F.pad(across[..., :-1], (1, 0)) + F.pad(down[..., :-1, :], (0, 0, 1, 0))
