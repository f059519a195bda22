"""Bringing a Python for the engine: a small archive stands in for python-build-standalone's."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from quick_installer import Quick
from weights_server import Server, serving

from deepdream_core.installer import own_python, python_and_torch
from deepdream_core.installer.own_data import own_pythons
from deepdream_core.installer.own_python import Pinned, bring_python, pinned, unfinished_python
from deepdream_core.installer.python_and_torch import Asked, ensure_venv_module, find_python
from deepdream_core.installer.system import Problem
from deepdream_core.shared.own_folders import is_marked, make_marked_folder
from deepdream_core.shared.paths import own_python_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")

WORKS = b"#!/bin/sh\necho yes\n"


def packed(*members: tuple[str, bytes | None, str]) -> bytes:
    """Return an archive of members: a name, the bytes of a file, or the target of a link."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, data, target in members:
            member = tarfile.TarInfo(name)
            member.mode = 0o777
            if data is None:
                member.type, member.linkname = tarfile.SYMTYPE, target
            else:
                member.size = len(data)
            archive.addfile(member, io.BytesIO(data or b""))
    return file.getvalue()


ARCHIVE = packed(
    ("python/bin/python3.13", WORKS, ""),
    ("python/bin/python3", None, "python3.13"),
    ("python/lib/filler", bytes(range(256)) * 400, ""),
)


def pin_of(server: Server, archive: bytes = ARCHIVE) -> Pinned:
    return Pinned(server.url, hashlib.sha256(archive).hexdigest(), "3.13.14")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(ARCHIVE) as mirror:
        yield mirror


@pytest.fixture
def folder(data: Path) -> Path:
    return own_python_folder()


def test_it_is_downloaded_checked_and_unpacked_once(server: Server, folder: Path) -> None:
    python = bring_python(folder, pin_of(server))
    assert python == folder / "bin" / "python3.13" and python.read_bytes() == WORKS
    assert (folder / "bin" / "python3").readlink() == Path("python3.13")
    assert python.stat().st_mode & 0o777 == 0o755
    assert is_marked(folder) and not unfinished_python(folder).exists()
    assert bring_python(folder, pin_of(server)) == python
    assert len(server.ranges) == 1


def test_a_broken_download_goes_on_where_it_stopped(server: Server, folder: Path) -> None:
    server.breaks, server.breaks_after = 1, 300
    bring_python(folder, pin_of(server))
    assert server.ranges == [None, "bytes=300-"]


def test_an_interrupted_installation_goes_on_where_it_stopped(server: Server, folder: Path) -> None:
    server.breaks, server.breaks_after = 3, 100
    with pytest.raises(Problem, match="run this again to go on where it stopped"):
        bring_python(folder, pin_of(server))
    assert not folder.exists()
    bring_python(folder, pin_of(server))
    assert server.ranges[-1] == "bytes=300-"


def test_a_longer_leftover_is_replaced(server: Server, folder: Path) -> None:
    server.breaks, server.breaks_after = 3, 100
    with pytest.raises(Problem):
        bring_python(folder, pin_of(server))
    (left,) = unfinished_python(folder).glob("*.tar.gz")
    left.write_bytes(bytes(len(ARCHIVE) + 1))
    bring_python(folder, pin_of(server))


def test_an_altered_download_is_refused(server: Server, folder: Path) -> None:
    server.content = packed(("python/bin/python3.13", WORKS + b"#", ""))
    with pytest.raises(Problem, match="is damaged or was altered"):
        bring_python(folder, pin_of(server))
    assert not folder.exists()


def test_a_server_that_refuses_is_named(server: Server, folder: Path) -> None:
    server.status = 403
    with pytest.raises(Problem, match=r"from http://127.0.0.1:\d+/.*: the server answered 403"):
        bring_python(folder, pin_of(server))


@pytest.mark.parametrize(
    "member",
    [
        ("../escaped", b"x", ""),
        ("/tmp/deepdream-escaped", b"x", ""),
        ("python/../../escaped", b"x", ""),
        ("elsewhere/file", b"x", ""),
        ("python/link", None, "../../escaped"),
        ("python/link", None, "/etc"),
    ],
)
def test_what_leads_out_of_the_folder_is_not_unpacked(
    server: Server, folder: Path, member: tuple[str, bytes | None, str]
) -> None:
    server.content = packed(("python/bin/python3.13", WORKS, ""), member)
    with pytest.raises(Problem, match="leads out of the folder"):
        bring_python(folder, pin_of(server, server.content))
    assert not folder.exists()


def test_one_that_does_not_start_is_not_installed(server: Server, folder: Path) -> None:
    server.content = packed(("python/bin/python3.13", b"#!/bin/sh\nexit 1\n", ""))
    with pytest.raises(Problem, match="does not start here"):
        bring_python(folder, pin_of(server, server.content))
    assert not folder.exists()


