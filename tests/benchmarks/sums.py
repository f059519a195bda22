"""How much each term of a sum grows, beside how much it grows alone.

    python tests/benchmarks/sums.py PHOTO [--network NAME] [--steps 12]

A network whose weights are missing is measured with random ones. Equal weights are meant to have
equal say: of each pair, no term should gain less than 0.7 of what the other does.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from deepdream_core import models
from deepdream_core.dreaming import on_device
from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import bind
from deepdream_core.models.network import LOGITS, Network
from deepdream_core.models.torchvision_nets import load_untrained
from deepdream_core.models.weights import WeightsMissing
from deepdream_core.pictures.picture import dreamable, take
from deepdream_core.shared.objective import parse_objective
from deepdream_core.shared.recipe import Recipe

_LONGEST = 320
_DEPTHS = ((0.3, 0.6), (0.6, 0.75), (0.15, 0.85))
"""The layers of each pair, as parts of the way through the network."""


def loaded(name: str) -> Network:
    """Return a network; with random weights, it is also what dreams with that name use."""
    cpu = torch.device("cpu")
    try:
        return models.load_network(name, cpu, torch.float32)
    except WeightsMissing:
        network = load_untrained(name).float()
        on_device.load_network = lambda name, device, dtype: network
        print(f"{name}: random weights")
        return network


def pairs(network: Network) -> list[tuple[str, str]]:
    """Return names of layers from shallow to deep."""
    names = [layer.name for layer in network.layers if layer.name != LOGITS]
    return [(names[int(a * len(names))], names[int(b * len(names))]) for a, b in _DEPTHS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--network", default="efficientnet_lite0")
    parser.add_argument("--steps", type=int, default=12)
    options = parser.parse_args()
    network = loaded(options.network)
    image = Image.open(options.photo).convert("RGB")
    image.thumbnail((_LONGEST, _LONGEST))
    photo = np.asarray(image)

    def gain(layer: str, objective: str) -> float:
        """Return by how much an objective's dream raises a layer's score."""
        place = WindowPlace(0, 0, *photo.shape[:2])
        measured = bind(parse_objective(layer), network)
        recipe = Recipe(model=options.network, objective=objective, steps=options.steps)
        pictures = photo, dream(photo, recipe)
        with torch.no_grad():
            before, after = (
                float(measured.score(dreamable(take(picture)), [place])) for picture in pictures
            )
        return after - before

    for one, other in pairs(network):
        together = f"{one} + {other}"
        shares = [gain(layer, together) / gain(layer, layer) for layer in (one, other)]
        print(f"{together}: {shares[0]:.2f} and {shares[1]:.2f} of their gains alone", flush=True)


if __name__ == "__main__":
    main()
