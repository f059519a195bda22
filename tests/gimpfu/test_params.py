"""How gimpfu's dialog labels its fields, and what it shows in them first."""

from __future__ import annotations

import pytest
from gimpfu.params import (
    PF_BOOL,
    PF_DIRNAME,
    PF_DISPLAY,
    PF_FILE,
    PF_FILENAME,
    PF_FLOAT,
    PF_FLOATARRAY,
    PF_INT,
    PF_LAYER,
    PF_OPTION,
    PF_RADIO,
    PF_SLIDER,
    PF_SPINNER,
    Param,
    in_lines,
)


@pytest.mark.parametrize(
    ("description", "label"),
    [
        ("Radius", "Radius:"),
        ("_Radius: ", "_Radius:"),
        ("Radius ::", "Radius:"),
        ("", "name:"),
        ("A label " * 6, "A label A label A label A label A label\nA label:"),
    ],
)
def test_labels_end_with_one_colon_and_are_not_too_wide(description: str, label: str) -> None:
    assert Param(PF_INT, "name", description).label == label


def test_lines_that_are_there_stay() -> None:
    assert in_lines("one\ntwo three", 5) == "one\ntwo\nthree"


@pytest.mark.parametrize(
    ("kind", "extra", "value", "digits"),
    [
        (PF_INT, None, 5, 0),
        (PF_SPINNER, (1, 9, 1), 3, 0),
        (PF_SPINNER, (1, 9, 0.5), 3, 1),
        (PF_SLIDER, (0, 1, 0.05), 0.125, 3),
        (PF_SLIDER, (0, 100, 1), 50.5, 1),
        (PF_FLOAT, None, None, 4),
        (PF_FLOAT, None, 0.000125, 6),
    ],
)
def test_no_digit_of_the_first_value_is_lost(
    kind: int, extra: object, value: object, digits: int
) -> None:
    assert Param(kind, "name", "", extra=extra).digits(value) == digits


@pytest.mark.parametrize(
    ("kind", "extra", "value", "index"),
    [
        (PF_OPTION, ("a", "b"), 1, 1),
        (PF_OPTION, ("a", "b"), 2, 0),
        (PF_OPTION, ("a", "b"), None, 0),
        (PF_RADIO, (("A", "a"), ("B", 5)), 5, 1),
        (PF_RADIO, (("A", "a"), ("B", 5)), "nothing", 0),
    ],
)
def test_a_choice_is_made_at_first(kind: int, extra: object, value: object, index: int) -> None:
    assert Param(kind, "name", "", extra=extra).index_of(value) == index


@pytest.mark.parametrize(
    ("kind", "value", "is_folder"),
    [
        (PF_FILE, "/tmp", False),
        (PF_FILE, "/tmp/", True),
        (PF_FILENAME, "/tmp/", False),
        (PF_DIRNAME, "", True),
    ],
)
def test_a_folder_is_asked_for(kind: int, value: str, is_folder: bool) -> None:
    assert Param(kind, "name", "").is_folder(value) == is_folder


def test_displays_and_arrays_are_not_asked_for() -> None:
    asked = [Param(kind, "name", "").is_asked for kind in (PF_DISPLAY, PF_FLOATARRAY)]
    assert asked == [False, False]
    assert all(Param(kind, "name", "").is_asked for kind in (PF_LAYER, PF_BOOL))
