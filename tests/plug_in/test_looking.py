"""Zooming and dragging in the preview: which part of the layer is seen."""

from __future__ import annotations

import pytest
from deepdream_plugin.dialog.looking import Line, Look

from deepdream_core.shared.sizes import Region

LAYER, AREA = (1000, 600), (400, 300)
SMALL = (50, 40)


def test_the_whole_layer_fits() -> None:
    view = Look().at(LAYER, AREA)
    assert (view.region, view.shown) == (Region(0, 0, 1000, 600), (400, 240))
    assert (view.scale, view.is_whole) == (pytest.approx(0.4), True)
    small = Look().at(SMALL, AREA)
    assert (small.region, small.shown, small.is_whole) == (Region(0, 0, 50, 40), (150, 120), True)


def test_at_its_own_size_the_area_is_filled() -> None:
    view = Look(1.0).at(LAYER, AREA)
    assert (view.region, view.shown) == (Region(300, 150, 400, 300), AREA)
    corner = Look(1.0, (1.0, 1.0)).at(LAYER, AREA)
    assert corner.region == Region(600, 300, 400, 300)
    flat = Look(1.0).at((1000, 100), AREA)
    assert (flat.region, flat.shown) == (Region(300, 0, 400, 100), (400, 100))


@pytest.mark.parametrize("place", [(0.5, 0.5), (0.1, 0.8), (0.0, 0.0), (1.0, 0.3)])
@pytest.mark.parametrize("layer", [LAYER, SMALL])
def test_zooming_keeps_what_is_under_the_pointer(
    layer: tuple[int, int], place: tuple[float, float]
) -> None:
    def under(look: Look) -> tuple[float, float]:
        region = look.at(layer, AREA).region
        return region.x + place[0] * region.width, region.y + place[1] * region.height

    look, seen = Look(), [1.0]
    for _ in range(6):
        before = under(look)
        look = look.zoomed(1.25, place, layer, AREA)
        after, view = under(look), look.at(layer, AREA)
        if view.shown == AREA:  # earlier, one side still fits
            near = pytest.approx(before, abs=1.5 / view.scale + 0.02 * max(layer))
            assert after == near
        seen.append(view.scale)
    assert seen[1:] == sorted(seen[1:])
    for _ in range(7):
        look = look.zoomed(0.8, place, layer, AREA)
    assert look == Look()


@pytest.mark.parametrize("width", range(500, 520))
def test_zooming_out_again_shows_the_whole_layer(width: int) -> None:
    area = (width, 400)
    nearer = Look().zoomed(1.25, (0.5, 0.5), LAYER, area)
    assert nearer.zoomed(1 / 1.25, (0.5, 0.5), LAYER, area) == Look()


def test_zooming_ends() -> None:
    look = Look()
    for _ in range(50):
        look = look.zoomed(1.25, (0.5, 0.5), LAYER, AREA)
    assert look.at(LAYER, AREA).scale == 8.0


def test_dragging_moves_the_picture_as_far_as_it_reaches() -> None:
    look = Look(1.0).moved(30, -20, LAYER, AREA)
    assert look.at(LAYER, AREA).region == Region(270, 170, 400, 300)
    look = look.moved(5000, 5000, LAYER, AREA)
    assert look.at(LAYER, AREA).region == Region(0, 0, 400, 300)
    look = look.moved(-10, -10, LAYER, AREA)
    assert look.at(LAYER, AREA).region == Region(10, 10, 400, 300)
    assert Look().moved(50, 50, LAYER, AREA).at(LAYER, AREA) == Look().at(LAYER, AREA)


def _original(line: Line, width: int = 40, height: int = 20) -> list[str]:
    """Return a row of text for each row: # the original, - the line, . the dream."""
    rows = []
    for row in range(height):
        original, drawn = line.in_row(row, (width, height))
        rows.append(
            "".join("-" if x in drawn else "#" if x in original else "." for x in range(width))
        )
    return rows


@pytest.mark.parametrize(
    ("angle", "corners"), [(0, "#.#."), (20, "#.#."), (90, "##.."), (180, ".#.#"), (270, "..##")]
)
def test_the_original_is_on_one_side_of_the_line(angle: float, corners: str) -> None:
    """The corners are those above, left and right, then those below."""
    rows = _original(Line(angle=angle))
    assert "".join(rows[y][x] for y in (0, -1) for x in (0, -1)) == corners


def test_a_flat_line_has_no_gaps() -> None:
    rows = _original(Line(angle=80))
    assert all(any(row[x] == "-" for row in rows) for x in range(40))
    assert sum(row.count("-") for row in rows) < 60


def test_the_line_is_turned_towards_the_pointer_the_shorter_way() -> None:
    size = (100, 50)
    upright = Line(0.5, 0.5)
    assert upright.turned_to(0.5, 1.0, size).angle == pytest.approx(0)
    assert upright.turned_to(0.5, 0.0, size).angle == pytest.approx(0)
    assert upright.turned_to(0.75, 1.0, size).angle == pytest.approx(315)
    assert upright.turned_to(0.5, 0.5, size) == upright
    tilted = Line(0.5, 0.5, 200).turned_to(0.75, 0.0, size)
    assert tilted.angle == pytest.approx(225)
    assert tilted.distance(0.75, 0.0, size) == pytest.approx(0)
    assert upright.distance(0.7, 0.1, size) == pytest.approx(20)


def test_the_line_stays_in_the_picture() -> None:
    assert Line().moved(0.9, -0.9) == Line(1.0, 0.0)
    assert all("." not in row for row in _original(Line(x=1.0)))
    assert all("#" not in row for row in _original(Line(x=0.0)))
