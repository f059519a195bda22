"""Stars and what was used last outlive sessions, upgrades and damaged files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from deepdream_plugin.atlas import choosables
from deepdream_plugin.favourites import Favourites

from deepdream_core.shared.paths import favourites_file


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path / "data"))


def test_stars_are_kept_until_they_are_taken_back() -> None:
    Favourites().star("preset/classic")
    Favourites().star("/class:castle")
    assert Favourites().starred == ["preset/classic", "/class:castle"]
    Favourites().star("preset/classic")
    assert Favourites().starred == ["/class:castle"]


def test_what_was_used_last_comes_first_and_once() -> None:
    Favourites().use(["a", "b"])
    Favourites().use(["c", "b"])
    assert Favourites().recent == ["c", "b", "a"]
    Favourites().use(str(number) for number in range(99))
    assert len(Favourites().recent) == 24


@pytest.mark.parametrize("damaged", ["", "[1]", '{"starred": "x", "recent": [1, "a", "a", null]}'])
def test_a_damaged_file_is_not_the_end(damaged: str) -> None:
    favourites_file().parent.mkdir()
    favourites_file().write_text(damaged)
    Favourites().star("b")
    assert Favourites().starred == ["b"]


def test_what_another_version_keeps_there_stays() -> None:
    favourites_file().parent.mkdir()
    favourites_file().write_text('{"folders": {"mine": ["a"]}, "starred": ["a"]}')
    Favourites().star("b")
    kept = json.loads(favourites_file().read_text())
    assert kept["folders"] == {"mine": ["a"]} and kept["starred"] == ["a", "b"]


def test_that_no_small_pictures_are_wanted_is_remembered() -> None:
    assert Favourites().dreams_thumbnails
    Favourites().dream_thumbnails(False)
    assert not Favourites().dreams_thumbnails


def test_the_same_channel_of_two_networks_is_starred_apart_but_a_class_is_the_same() -> None:
    keys = [{item.key for item in choosables(f"efficientnet_lite{n}")} for n in (0, 2)]
    assert len(keys[0]) == len(choosables("efficientnet_lite0"))
    shared = keys[0] & keys[1]
    assert {key.split("/")[0] for key in shared} == {"", "preset"}
    assert "/class:castle" in shared and "preset/classic" in shared
