"""A picture made of nothing but what excites the network: no photo to begin with.

The picture is a spectrum in the colours of photographs, as in lucid (Olah, Mordvintsev, Schubert,
2017, https://distill.pub/2017/feature-visualization, "preconditioning and parameterization"): in
these coordinates every direction of ascent is about as natural as any other, so that large forms
and colours come with the fine ones. It has no borders: what leaves on one side comes in on the
other.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.dreaming.ascent import Adam
from deepdream_core.dreaming.mask import Mask
from deepdream_core.dreaming.natural import colour_matrix
from deepdream_core.pictures.resize import resize
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size

_LARGEST_PIXELS = 1 << 24
"""Beyond this the spectrum would take gigabytes; the stimulus is enlarged instead."""

_CONTRAST_AT_START = 0.05
_COLOUR_POWER = 0.5
"""Coordinates are mixed by the square root of the covariance."""
_TURN = math.radians(5)
_ZOOM = 0.1
_EDGE = 1e-3


class NoiseAscent:
    """Takes the steps of one octave of a picture that grows from noise."""

    def __init__(
        self, recipe: Recipe, mask: Mask, random: torch.Generator, octave: int, picture: Tensor
    ) -> None:
        """`picture`: (1, 3, height, width), what the octave begins with; the first takes noise."""
        size = picture.shape[-2], picture.shape[-1]
        self._mask = mask
        self._stimulus = Stimulus(size, recipe.step_size, random, picture.device)
        if octave:
            self._stimulus.begin_with(picture)

    def view(self, picture: Tensor) -> Tensor:
        """Return what the network is shown: the stimulus, a little turned and zoomed."""
        return self._stimulus.look()

    def step(self, picture: Tensor, base: Tensor, gradient: Tensor) -> None:
        """Follow the gradient, and let the picture show it as far as the mask allows, in place."""
        self._stimulus.climb(gradient)
        picture.copy_(self._mask.mix(base, self._stimulus.picture().detach()))


class Stimulus:
    """A picture of `size` and the coordinates in which it climbs."""

    def __init__(self, size: Size, step_size: float, random: torch.Generator, device: torch.device):
        """`step_size`: how far the average pixel moves in a step, about, in 255ths."""
        self._size = size
        self._random = random
        self._gain = _gain(size, device)
        self._mix = colour_matrix(_COLOUR_POWER, device)
        self._mix = self._mix / torch.linalg.vector_norm(self._mix, dim=1).max()
        # A sigmoid rises by a quarter where it is steepest.
        self._rate = 4 * step_size / 255
        self._adam = Adam()
        start = _CONTRAST_AT_START * torch.randn(1, 3, *size, generator=random)
        self._spectrum = self._as_values(torch.fft.rfft2(start.to(device), norm="ortho"))
        self._seen: Tensor | None = None

    def begin_with(self, picture: Tensor) -> None:
        """Take on the look of a picture in 0..1 of any size."""
        x = torch.logit(resize(picture, self._size), _EDGE)
        x = torch.einsum("ij,njhw->nihw", torch.linalg.inv(self._mix), x)
        self._spectrum = self._as_values(torch.fft.rfft2(x, norm="ortho") / self._gain)

    def picture(self) -> Tensor:
        """Return the picture as it is, (1, 3, height, width) in 0..1."""
        spectrum = torch.view_as_complex(self._spectrum)
        x = torch.fft.irfft2(spectrum * self._gain, s=self._size, norm="ortho")
        return torch.sigmoid(torch.einsum("ij,njhw->nihw", self._mix, x))

    def look(self) -> Tensor:
        """Return the picture a little turned and zoomed by chance: what survives that is real."""
        self._spectrum.requires_grad_()
        self._seen = _shaken(self.picture(), self._random)
        return self._seen.detach()

    def climb(self, gradient: Tensor) -> None:
        """Follow the gradient of the picture as it was last looked at."""
        (slope,) = torch.autograd.grad(self._seen, self._spectrum, gradient)
        self._spectrum = self._spectrum.detach()
        self._spectrum += self._rate * self._adam.direction(slope)
        self._seen = None

    @staticmethod
    def _as_values(spectrum: Tensor) -> Tensor:
        return torch.view_as_real(spectrum).contiguous()


def largest_scale(size: Size) -> float:
    """Return how large a stimulus can be beside a picture of that size: 1 is the same size."""
    return math.sqrt(_LARGEST_PIXELS / (size[0] * size[1]))


def _gain(size: Size, device: torch.device) -> Tensor:
    """Return how much each frequency counts: 1/f as in photographs, 1 in the mean (rms)."""
    down = torch.fft.fftfreq(size[0], device=device)[:, None]
    across = torch.fft.rfftfreq(size[1], device=device)[None]
    gain = 1 / torch.hypot(down, across).clamp(min=1 / max(size))
    return gain / gain.square().mean().sqrt()


def _shaken(picture: Tensor, random: torch.Generator) -> Tensor:
    zoom, turn = (2 * torch.rand(2, generator=random) - 1).tolist()
    scale, angle = math.exp(_ZOOM * zoom), _TURN * turn
    height, width = picture.shape[-2:]
    across, down = math.cos(angle) / scale, math.sin(angle) / scale
    x, y = _centres(width, picture.device), _centres(height, picture.device)[:, None]
    grid = torch.stack(
        [across * x - down * height / width * y, down * width / height * x + across * y], -1
    )
    return F.grid_sample(picture, grid[None], padding_mode="reflection", align_corners=False)


def _centres(count: int, device: torch.device) -> Tensor:
    """Return where pixels lie between -1 and 1, the picture's edges."""
    return (torch.arange(count, device=device) * 2 + 1) / count - 1
