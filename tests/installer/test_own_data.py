"""What the installer may delete, in a data folder that the user also uses for other things."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from quick_installer import Quick, tree

from deepdream_core.installer.gimps import MARKER
from deepdream_core.installer.own_data import ENGINE_STAMP
from deepdream_core.installer.system import Manifest, Problem
from deepdream_core.shared.own_folders import MARK
from deepdream_core.shared.paths import (
    favourites_file,
    kept_previews_file,
    last_settings_file,
    presets_folder,
)

FOLDERS = ("engine", "models", "presets", "logs", "run", ".installing")
ALSO = ("tmp", "foo.new", "engine.new", ".project-mine", "src")


def fill(folder: Path) -> None:
    (folder / "inside").mkdir(parents=True)
    (folder / "inside" / "precious.pth").write_text("mine")


@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize("empty", [False, True])
def test_a_folder_of_the_users_stops_it_before_anything_is_changed(
    quick: Quick, name: str, empty: bool
) -> None:
    (quick.data / name).mkdir(parents=True)
    if not empty:
        fill(quick.data / name)
    before = tree(quick.home.parent)
    for _ in range(2):
        with pytest.raises(Problem, match="was not created by DeepDream") as told:
            quick.install()
        assert str(quick.data / name) in str(told.value) and len(str(told.value)) < 300
        assert tree(quick.home.parent) == before
    with pytest.raises(Problem):
        quick.install(dry_run=True)
    for everything in (False, True):
        assert quick.uninstall(everything=everything) == 0
        assert tree(quick.home.parent) == before


@pytest.mark.parametrize("name", ["installed.json", "last-settings.json", "models"])
def test_a_file_of_the_users_stops_it_as_well(quick: Quick, name: str) -> None:
    quick.data.mkdir()
    (quick.data / name).write_text('{"mine": 1}')
    with pytest.raises(Problem, match="was not created by DeepDream"):
        quick.install()
    quick.uninstall(everything=True)
    assert {path.name for path in quick.data.iterdir()} == {name}


def test_all_else_in_the_data_folder_survives(quick: Quick) -> None:
    for name in ALSO:
        fill(quick.data / name)
    (quick.data / "notes.txt").write_text("mine")
    before = tree(quick.home.parent)
    assert quick.install() == 0
    quick.update("second")
    assert quick.install() == 0
    (presets_folder() / "mine.json").write_text("{}")
    last_settings_file().write_text('{"preset": "classic", "settings": {}}')
    for name in FOLDERS[:-1]:
        assert stat.S_IMODE((quick.data / name).stat().st_mode) & 0o077 == 0 or name == "engine"
    quick.uninstall()
    assert (presets_folder() / "mine.json").exists() and last_settings_file().exists()
    assert not any((quick.data / name).exists() for name in ("engine", "models", "logs", "run"))
    assert quick.install() == 0
    quick.uninstall(everything=True)
    after = tree(quick.home.parent)
    del after["data/installed.json"]
    assert {**after, "checkout": 0} == {**before, "checkout": 0} | changed_checkout(after)


def test_an_update_keeps_settings_presets_and_favourites(quick: Quick) -> None:
    quick.install()
    own = [presets_folder() / f"mine.{kind}" for kind in ("json", "png")]
    kept = {
        path: f'{{"preset": "classic", "of": "{path.name}"}}'
        for path in (*own, last_settings_file(), favourites_file(), kept_previews_file())
    }
    for path, text in kept.items():
        path.write_text(text)
    engine = quick.data / "engine" / ENGINE_STAMP
    before = engine.read_text()
    quick.update("second")
    assert quick.install() == 0
    assert engine.read_text() != before
    assert {path: path.read_text() for path in kept} == kept


def changed_checkout(after: dict[str, object]) -> dict[str, object]:
    return {name: found for name, found in after.items() if name.startswith("checkout/")}


def test_nothing_remains_and_an_empty_data_folder_of_the_users_does(quick: Quick) -> None:
    before = tree(quick.home.parent)
    quick.install()
    quick.uninstall()
    assert tree(quick.home.parent) == before
    quick.data.mkdir()
    before = tree(quick.home.parent)
    quick.install()
    quick.uninstall()
    assert tree(quick.home.parent) == before


def as_older_version(quick: Quick) -> None:
    """Turn an installation into one by a version that set no marks."""
    for mark in quick.data.rglob(MARK):
        mark.unlink()
    made = json.loads((quick.data / "installed.json").read_text())
    kinds = ("plug_ins", "links", "folders", "apt")
    (quick.data / "installed.json").write_text(json.dumps({kind: made[kind] for kind in kinds}))
    (quick.data / "models" / "vgg16-397923af.pth").write_text("weights")
    (quick.data / "presets" / "mine.json").write_text("{}")


@pytest.mark.parametrize("update", [True, False])
def test_an_installation_by_an_older_version_is_updated_and_removed(
    quick: Quick, update: bool
) -> None:
    before = tree(quick.home)
    quick.install()
    as_older_version(quick)
    if update:
        assert quick.install() == 0
        assert (quick.data / "presets" / "mine.json").exists()
        assert all((quick.data / name / MARK).exists() for name in FOLDERS[:-1])
    quick.uninstall()
    assert {path.name for path in quick.data.iterdir()} == {"models", "presets", "installed.json"}
    quick.uninstall(everything=True)
    assert not quick.data.exists() and tree(quick.home) == before


def test_a_folder_that_an_older_version_shared_with_the_user_is_used_but_kept(
    quick: Quick,
) -> None:
    quick.install()
    as_older_version(quick)
    fill(quick.data / "models" / "of the user")
    assert quick.install() == 0
    assert quick.install() == 0
    assert not (quick.data / "models" / MARK).exists()
    quick.uninstall(everything=True)
    assert {path.name for path in quick.data.iterdir()} == {"models", "installed.json"}
    assert (quick.data / "models" / "of the user" / "inside" / "precious.pth").exists()


def test_models_moved_to_another_disk_and_linked_stay_there(quick: Quick, tmp_path: Path) -> None:
    quick.install()
    shutil.move(quick.data / "models", tmp_path / "large disk")
    (quick.data / "models").symlink_to(tmp_path / "large disk")
    (tmp_path / "large disk" / "weights").touch()
    assert quick.install() == 0
    quick.uninstall(everything=True)
    assert (tmp_path / "large disk" / "weights").exists()


def test_a_clock_that_was_set_back_does_not_keep_an_update_away(quick: Quick) -> None:
    quick.install()
    for path in quick.home.parent.rglob("*"):
        os.utime(path, (4e9, 4e9), follow_symlinks=False)
    quick.update("second")
    assert quick.install() == 0
    assert (quick.plug_in / "deepdream.py").read_text() == "second"
    assert (quick.data / "engine" / "packages" / "deepdream_core.py").read_text() == "second"


def together(*actions: Callable[[], int]) -> None:
    """Run actions at once, each in its own process."""
    children = []
    for action in actions:
        if not (child := os.fork()):
            code = 1
            try:
                code = action()
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0] * len(codes)


@contextlib.contextmanager
def user_who_adds_files(quick: Quick) -> Iterator[None]:
    """Add files to the plug-in's folder while the block runs; in the end, none must be missing."""
    stop = threading.Event()
    added = 0

    def add_files() -> None:
        nonlocal added
        while not stop.wait(0.001):
            try:
                (quick.plug_in / f"mine-{added}.txt").write_text("mine")
            except FileNotFoundError:
                continue
            added += 1

    user = threading.Thread(target=add_files)
    user.start()
    try:
        yield
    finally:
        stop.set()
        user.join()
    kept = {path.name for path in quick.plug_in.glob("mine-*.txt")}
    assert kept == {f"mine-{number}.txt" for number in range(added)}


