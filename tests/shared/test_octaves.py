"""The sizes at which a picture is dreamed."""

from __future__ import annotations

import pytest

from deepdream_core.shared.octaves import (
    octave_factors,
    octave_sizes,
    octave_steps,
    part_to_dream,
)
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Region, Size, pixel_steps

SMALL: Size = (375, 500)
MEDIUM: Size = (750, 1000)
LARGE: Size = (3000, 4000)


def work(size: Size, recipe: Recipe) -> int:
    sizes, _ = octave_sizes(size, recipe)
    return pixel_steps(sizes, octave_steps(recipe, len(sizes)))


def counted(octaves: int, scale: float, largest: float = 1.0) -> Recipe:
    return Recipe(octaves=octaves, octave_scale=scale, largest_octave=largest)


def test_octaves_that_are_counted_go_down_from_the_largest() -> None:
    assert octave_factors((300, 400), counted(3, 2.0)) == [0.25, 0.5, 1.0]
    assert octave_factors((300, 400), counted(2, 1.5, 3.0)) == [2.0, 3.0]
    assert octave_sizes((300, 400), counted(3, 2.0)) == ([(75, 100), (150, 200), (300, 400)], 0)


@pytest.mark.parametrize("motif", [0.1, 0.25, 0.5])
@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
def test_the_first_octave_depends_on_the_motif_only(size: Size, motif: float) -> None:
    sizes, dropped = octave_sizes(size, Recipe(motif=motif))
    first = 45 / motif
    assert dropped == 0
    assert min(sizes[0]) == pytest.approx(first, abs=1)
    growths = [b[0] / a[0] for a, b in zip(sizes, sizes[1:], strict=False)]
    assert all(growth == pytest.approx(growths[0], rel=0.02) for growth in growths)
    assert all(1.15 < growth < 1.7 for growth in growths)


def test_a_picture_smaller_than_its_motifs_is_enlarged_a_little() -> None:
    assert octave_sizes((120, 160), Recipe()) == ([(180, 240)], 0)
    assert octave_sizes((20, 40), Recipe()) == ([(40, 80)], 0)


@pytest.mark.parametrize(
    ("size", "detail", "last"),
    [
        (MEDIUM, "auto", 1.0),
        (LARGE, "auto", 0.816),
        (LARGE, "full", 1.0),
        (LARGE, "half", 0.5),
        (MEDIUM, 2.0, 2.0),
    ],
)
def test_detail_ends_the_octaves(size: Size, detail: str | float, last: float) -> None:
    recipe = Recipe().changed(largest_octave=detail)
    assert octave_factors(size, recipe)[-1] == pytest.approx(last, abs=0.001)


def test_24_megapixels_are_little_more_work_than_2() -> None:
    for recipe in (Recipe(), Recipe(fine_steps=1.0)):
        assert work((4000, 6000), recipe) < 5 * work((1225, 1633), recipe)


def test_fine_octaves_take_fewer_steps_but_at_least_one() -> None:
    assert octave_steps(Recipe(), 9) == [10, 10, 10, 10, 10, 7, 5, 3, 2]
    assert octave_steps(Recipe(fine_steps=1.0), 7) == [10] * 7
    assert octave_steps(Recipe(fine_steps=0.0), 7) == [10] * 5 + [1] * 2
    assert octave_steps(Recipe(steps=0), 6) == [0] * 6


def test_octaves_too_small_for_the_network_are_dropped() -> None:
    recipe = counted(3, 2.0)
    assert octave_sizes((300, 400), recipe, 100) == ([(150, 200), (300, 400)], 1)


@pytest.mark.parametrize("size", [(10, 20), (1, 1)])
def test_one_octave_remains_and_is_enlarged(size: tuple[int, int]) -> None:
    sizes, dropped = octave_sizes(size, counted(3, 2.0), smallest_side=32)
    assert dropped == 2 and len(sizes) == 1
    assert sizes[0] == (32, 32 * size[1] // size[0])


@pytest.mark.parametrize("motif", [0.16, 0.25, 0.5])
@pytest.mark.parametrize("size", [MEDIUM, LARGE])
def test_a_box_is_dreamed_with_a_margin_and_has_the_motifs_of_a_picture(
    size: Size, motif: float
) -> None:
    height, width = size[0] // 2, size[1] // 2
    box = Region(width // 2, height // 2, width, height)
    part, recipe = part_to_dream(size, box, Recipe(motif=motif))
    assert part in [box.widened(round(motif * height) + beyond, size) for beyond in (0, 1)]
    alone = octave_factors(box.size, Recipe(motif=motif))
    inside = octave_factors(part.size, recipe)
    assert inside[0] == pytest.approx(alone[0])
    assert alone[-1] / 1.3 < inside[-1] <= max(1.0, 2 * inside[0])


@pytest.mark.parametrize("side", [1, 3, 40, 100, 200])
@pytest.mark.parametrize("motif", [0.02, 0.25, 1.0])
def test_a_small_box_is_enlarged_and_has_several_octaves(side: int, motif: float) -> None:
    part, recipe = part_to_dream(MEDIUM, Region(300, 400, side, side), Recipe(motif=motif))
    sizes, dropped = octave_sizes(part.size, recipe)
    assert len(sizes) >= 3
    assert dropped == 0
    assert side + 90 <= min(part.size) <= side + 2 * max(45, round(motif * side + 0.5))
    assert min(sizes[0]) <= min(part.size)
    assert min(sizes[-1]) >= 2 * min(sizes[0])


@pytest.mark.parametrize("motif", [0.02, 0.1, 0.25])
def test_a_large_box_is_no_more_work_than_the_picture(motif: float) -> None:
    part, recipe = part_to_dream(
        LARGE, Region(0, 0, 4000, 2000), Recipe(motif=motif, fine_steps=1.0)
    )
    assert work(part.size, recipe) < 1.3 * work(LARGE, Recipe(motif=motif, fine_steps=1.0))


@pytest.mark.parametrize("detail", ["quarter", "half", "full"])
def test_the_detail_of_a_large_box_is_the_picture_s(detail: str) -> None:
    chosen = Recipe().changed(largest_octave=detail)
    box = Region(100, 100, 2000, 2000)
    assert part_to_dream(LARGE, box, chosen)[1].largest_octave == chosen.largest_octave


@pytest.mark.parametrize(
    ("recipe", "box"),
    [
        (Recipe(), None),
        (Recipe(), Region(0, 0, 1000, 750)),
        (Recipe(octaves=4), Region(10, 10, 100, 100)),
        (Recipe(objective="block4 + block10:42@0.3,0.6"), Region(10, 10, 100, 100)),
    ],
    ids=["no box", "all of it", "octaves given", "a unit"],
)
def test_the_whole_picture_is_dreamed_with(recipe: Recipe, box: Region | None) -> None:
    assert part_to_dream(MEDIUM, box, recipe) == (Region(0, 0, 1000, 750), recipe)
