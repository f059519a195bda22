"""Whether dreams in bfloat16 are as good as in float32, by the rule that lets `auto` choose it.

    python tests/benchmarks/precision.py rule [--presets classic,…] [--size 256x192] [--runs 10]
    python tests/benchmarks/precision.py pairs FOLDER [--presets classic,…] [--size 640x480]
    python tests/benchmarks/precision.py count FOLDER ANSWERS.json

`rule` compares, for six photos and all presets whose network is at hand:

* one step: its picture's PSNR to float32's, at least 40 dB;
* a whole dream: how much of the objective it reaches, compared with dreams in float32 of the photo
  changed by a millionth (`--runs` of them). A dream in bfloat16 that is as good is the lowest of
  all in one of `runs + 1` cases, and the highest in as many; far more cases at one end would show
  a difference.

`pairs` writes sheets with a dream in each precision, A and B, in random order. A judge, who sees
only the sheets, writes which one is better: {"classic-cat": "A", …}; `count` counts.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from skimage import data

from deepdream_core.compute.process import prepare
from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import bind
from deepdream_core.models import load_network
from deepdream_core.models.catalogue import entry_of
from deepdream_core.models.weights import find_weights
from deepdream_core.shared.presets import SHIPPED, make_recipe
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size, parse_size

DOCS = Path(__file__).parents[2] / "docs"
TINY = 1e-6
LEAST_DB = 40.0
CHANCE = 0.05
"""Fewer cases at one end are taken for chance if chance alone gives as many this often."""


def photos(size: Size) -> dict[str, np.ndarray]:
    """Return photos by name: float32 (height, width, 3), 0..1."""
    pictures = {
        "raccoon": np.asarray(Image.open(DOCS / "photo.jpg").convert("RGB")),
        "portrait": data.astronaut(),
        "cat": data.chelsea(),
        "coffee": data.coffee(),
        "night": data.rocket(),
        "horses": np.repeat(data.camera()[:, :, None], 3, 2),
    }
    height, width = size
    return {
        name: np.asarray(Image.fromarray(pixels).resize((width, height)), np.float32) / 255
        for name, pixels in pictures.items()
    }


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio of two pictures in 0..1, in dB."""
    error = np.square(one.clip(0, 1).astype(np.float64) - other.clip(0, 1)).mean()
    return float(-10 * np.log10(error)) if error else math.inf


def reached(picture: np.ndarray, recipe: Recipe, source: np.ndarray) -> np.ndarray:
    """Return how much of each of the objective's terms a dream reaches, in float32."""
    network = load_network(recipe.model, torch.device("cpu"), torch.float32)
    objective = bind(recipe.expression, network, source=_tensor(source))
    place = WindowPlace(0, 0, *picture.shape[:2])
    window = _tensor(picture).requires_grad_()  # a class needs its own gradient
    values = [objective.single(n).score(window, [place]) for n in range(len(objective.terms))]
    return torch.stack(values).detach().numpy()


def _tensor(picture: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None].contiguous()


def presets_at_hand(names: str) -> Iterator[str]:
    """Yield the presets asked for, or all, whose network's weights are on this computer."""
    wanted = names.split(",") if names else [preset.name for preset in SHIPPED]
    for name in wanted:
        entry = entry_of(make_recipe(name).model)
        if entry.dreams_in_bfloat16 and find_weights(entry):
            yield name


def rank(preset: str, photo: np.ndarray, runs: int) -> tuple[float, float, int]:
    """Return one step's PSNR, the share of the objective reached, and the rank in 0..runs."""
    recipe = make_recipe(preset).changed(device="cpu")
    exact, reduced = recipe.changed(precision="float32"), recipe.changed(precision="bfloat16")
    first = {"octaves": 1, "steps": 1}
    decibels = psnr(dream(photo, exact.changed(**first)), dream(photo, reduced.changed(**first)))
    noise = np.random.default_rng(5)
    others = [
        reached(
            dream(photo + TINY * noise.standard_normal(photo.shape, np.float32), exact),
            recipe,
            photo,
        )
        for _ in range(runs)
    ]
    before, mean = reached(photo, recipe, photo), np.mean(others, 0)
    ours = _share(reached(dream(photo, reduced), recipe, photo), before, mean)
    shares = [_share(other, before, mean) for other in others]
    return decibels, ours, sum(ours > share for share in shares)


