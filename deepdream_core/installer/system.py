"""What every part of the installer uses: messages, subprocesses, files, and the manifest."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from deepdream_core.installer.reports import reports_to_a_program, say
from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.child_processes import NO_WINDOW, end_with_this_process
from deepdream_core.shared.file_locks import try_lock
from deepdream_core.shared.messages import Message
from deepdream_core.shared.own_folders import (
    is_marked,
    make_folder,
    make_marked_folder,
    open_private,
    remove_marked_folder,
)
from deepdream_core.shared.paths import install_lock, install_log, installed_file

CHECKOUT = Path(__file__).resolve().parents[2]
"""The folder that `install.py` is run from."""

_NETWORK_TROUBLE = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|"
    r"CERTIFICATE_VERIFY_FAILED|Connection refused|Network is unreachable|Connection aborted|"
    r"IncompleteRead|name resolution|Remote end closed|"
    # Every index has setuptools and what is locked: if pip finds none, it did not answer.
    r"requirement (setuptools|\S+==).*from versions: none"
)
_WRONG_HASH = re.compile(r"DO NOT MATCH THE HASHES.*\n +(\S+) from ")
_WITHOUT_FILE = re.compile(r"No matching distribution found for (\S+==\S+)")


_TEMPORARY = ("TMPDIR", "TEMP", "TMP")
_IN_USE = (5, 32)
"""What Windows answers when a file is open: access denied, sharing violation."""
_PAUSE = 0.5

NO_LOCK = -1
"""In place of a lock's file descriptor, when nothing will be changed."""


class Problem(Exception):
    """A failure to report to the user; the text says what happened and what to do.

    It is a `Message` wherever the dialog can show it.
    """


def explain_os_error(error: OSError) -> Message:
    """Return a message that says what an operating system error means and what to do about it."""
    place = str(error.filename) if error.filename else Message("a-file")
    if getattr(error, "winerror", None) in _IN_USE:
        return Message("install-file-in-use", path=place)
    if isinstance(error, PermissionError):
        return Message("install-no-permission", path=place)
    if error.errno == errno.EROFS:
        return Message("install-read-only", path=place)
    if error.errno == errno.ELOOP:
        return Message("install-link", path=place)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Message("install-disk-full-at", path=place)
    return Message("install-os-error", path=place, reason=error.strerror or str(error))


# Subprocesses


def answer_of(command: Sequence[object], timeout: float = 60.0) -> str:
    """Return a command's standard output, or an empty string if it fails."""
    done = _finished(command, timeout)
    return done.stdout.strip() if done and done.returncode == 0 else ""


def outcome_of(command: Sequence[object], timeout: float) -> tuple[int, str]:
    """Return a command's exit code and all its output; 1 if it does not start or times out."""
    done = _finished(command, timeout)
    if done is None:
        return 1, f"{command[0]} did not start, or did not finish within {timeout:g} seconds."
    return done.returncode, (done.stdout + done.stderr).strip()


def _finished(command: Sequence[object], timeout: float) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env=_outside_environment(),
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def run_logged(
    command: Sequence[object],
    log: Path,
    env: Mapping[str, str] | None = None,
    keep: int = -1,
    tell: Callable[[], None] | None = None,
) -> int:
    """Run a command and append its output to `log`, showing time, disk use and its last line.

    The command inherits the file descriptor `keep`, and is stopped if the installer is stopped. A
    program that reads what the installer tells gets what `tell` reports twice a second.
    """
    make_folder(log.parent)
    on_terminal = sys.stdout.isatty() and not reports_to_a_program()
    started, shown = time.monotonic(), 0.0
    with open(log, "ab", opener=open_private) as out:
        out.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        out.flush()
        free_before = shutil.disk_usage(log.parent).free
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            pass_fds=[keep] if keep >= 0 and sys.platform != "win32" else [],
            creationflags=NO_WINDOW,
        )
        # There a child cannot hold the lock.
        end_with_this_process(process)
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    code = process.wait(0.5)
                    break
                if reports_to_a_program():
                    if tell:
                        tell()
                    continue
                seconds = time.monotonic() - started
                if seconds - shown < (0.5 if on_terminal else 15.0):
                    continue
                shown = seconds
                gigabytes = max(0, free_before - shutil.disk_usage(log.parent).free) / 1e9
                line = f"    {seconds:4.0f} s, {gigabytes:.1f} GB: {last_line(log)}"
                print(f"\r{line[:78]:78}" if on_terminal else line[:100], end="", flush=True)
                if not on_terminal:
                    say()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            if on_terminal and shown:
                print(f"\r{'':78}\r", end="", flush=True)
    return code


