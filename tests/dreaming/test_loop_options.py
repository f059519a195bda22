"""The options of the loop."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from samples import sample
from scipy import ndimage

from deepdream_core.cli.main import main
from deepdream_core.dreaming.ascent import PhotoAscent
from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.recipe import Recipe

BASE = Recipe(objective="block4", octaves=1, steps=4)


def change(photo: np.ndarray, **settings: object) -> np.ndarray:
    picture = photo.astype(np.float32) / 255
    return (dream(picture, BASE.changed(**settings)) - picture) * 255


def grain(picture: np.ndarray) -> float:
    """Return the share of a picture's variance that is finer than about two pixels."""
    coarse = ndimage.gaussian_filter(picture, (2, 2, 0))
    return float((picture - coarse).var() / picture.var())


@pytest.mark.parametrize("normalise", ["mean", "rms", "std", "none"])
def test_the_step_size_means_the_same_for_every_network_and_layer(normalise: str) -> None:
    for scale in (1e-6, 1.0, 1e6):
        picture = torch.full((1, 3, 64, 64), 0.5)
        gradient = scale * torch.randn(picture.shape, generator=torch.Generator().manual_seed(1))
        PhotoAscent(Recipe(normalise=normalise), None).step(picture, picture.clone(), gradient)
        assert (picture - 0.5).abs().mean() * 255 == pytest.approx(1.5, rel=0.3)


def test_without_normalisation_weak_gradients_take_small_steps() -> None:
    picture = torch.full((1, 3, 64, 64), 0.5)
    gradient = torch.randn(picture.shape, generator=torch.Generator().manual_seed(1))
    stepper = PhotoAscent(Recipe(normalise="none"), None)
    stepper.step(picture, picture.clone(), gradient.clone())
    before = picture.clone()
    stepper.step(picture, picture.clone(), gradient / 10)
    assert (picture - before).abs().mean() * 255 == pytest.approx(0.15, rel=0.01)


def test_a_zero_gradient_takes_no_step() -> None:
    for options in ({}, {"natural": "yes"}, {"optimiser": "adam"}, {"normalise": "std"}):
        picture = torch.full((1, 3, 48, 48), 0.5)
        recipe = Recipe(**options)
        PhotoAscent(recipe, None, recipe.natural == "yes").step(
            picture, picture.clone(), torch.zeros_like(picture)
        )
        assert torch.equal(picture, torch.full_like(picture, 0.5))


def roughness(change: np.ndarray) -> float:
    """Return how much neighbouring pixels differ, relative to the size of the change."""
    return float((np.abs(np.diff(change, axis=0)).mean()) / np.abs(change).mean())


def test_blur_reduces_grain(photo: np.ndarray) -> None:
    assert grain(change(photo, smooth=2.0)) < 0.5 * grain(change(photo))


@pytest.mark.parametrize("natural", ["no", "yes"])
def test_total_variation_calms_a_dream_and_does_not_weaken_it(
    photo: np.ndarray, natural: str
) -> None:
    wild, calm = (change(photo, steps=10, natural=natural, tv=tv) for tv in (0.0, 0.5))
    assert roughness(calm) < 0.7 * roughness(wild)
    assert np.abs(calm).mean() > 0.95 * np.abs(wild).mean()


