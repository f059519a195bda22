"""Keeping a picture's histogram."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from deepdream_core.pictures.colour import recolour


def pictures(levels: int | None) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a base, with so many levels or continuous, and detail that drives it out of range."""
    random = np.random.default_rng(7)
    values = random.beta(2, 3, (1, 3, 120, 160))
    values = values if levels is None else (values * (levels - 1)).round() / (levels - 1)
    base = torch.from_numpy(values.astype(np.float32))
    dreamed = base + torch.from_numpy(random.normal(0.05, 0.2, base.shape).astype(np.float32))
    return base, dreamed.clamp(0, 1) - base


@pytest.mark.parametrize("levels", [None, 256])
def test_a_histogram_is_kept_from_end_to_end(levels: int | None) -> None:
    base, detail = pictures(levels)
    assert ((base + detail) == 0).float().mean() > 0.02
    matched = base + recolour("histogram", base, detail)
    for channel in range(3):
        found, wanted = matched[0, channel].flatten(), base[0, channel].flatten()
        away = (found.sort().values - wanted.sort().values).abs()
        assert away.max() < 2 / 255
        assert away.mean() < 0.05 / 255
        lifted = (found.min() - wanted.min()).abs(), (found.max() - wanted.max()).abs()
        assert max(lifted) < 2.5 / 255
        if levels is None:
            assert len(found.unique()) > 0.8 * len(wanted.unique())


def test_what_was_lighter_stays_lighter() -> None:
    base, detail = pictures(None)
    dreamed, matched = base + detail, base + recolour("histogram", base, detail)
    inside = (dreamed[0, 0] > 0) & (dreamed[0, 0] < 1)
    order = dreamed[0, 0][inside].argsort()
    assert matched[0, 0][inside][order].diff().min() > -1e-3


def test_plain_areas_stay_plain() -> None:
    base, detail = pictures(256)
    base[..., :40, :40], detail[..., :40, :40] = 0.4, 0.1
    matched = base + recolour("histogram", base, detail)
    assert len(matched[0, 0, :40, :40].unique()) == 1
