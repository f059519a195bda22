"""The engine's virtual environment: built under a temporary name, then renamed."""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deepdream_core.installer.left_out import COMPILERS, remove_what_serves_compilers
from deepdream_core.installer.locks import build_name, lock_for
from deepdream_core.installer.own_data import ENGINE_STAMP, remove_replaced_engine
from deepdream_core.installer.pip_progress import PipProgress, size_of_files
from deepdream_core.installer.python_and_torch import (
    IMPORT_TORCH,
    TORCH_PAIR,
    BasePython,
    Torch,
    ask_python,
    choose_torch,
    ensure_venv_module,
    find_python,
)
from deepdream_core.installer.reports import report, say
from deepdream_core.installer.sizes import size_of
from deepdream_core.installer.system import (
    CHECKOUT,
    Problem,
    answer_of,
    clean_environment,
    files_below,
    fingerprint,
    last_line,
    metadata_files,
    outcome_of,
    pip_install,
    put_in_place,
    run_logged,
    workshop_in,
    workshop_path,
)
from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.child_processes import wait_for_end
from deepdream_core.shared.local_sockets import connect
from deepdream_core.shared.messages import Message
from deepdream_core.shared.own_folders import MARK, make_marked_folder, remove_marked_folder
from deepdream_core.shared.paths import (
    downloads_folder,
    engine_folders,
    engine_switch,
    python_in,
    warm_engine_socket,
)
from deepdream_core.shared.protocol import Frame, ProtocolError, receive, send

SETUPTOOLS = "setuptools>=70.1"

_BUILD = ["--no-build-isolation", "--no-cache-dir"]
"""Options for building the project: use the environment's setuptools, do not cache the wheel."""
_PIP_INSTALL = [
    # On Windows, pip could not write other letters than those of its code page to our log.
    *("-I", "-X", "utf8"),
    *("-m", "pip", "install", "--no-input", "--progress-bar", "off"),
    # Building a package from source would run code of its authors, and need a compiler.
    *("--only-binary", ":all:"),
]
_LIST_REQUIREMENTS = (
    "import importlib.metadata; print(*importlib.metadata.requires('deepdream-gimp'), sep='\\n')"
)
_WARM_ENGINE_SECONDS = 10.0
_CAN_REPLACE_IN_USE = sys.platform != "win32"
"""Windows neither removes nor renames a folder with libraries that a process has loaded."""
_LONGEST_INSIDE = 150
"""Characters of the longest path in an environment, rounded up: most are PyTorch's headers."""
_LONGEST_PATH = 259
"""What Windows allows unless long paths are enabled."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment for the engine."""

    folder: Path
    extras: str = ""
    """Optional dependencies from pyproject.toml to install, in brackets: `[test]`."""

    @property
    def python(self) -> Path:
        return python_in(self.folder)

    @property
    def stamp(self) -> Path:
        """The file that records what a complete environment was built from."""
        return self.folder / ENGINE_STAMP

    def program(self, name: str) -> Path:
        suffix = ".exe" if sys.platform == "win32" else ""
        return self.python.parent / f"{name}{suffix}"


def install_engine(
    environment: Environment, options: argparse.Namespace, log: Path, lock: int
) -> str:
    """Create or update the environment and return a description of what was done.

    Packages are installed into a folder with a temporary name, which is renamed once it is
    complete. The project itself is installed last, so that its commands contain the final path.
    On Windows, the new engine is at `engine_folder()` afterwards, beside one that is in use.
    The folder around the environment must be locked; `lock` is the lock's file descriptor. Raises
    `Problem`.
    """
    done = _bring_up_to_date(environment, options, log, lock)
    if not options.dry_run:
        remove_marked_folder(downloads_folder(environment.folder.parent))
    return done


