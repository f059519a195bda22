"""Faults at any operation on the disk while installing, updating and removing."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults import ERROR, KILL, Try, attempt, count
from quick_installer import Quick, tree

from deepdream_core.installer.system import Problem

EXPECTED = (OSError, Problem)


class Bench:
    """An installation that is put back before each try."""

    def __init__(self, quick: Quick, prepare: Callable[[], object]) -> None:
        self.quick, self.kept = quick, quick.home.parent / "kept"
        self.folders = (quick.home, quick.data)
        fill_with_users_files(quick)
        self.clean = self.state()
        prepare()
        for folder in self.folders:
            shutil.copytree(folder, self.kept / folder.name, symlinks=True)

    def put_back(self) -> None:
        for folder in self.folders:
            shutil.rmtree(folder)
            shutil.copytree(self.kept / folder.name, folder, symlinks=True)

    def state(self) -> dict[str, object]:
        states = [tree(folder) for folder in self.folders]
        return {**{f"home/{k}": v for k, v in states[0].items()}, **states[1]}

    def users_files(self) -> dict[str, object]:
        return {name: found for name, found in self.state().items() if "mine" in name}

    def tries(self, action: Callable[[], object], most: int | None) -> Iterator[Try]:
        """Yield tries at every operation, or at `most` random ones, each from the same state."""
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        self.put_back()
        total = count(action)
        numbers = [(n, fault) for n in range(1, total + 1) for fault in (ERROR, KILL)]
        if most is not None:
            numbers = random.Random(seed).sample(numbers, min(most, len(numbers)))
        for number, fault in numbers:
            self.put_back()
            yield attempt(action, number, fault, EXPECTED)
        assert total > 20


def fill_with_users_files(quick: Quick) -> None:
    for folder in (quick.data, quick.data / "tmp" / "mine", quick.data / "mine.new", quick.home):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mine.txt").write_text("mine")


def add_to_plug_in(quick: Quick) -> None:
    (quick.plug_in / "mine.txt").write_text("mine")
    (quick.plug_in / "gimpfu" / "mine.py").write_text("mine")
    (quick.plug_in / "mine").mkdir()
    (quick.plug_in / "mine link").symlink_to("nowhere")


def python_files(folder: Path) -> set[str]:
    return {path.read_text() for path in folder.rglob("[!m]*.py")}


def check_install(quick: Quick, most: int | None) -> None:
    bench = Bench(quick, lambda: None)
    assert quick.install() == 0
    whole, mine = bench.state(), bench.users_files()
    for tried in bench.tries(quick.install, most):
        assert bench.users_files() == mine, tried
        assert quick.install() == 0, tried
        assert bench.state() == whole, tried
        quick.uninstall(everything=True)
        left = bench.state()
        left.pop("installed.json", None)
        assert without_empty_folders(left) == without_empty_folders(bench.clean), tried


def without_empty_folders(state: dict[str, object]) -> dict[str, object]:
    """Drop folders: what was killed before it could note that it created one leaves it behind."""
    return {k: v for k, v in state.items() if not (isinstance(v, tuple) and v[0] == "folder")}


def check_update(quick: Quick, most: int | None) -> None:
    def prepare() -> None:
        quick.install()
        add_to_plug_in(quick)
        quick.update("second")

    bench = Bench(quick, prepare)
    mine = bench.users_files()
    assert quick.install() == 0
    whole = bench.state()
    for tried in bench.tries(quick.install, most):
        replaced = quick.plug_in.parent.parent / ".deepdream-plug-in.old"
        place = quick.plug_in if quick.plug_in.exists() else replaced
        assert place == quick.plug_in or tried.fault == KILL, tried
        assert python_files(place) in ({"first"}, {"second"}), tried
        if place == quick.plug_in:
            # Not even now is a file of the user's missing.
            found = bench.users_files()
            assert {**found, **mine} == found, tried
        assert (quick.data / "engine" / "bin" / "python").exists(), tried
        assert quick.install() == 0, tried
        assert bench.state() == whole, tried
        assert bench.users_files() == mine, tried


def check_uninstall(quick: Quick, most: int | None) -> None:
    def prepare() -> None:
        quick.install()
        add_to_plug_in(quick)

    bench = Bench(quick, prepare)
    mine = bench.users_files()
    for tried in bench.tries(lambda: quick.uninstall(everything=True), most):
        assert quick.uninstall(everything=True) == 0, tried
        assert bench.users_files() == mine, tried
        left = bench.state()
        left.pop("installed.json", None)
        assert without_empty_folders(left) == without_empty_folders({**bench.clean, **mine}), tried


CHECKS = [check_install, check_update, check_uninstall]


@pytest.mark.parametrize("check", CHECKS)
def test_after_some_faults_it_can_be_repeated_and_nothing_is_lost(
    quick: Quick, check: Callable[[Quick, int | None], None]
) -> None:
    check(quick, 20)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
def test_after_every_fault_it_can_be_repeated_and_nothing_is_lost(
    quick: Quick, check: Callable[[Quick, int | None], None]
) -> None:
    check(quick, None)
