"""Files and folders that only the user can read, and the mark on folders that DeepDream made.

The data folder may be one that the user also uses for other things. Whatever is in a marked
subfolder may be deleted when DeepDream is uninstalled; anything else belongs to somebody else.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from deepdream_core.shared.paths import data_folder

MARK = ".made-by-deepdream-gimp"
"""The empty file that marks a folder as DeepDream's own."""
_DACL = 4


def make_folder(folder: Path) -> None:
    """Create a folder for the user alone; a subfolder of the data folder is also marked.

    A folder that exists is left as it is. Raises `OSError`.
    """
    if folder.parent == data_folder():
        make_marked_folder(folder)
    else:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_marked_folder(folder: Path) -> None:
    """Create a marked folder for the user alone, or leave one that exists as it is.

    It appears together with its mark, so that an interruption leaves no unmarked folder behind.
    Raises `OSError`.
    """
    if folder.is_dir():
        return
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = fresh_folder(folder)
    try:
        fresh.mkdir(mode=0o700, exist_ok=True)
        (fresh / MARK).touch(0o600)
        fresh.rename(folder)
    except OSError:
        # Another process may have created it at the same time.
        shutil.rmtree(fresh, ignore_errors=True)
        if not folder.is_dir():
            raise


def protect(folder: Path) -> None:
    """Let only the user enter a folder, and on Windows its administrators. Raises `OSError`."""
    folder.chmod(0o700)
    if sys.platform == "win32":
        # What `mkdir` with this mode sets in newer Pythons: system, administrators and owner.
        _set_permissions(folder, "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)")


def _set_permissions(folder: Path, permissions: str) -> None:
    import ctypes

    library: Any = ctypes.WinDLL  # pyright: ignore[reportAttributeAccessIssue]
    windows, kernel, descriptor = library("advapi32"), library("kernel32"), ctypes.c_void_p()
    if not windows.ConvertStringSecurityDescriptorToSecurityDescriptorW(
        permissions, 1, ctypes.byref(descriptor), None
    ):
        raise PermissionError(f"{folder} cannot be closed to other users.")
    try:
        if not windows.SetFileSecurityW(str(folder), _DACL, descriptor):
            raise PermissionError(f"{folder} cannot be closed to other users.")
    finally:
        kernel.LocalFree(descriptor)


def fresh_folder(folder: Path) -> Path:
    """Return the temporary name of a folder that is being created."""
    return folder.with_name(f".{folder.name}.deepdream-new")


def leaving_folder(folder: Path) -> Path:
    """Return the temporary name of a folder that is being removed."""
    return folder.with_name(f".{folder.name}.deepdream-old")


def is_marked(folder: Path) -> bool:
    """Return whether DeepDream made a folder. A link to one is the user's."""
    return not folder.is_symlink() and (folder / MARK).is_file()


def remove_marked_folder(folder: Path) -> None:
    """Remove a folder that DeepDream made, with its contents; leave any other. Raises `OSError`.

    It is renamed first, so that an interruption leaves no half-removed folder without its mark.
    """
    leaving = leaving_folder(folder)
    if is_marked(folder):
        if leaving.exists():
            shutil.rmtree(leaving)
        folder.rename(leaving)
    for path in (leaving, fresh_folder(folder)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)


def open_private(path: str, flags: int) -> int:
    """Open a file as `open(…, opener=open_private)`: new files are readable by the user only.

    A symbolic link is refused, so that nothing outside is appended to or truncated.
    """
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk. Raises `OSError` for a file."""
    if not path.is_dir():
        _sync(path, os.O_RDWR)
        return
    # Windows cannot open folders, and some file systems cannot sync them.
    with contextlib.suppress(OSError):
        _sync(path, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
