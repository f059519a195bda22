"""Undo and redo in the dialog, and the previews that it lists."""

from __future__ import annotations

import json

import pytest
from deepdream_plugin.choice import Choice, choice_from
from deepdream_plugin.dialog.history import Previews, Steps
from deepdream_plugin.dialog.state import State

from deepdream_core.shared.outputs import OCTAVES
from deepdream_core.shared.paths import kept_previews_file


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_going_back_and_forth() -> None:
    clock, state = Clock(), State(Choice())
    steps = Steps(state, clock)
    assert not steps.can_undo and not steps.can_redo
    for seed in (5, 6, 7):
        clock.now += 1
        state.set("seed", seed)
    clock.now += 1
    state.choose_output(OCTAVES)
    state.set_guide_layer(12)
    steps.undo()
    assert (state.recipe.seed, state.output.kind.name) == (7, "layer")
    assert state.output.guide_layer == 12, "its picture cannot be undone"
    steps.undo()
    steps.undo()
    assert state.recipe.seed == 5 and steps.can_undo and steps.can_redo
    steps.redo()
    assert state.recipe.seed == 6
    state.set("seed", 8)
    assert not steps.can_redo
    for _ in range(9):
        steps.undo()
    assert state.recipe == Choice().recipe and not steps.can_undo


def test_a_gesture_is_one_step() -> None:
    clock, state = Clock(), State(Choice())
    steps = Steps(state, clock)
    for strength in (0.1, 0.2, 0.3, 0.4):
        clock.now += 0.1
        state.set("strength", strength)
    clock.now += 2
    state.choose_preset("castles")
    steps.undo()
    assert (state.preset, state.recipe.strength) == ("classic", 0.4)
    state.set("seed", 9)  # at once after going back, but a step of its own
    steps.undo()
    assert (state.recipe.strength, state.recipe.seed) == (0.4, 1)
    steps.undo()
    assert state.choice == Choice()


def test_previews_are_listed_once_and_not_without_end() -> None:
    previews, plain = Previews(), Choice()
    previews.add(plain, b"1")
    previews.add(choice_from("", "strength=0.3"), b"2")
    previews.add(choice_from("", "strength=0.4"), b"3")
    previews.add(choice_from("", "seed=3"), b"4")
    previews.add(choice_from("", "strength=0.4"), b"5")
    assert [preview.picture for preview in previews.all] == [b"3", b"4"]
    previews.star(choice_from("", "seed=3"), True)
    for seed in range(10, 90):
        previews.add(choice_from("", f"seed={seed}"), b"")
    assert len(previews.all) == 25 and previews.all[0].picture == b"4"


def test_those_with_a_star_are_there_again() -> None:
    previews, choice = Previews(), choice_from("castles", "seed=3;output=octaves")
    for one in (Choice(), choice):
        previews.add(one, b"\x89PNG")
    previews.star(choice, True)
    (again,) = Previews().all
    assert (again.choice.preset, again.choice.recipe) == ("castles", choice.recipe)
    assert (again.picture, again.starred) == (b"\x89PNG", True)
    previews.star(choice, False)
    assert Previews().all == []


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"previews": 3}', '{"previews": [3, {"preset": "none", "settings": {}}]}'],
)
def test_a_damaged_file_is_as_good_as_none(text: str) -> None:
    kept_previews_file().write_text(text, "utf-8")
    assert Previews().all == []
    kept_previews_file().write_text(json.dumps({"previews": [{"settings": {"x": 1}}]}), "utf-8")
    assert Previews().all == []
