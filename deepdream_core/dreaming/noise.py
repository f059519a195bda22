"""Dreams without a photo: pictures that show only what excites the network.

The picture is represented by its spectrum, in decorrelated colours, as in Lucid (Olah,
Mordvintsev, Schubert, 2017, https://distill.pub/2017/feature-visualization, "preconditioning and
parameterization"). In these coordinates all directions of ascent are about equally natural, so
large forms and colours appear along with fine ones. The picture wraps around at its borders.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.dreaming.ascent import Adam
from deepdream_core.dreaming.mask import Mask
from deepdream_core.dreaming.natural import colour_matrix
from deepdream_core.pictures.resize import picture_size, resize
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size

_LARGEST_PIXELS = 1 << 24
"""A larger spectrum would take gigabytes; larger pictures are made by enlarging the stimulus."""

_CONTRAST_AT_START = 0.05
_COLOUR_POWER = 0.5
"""Colours are the coordinates times the square root of the covariance."""
_TURN = math.radians(5)
"""How far the network's view is turned at most, unless the recipe says."""
_ZOOM = 0.1
"""The logarithm of how far it is zoomed at most."""
_EDGE = 1e-3


class NoiseAscent:
    """Gradient ascent on a picture that grows from noise, for one octave."""

    def __init__(
        self, recipe: Recipe, mask: Mask, random: torch.Generator, octave: int, picture: Tensor
    ) -> None:
        """`picture`: (1, 3, height, width), the initial picture; the first octave ignores it."""
        size = picture_size(picture)
        self._mask = mask
        turn = math.radians(recipe.random_turn) or _TURN
        zoom = math.log1p(recipe.random_zoom) or _ZOOM
        self._stimulus = Stimulus(size, recipe.step_size, random, picture.device, turn, zoom)
        if octave:
            self._stimulus.start_from(picture)

    def view(self, picture: Tensor) -> Tensor:
        """Return the network's input: the stimulus, slightly rotated and zoomed."""
        return self._stimulus.view()

    def step(self, picture: Tensor, base: Tensor, gradient: Tensor) -> None:
        """Move the stimulus along the gradient, and copy it to the picture inside the mask."""
        self._stimulus.climb(gradient)
        picture.copy_(self._mask.mix(base, self._stimulus.picture().detach()))

    def settle(self, picture: Tensor, base: Tensor) -> None:
        """Leave the picture as it is."""


class Stimulus:
    """A picture, represented by the coordinates in which it ascends."""

    def __init__(
        self,
        size: Size,
        step_size: float,
        random: torch.Generator,
        device: torch.device,
        turn: float = _TURN,
        zoom: float = _ZOOM,
    ) -> None:
        """`step_size`: roughly how far the average pixel moves in a step, in 255ths.

        `turn`, in radians, and `zoom`, a logarithm: how far a view is turned and zoomed at most.
        """
        self._size = size
        self._turn = turn
        self._zoom = zoom
        self._random = random
        self._gain = _gain(size, device)
        self._mix = colour_matrix(_COLOUR_POWER, device)
        self._mix = self._mix / torch.linalg.vector_norm(self._mix, dim=1).max()
        # A sigmoid's steepest slope is 1/4.
        self._rate = 4 * step_size / 255
        self._adam = Adam()
        start = _CONTRAST_AT_START * torch.randn(1, 3, *size, generator=random)
        self._spectrum = self._as_values(torch.fft.rfft2(start.to(device), norm="ortho"))
        self._view: Tensor | None = None

    def start_from(self, picture: Tensor) -> None:
        """Set the coordinates to those of a picture in 0..1 of any size."""
        x = torch.logit(resize(picture, self._size), _EDGE)
        x = torch.einsum("ij,njhw->nihw", torch.linalg.inv(self._mix), x)
        self._spectrum = self._as_values(torch.fft.rfft2(x, norm="ortho") / self._gain)

    def picture(self) -> Tensor:
        """Return the picture, (1, 3, height, width) in 0..1."""
        spectrum = torch.view_as_complex(self._spectrum)
        x = torch.fft.irfft2(spectrum * self._gain, s=self._size, norm="ortho")
        return torch.sigmoid(torch.einsum("ij,njhw->nihw", self._mix, x))

    def view(self) -> Tensor:
        """Return the picture, randomly rotated and zoomed; only robust patterns survive this."""
        self._spectrum.requires_grad_()
        self._view = _jittered(self.picture(), self._turn, self._zoom, self._random)
        return self._view.detach()

    def climb(self, gradient: Tensor) -> None:
        """Take a step along the gradient at the last view."""
        assert self._view is not None, "There is no view to climb from."
        (slope,) = torch.autograd.grad(self._view, self._spectrum, gradient)
        self._spectrum = self._spectrum.detach()
        self._spectrum += self._rate * self._adam.direction(slope)
        self._view = None

    @staticmethod
    def _as_values(spectrum: Tensor) -> Tensor:
        return torch.view_as_real(spectrum).contiguous()


def largest_scale(size: Size) -> float:
    """Return the largest possible scale of a stimulus, relative to a picture of that size."""
    return math.sqrt(_LARGEST_PIXELS / (size[0] * size[1]))


def _gain(size: Size, device: torch.device) -> Tensor:
    """Return the amplitude of each frequency: 1/f as in photographs, scaled to an rms of 1."""
    down = torch.fft.fftfreq(size[0], device=device)[:, None]
    across = torch.fft.rfftfreq(size[1], device=device)[None]
    gain = 1 / torch.hypot(down, across).clamp(min=1 / max(size))
    return gain / gain.square().mean().sqrt()


def _jittered(picture: Tensor, turn: float, zoom: float, random: torch.Generator) -> Tensor:
    by_zoom, by_turn = (2 * torch.rand(2, generator=random) - 1).tolist()
    scale, angle = math.exp(zoom * by_zoom), turn * by_turn
    height, width = picture.shape[-2:]
    across, down = math.cos(angle) / scale, math.sin(angle) / scale
    x, y = _centres(width, picture.device), _centres(height, picture.device)[:, None]
    grid = torch.stack(
        [across * x - down * height / width * y, down * width / height * x + across * y], -1
    )
    return F.grid_sample(picture, grid[None], padding_mode="reflection", align_corners=False)


def _centres(count: int, device: torch.device) -> Tensor:
    """Return the coordinates of pixel centres, where -1 and 1 are the picture's edges."""
    return (torch.arange(count, device=device) * 2 + 1) / count - 1
