"""How long an artist waits for the first step: with a cold engine and with a warm one.

    python tests/benchmarks/start_up.py [--rounds 5] [--size 480x270] [--model googlenet]

Each round starts a new engine as the plug-in does and, for comparison, a Python that only imports
torch. torchvision's networks get random weights, stored where downloaded ones would be.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "plug-ins"))
sys.path.insert(0, str(Path(__file__).parents[2] / "plug-ins" / "deepdream"))

from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import Cancelled

from deepdream_core.bench.jobs import photo
from deepdream_core.models.catalogue import entry_of
from deepdream_core.shared.paths import models_folder
from deepdream_core.shared.presets import make_recipe
from deepdream_core.shared.protocol import Frame, Picture
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import parse_size

_BARS = {
    "cold engine, first step": "the longer of 4 s and torch + 1 s",
    "warm engine, first step": "0.3 s",
    "warm engine, first preview": "0.3 s",
}


@contextmanager
def timed(name: str, times: dict[str, list[float]]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    times.setdefault(name, []).append(time.perf_counter() - started)


def dream_until(engine: Engine, kind: str, image: Picture, recipe: Recipe) -> None:
    """Start a dream, wait for a frame of this kind, and cancel the dream."""
    job = engine.dream(recipe, {"image": image}, preview=image.width, draft=True)
    while job.next_event().kind != kind:
        pass
    job.cancel()


def wait_until_cancelled(engine: Engine) -> None:
    try:
        while True:
            engine.receive()
    except Cancelled:
        return


def import_torch() -> None:
    subprocess.run([sys.executable, "-I", "-c", "import torch"], check=True)


def random_weights(model: str) -> bytes:
    import torch

    from deepdream_core.models.torchvision_nets import build
    from deepdream_core.models.untrained import calibrated

    file = io.BytesIO()
    torch.save(calibrated(build(model), seed=0).root.state_dict(), file)
    return file.getvalue()


def measure(
    image: Picture, recipe: Recipe, weights: bytes | None, times: dict[str, list[float]]
) -> None:
    import_torch()  # so that both measurements find the files in the disk cache
    with timed("torch alone", times):
        import_torch()
    with tempfile.TemporaryDirectory() as home:
        os.environ["DEEPDREAM_HOME"] = home
        if weights:
            models_folder().mkdir(parents=True)
            (models_folder() / entry_of(recipe.model).file).write_bytes(weights)
        with timed("cold engine, first step", times):
            engine = Engine.warm()
            dream_until(engine, "progress", image, recipe)
        wait_until_cancelled(engine)
        engine.close()
        for kind, name in (("progress", "first step"), ("preview", "first preview")):
            with timed(f"warm engine, {name}", times):
                engine = Engine.warm()
                dream_until(engine, kind, image, recipe)
            wait_until_cancelled(engine)
            engine.close()
        with Engine.warm() as last:
            last.send(Frame("quit"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=parse_size, default=(270, 480), metavar="WxH")
    parser.add_argument("--model", default=make_recipe().model, help="one of torchvision's")
    options = parser.parse_args()
    os.environ["DEEPDREAM_PYTHON"] = sys.executable
    height, width = options.size
    pixels = photo(options.size).astype("float32") / 255
    image = Picture(width, height, 3, pixels.tobytes())
    recipe, weights = make_recipe(), None
    if options.model != recipe.model:
        recipe = make_recipe(settings={"model": options.model, "objective": "parts"})
        weights = random_weights(options.model)
    times: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        measure(image, recipe, weights, times)
    print(f"{'seconds':28}{'median':>8}{'min':>8}{'max':>8}   bar")
    for name, taken in times.items():
        median, low, high = statistics.median(taken), min(taken), max(taken)
        print(f"{name:28}{median:8.2f}{low:8.2f}{high:8.2f}   {_BARS.get(name, '')}")


if __name__ == "__main__":
    main()
