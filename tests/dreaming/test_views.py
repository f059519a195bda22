"""Random views of a picture: turned and zoomed a little differently in every step."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from samples import sample
from scipy import ndimage
from torch import Tensor

from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.views import View, draw_view
from deepdream_core.models import load_network
from deepdream_core.pictures.picture import dreamable, take
from deepdream_core.pictures.turning import turned
from deepdream_core.shared.recipe import Recipe

LAYER, CHANNEL = "block8", 20
RECIPE = Recipe(
    objective=f"{LAYER}:{CHANNEL}", octaves=2, steps=10, step_size=2.5, natural="yes", headroom=0.0
)
VIEWS = {"random_turn": 15.0, "random_zoom": 0.25}
QUICK = RECIPE.changed(steps=2, **VIEWS)
TURNS_AND_ZOOMS = ((12, 1.0), (-12, 1.0), (0, 1.2), (0, 1 / 1.2), (12, 1.2), (-12, 1 / 1.2))


def excitement(picture: Tensor) -> float:
    network = load_network("efficientnet_lite0", torch.device("cpu"), torch.float32)
    with torch.no_grad():
        return float(network.activations(picture, [LAYER])[LAYER][:, CHANNEL].mean())


def gains(dreamed: np.ndarray, photo: np.ndarray) -> tuple[float, float]:
    """Return how much a dream excites the channel, upright, and on average turned and zoomed."""

    def gain(degrees: float, zoom: float) -> float:
        both = [
            turned(dreamable(take(picture)), math.radians(degrees), zoom, picture.shape[:2])
            for picture in (dreamed, photo)
        ]
        return excitement(both[0].clamp(0, 1)) - excitement(both[1].clamp(0, 1))

    return gain(0, 1.0), float(np.mean([gain(*move) for move in TURNS_AND_ZOOMS]))


def test_what_grows_holds_when_the_picture_is_turned_and_zoomed(photo: np.ndarray) -> None:
    upright, moved = gains(dream(photo, RECIPE), photo)
    robust_upright, robust_moved = gains(dream(photo, RECIPE.changed(**VIEWS)), photo)
    print(f"without random views {moved:.1f} of {upright:.1f} holds, ", end="")
    print(f"with them {robust_moved:.1f} of {robust_upright:.1f}")
    assert moved < 0.8 * upright
    assert robust_moved > 0.86 * robust_upright
    # Steps that went to the wrong places would raise little, in any view.
    assert robust_moved > 0.75 * moved


@pytest.mark.parametrize(("degrees", "zoom"), [(15, 1.0), (-15, 1.25), (8, 0.8), (170, 1.0)])
def test_a_gradient_comes_back_to_where_it_belongs(degrees: float, zoom: float) -> None:
    """Compared with the true gradient, which autograd sums up from the pixels of the view."""
    drawn = draw_view((90, 130), abs(degrees), 0.25, torch.Generator())
    view = View(drawn.size, drawn.canvas, math.radians(degrees), zoom)
    picture = torch.full((1, 3, *view.size), 0.5, requires_grad=True)
    noise = np.random.default_rng(1).standard_normal((3, *view.canvas))
    # Only in the middle: elsewhere, the true gradient also holds that of the mirror image.
    down, across = (np.arange(side) - (side - 1) / 2 for side in view.canvas)
    noise *= np.hypot(down[:, None], across) < 32
    smooth = torch.from_numpy(ndimage.gaussian_filter(noise, (0, 2, 2))[None]).float()
    shown = view.show(picture)
    (true,) = torch.autograd.grad(shown, picture, smooth)
    ours = view.bring_back(smooth) * zoom**2
    assert true.square().mean() > 1e-4
    assert (ours - true).square().mean() < 0.03 * true.square().mean()


def test_every_view_shows_the_whole_picture_in_one_canvas() -> None:
    random = torch.Generator().manual_seed(1)
    for turn, zoom in ((0.0, 0.3), (10.0, 0.0), (20.0, 0.2), (180.0, 0.1)):
        views = [draw_view((60, 100), turn, zoom, random) for _ in range(50)]
        assert len({view.canvas for view in views}) == 1
        for view in views:
            assert abs(view.angle) <= math.radians(turn)
            assert 1 / (1 + zoom) <= view.zoom <= 1 + zoom
            # With so long a period, a corner outside is found far away.
            place = view.place(WindowPlace(0, 0, *view.canvas, (10**6, 10**6)))
            corners = [place.find(x, y) for x in (0, 1) for y in (0, 1)]
            assert np.max(corners, 0)[0] <= view.canvas[0]
            assert np.max(corners, 0)[1] <= view.canvas[1]


@pytest.mark.parametrize("at", [(0.1, 0.2), (0.5, 0.5), (0.9, 0.3)])
def test_a_place_in_the_picture_is_found_in_its_views(at: tuple[float, float]) -> None:
    rows_and_columns = torch.stack(
        torch.meshgrid(torch.arange(80.0), torch.arange(120.0), indexing="ij")
    )
    random = torch.Generator().manual_seed(2)
    for _ in range(20):
        view = draw_view((80, 120), 30, 0.25, random)
        row, column = view.place(WindowPlace(0, 0, *view.canvas, view.canvas)).find(*at)
        seen = view.show(rows_and_columns[None])[0, :, row, column]
        assert seen.tolist() == pytest.approx([at[1] * 79, at[0] * 119], abs=2)


def test_a_unit_stays_in_its_place(photo: np.ndarray) -> None:
    unit = RECIPE.changed(objective="block4:3@0.1,0.8", natural="no", random_turn=40.0, steps=8)
    strength = np.abs(dream(photo, unit).astype(float) - photo).sum(2)
    y, x = np.indices(strength.shape)
    near = np.hypot(y - 0.8 * photo.shape[0], x - 0.1 * photo.shape[1]) < 20
    share = strength[near].sum() / strength.sum()
    print(f"{share:.2f} of the change is within 20 pixels of the unit's place")
    assert share > 0.4


def test_the_same_seed_gives_the_same_views(photo: np.ndarray) -> None:
    first = dream(photo, QUICK)
    assert np.array_equal(first, dream(photo, QUICK))
    assert not np.array_equal(first, dream(photo, QUICK.changed(seed=2)))
    assert not np.array_equal(first, dream(photo, QUICK.changed(random_zoom=0.0)))


def test_masks_limit_dreams_with_random_views(photo: np.ndarray) -> None:
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[:, 120:] = 1
    result = dream(photo, QUICK, mask=mask)
    assert np.array_equal(result[:, :120], photo[:, :120])
    assert np.abs(result[:, 130:].astype(int) - photo[:, 130:]).mean() > 1


def test_in_tiles_the_dream_is_the_same(photo: np.ndarray) -> None:
    picture = np.tile(photo, (2, 2, 1))[:280, :400]
    one = QUICK.changed(objective="block4", octaves=1, steps=1, jitter=0, natural="no")
    whole = dream(picture, one).astype(int) - picture
    tiled = dream(picture, one.changed(tile=192)).astype(int) - picture
    assert np.abs(whole).mean() > 0.5
    assert np.corrcoef(whole.ravel(), tiled.ravel())[0, 1] > 0.95


def test_the_dream_is_as_strong_along_the_borders_as_elsewhere() -> None:
    sky = np.asarray(sample("sky", (192, 144)))
    settings = QUICK.changed(objective="block6", natural="no", steps=8)
    strength = np.abs(dream(sky, settings).astype(float) - sky).mean(2)
    border, inside = np.ones(strength.shape, bool), np.s_[30:-30, 30:-30]
    border[10:-10, 10:-10] = False
    share = strength[border].mean() / strength[inside].mean()
    print(f"along the borders {share:.2f} of elsewhere")
    assert 0.8 < share < 1.25


@pytest.mark.parametrize("size", [(7, 5), (33, 200), (101, 64)])
def test_any_size(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (*size, 3), dtype=np.uint8)
    assert dream(noise, QUICK.changed(steps=1, random_turn=180.0, random_zoom=1.0)).shape == (
        *size,
        3,
    )


def test_dreams_from_noise_have_views_of_their_own_unless_asked() -> None:
    gray = np.full((64, 80, 3), 128, np.uint8)
    noise = Recipe(source="noise", objective="block8:20", octaves=1, steps=3)
    own = dream(gray, noise)
    zoom = math.expm1(0.1)
    asked = dream(gray, noise.changed(random_turn=5.0, random_zoom=zoom)).astype(int)
    assert np.abs(asked - own).max() <= 2
    assert np.abs(dream(gray, noise.changed(random_turn=90.0)).astype(int) - own).max() > 10