def _share(values: np.ndarray, before: np.ndarray, mean: np.ndarray) -> float:
    """Return what was gained of all terms, where the mean of the float32 dreams is 1."""
    return float(np.mean((values - before) / (mean - before)))


def rule(options: argparse.Namespace) -> None:
    ranks, worst, shares = [], math.inf, []
    for preset in presets_at_hand(options.presets):
        for name, photo in photos(options.size).items():
            decibels, share, place = rank(preset, photo, options.runs)
            ranks.append(place)
            shares.append(share)
            worst = min(worst, decibels)
            print(
                f"{preset:12} {name:9} one step {decibels:5.1f} dB, reaches {share:6.1%} "
                f"of float32's mean, better than {place} of {options.runs}",
                flush=True,
            )
    lowest, highest = ranks.count(0), ranks.count(options.runs)
    limit = most_by_chance(len(ranks), 1 / (options.runs + 1))
    print(
        f"{len(ranks)} cases. One step: at least {worst:.1f} dB (rule: {LEAST_DB:.0f}). "
        f"Reached: {np.mean(shares):.2%} of float32's mean. The lowest in {lowest} cases, the "
        f"highest in {highest}; by chance up to {limit} of each."
    )


def most_by_chance(cases: int, probability: float) -> int:
    """Return the count that is exceeded with a probability of at most `CHANCE`."""
    below = 0.0
    for count in range(cases + 1):
        below += math.comb(cases, count) * probability**count * (1 - probability) ** (cases - count)
        if below >= 1 - CHANCE:
            return count
    return cases


def pairs(options: argparse.Namespace) -> None:
    order, key = random.Random(options.seed), {}
    options.folder.mkdir(parents=True, exist_ok=True)
    names = list(photos(options.size))
    for number, preset in enumerate(presets_at_hand(options.presets)):
        name = names[number % len(names)]
        photo = photos(options.size)[name]
        recipe = make_recipe(preset).changed(device="cpu")
        precisions = ["float32", "bfloat16"]
        order.shuffle(precisions)
        dreams = [dream(photo, recipe.changed(precision=p)) for p in precisions]
        sheet = (np.concatenate(dreams, 1).clip(0, 1) * 255).round().astype(np.uint8)
        Image.fromarray(sheet).save(options.folder / f"{preset}-{name}.png")
        key[f"{preset}-{name}"] = precisions
        print(f"{preset}-{name}", flush=True)
    (options.folder / "key.json").write_text(json.dumps(key))


def count(options: argparse.Namespace) -> None:
    key = json.loads((options.folder / "key.json").read_text())
    answers = json.loads(options.answers.read_text())
    picked = [key[pair]["AB".index(answer)] for pair, answer in answers.items() if answer in "AB"]
    exact = picked.count("float32")
    limit = most_by_chance(len(picked), 0.5)
    print(f"float32 was preferred in {exact} of {len(picked)} pairs; by chance up to {limit}")


def main() -> None:
    prepare()
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    ranks = commands.add_parser("rule")
    ranks.add_argument("--runs", type=int, default=10)
    ranks.add_argument("--size", type=parse_size, default=(192, 256), metavar="WxH")
    ranks.set_defaults(run=rule)
    sheets = commands.add_parser("pairs")
    sheets.add_argument("folder", type=Path)
    sheets.add_argument("--seed", type=int, default=1)
    sheets.add_argument("--size", type=parse_size, default=(480, 640), metavar="WxH")
    sheets.set_defaults(run=pairs)
    for command in (ranks, sheets):
        command.add_argument("--presets", default="", metavar="NAME,…")
    counted = commands.add_parser("count")
    counted.add_argument("folder", type=Path)
    counted.add_argument("answers", type=Path)
    counted.set_defaults(run=count)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
