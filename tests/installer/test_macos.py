"""Installing on a Mac, emulated: untested on a real one."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest
from quick_installer import Quick

from deepdream_core.installer import gimps, python_and_torch
from deepdream_core.installer.python_and_torch import choose_torch, find_python
from deepdream_core.installer.system import Problem


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(sys, "platform", "darwin")
    pretend(monkeypatch, "arm64", "15.3")
    return monkeypatch


def pretend(patch: pytest.MonkeyPatch, machine: str, version: str) -> None:
    patch.setattr(platform, "machine", lambda: machine)
    patch.setattr(platform, "mac_ver", lambda: (version, ("", "", ""), machine))


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_system_that_is_too_old_for_the_newest_build_is_told(
    mac: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert choose_torch("auto").build == "apple"
    assert capsys.readouterr().out == ""
    pretend(mac, "arm64", "13.7")
    assert choose_torch("auto").build == "apple"
    assert "macOS 13.7 is too old for the newest PyTorch" in capsys.readouterr().out


def test_a_mac_without_any_build_is_told_before_anything_is_installed(
    mac: pytest.MonkeyPatch,
) -> None:
    pretend(mac, "x86_64", "14.2")
    with pytest.raises(Problem, match="no build for Macs with Intel processors"):
        choose_torch("auto")


def test_the_app_and_its_profile_are_found(mac: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mac.setenv("HOME", str(tmp_path))
    mac.setenv("PATH", "/nowhere")
    app = tmp_path / "Applications" / "GIMP.app" / "Contents" / "MacOS" / "gimp-console-3.0"
    program(app, "echo GNU Image Manipulation Program version 3.0.4")
    (found,) = gimps.programs()
    assert (found.series, found.console) == ("3.0", (str(app),))
    (profile,) = gimps.profiles([found])
    assert profile.folder == tmp_path / "Library" / "Application Support" / "GIMP" / "3.0"


def test_pythons_from_python_org_are_found(
    mac: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = tmp_path / "Python.framework" / "Versions" / "3.12" / "bin" / "python3.12"
    program(python, "")
    mac.setenv("PATH", "/nowhere")
    mac.setenv("HOME", str(tmp_path))
    mac.setattr(python_and_torch, "_FRAMEWORKS", tmp_path)
    answers = {str(python): python_and_torch.Asked((3, 12), [], str(python))}
    mac.setattr(python_and_torch, "ask_python", lambda path: answers.get(str(path)))
    assert find_python(None).path == python


def test_what_safari_marks_as_downloaded_is_not_marked_in_gimps_folder(quick: Quick) -> None:
    source = quick.checkout / "plug-ins" / "deepdream" / "deepdream.py"
    mark = "user.com.apple.quarantine"
    try:
        os.setxattr(source, mark, b"0083;5f;Safari;")
    except OSError:
        pytest.skip("this file system has no such attributes")
    quick.install()
    assert os.listxattr(source) == [mark]
    assert mark not in os.listxattr(quick.plug_in / "deepdream.py")