def test_every_system_with_pytorch_has_a_pin(monkeypatch: pytest.MonkeyPatch) -> None:
    systems = [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64")]
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.36"))
    for system, machine in systems:
        monkeypatch.setattr(sys, "platform", system)
        monkeypatch.setattr(platform, "machine", lambda machine=machine: machine)
        found = pinned()
        assert found.address.startswith("https://github.com/astral-sh/") and "%2B" in found.address
        assert len(bytes.fromhex(found.sha256)) == 32 and found.numbers == (3, 13)
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(Problem, match="no Python to download for this kind of computer"):
        pinned()


@pytest.fixture
def mirrored(server: Server, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The mirror and a pin file, as the environment variables name them."""
    pins = tmp_path / "pins.json"
    hashes = dict.fromkeys(own_python.SHA256, pin_of(server).sha256)
    pins.write_text(json.dumps({"version": "3.13.14", "release": "1", "sha256": hashes}))
    monkeypatch.setenv("DEEPDREAM_PYTHON_PINS", str(pins))
    monkeypatch.setenv("DEEPDREAM_PYTHON_INDEX", server.url.rpartition("/")[0])
    return server


def test_gimp_from_flatpak_gets_a_python_that_it_can_see(mirrored: Server, home: Path) -> None:
    assert find_python(None).path != own_python_folder() / "bin" / "python3.13"
    (home / ".var" / "app" / "org.gimp.GIMP" / "config" / "GIMP" / "3.0").mkdir(parents=True)
    base = find_python(None)
    assert base.path == own_python_folder() / "bin" / "python3.13" and base.version == (3, 13)
    assert not mirrored.ranges
    ensure_venv_module(base)
    assert base.path.exists()
    assert mirrored.ranges and "/1/cpython-3.13.14%2B1-" in pinned().address


@pytest.mark.parametrize("inside", [True, False])
def test_an_installer_inside_a_flatpak_brings_it(
    mirrored: Server, monkeypatch: pytest.MonkeyPatch, inside: bool
) -> None:
    if inside:
        monkeypatch.setenv("FLATPAK_ID", "org.gimp.GIMP")
    assert find_python(None).is_own == inside


def test_no_suitable_python_at_all(mirrored: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_and_torch, "ask_python", lambda path: None)
    assert find_python(None).is_own


@pytest.mark.parametrize("has_venv", [True, False])
def test_a_python_that_cannot_create_environments(
    mirrored: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_venv: bool
) -> None:
    """As Debian's without python3-venv, where nobody can install that."""
    bare = tmp_path / "python3"
    broken = "" if has_venv else "sys.modules['ensurepip'] = None"
    bare.write_text(f"#!{sys.executable}\nimport sys\n{broken}\nexec(sys.argv[-1])\n")
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(python_and_torch, "can_use_apt", lambda: False)
    assert find_python(None).is_own != has_venv
    monkeypatch.setattr(python_and_torch, "can_use_apt", lambda: True)
    assert not find_python(None).is_own


@pytest.mark.parametrize(
    ("variable", "path"),
    [
        ("APPDIR", "/mnt/gimp/usr/bin/python3"),
        ("", "/tmp/.mount_GIMP-3abc/usr/bin/python3"),
        ("", "/tmp/appimage_extracted_abc/usr/bin/python3"),
        ("", "/Applications/GIMP.app/Contents/MacOS/python3.10"),
    ],
)
def test_the_python_of_gimp_itself_is_not_used(
    mirrored: Server, monkeypatch: pytest.MonkeyPatch, variable: str, path: str
) -> None:
    monkeypatch.setattr(sys, "executable", path)
    monkeypatch.setenv("PATH", "/nowhere")
    answers = {path: Asked((3, 12), [], path)}
    monkeypatch.setattr(python_and_torch, "ask_python", lambda path: answers.get(str(path)))
    if variable:
        assert not find_python(None).is_own
        monkeypatch.setenv(variable, "/mnt/gimp")
    assert find_python(None).is_own


def test_the_python_of_gimp_for_windows_is_not_used(
    mirrored: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {sys.executable: Asked((3, 12), [], sys.executable)}
    monkeypatch.setattr(python_and_torch, "ask_python", lambda path: answers.get(str(path)))
    assert not find_python(None).is_own
    monkeypatch.setattr("sysconfig.get_platform", lambda: "mingw_x86_64_ucrt")
    assert find_python(None).is_own


def test_a_wrong_pin_file_is_named(
    mirrored: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pins.json").write_text("{}")
    with pytest.raises(Problem, match=r"DEEPDREAM_PYTHON_PINS: .* is not a JSON file"):
        pinned()


def test_it_is_removed_with_the_engine(quick: Quick) -> None:
    quick.install()
    for folder in own_pythons():
        make_marked_folder(folder)
    quick.uninstall()
    assert not any(folder.exists() for folder in own_pythons())