def check_pairs(quick: Quick, count: int) -> None:
    (quick.data).mkdir()
    (quick.data / "notes.txt").write_text("mine")
    before = tree(quick.home.parent)
    quick.install()
    for number in range(count):
        quick.update(f"version {number}")
        with user_who_adds_files(quick):
            together(quick.install, quick.install)
        for path in (quick.plug_in, quick.data / "engine" / "packages"):
            texts = {file.read_text() for file in path.rglob("*.py")}
            assert texts == {f"version {number}"}, number
        assert Manifest().made["plug_ins"] == [str(quick.plug_in)]
        assert not (quick.data / ".installing").exists()
        for mine in quick.plug_in.glob("mine-*.txt"):
            mine.unlink()
        if number % 2:
            quick.uninstall()
            after = tree(quick.home.parent)
            del after["data/installed.json"]
            assert {**after, **changed_checkout(before)} == before
            quick.install()


def test_two_installs_at_once_wait_for_each_other(quick: Quick) -> None:
    check_pairs(quick, 6)


@pytest.mark.slow
def test_many_installs_at_once_wait_for_each_other(quick: Quick) -> None:
    check_pairs(quick, 200)


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    import fcntl  # not on Windows, where folders cannot be locked

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("install", ".config/GIMP/3.0/plug-ins"),
        ("install", ".local/bin"),
        ("uninstall", ".config/GIMP/3.0/plug-ins"),
        ("uninstall", ".local/bin"),
        ("uninstall", ".local"),
    ],
)
def test_it_waits_for_whoever_holds_a_shared_folder(
    quick: Quick, capsys: pytest.CaptureFixture[str], action: str, name: str
) -> None:
    link = quick.home / ".local/bin/deepdream"
    if name != ".local":
        link.parent.mkdir(parents=True)
    before = tree(quick.home)
    if action == "uninstall":
        quick.install()
    acting = threading.Thread(target=getattr(quick, action))
    with held(quick.home / name):
        acting.start()
        until, said = time.monotonic() + 20, ""
        while "Another installation is in progress" not in said:
            assert acting.is_alive() and time.monotonic() < until, said
            said += capsys.readouterr().out
            time.sleep(0.01)
        if action == "install":
            # As an uninstallation does.
            (quick.home / name).rmdir()
    acting.join(20)
    if action == "install":
        assert quick.plug_in.is_dir() and link.is_symlink()
    else:
        assert tree(quick.home) == before


