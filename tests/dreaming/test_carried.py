"""Dreams that begin with what is carried over from another picture."""

from __future__ import annotations

import numpy as np
import torch

from deepdream_core.dreaming.carried import Carried
from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.recipe import Recipe

RECIPE = Recipe(octaves=3, steps=2, headroom=0.0, device="cpu", precision="float32")


def test_what_is_carried_stays_and_grows_only_where_it_may(photo: np.ndarray) -> None:
    picture = photo.astype(np.float32) / 510 + 0.25
    height, width, _ = picture.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    wave = 0.1 * np.sin(x / 20) * np.cos(y / 15)
    detail = torch.from_numpy(wave)[None, None].expand(1, 3, -1, -1).contiguous()
    pace = torch.zeros(1, 1, height, width)
    pace[..., width // 2 :] = 1
    dreamed = dream(picture, RECIPE, carried=Carried(detail, pace))
    off = np.abs(dreamed - picture - wave[:, :, None]).mean((0, 2))
    assert off[: width // 2 - 12].max() < 0.002
    assert off[width // 2 + 12 :].min() > 0.004