def _bring_up_to_date(
    environment: Environment, options: argparse.Namespace, log: Path, lock: int
) -> str:
    base = find_python(options.engine_python)
    project = fingerprint(project_files())
    stamp = read_stamp(environment)
    packages = what_it_needs(environment, base, stamp.get("build", ""))
    if _has_packages(stamp, packages, options.torch):
        if stamp.get("project") == project:
            _report_plan(environment, base, "current")
            return "already up to date"
        if options.dry_run:
            _report_plan(environment, base, "outdated")
            return f"would update the project in {environment.folder}"
        with workshop_in(environment.folder.parent) as workshop:
            dismiss_warm_engine(environment)
            # If this is interrupted, neither the old nor the new project may be intact.
            _write_stamp(environment, {**stamp, "project": ""})
            install_project(environment, workshop, log, lock)
            _write_stamp(environment, {**stamp, "project": project})
        return f"project updated in {environment.folder}"
    torch = Torch("borrowed") if base.borrowed else choose_torch(options.torch)
    _report_plan(environment, base, "other-packages" if stamp else "missing", torch)
    if options.dry_run:
        source = f"the PyTorch of {base.path}" if base.borrowed else str(torch)
        return f"would create {environment.folder} with {base.path} and {source}"
    ensure_disk_space(environment.folder.parent, torch, base.version)
    ensure_short_paths(environment.folder.parent)
    place = _place_for_update(environment)
    with workshop_in(environment.folder.parent) as workshop:
        ensure_venv_module(base)
        fresh = replace(environment, folder=workshop / environment.folder.name)
        install_packages(fresh, base, torch, log, lock)
        check_engine(fresh)
        build = build_name(torch)
        packages = what_it_needs(environment, base, build)
        kept = {"packages": packages, "project": "", "torch": options.torch, "build": build}
        _write_stamp(fresh, kept)
        dismiss_warm_engine(environment)
        _relocate_scripts(fresh.folder, place.folder)
        put_in_place(fresh.folder, place.folder, workshop / "replaced")
        install_project(place, workshop, log, lock)
        _write_stamp(place, {**kept, "project": project})
        if place != environment:
            write_text(engine_switch(), f"{place.folder.name}\n")
            remove_replaced_engine()
    return f"installed in {place.folder}"


def _report_plan(
    environment: Environment, base: BasePython, state: str, torch: Torch | None = None
) -> None:
    """Tell a program what an installation would do.

    `state` is `missing`, `current`, `outdated` or, if other packages are needed, `other-packages`.
    The sizes, in bytes, are 0 if nothing large is downloaded.
    """
    size = size_of(torch, base.version) if torch else None
    existing = next(p for p in (environment.folder, *environment.folder.parents) if p.exists())
    report(
        "plan",
        state=state,
        folder=str(environment.folder),
        python=str(base.path),
        build=torch.build if torch else "",
        download=size.download_bytes if size else 0,
        installed=size.installed_bytes if size else 0,
        needed=size.peak_bytes if size else 0,
        free=shutil.disk_usage(existing).free,
        occupied=size_of_files(environment.folder),
    )


def _place_for_update(environment: Environment) -> Environment:
    """Return where to put a new environment: beside one that cannot be replaced while in use.

    Raises `Problem` if both places are in use.
    """
    if _CAN_REPLACE_IN_USE or environment.folder not in engine_folders():
        return environment
    if not environment.folder.exists():
        return environment
    remove_replaced_engine()
    other = next(folder for folder in engine_folders() if folder != environment.folder)
    if other.exists():
        raise Problem(Message("install-engine-in-use", folder=str(other)))
    return replace(environment, folder=other)


def ensure_short_paths(folder: Path) -> None:
    """Raise `Problem` if an environment's paths in `folder` would be too long for Windows."""
    longest = len(str(workshop_path(folder) / "engine")) + _LONGEST_INSIDE
    if sys.platform == "win32" and longest > _LONGEST_PATH and not _has_long_paths():
        raise Problem(Message("install-long-path", folder=str(folder)))


def _has_long_paths() -> bool:
    import winreg

    key = r"SYSTEM\CurrentControlSet\Control\FileSystem"
    read: Any = winreg
    try:
        with read.OpenKey(read.HKEY_LOCAL_MACHINE, key) as found:
            return read.QueryValueEx(found, "LongPathsEnabled")[0] == 1
    except OSError:
        return False


