"""Large pictures: memory, time per pixel and step, and whether tiles leave seams.

    python tests/benchmarks/large_pictures.py [--sizes 2,24,100] [--steps 2]

Each size is dreamed in a separate process; seams are measured in this one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from deepdream_core.dreaming.ascent import PhotoAscent
from deepdream_core.dreaming.scores import bind
from deepdream_core.dreaming.tiles import Tiling, margin_for, picture_gradient, tiling_for
from deepdream_core.models import load_network
from deepdream_core.shared.recipe import Recipe

PHOTO = Path(__file__).parents[2] / "docs" / "photo.jpg"
LIMITS_MIB = {24: 3 * 1024, 100: 6 * 1024}
BORDER = 2
"""How many pixels on each side of a tile border belong to it."""
EDGE = 64
"""How many pixels at the picture's edges to ignore, because opposite edges meet there."""


def border_ratio(picture: torch.Tensor, tile: int, recipe: Recipe) -> float:
    """Return the ratio of the mean gradient at tile borders to that elsewhere, in a tiled dream.

    The content at a border differs at every step. To cancel it out, both are divided by the
    gradient of the untiled picture. `picture` (1, 3, height, width) is changed in place.
    """
    network = load_network(recipe.model, torch.device("cpu"), torch.float32)
    objective = bind(recipe.expression, network)
    size = tuple(picture.shape[-2:])
    tiling = tiling_for(size, tile, margin_for(objective))
    random = np.random.default_rng(recipe.seed)
    base, stepper = picture.clone(), PhotoAscent(recipe, None)
    whole = Tiling(size, 1, 1, 0)
    sums = np.zeros((2, 2))
    for _ in range(recipe.steps):
        shift = tuple(int(random.integers(side)) // 32 * 32 for side in tiling.core)
        gradient = picture_gradient(picture, objective, tiling, shift)
        untiled = picture_gradient(picture, objective, whole, shift)
        strengths = [g.abs().mean(1)[0].numpy() for g in (gradient, untiled)]
        at_border = np.zeros(size, bool)
        for axis, count in enumerate((tiling.rows, tiling.columns)):
            starts = [(shift[axis] + n * tiling.core[axis]) % size[axis] for n in range(count)]
            near = [(s + d) % size[axis] for s in starts for d in range(-BORDER, BORDER)]
            np.moveaxis(at_border, axis, 0)[near] = True
        inside = np.zeros(size, bool)
        inside[EDGE:-EDGE, EDGE:-EDGE] = True
        for axis in (0, 1):  # the untiled, shifted picture has its own edge there
            seam = [(shift[axis] + d) % size[axis] for d in range(-EDGE, EDGE)]
            np.moveaxis(inside, axis, 0)[seam] = False
        for i, where in enumerate((~at_border & inside, at_border & inside)):
            sums[i] += [strength[where].sum() for strength in strengths]
        stepper.step(picture, base, gradient)
    elsewhere, border = sums[:, 0] / sums[:, 1]
    return float(border / elsewhere)


def measure(megapixels: int, steps: int, folder: Path) -> dict:
    """Dream a picture of this size in a separate process; return its report."""
    source, result = folder / "in.png", folder / "out.png"
    height = round((megapixels * 1e6 * 2 / 3) ** 0.5)
    Image.MAX_IMAGE_PIXELS = None
    Image.open(PHOTO).resize((height * 3 // 2, height)).save(source, compress_level=1)
    # One term, as weighing several takes as long as a step for each.
    settings = ["--set", f"octaves=1;largest_octave=1;steps={steps};objective=block10"]
    command = [
        sys.executable,
        "-m",
        "deepdream_core.cli.main",
        "dream",
        source,
        result,
        "--force",
        "--json",
    ]
    command += [*settings, "--force", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="2,24", help="megapixels, separated by commas")
    parser.add_argument("--steps", type=int, default=2)
    options = parser.parse_args()
    print("megapixels   seconds   us per pixel-step   vs. the first  peak MiB   limit")
    first = None
    with tempfile.TemporaryDirectory() as folder:
        for size in map(int, options.sizes.split(",")):
            report = measure(size, options.steps, Path(folder))
            pixels = report["size"][0] * report["size"][1]
            rate = report["seconds"] / pixels / options.steps * 1e6
            first = first or rate
            limit = LIMITS_MIB.get(size, "")
            print(
                f"{size:10} {report['seconds']:9.1f} {rate:19.3f} {rate / first:14.2f} "
                f"{report['peak_mib']:10.0f} {limit:>7}"
            )
    photo = np.asarray(Image.open(PHOTO), np.float32) / 255
    picture = torch.from_numpy(photo).permute(2, 0, 1)[None].contiguous()
    for objective in ("block4", "block10", "block12"):
        recipe = Recipe(objective=objective, steps=10, octaves=1)
        ratio = border_ratio(picture.clone(), max(photo.shape[:2]) // 4, recipe)
        print(f"gradient at tile borders / elsewhere, {objective}, 10 steps: {ratio:.3f}")


if __name__ == "__main__":
    main()