def _outside_environment() -> dict[str, str]:
    """Return the environment, without what an AppImage sets for programs inside it."""
    inside = ("LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")
    dropped = inside if "APPDIR" in os.environ else ()
    return {name: value for name, value in os.environ.items() if name not in dropped}


def last_line(log: Path) -> str:
    with log.open("rb") as text:
        text.seek(max(0, log.stat().st_size - 2000))
        lines = text.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def clean_environment(workshop: Path) -> dict[str, str]:
    """Return environment variables for pip, isolated from other Pythons.

    Temporary files go to `workshop`, because they can be too large for other disks.
    """
    others = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "VIRTUAL_ENV", "PIP_USER")
    kept = {name: v for name, v in _outside_environment().items() if name not in others}
    temporary = workshop / "tmp"
    temporary.mkdir(exist_ok=True)
    return {
        **kept,
        "PYTHONNOUSERSITE": "1",
        "PIP_USER": "0",
        **dict.fromkeys(_TEMPORARY, str(temporary)),
    }


def pip_install(
    command: Sequence[object],
    log: Path,
    env: Mapping[str, str],
    lock: int,
    tell: Callable[[], None] | None = None,
) -> None:
    """Run pip; `tell` is what `run_logged` calls. Raises `Problem` with the reason."""
    start = log.stat().st_size if log.exists() else 0
    if not run_logged(command, log, env, lock, tell):
        return
    text = log.read_bytes()[start:].decode("utf-8", "replace")
    if "No space left" in text:
        raise Problem(Message("install-disk-full"))
    if _NETWORK_TROUBLE.search(text):
        raise Problem(Message("install-unreachable", log=str(log)))
    if wrong := _WRONG_HASH.search(text):
        raise Problem(Message("install-altered", file=wrong[1][:80], log=str(log)))
    if without := _WITHOUT_FILE.search(text):
        raise Problem(Message("install-no-file", package=without[1][:80], log=str(log)))
    errors = [line for line in text.splitlines() if line.startswith("ERROR")]
    reason = (errors[-1][7:] if errors else last_line(log))[:120]
    if "No matching distribution found for torch" in text:
        raise Problem(Message("install-no-torch", reason=reason, log=str(log)))
    raise Problem(Message("install-pip-fails", reason=reason, log=str(log)))


def can_use_apt() -> bool:
    """Return whether this is root on Debian or Ubuntu."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: Sequence[str]) -> None:
    """Install Debian packages without recommended ones. Raises `Problem`."""
    log = install_log()
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"]
    run_logged([*apt, "update"], log, env)
    if run_logged([*apt, "install", "--no-install-recommends", *packages], log, env):
        raise Problem(
            f"apt-get could not install {' '.join(packages)}: {last_line(log)} "
            f"(full output: {log}). Check your network and apt's sources, then run this again."
        )


# Files


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Lock `folder` against other installers and processes left running by an interrupted one.

    Yields the lock's file descriptor: a child that inherits it holds the lock until it exits.
    """
    path = install_lock(folder)
    while True:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "a+b", opener=open_private) as lock:
            _wait_for(lock.fileno())
            if _is_at(path, lock.fileno()):
                yield lock.fileno()
                return
            # Whoever held it has removed it meanwhile, as `uninstall` does.


@contextlib.contextmanager
def locked_without_a_file(folder: Path) -> Iterator[None]:
    """Lock a folder that is not ours against other installers; create it if needed.

    Windows and some network disks cannot lock folders. There, only installations with the same
    data folder wait for each other. Raises `OSError`.
    """
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        if sys.platform == "win32":
            yield
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):
                _wait_for(handle)
            if _is_at(folder, handle):
                yield
                return
            # Whoever held it has removed it meanwhile, as `uninstall` does.
        finally:
            os.close(handle)