def read_stamp(environment: Environment) -> dict[str, str]:
    try:
        stamp = json.loads(environment.stamp.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if environment.python.exists() else {}


def _write_stamp(environment: Environment, stamp: Mapping[str, str]) -> None:
    write_text(environment.stamp, json.dumps(stamp) + "\n")


def _has_packages(stamp: Mapping[str, str], packages: str, torch: str) -> bool:
    """Return whether an environment is complete and has the required packages."""
    return stamp.get("packages") == packages and torch in ("auto", stamp.get("torch"))


def what_it_needs(environment: Environment, base: BasePython, build: str) -> str:
    """Return the fingerprint of everything that determines an environment's packages.

    `build` names the build of PyTorch that is installed, as its lock file is called.
    """
    values = [base.path, base.version, base.borrowed, environment.extras]
    if lock_file := lock_for(build, base.version):
        values += [lock_file.name, lock_file.read_text("utf-8")]
    return fingerprint([CHECKOUT / "pyproject.toml"], *values)


def project_files() -> list[Path]:
    """Return every file that the engine's package is built from."""
    return files_below(CHECKOUT / "deepdream_core") + metadata_files()


def ensure_disk_space(folder: Path, torch: Torch, python: tuple[int, int]) -> None:
    """Raise `Problem` if the disk lacks space for the packages and their temporary files."""
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    free, needed = shutil.disk_usage(existing).free, size_of(torch, python).peak_bytes
    if free < needed:
        have, want = f"{free / 1e9:.1f}", f"{needed / 1e9:.1f}"
        raise Problem(Message("install-small-disk", folder=str(existing), free=have, needed=want))


def dismiss_warm_engine(environment: Environment) -> None:
    """Ask the warm engine to exit before its files are removed, and wait until it stops listening.

    It finishes a dream in progress first. On Windows, wait for the process itself for a while.
    """
    if environment.folder not in engine_folders():
        return
    with (
        contextlib.suppress(OSError, ProtocolError),
        connect(warm_engine_socket(), _WARM_ENGINE_SECONDS) as stream,
    ):
        stream.settimeout(_WARM_ENGINE_SECONDS)
        with stream.makefile("rwb") as frames:
            send(frames, Frame("hello"))
            hello = receive(frames)
            send(frames, Frame("quit"))
            while frames.read(1024):
                pass
        if hello:
            wait_for_end(int(hello.fields["pid"]), _WARM_ENGINE_SECONDS)


def install_packages(
    fresh: Environment, base: BasePython, torch: Torch, log: Path, lock: int
) -> None:
    """Build an environment from scratch in the workshop around it."""
    workshop = fresh.folder.parent
    env = clean_environment(workshop)
    # pip keeps every complete download there, so that an interrupted installation goes on.
    downloads = downloads_folder(workshop.parent)
    make_marked_folder(downloads)
    env.setdefault("PIP_CACHE_DIR", str(downloads))
    say(Message("install-environment", python=str(base.path)), "  ")
    if run_logged([base.path, "-I", "-m", "venv", fresh.folder], log, env, lock):
        raise Problem(Message("install-no-environment", reason=last_line(log), log=str(log)))
    (fresh.folder / MARK).touch(0o600)
    install = [fresh.python, *_PIP_INSTALL]
    if not fresh.extras:
        # Most modules are never imported; Python compiles the others when they are.
        install.append("--no-compile")
    if base.borrowed:
        say(f"  using the packages of {base.path}")
        _borrow_packages(fresh.python, base)
        # venv may install a setuptools older than the borrowed one, and it would take precedence.
        uninstall = [fresh.python, "-I", "-m", "pip", "uninstall", "--yes", "setuptools"]
        run_logged(uninstall, log, env, lock)
    else:
        say(Message("install-packages", what=torch.message), "  ")
    size = size_of(torch, base.version)
    progress = PipProgress(
        log, workshop / "tmp", fresh.folder, size.download_bytes, size.installed_bytes
    )
    lock_file = lock_for(build_name(torch), base.version)
    index = ["--index-url", torch.index] if torch.index else []
    install_from = functools.partial(pip_install, log=log, env=env, lock=lock, tell=progress.tell)
    if lock_file:
        # Constraints that pip is configured with could only contradict exact versions.
        env["PIP_CONSTRAINT"] = os.devnull
        # It lists all that is needed, without what `left_out` names.
        install_from([*install, *index, "--require-hashes", "--no-deps", "-r", lock_file])
    else:
        install_from([*install, SETUPTOOLS])
        if not base.borrowed:
            say(Message("install-unchecked"), "  ")
            # In one command and from one index, so that their builds match.
            install_from([*install, *index, *TORCH_PAIR])
    install_project(fresh, workshop, log, lock)
    if not lock_file or fresh.extras:
        listed = workshop / "requirements.txt"
        listed.write_text("\n".join(_requirements_beside_torch(fresh)), "utf-8")
        install_from([*install, "-r", listed])
    if not base.borrowed:
        _leave_out_compilers(fresh, log, env, lock)


def _requirements_beside_torch(fresh: Environment) -> list[str]:
    """Return what the installed project requires, without PyTorch, for which pip wants Triton."""
    listed = answer_of([fresh.python, "-I", "-c", _LIST_REQUIREMENTS])
    extra = fresh.extras.strip("[]") or "none"
    wanted = re.sub(rf"extra == .{extra}\b.", 'python_version >= "3"', listed).splitlines()
    names = {re.split(r"\W", requirement)[0] for requirement in TORCH_PAIR}
    return [line for line in wanted if re.split(r"\W", line)[0] not in names]


def _leave_out_compilers(fresh: Environment, log: Path, env: Mapping[str, str], lock: int) -> None:
    """Remove what serves only to compile programs: pip installs whatever a package requires."""
    uninstall = [fresh.python, "-I", "-m", "pip", "uninstall", "--yes", *COMPILERS]
    run_logged(uninstall, log, env, lock)
    for place in ("lib/python*/site-packages", "Lib/site-packages"):
        for packages in fresh.folder.glob(place):
            remove_what_serves_compilers(packages)


def _borrow_packages(python: Path, base: BasePython) -> None:
    """Make the packages of `base` importable in a new environment."""
    asked = ask_python(python)
    assert asked is not None
    path_file = Path(asked.folders[0]) / "deepdream-borrowed.pth"
    path_file.write_text("".join(f"{folder}\n" for folder in base.borrowed), "utf-8")


def _relocate_scripts(building: Path, final: Path) -> None:
    """Replace an environment's temporary path in its scripts with its final path."""
    if sys.platform == "win32":
        return
    for script in (building / "bin").iterdir():
        if script.is_file() and not script.is_symlink():
            text = script.read_bytes()
            if text.startswith(b"#!") or script.name.lower().startswith("activate"):
                script.write_bytes(text.replace(str(building).encode(), str(final).encode()))


def install_project(environment: Environment, workshop: Path, log: Path, lock: int) -> None:
    """Install the project from a copy of the checkout, which is not needed afterwards."""
    with _staged_project(workshop) as source:
        reinstall = ["--no-deps", "--force-reinstall", "--no-index"]
        command = [environment.python, *_PIP_INSTALL, *_BUILD, *reinstall, source]
        pip_install(command, log, clean_environment(workshop), lock)


@contextlib.contextmanager
def _staged_project(workshop: Path) -> Iterator[Path]:
    """Yield a copy of the project's files, because a build leaves files in its source folder."""
    with tempfile.TemporaryDirectory(prefix="project-", dir=workshop) as folder:
        for path in project_files():
            copy = Path(folder) / path.relative_to(CHECKOUT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        yield Path(folder)


def check_engine(environment: Environment) -> None:
    """Check that torch and torchvision work together. Raises `Problem`."""
    trial = f"{IMPORT_TORCH}; torchvision.ops.nms(torch.zeros(1, 4), torch.ones(1), 0.5)"
    code, output = outcome_of([environment.python, "-I", "-c", trial], timeout=300)
    if code:
        reason = output.splitlines()[-1:] or ["it crashed"]
        raise Problem(Message("install-torch-fails", reason=reason[0]))
