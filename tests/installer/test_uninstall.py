"""The link to `deepdream`, and what `uninstall` removes and keeps."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deepdream_core.installer.environment import Environment
from deepdream_core.installer.gimps import Profile
from deepdream_core.installer.install import link_program, run_uninstall
from deepdream_core.installer.plug_in import install_plug_in
from deepdream_core.installer.system import Manifest
from deepdream_core.shared.own_folders import make_folder

PYTHON = Path(sys.executable)


def uninstall(everything: bool = False) -> None:
    options = argparse.Namespace(dry_run=False, everything=everything, engine_alone=False)
    assert run_uninstall(options) == 0


def test_the_program_is_linked_and_only_our_link_is_removed(home: Path, data: Path) -> None:
    place, link = Environment(data / "engine"), home / ".local" / "bin" / "deepdream"
    assert f"linked {link}" in link_program(place, Manifest(), dry=False)
    assert link.readlink() == place.program("deepdream")
    assert f"{link} is already linked" in link_program(place, Manifest(), dry=False)
    link.unlink()
    link.symlink_to("/opt/another/deepdream")
    uninstall()
    assert link.is_symlink(), "the link belongs to another program now"
    link.unlink()
    link.write_text("another program")
    assert "is a different program and was not replaced" in link_program(
        place, Manifest(), dry=False
    )
    assert link.read_text() == "another program"
    link.unlink()
    link_program(place, Manifest(), dry=False)
    uninstall()
    assert not link.is_symlink() and not data.exists()


def test_uninstalling_keeps_the_users_own_data(home: Path, data: Path, profile: Profile) -> None:
    before = profile.folder.parent
    before.mkdir()
    install_plug_in(profile, PYTHON, Manifest(), dry=False)
    names = ("engine", "logs", "run", "picture-cache", "models", "presets")
    for name in names:
        make_folder(data / name)
        (data / name / "file").write_text("1")
    settings = ("last-settings.json", "unfinished-settings.json")
    for name in (*settings, "not ours"):
        (data / name).write_text('{"preset": "classic", "settings": {}}')
    (data / "favourites.json").write_text('{"starred": [], "recent": []}')
    (data / "kept-previews.json").write_text('{"previews": []}')
    uninstall()
    left = {path.name for path in data.iterdir()}
    kept = {"models", "presets", *settings, "favourites.json", "kept-previews.json"}
    assert left == {*kept, "not ours", "installed.json"}
    assert list(before.iterdir()) == [], "the installer created its folders"
    kinds = {kind for kind, made in Manifest().made.items() if made}
    assert kinds == {"folders"}, "removed entries are dropped"
    uninstall(everything=True)
    assert {path.name for path in data.iterdir()} == {"not ours", "installed.json"}
    (data / "not ours").unlink()
    uninstall()
    assert not data.exists() and before.exists()
