"""Large pictures in windows, which give the same gradient together as one by one."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from skimage import data

from deepdream_core.dreaming.scores import bind
from deepdream_core.dreaming.tiles import margin_for, picture_gradient, tiling_for
from deepdream_core.models import load_network
from deepdream_core.models.network import Network
from deepdream_core.pictures.picture import dreamable, take
from deepdream_core.shared.objective import parse_objective


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("efficientnet_lite0", torch.device("cpu"), torch.float32)


@pytest.mark.parametrize(
    ("text", "guided"),
    [
        ("block4", False),
        ("block4", True),
        ("block6:5", False),
        ("block8:20@0.6,0.4", False),
        ("class:castle", False),
    ],
)
def test_windows_give_the_same_together_as_alone(text: str, guided: bool, network: Network) -> None:
    guide = dreamable(take(data.coffee()[:200, :200])) if guided else None
    objective = bind(parse_objective(text), network, guide)
    picture = dreamable(take(data.astronaut()[100:356, 100:452]))
    tiling = tiling_for((256, 352), 192, 48)
    assert tiling.windows == 12
    alone = picture_gradient(picture, objective, tiling, (32, 5))
    calls: list[int] = []
    together = picture_gradient(
        picture, objective, tiling, (32, 5), at_once=4, check=lambda: calls.append(1)
    )
    assert len(calls) == 3
    assert alone.abs().max() > 0
    assert torch.allclose(together, alone, rtol=1e-3, atol=1e-5 * float(alone.abs().max()))


@pytest.mark.parametrize(("text", "margin"), [("block2", 48), ("block10", 112), ("block12", 96)])
def test_margins_are_wide_and_keep_the_grid_of_the_layer(
    text: str, margin: int, network: Network
) -> None:
    objective = bind(parse_objective(text), network)
    assert margin_for(objective) == margin
    assert margin % objective.stride == 0


@pytest.mark.parametrize(
    ("text", "difference"), [("block4", 0.01), ("block10", 0.05), ("block12", 0.25)]
)
def test_the_gradient_at_window_borders_is_as_strong_as_elsewhere(
    text: str, difference: float, network: Network
) -> None:
    """Away from the picture's own edges, where a window sees the opposite side."""
    objective = bind(parse_objective(text), network)
    margin = margin_for(objective)
    picture = dreamable(take(np.tile(data.astronaut(), (2, 2, 1))[:768, :768]))
    tiling = tiling_for((768, 768), 256 + 2 * margin, margin)
    assert tiling.core == (256, 256)
    whole, tiled = (
        picture_gradient(picture, objective, cut, (0, 0))
        for cut in (tiling_for((768, 768), 768, margin), tiling)
    )
    inner, border = np.s_[160:-160], np.r_[254:258, 510:514]
    inside = np.s_[..., 160:-160, 160:-160]
    away = float((tiled - whole)[inside].norm() / whole[inside].norm())
    print(f"{text}: differs by {away:.1%}")
    assert away < difference
    whole, tiled = (gradient.abs().mean((0, 1)) for gradient in (whole, tiled))
    down = tiled[inner, border].mean() / whole[inner, border].mean()
    across = tiled[border, inner].mean() / whole[border, inner].mean()
    assert float(down + across) / 2 == pytest.approx(1, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("objective", "tile", "mib", "note"),
    [
        ("block2 + block4", 224, 200, "processing fewer tiles at a time"),
        ("block8 + block10", 1024, 350, "using smaller tiles (512 pixels)"),
    ],
)
def test_less_is_run_at_once_when_memory_runs_out(
    objective: str, tile: int, mib: int, note: str
) -> None:
    """With a real limit on a real process, the dream reports what it does and succeeds."""
    code = f"""
import resource
import numpy as np
import torch
from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.recipe import Recipe

torch.set_num_threads(1)
dream(np.zeros((64, 64, 3), np.uint8), Recipe(octaves=1, steps=1))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + ({mib} << 20),) * 2)
picture = np.random.default_rng(1).integers(0, 255, (993, 993, 3), dtype=np.uint8)
recipe = Recipe(objective="{objective}", octaves=1, steps=1, tile={tile}, jitter=0)
result = dream(picture, recipe, note=print)
assert not np.array_equal(result, picture)
"""
    # Otherwise, the C library keeps freed memory, which counts towards the limit.
    returning = {**os.environ, "MALLOC_MMAP_THRESHOLD_": str(1 << 17)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=returning)
    assert done.returncode == 0, done.stderr
    assert note in done.stdout