def test_total_variation_changes_nothing_outside_the_mask(photo: np.ndarray) -> None:
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[:, : photo.shape[1] // 2] = 255
    picture = photo.astype(np.float32) / 255
    dreamed = dream(picture, BASE.changed(tv=1.0), mask=mask)
    assert np.array_equal(dreamed[mask == 0], picture[mask == 0])


def test_adam_moves_pixels_more_alike_and_further(photo: np.ndarray) -> None:
    ascent, adam = (np.abs(change(photo, optimiser=o, steps=8)) for o in ("ascent", "adam"))
    assert adam.std() / adam.mean() < 0.9 * ascent.std() / ascent.mean()
    assert adam.mean() > 1.4 * ascent.mean()


def test_laplacian_and_natural_strengthen_coarse_forms(photo: np.ndarray) -> None:
    plain = grain(change(photo))
    assert grain(change(photo, laplacian=4)) < 0.8 * plain
    assert grain(change(photo, natural="yes")) < 0.8 * plain


def test_natural_gradients_have_the_colours_of_photographs(photo: np.ndarray) -> None:
    def colour(x: np.ndarray) -> float:
        return float((x - x.mean(2, keepdims=True)).std() / x.std())

    assert colour(change(photo, natural="yes", colourfulness=0.3)) < 0.6 * colour(change(photo))


def test_the_pull_keeps_the_dream_near_the_source(photo: np.ndarray) -> None:
    assert np.abs(change(photo, pull=0.3)).mean() < 0.75 * np.abs(change(photo)).mean()


def test_adam_moves_calm_areas_too(photo: np.ndarray) -> None:
    def calmest(optimiser: str) -> float:
        moved = np.abs(change(photo, optimiser=optimiser))
        return float(np.percentile(moved, 20) / moved.mean())

    assert calmest("adam") > 1.3 * calmest("ascent")


def test_jitter_hides_the_grid() -> None:
    noise = np.random.default_rng(1).normal(128, 10, (128, 160, 3)).astype(np.uint8)

    def grid(jitter: int) -> float:
        """Return the share of a dream's variance that lies in a pattern of the layer's stride."""
        light = change(noise, jitter=jitter, steps=8).mean(2)
        cells = light.reshape(128 // 8, 8, 160 // 8, 8)
        return float(cells.mean((0, 2)).var() / light.var())

    assert grid(32) < 0.75 * grid(0)


def test_the_dream_is_as_strong_along_the_borders_as_elsewhere() -> None:
    """Where opposite borders met, a band of about 16 pixels stayed calm (0.6 of elsewhere)."""
    sky = np.asarray(sample("sky", (192, 144)))
    strength = np.abs(change(sky, objective="block6", octaves=2, steps=8)).mean(2)
    border, inside = np.ones(strength.shape, bool), np.s_[30:-30, 30:-30]
    border[10:-10, 10:-10] = False
    share = strength[border].mean() / strength[inside].mean()
    print(f"along the borders {share:.2f} of elsewhere")
    assert 0.85 < share < 1.2


def test_dreams_in_the_dark_are_seen() -> None:
    half = np.full((96, 128, 3), 10, np.uint8)
    half[:, 64:] = 128
    settings = {"octaves": 2, "steps": 10, "step_size": 3.0}
    buried, lifted = (half / 255 + change(half, headroom=h, **settings) / 255 for h in (0.0, 2.0))
    dark, bright = np.s_[:, :48], np.s_[:, 80:]
    assert (lifted[dark] < 0.002).mean() < 0.3 * (buried[dark] < 0.002).mean()
    assert lifted[bright].mean() == pytest.approx(buried[bright].mean(), abs=0.02)


def test_headroom_changes_nothing_where_nothing_is_dreamed(photo: np.ndarray) -> None:
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[:, : photo.shape[1] // 2] = 255
    dreamed = dream(photo, BASE.changed(headroom=4.0, step_size=6.0), mask=mask)
    assert np.array_equal(dreamed[mask == 0], photo[mask == 0])
    still = photo.astype(np.float32) / 255
    assert np.array_equal(dream(still, BASE.changed(headroom=4.0, steps=0)), still)


def test_crispness_is_the_share_of_the_finest_detail(photo: np.ndarray) -> None:
    crisp, soft = (grain(change(photo, natural="yes", crispness=c)) for c in (1.0, 0.3))
    assert soft < 0.7 * crisp


def test_strength_scales_the_change(photo: np.ndarray) -> None:
    whole, half = change(photo), change(photo, strength=0.5)
    assert np.allclose(half, whole / 2, atol=1e-3)


def test_colours_are_kept_as_requested(photo: np.ndarray) -> None:
    picture = photo.astype(np.float32) / 255
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
    inside = ((picture > 0.2) & (picture < 0.8)).all(2)
    results = {
        mode: dream(picture, BASE.changed(colour=mode))
        for mode in ("free", "keep", "luminance", "histogram")
    }
    shift = {m: np.ptp(r - picture, axis=2)[inside].mean() for m, r in results.items()}
    light = {m: np.abs((r - picture) @ weights)[inside].mean() for m, r in results.items()}
    assert shift["keep"] < 1e-5 < shift["free"]
    assert light["luminance"] < 1e-5 < light["free"]

    def away(mode: str) -> float:
        """Return how far the distribution of values is from the picture's."""
        values = (np.sort(x.reshape(-1, 3), 0) for x in (results[mode], picture))
        return float(np.abs(np.subtract(*values)).mean())

    assert away("histogram") < 0.2 * away("free")


def test_the_largest_octave_determines_how_fine_the_dream_is(photo: np.ndarray) -> None:
    assert grain(change(photo, largest_octave=0.5)) < 0.6 * grain(change(photo))


def test_a_graded_mask_grades_the_dream(photo: np.ndarray) -> None:
    picture = photo.astype(np.float32) / 255
    mask = np.tile(np.linspace(0, 1, photo.shape[1], dtype=np.float32), (photo.shape[0], 1))
    moved = np.abs(dream(picture, BASE, mask=mask) - picture).mean((0, 2))
    thirds = [part.mean() for part in np.array_split(moved, 3)]
    assert thirds[0] < 0.6 * thirds[1] < 0.6 * thirds[2]


def test_the_command_line_takes_mask_and_guide_and_numbers_the_kept_pictures(
    tmp_path, photo: np.ndarray
) -> None:
    picture, mask, out = tmp_path / "in.png", tmp_path / "mask.png", tmp_path / "out.png"
    Image.fromarray(photo).save(picture)
    white = np.zeros((75, 113), np.uint8)
    white[:, 60:] = 255
    Image.fromarray(white).save(mask)
    recipe = ["--set", "octaves=1;steps=1;passes=2"]
    files = ["--mask", str(mask), "--guide", str(picture)]
    assert main(["dream", str(picture), str(out), *recipe, *files]) == 0
    result = np.array(Image.open(out))
    assert np.array_equal(result[:, :110], photo[:, :110])
    assert not np.array_equal(result[:, 130:], photo[:, 130:])
    kept = sorted(path.name for path in tmp_path.glob("out-*.png"))
    assert kept == ["out-0001.png", "out-0002.png"]


def test_the_command_line_dreams_without_a_picture(tmp_path) -> None:
    out = tmp_path / "out.png"
    assert main(["noise", str(out), "--size", "48x40", "--set", "steps=1"]) == 0
    assert Image.open(out).size == (48, 40)
    with pytest.raises(SystemExit):
        main(["noise", str(out), "--size", "48"])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"objective": "0*block4"}, True),
        ({"objective": "block4 - block4"}, True),
        ({"objective": "block4"}, False),
        ({"objective": "0*block4", "steps": 0}, False),
        ({"objective": "0*block4", "strength": 0.0}, False),
    ],
)
def test_a_dream_in_which_nothing_grew_is_told(
    photo: np.ndarray, settings: dict[str, object], told: bool
) -> None:
    notes: list[str] = []
    result = dream(photo[:64, :80], BASE.changed(**settings), note=notes.append)
    assert bool(notes) == told == ("Nothing grew" in "".join(notes))
    assert np.array_equal(result, photo[:64, :80]) == (settings != {"objective": "block4"})


