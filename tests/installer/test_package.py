"""The zip file: what is in it, and what an installation makes of it once it is unpacked."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest
from quick_installer import Quick, tree

from deepdream_core.installer import install, package, plug_in
from deepdream_core.installer.gimps import MARKER
from deepdream_core.installer.package import write_package


def test_the_same_files_make_the_same_zip(tmp_path: Path) -> None:
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    write_package(first)
    write_package(second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as zipped:
        programs = [entry.filename for entry in zipped.infolist() if entry.external_attr >> 16 & 1]
        assert programs == ["deepdream/deepdream.py"]
        assert json.loads(zipped.read(f"deepdream/{MARKER}"))["python"] == ""
    assert first.stat().st_size < 10e6


@pytest.fixture
def unpacked(quick: Quick, tmp_path: Path) -> Path:
    """The plug-in's folder in GIMP, from the zip file."""
    write_package(tmp_path / "1.zip")
    with zipfile.ZipFile(tmp_path / "1.zip") as zipped:
        zipped.extractall(quick.plug_in.parent)
    return quick.plug_in


def test_what_was_unpacked_is_updated_by_an_installation(quick: Quick, unpacked: Path) -> None:
    assert quick.install() == 0
    marker = json.loads((unpacked / MARKER).read_text("utf-8"))
    assert marker["python"] == str(quick.data / "engine" / "bin" / "python")


def test_what_was_unpacked_installs_no_plug_in_and_is_removed(
    quick: Quick, unpacked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data folder remembers where the plug-in is."""
    for module in (install, package, plug_in):
        monkeypatch.setattr(module, "CHECKOUT", unpacked)
    before = tree(unpacked)
    assert quick.install() == 0
    assert tree(unpacked) == before
    assert os.path.lexists(quick.home / ".local" / "bin" / "deepdream")
    assert quick.uninstall() == 0
    assert not unpacked.exists()
