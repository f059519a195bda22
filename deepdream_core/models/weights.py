"""Finding the networks' weights on this computer. Standard library only."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable
from pathlib import Path

from deepdream_core.models.catalogue import NetworkEntry, entry_of
from deepdream_core.shared.messages import DreamError, Message
from deepdream_core.shared.paths import models_folder

_CHUNK = 1 << 20


class WeightsMissing(DreamError):
    """The network's weights are missing or damaged; the message says what to do."""


def find_weights(entry: NetworkEntry) -> Path | None:
    """Return a network's weights file, downloaded or installed as a package; None if missing."""
    downloaded = models_folder() / entry.file
    if downloaded.is_file():
        return downloaded
    package = importlib.util.find_spec(entry.module) if entry.package else None
    if package is None or package.origin is None:
        return None
    installed = Path(package.origin).parent / "models" / entry.file
    return installed if installed.is_file() else None


def weights_file(name: str) -> Path:
    """Return a network's weights file. Raises `RecipeError` and `WeightsMissing`."""
    entry = entry_of(name)
    path = find_weights(entry)
    if path is None:
        raise WeightsMissing("weights-missing", network=name, mib=entry.mib, by_hand=by_hand(entry))
    return path


def by_hand(entry: NetworkEntry) -> Message:
    """Return a clause that says how to add the weights on a computer without Internet access."""
    package = Message("package-file", package=entry.package, version=entry.package_version)
    return Message("by-hand", what=entry.url or package)


def damaged(path: Path, name: str) -> WeightsMissing:
    """Return the error for a file that differs from the published one."""
    return WeightsMissing("weights-damaged", path=str(path), network=name)


def is_good(path: Path, entry: NetworkEntry) -> bool:
    """Return whether a file has the published hash."""
    return sha256_of(path).startswith(entry.sha256)


def sha256_of(path: Path, passed: Callable[[bytes], None] = lambda chunk: None) -> str:
    """Return a file's SHA-256 in hexadecimal; also call `passed` with each chunk."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            passed(chunk)
    return digest.hexdigest()
