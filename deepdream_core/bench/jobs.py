"""The benchmarks, and their picture. Imports nothing heavier than numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepdream_core.shared.presets import DEFAULT_PRESET, make_recipe
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Benchmark:
    """A dream to time."""

    about: str
    recipe: Recipe
    size: Size
    baseline: str
    """The class in `baselines` for a plain version of the same network."""
    untrained: bool = False
    """Whether to use random weights, which take the same time."""
    scaled: bool = False
    """Whether the picture is too large for the baseline, which then dreams a smaller one; its time
    is scaled up."""


_STANDARD = Recipe(
    model="googlenet", objective="inception4c", octaves=4, largest_octave=1.0, headroom=0.0
)
_CLASSIC = make_recipe(DEFAULT_PRESET)

BENCHMARKS = {
    "standard": Benchmark(
        "GoogLeNet's inception4c, 1024x575",
        _STANDARD,
        (575, 1024),
        "PlainGoogLeNet",
        untrained=True,
    ),
    "default": Benchmark(
        "the preset classic, 1024x575", _CLASSIC, (575, 1024), "PlainEfficientNetLite0"
    ),
    "large": Benchmark(
        "the preset classic, 24 megapixels",
        _CLASSIC,
        (4000, 6000),
        "PlainEfficientNetLite0",
        scaled=True,
    ),
    "preview": Benchmark(
        "the preset classic, 480 pixels wide", _CLASSIC, (270, 480), "PlainEfficientNetLite0"
    ),
}
SCALED_FROM = (683, 1024)
SMALLEST_SIDE = 32
"""Octaves whose shorter side is smaller are left out, with both networks."""
LARGE: Size = (2300, 4096)
"""A picture that keeps a large GPU busy."""


def use_network_of(job: Benchmark) -> None:
    """Let `load_network` return the job's network, with random weights if the job asks for them."""
    if not job.untrained:
        return
    from deepdream_core.models import substitute_network
    from deepdream_core.models.torchvision_nets import load_untrained

    substitute_network(job.recipe.model, lambda: load_untrained(job.recipe.model))


def photo(size: Size) -> np.ndarray:
    """Return a picture with structure at every scale, like a photograph: uint8 RGB."""
    import numpy as np

    height, width = size
    random = np.random.default_rng(7)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(width, height)
    picture = np.full((height, width, 3), 0.5, np.float32)
    for octave in range(8):
        frequency = 2**octave * 2 * np.pi
        for _ in range(3):
            angle, phase = random.uniform(0, 2 * np.pi, 2)
            wave = np.sin(frequency * (np.cos(angle) * x + np.sin(angle) * y) + phase)
            picture += wave[..., None] * random.normal(0, 0.25 / (octave + 1), 3).astype(np.float32)
    return np.rint(picture.clip(0, 1) * 255).astype(np.uint8)
