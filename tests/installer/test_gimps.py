"""Finding the GIMPs on this machine."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from quick_installer import Quick

from deepdream_core.installer import gimps


@pytest.mark.skipif(not shutil.which("gimp-console"), reason="GIMP is not installed")
@pytest.mark.parametrize("language", ["", "de", "ru"])
def test_gimps_are_found_in_any_language(
    home: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", language)
    found = gimps.programs()
    assert found and all(program.version.startswith(program.series) for program in found)
    assert list(home.iterdir()) == []


def program(path: Path, version: str = "3.0.4") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho GNU Image Manipulation Program version {version}\n")
    path.chmod(0o755)


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux")


@linux
def test_a_flatpak_that_was_started_is_found_without_running_it(quick: Quick) -> None:
    folder = quick.home / ".var" / "app" / "org.gimp.GIMP" / "config" / "GIMP" / "3.0"
    folder.mkdir(parents=True)
    assert quick.install() == 0
    assert (folder / "plug-ins" / "deepdream" / "installation.json").exists()
    assert quick.uninstall() == 0
    assert not (folder / "plug-ins" / "deepdream").exists()


@linux
def test_the_profile_of_a_flatpak_is_the_one_that_it_creates(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for `flatpak` creates a profile at its first start, as GIMP does."""
    own, ordinary = home / ".var/app/org.gimp.GIMP/config/GIMP/3.0", home / ".config/GIMP/3.0"
    program(tmp_path / "bin" / "flatpak")
    with (tmp_path / "bin" / "flatpak").open("a") as script:
        script.write('case "$*" in *--quit) mkdir -p "$CREATED";; esac\n')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    flatpaks = [found for found in gimps.programs() if found.kind == "flatpak"]
    assert [found.version for found in flatpaks] == ["3.0.4"]
    for created in (own, ordinary):
        monkeypatch.setenv("CREATED", str(created))
        assert [found.folder for found in gimps.ready_profiles(flatpaks)] == [created]
        shutil.rmtree(created)


@linux
def test_an_appimage_on_the_path_or_running_uses_the_ordinary_profile(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where, variable in ((tmp_path / "a", "PATH"), (tmp_path / "b", "APPIMAGE")):
        image = where / "GIMP-3.0.4-x86_64.AppImage"
        program(image)
        with monkeypatch.context() as patch:
            patch.setenv("PATH", "/bin")
            patch.setenv(variable, f"{where}:/bin" if variable == "PATH" else str(image))
            (found,) = [found for found in gimps.programs() if found.kind == "appimage"]
            assert found.console == (str(image),)
            assert gimps.profiles([found])[0].folder == home / ".config" / "GIMP" / "3.0"
            assert "not in a real AppImage" in gimps.notes([found])[0]


@linux
def test_a_snap_is_found_and_left_alone(
    quick: Quick, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = quick.home / "snap" / "gimp" / "current" / ".config" / "GIMP" / "3.0"
    folder.mkdir(parents=True)
    shutil.rmtree(quick.home / ".config")
    snap = gimps.Program("3.0", "3.0.4", ("/snap/bin/gimp",), "snap")
    monkeypatch.setattr(gimps, "programs", lambda: [snap])
    assert quick.install() == 0
    said = capsys.readouterr().out
    assert said.count("GIMP from Snap takes no plug-ins but those that are snaps themselves") == 1
    assert "for GIMP no GIMP (none that takes it was found)" in said
    assert list(folder.iterdir()) == [] and not (quick.home / ".config").exists()


@linux
def test_a_flatpak_that_may_not_see_the_engine_is_told_how(
    quick: Quick,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flatpak = gimps.Program("3.0", "3.0.4", ("flatpak", "run"), "flatpak")
    monkeypatch.setattr(gimps, "programs", lambda: [flatpak])
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    for code in (1, 0):
        (tmp_path / "flatpak").write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / "flatpak").chmod(0o755)
        quick.install()
        command = f"flatpak override --user --filesystem={quick.data} org.gimp.GIMP"
        assert (command in capsys.readouterr().out) == (code == 1)