SMALL = {"octaves": 3, "steps": 2, "objective": "block2 + block4", "keep": "octaves"}


def each_octave(picture: np.ndarray, **settings: object) -> list[np.ndarray]:
    """Return a small dream after each octave."""
    kept: list[np.ndarray] = []
    dream(picture, BASE.changed(**{**SMALL, **settings}), on_frame=lambda _, one: kept.append(one))
    return kept


def test_what_stays_the_same_over_octaves_changes_nothing(photo: np.ndarray) -> None:
    picture = np.ascontiguousarray(photo[:96, :128])
    constant = {"objective": "block2 + block4 -> block2 + block4", "jitter": "32 -> 32 -> 32"}
    constant |= {"step_size": "1.5 -> 1.5", "steps": "2 -> 2", "headroom": "2 -> 2"}
    over = {name: f"{value} over octaves" for name, value in constant.items()}
    for there, here in zip(each_octave(picture), each_octave(picture, **over), strict=True):
        assert np.array_equal(there, here)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("objective", "block2", "block6"), ("step_size", 3, 1), ("steps", 3, 1), ("tv", 0, 0.5)],
)
def test_what_changes_over_octaves(
    photo: np.ndarray, name: str, first: object, last: object
) -> None:
    picture = np.ascontiguousarray(photo[:96, :128])
    changing = each_octave(picture, **{name: f"{first} -> {last} over octaves"})
    as_first, as_last = (each_octave(picture, **{name: value}) for value in (first, last))
    assert np.array_equal(changing[0], as_first[0])
    assert not np.array_equal(changing[0], as_last[0])
    assert not np.array_equal(changing[2], as_first[2])