def _wait_for(lock: int) -> None:
    if try_lock(lock):
        return
    say(Message("install-waits"))
    while not try_lock(lock):
        time.sleep(_PAUSE)


def _is_at(path: Path, handle: int) -> bool:
    """Return whether an open file or folder still has its name."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def workshop_in(folder: Path) -> Iterator[Path]:
    """Yield an empty folder for unfinished work below `folder`, which must be locked.

    It is removed at the end, and if that was not possible, by the next installation.
    """
    workshop = workshop_path(folder)
    remove_marked_folder(workshop)
    make_marked_folder(workshop)
    if not is_marked(workshop):
        raise Problem(Message("install-in-the-way", path=str(workshop)))
    try:
        yield workshop
    finally:
        with contextlib.suppress(OSError):
            remove_marked_folder(workshop)


def workshop_path(folder: Path) -> Path:
    """Return the folder for unfinished work below `folder`."""
    return folder / ".installing"


def files_below(folder: Path) -> list[Path]:
    """Return the files in a folder and its subfolders, without Python's bytecode caches."""
    return [p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def metadata_files() -> list[Path]:
    """Return the files of the checkout beside the code that the engine's package is built from."""
    named = (CHECKOUT / name for name in ("pyproject.toml", "README.md", "LICENSE"))
    return [path for path in named if path.exists()]


def fingerprint(paths: Sequence[Path], *values: object) -> str:
    """Return a digest of files in the checkout and of other values."""
    digest = hashlib.sha256(json.dumps(values, default=str).encode())
    for path in sorted(paths):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:32]


def remove_tree(path: Path) -> None:
    """Remove a folder and its contents, a file, or a link (but not its target)."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def put_in_place(fresh: Path, place: Path, leaving: Path) -> None:
    """Rename `fresh` to `place`, and the folder that was there to `leaving`. Raises `OSError`."""
    if place.exists():
        place.rename(leaving)
    try:
        fresh.rename(place)
    except BaseException:
        if leaving.exists():
            leaving.rename(place)
        raise


def remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


class Manifest:
    """A record of what the installer created, written first so that uninstalling misses nothing."""

    def __init__(self) -> None:
        self.path = installed_file()
        self.made: dict[str, list[str]] = {kind: [] for kind in _KINDS}
        self.is_there = False
        """Whether there is a file that an installer wrote."""
        self.marks = True
        """Whether that installer marked the folders that it created."""
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            found = json.loads(self.path.read_text("utf-8"))
            made = {kind: [str(entry) for entry in found.get(kind, [])] for kind in _KINDS}
            self.is_there = any(kind in found for kind in _KINDS)
            self.marks = not self.is_there or bool(found.get("marks"))
            self.made = made

    def note(self, kind: str, *made: object) -> None:
        """Add what is about to be created."""
        new = [str(entry) for entry in made if str(entry) not in self.made[kind]]
        if new:
            self.made[kind] += new
            self.write()

    def keep_only(self, kinds: Mapping[str, Sequence[object]]) -> None:
        """Drop every other entry, because what it records has been removed."""
        self.made = {kind: [str(entry) for entry in kinds.get(kind, [])] for kind in _KINDS}
        self.write()

    def write(self) -> None:
        """Write the file, noting the folders that this creates. Raises `OSError`."""
        for folder in missing_folders(self.path.parent):
            if str(folder) not in self.made["folders"]:
                self.made["folders"].append(str(folder))
        write_text(self.path, json.dumps({**self.made, "marks": self.marks}, indent=1) + "\n")
        self.is_there = True


_KINDS = ("plug_ins", "links", "folders", "apt", "shared")
"""What is recorded; `shared` are folders of the user's in which older versions put files."""


def missing_folders(folder: Path) -> list[Path]:
    """Return a folder and those around it, as far as they do not exist yet."""
    return [path for path in (folder, *folder.parents) if not path.exists()]