def check_pairs_of_homes(quick: Quick, count: int) -> None:
    """Run installations with two data folders and one GIMP configuration folder at once."""
    homes = [quick.data, quick.data.with_name("second home")]

    def in_home(home: Path, action: Callable[[], int]) -> Callable[[], int]:
        def run() -> int:
            os.environ["DEEPDREAM_HOME"] = str(home)
            return action()

        return run

    installs = [in_home(home, quick.install) for home in homes]
    uninstalls = [in_home(home, quick.uninstall) for home in homes]
    # Whoever made a folder may be uninstalled first, and leaves it to the other.
    (quick.home / ".local" / "bin").mkdir(parents=True)
    before = tree(quick.home)
    for number in range(count):
        if number % 3 == 0:
            # No folder for plug-ins at first; both installations create it.
            quick.plug_in.parent.rmdir()
            together(*installs)
        else:
            quick.update(f"version {number}")
            with user_who_adds_files(quick):
                together(*installs)
            assert {file.read_text() for file in quick.plug_in.rglob("*.py")} == {
                f"version {number}"
            }
        found = json.loads((quick.plug_in / MARKER).read_text("utf-8"))
        assert Path(found["python"]).parents[2] in homes
        assert set(found["files"]) <= set(tree(quick.plug_in))
        assert {path.name for path in quick.plug_in.parent.parent.iterdir()} == {"plug-ins"}
        assert (quick.home / ".local/bin/deepdream").readlink().parents[2] in homes
        for mine in quick.plug_in.glob("mine-*.txt"):
            mine.unlink()
        if number % 3 == 2:
            together(installs[0], uninstalls[1])
            together(*uninstalls)
            quick.plug_in.parent.mkdir(exist_ok=True)
            assert tree(quick.home) == before


def test_two_homes_with_one_gimp_wait_for_each_other(quick: Quick) -> None:
    check_pairs_of_homes(quick, 6)


@pytest.mark.slow
def test_many_homes_with_one_gimp_wait_for_each_other(quick: Quick) -> None:
    check_pairs_of_homes(quick, 300)
