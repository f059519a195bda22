"""A Python of the engine's own, for where GIMP cannot see the system's, or there is none.

It is one of python-build-standalone's, which run from any folder and need nothing but the C
library, so that the same files serve outside and inside a Flatpak. The hashes were found in public
repositories that pin the same release: three or more agree on those for x86-64 Linux and macOS, two
on that for ARM Linux; that for Windows is from one, whose other hashes are the same. One says that
it took them from uv's download metadata (uv 0.11.29, `crates/uv-python/download-metadata.json`).

DEEPDREAM_PYTHON_INDEX names a mirror of the releases, and DEEPDREAM_PYTHON_PINS a JSON file with
another `version`, `release` and `sha256` (by system, such as `x86_64-unknown-linux-gnu`).
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import platform
import shutil
import sys
import tarfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from deepdream_core.installer.reports import say
from deepdream_core.installer.system import Problem, answer_of
from deepdream_core.shared.messages import Message
from deepdream_core.shared.own_folders import (
    MARK,
    make_marked_folder,
    open_private,
    remove_marked_folder,
)

INDEX = "https://github.com/astral-sh/python-build-standalone/releases/download"
VERSION, RELEASE = "3.13.14", "20260623"
SHA256 = {
    "x86_64-unknown-linux-gnu": "459ed79967acc207bef2ff5124dac35d74d5108528e37b15395d14e2922f2c92",
    "aarch64-unknown-linux-gnu": "e931d7a393f54902503f8745ceb35420e7dd50a067e78e5f45c71404f7a15b30",
    "aarch64-apple-darwin": "795a5aeeb050f00aa8a2214d779bad9f1b9113edb6923317a80c042a11a087d7",
    "x86_64-pc-windows-msvc": "7c3159205dda0289a47e6dd1226c4e5800b1f99a03146cdc25a41fed8ef74f5a",
}
_TRIES = 3
_STALL_SECONDS = 30.0
_CHUNK = 1 << 16
_MOST_BYTES = 1 << 30
"""Of all unpacked files together; the real ones take about 0.1 GB."""


@dataclass(frozen=True)
class Pinned:
    """The one Python that may be brought to this machine."""

    address: str
    sha256: str
    version: str

    @property
    def numbers(self) -> tuple[int, int]:
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)


def pinned() -> Pinned:
    """Return the Python for this machine. Raises `Problem` if there is none."""
    version, release, hashes = _pins()
    system = _system()
    if system not in hashes:
        raise Problem(Message("install-no-python", system=system))
    index = os.environ.get("DEEPDREAM_PYTHON_INDEX", INDEX).rstrip("/")
    name = f"cpython-{version}+{release}-{system}-install_only_stripped.tar.gz"
    return Pinned(f"{index}/{release}/{quote(name)}", hashes[system], version)


def _pins() -> tuple[str, str, Mapping[str, str]]:
    file = os.environ.get("DEEPDREAM_PYTHON_PINS")
    if not file:
        return VERSION, RELEASE, SHA256
    try:
        pins = json.loads(Path(file).read_text("utf-8"))
        return str(pins["version"]), str(pins["release"]), dict(pins["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        raise Problem(Message("install-wrong-pins", file=file)) from None


def _system() -> str:
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    if sys.platform == "win32":
        return f"{machine}-pc-windows-msvc"
    if sys.platform == "darwin":
        return f"{machine}-apple-darwin"
    # PyTorch needs the GNU C library as well.
    libc = "gnu" if platform.libc_ver()[0] == "glibc" else "musl"
    return f"{machine}-unknown-{sys.platform}-{libc}"


def python_of(folder: Path, numbers: tuple[int, int]) -> Path:
    """Return where the interpreter is in the folder of a Python that was brought."""
    if sys.platform == "win32":
        return folder / "python.exe"
    return folder / "bin" / f"python{numbers[0]}.{numbers[1]}"


def bring_python(folder: Path, what: Pinned) -> Path:
    """Download a Python, check it and put it at `folder`; return its interpreter.

    The folder around it must be locked. The folder appears once it is complete; what an
    interruption left is beside it, and the next call goes on from there. Raises `Problem`.
    """
    python = python_of(folder, what.numbers)
    if answer_of([python, "-I", "-c", "import ssl, venv, ensurepip; print('yes')"]):
        return python
    workshop = unfinished_python(folder)
    make_marked_folder(workshop)
    archive = workshop / f"{what.sha256[:16]}.tar.gz"
    say(Message("install-downloads-python", version=what.version), "  ")
    _download(what, archive)
    unpacked = workshop / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    _unpack(archive, unpacked)
    fresh = unpacked / "python"
    if not answer_of([python_of(fresh, what.numbers), "-I", "-c", "print('yes')"]):
        remove_marked_folder(workshop)
        raise Problem(Message("install-python-fails", version=what.version))
    (fresh / MARK).touch(0o600)
    remove_marked_folder(folder)
    fresh.rename(folder)
    remove_marked_folder(workshop)
    return python


def unfinished_python(folder: Path) -> Path:
    """Return the folder for what is not complete yet."""
    return folder.with_name(f"{folder.name}.new")


def _download(what: Pinned, archive: Path) -> None:
    """Download a file, resuming an earlier download. Raises `Problem`."""
    why = ""
    for _ in range(_TRIES):
        try:
            if not archive.exists() or _sha256(archive) != what.sha256:
                _receive(what.address, archive)
        except urllib.error.HTTPError as error:
            if error.code == 416:  # what is there is already longer than the file
                archive.unlink(missing_ok=True)
            why = f"the server answered {error.code} {error.reason}"
            continue
        except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
            if isinstance(error, OSError) and error.filename:
                raise
            why = str(getattr(error, "reason", "") or error or type(error).__name__)
            continue
        if _sha256(archive) == what.sha256:
            return
        archive.unlink()
        why = ""
    if why:
        raise Problem(Message("install-python-unreachable", address=what.address, reason=why))
    raise Problem(Message("install-python-altered", address=what.address))


def _receive(address: str, archive: Path) -> None:
    there = archive.stat().st_size if archive.exists() else 0
    request = urllib.request.Request(address)
    if there:
        request.add_header("Range", f"bytes={there}-")
    with urllib.request.urlopen(request, timeout=_STALL_SECONDS) as answer:
        goes_on = there and answer.status == http.HTTPStatus.PARTIAL_CONTENT
        expected = answer.headers.get("Content-Length")
        received = 0
        with open(archive, "ab" if goes_on else "wb", opener=open_private) as out:
            while chunk := answer.read(_CHUNK):
                received += len(chunk)
                if received > _MOST_BYTES:
                    raise ValueError("the file is too large")
                out.write(chunk)
    if expected is not None and received < int(expected):
        raise http.client.IncompleteRead(b"", int(expected) - received)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as data:
        while chunk := data.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack files, folders and links that stay inside `folder`. Raises `Problem`."""
    folder.mkdir(mode=0o700)
    try:
        with tarfile.open(archive, "r:gz") as packed:
            members = packed.getmembers()
            if sum(member.size for member in members) > _MOST_BYTES:
                raise ValueError("too large")
            for member in members:
                _ensure_inside(member)
                member.mode &= 0o755
            with contextlib.suppress(AttributeError):
                packed.extraction_filter = tarfile.data_filter
            packed.extractall(folder, members)
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise Problem(Message("install-python-damaged", reason=str(error))) from None


def _ensure_inside(member: tarfile.TarInfo) -> None:
    """Raise `ValueError` unless a member and what it points to are below `python/`."""
    name = PurePosixPath(member.name)
    if not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
        raise ValueError(f"{name} is no file")
    target = name
    if member.issym():
        target = name.parent / member.linkname
    elif member.islnk():
        target = PurePosixPath(member.linkname)
    for path in (name, target):
        resolved = PurePosixPath(os.path.normpath(path))
        if path.is_absolute() or resolved.parts[:1] != ("python",):
            raise ValueError(f"{name} leads out of the folder")
