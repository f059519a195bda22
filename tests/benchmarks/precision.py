"""How much reduced precision changes a dream, compared with a tiny change to the picture.

    python tests/benchmarks/precision.py [--preset classic] [--size 1024x575]

Two dreams are compared with a dream in float32, after one step, after one octave and at the end:
one in bfloat16, and one in float32 of a picture whose values are changed by a millionth.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.presets import make_recipe
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import parse_size

PHOTO = Path(__file__).parents[2] / "docs" / "photo.jpg"
TINY = 1e-6


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio of two pictures in 0..1, in dB."""
    error = np.square(one.clip(0, 1).astype(np.float64) - other.clip(0, 1)).mean()
    return float(-10 * np.log10(error)) if error else float("inf")


def compare(picture: np.ndarray, recipe: Recipe) -> list[float]:
    """Return the PSNR of the dream in bfloat16 and of the dream of the disturbed picture."""
    exact = recipe.changed(precision="float32")
    noise = np.random.default_rng(5).standard_normal(picture.shape, np.float32)
    reference = dream(picture, exact)
    others = (
        dream(picture, recipe.changed(precision="bfloat16"), note=print),
        dream(picture + TINY * noise, exact),
    )
    return [psnr(reference, other) for other in others]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="classic")
    parser.add_argument("--size", type=parse_size, default=(575, 1024), metavar="WxH")
    options = parser.parse_args()
    height, width = options.size
    photo = Image.open(PHOTO).convert("RGB").resize((width, height))
    picture = np.asarray(photo, np.float32) / 255
    recipe = make_recipe(options.preset)
    print(f"PSNR in dB          bfloat16   changed by {TINY:g}")
    for name, part in (
        ("one step", recipe.changed(octaves=1, steps=1)),
        ("the last octave", recipe.changed(octaves=1)),
        ("the whole dream", recipe),
    ):
        reduced, disturbed = compare(picture, part)
        print(f"{name:18}{reduced:10.1f}{disturbed:15.1f}", flush=True)


if __name__ == "__main__":
    main()
