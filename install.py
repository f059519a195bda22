#!/usr/bin/env python3
"""Install DeepDream for GIMP: the engine with an environment of its own, the plug-in, `deepdream`.

    python3 install.py            install, or bring an installation up to date
    python3 install.py demo       install, then dream a photo through GIMP into this folder
    python3 install.py test       provide the real GIMPs and run every test
    python3 install.py uninstall  remove what was installed

Each takes --dry-run. Whatever is interrupted can be started again and goes on from there.
Needs Python 3.9 or later and nothing else; the engine needs 3.10, which is looked for.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

if sys.version_info < (3, 9):  # noqa: UP036
    sys.exit("This installer needs Python 3.9 or later; start it with a newer one.")

CHECKOUT = Path(__file__).resolve().parent
sys.path.insert(0, str(CHECKOUT))
sys.dont_write_bytecode = True

from deepdream_core import __version__, data_folder, gimps  # noqa: E402

OLDEST_ENGINE_PYTHON = (3, 10)
TORCH_INDEX = "https://download.pytorch.org/whl"
TORCH_PAIR = ("torch>=2.4,<3", "torchvision>=0.19,<1")
SHARED_MODULES = ("__init__.py", "recipe.py", "objective.py", "presets.py", "protocol.py")
"""What plug-in and engine share; standard library only."""
GIMP_PACKAGES = ["gimp", "python3-gi", "gir1.2-gtk-3.0"]
"""GTK 3 for Python serves the plug-in's dialog in GIMP 2.10."""
TEST_HOSTS_THAT_MUST_RUN = ("2.10", "3.0")


class Problem(Exception):
    """Something that the user has to know; the text says what happened and what to do."""


def say(text: str = "") -> None:
    print(text, flush=True)


# --- What is where ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """An engine environment: where it stands, and what goes into it beyond the project."""

    folder: Path
    """The virtual environment itself."""
    extras: str = ""
    """Of pyproject.toml's optional dependencies, with brackets: `[test]`."""

    @property
    def python(self) -> Path:
        return environment_python(self.folder)

    @property
    def stamp(self) -> Path:
        """Written when the environment is complete, with what it was made of."""
        return self.folder / "deepdream-installed.json"

    def program(self, name: str) -> Path:
        suffix = ".exe" if sys.platform == "win32" else ""
        return self.python.parent / f"{name}{suffix}"


def environment_python(folder: Path) -> Path:
    if sys.platform == "win32":
        return folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def cache_folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "deepdream-gimp"


def user_programs() -> Path:
    return Path.home() / ".local" / "bin"


class Manifest:
    """What the installer put where. Noted before it is put, so that an interruption loses none."""

    def __init__(self) -> None:
        self.path = data_folder() / "installed.json"
        self.made: dict[str, list[str]] = {"plug_ins": [], "links": [], "folders": [], "apt": []}
        with contextlib.suppress(OSError, ValueError):
            self.made.update(json.loads(self.path.read_text("utf-8")))

    def note(self, kind: str, *made: object) -> None:
        new = [str(thing) for thing in made if str(thing) not in self.made[kind]]
        if new:
            self.made[kind] += new
            write_atomically(self.path, json.dumps(self.made, indent=1) + "\n")


def write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.write_text(text, "utf-8")
    unfinished.replace(path)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[int]:
    """Keep other installers, and what an interrupted one left running, out of `folder`.

    Gives the lock's descriptor: a child that inherits it holds the lock until it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".install.lock").open("a+b") as lock:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                say("  another installation is at work here; waiting for its end")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


# --- Running programs ---------------------------------------------------------------------------


def clean_environment(folder: Path) -> dict[str, str]:
    """Return the environment for pip: nothing of another Python, big files on the same disk."""
    others = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "VIRTUAL_ENV", "PIP_USER")
    kept = {name: value for name, value in os.environ.items() if name not in others}
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {**kept, "PYTHONNOUSERSITE": "1", "PIP_USER": "0", "TMPDIR": str(temporary)}


def run_logged(
    command: Sequence[object], log: Path, env: Mapping[str, str] | None = None, keep: int = -1
) -> int:
    """Run a command with its output in `log`, showing time, disk and its last line meanwhile.

    `keep` is a descriptor that the command inherits. The command ends with the installer.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    on_terminal = sys.stdout.isatty()
    started, shown = time.monotonic(), 0.0
    with log.open("ab") as out:
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
        )
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    code = process.wait(0.5)
                    break
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


def last_line(log: Path) -> str:
    with log.open("rb") as text:
        text.seek(max(0, log.stat().st_size - 2000))
        lines = text.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def answer_of(command: Sequence[object], timeout: float = 60.0) -> str:
    """Return what a command prints, empty if it fails."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def can_use_apt() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: Sequence[str]) -> None:
    """Install Debian packages without their recommendations. Raises `Problem`."""
    log = data_folder() / "logs" / "install.log"
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"]
    run_logged([*apt, "update"], log, env)
    if run_logged([*apt, "install", "--no-install-recommends", *packages], log, env):
        names = " ".join(packages)
        raise Problem(
            f"apt-get could not install {names}: {last_line(log)} (all of it: {log}). "
            "Check the network and apt's sources, then run this again."
        )


# --- The engine's Python ------------------------------------------------------------------------


@dataclass(frozen=True)
class BasePython:
    """The interpreter that an environment is made from."""

    path: Path
    version: tuple[int, int]
    borrowed: tuple[str, ...] = ()
    """Its package folders, where its packages are to be used instead of installing them."""


_ASK_PYTHON = """
import json, os, sys
packages = [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages")]
# The program's full name: one called python3 is another Python after a system's upgrade.
full = os.path.join(sys.base_prefix, "bin", "python%d.%d" % sys.version_info[:2])
own = full if os.path.exists(full) else sys.executable
print(json.dumps([sys.version_info[:2], packages, own]))
"""


def ask_python(path: object) -> tuple[tuple[int, int], list[str], str] | None:
    """Return an interpreter's version, package folders and own path; None if it does not run."""
    told = answer_of([path, "-I", "-c", _ASK_PYTHON])
    if not told:
        return None
    version, folders, executable = json.loads(told)
    return (version[0], version[1]), folders, executable


def find_python(given: str | None) -> BasePython:
    """Return the interpreter for the engine: the given one with its packages, or a fitting one.

    Raises `Problem` where there is none.
    """
    if given:
        return borrowed_python(given)
    names = [f"python3.{minor}" for minor in (13, 12, 11, 10, 14)]
    found = [sys.executable, *filter(None, map(shutil.which, names))]
    for root in (Path.home() / ".pyenv" / "versions", Path("/opt/homebrew/bin")):
        found += [str(p) for p in sorted(root.glob("*/bin/python3"), reverse=True)]
        found += [str(p) for p in sorted(root.glob("python3.1?"), reverse=True)]
    for path in found:
        told = ask_python(path)
        if told and told[0] >= OLDEST_ENGINE_PYTHON:
            if path != sys.executable:
                say(f"  Python {sys.version.split()[0]} is too old for the engine; taking {path}")
            return BasePython(Path(told[2]), told[0])
    raise Problem(
        f"Python {sys.version.split()[0]} is too old for the engine and no newer one was found. "
        "Install Python 3.10 or later (Debian and Ubuntu: apt install python3; others: "
        "python.org/downloads) and run this with it."
    )


def borrowed_python(given: str) -> BasePython:
    told = ask_python(given)
    if told is None:
        raise Problem(f"--engine-python: {given} is not a Python that runs.")
    if told[0] < OLDEST_ENGINE_PYTHON:
        raise Problem(f"--engine-python: {given} is Python {told[0][0]}.{told[0][1]}, not 3.10+.")
    if not answer_of([given, "-I", "-c", "import torch, torchvision; print('yes')"]):
        raise Problem(
            f"--engine-python: {given} has no torch and torchvision that can be imported. "
            "Install them there, or leave the option out and the installer brings its own."
        )
    return BasePython(Path(told[2]), told[0], tuple(told[1]))


def ensure_venv_module(base: BasePython) -> None:
    """See that `base` can make environments; on Debian as root install what is missing.

    Raises `Problem`.
    """
    if answer_of([base.path, "-I", "-c", "import venv, ensurepip; print(ensurepip.version())"]):
        return
    package = f"python{base.version[0]}.{base.version[1]}-venv"
    if can_use_apt():
        say(f"  {base.path} cannot make virtual environments; installing {package}")
        apt_install([package])
        return
    raise Problem(
        f"{base.path} cannot make virtual environments (no ensurepip module). "
        f"Debian and Ubuntu: run `sudo apt install {package}`; elsewhere install Python's venv "
        "module. Then run this again."
    )


# --- Which torch --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Torch:
    """A build of PyTorch: what for, from which package index, how much disk it takes."""

    build: str
    """`cuda`, `rocm`, `apple`, `cpu`, or `borrowed` where another Python's is used."""
    index: str = ""
    """Empty for PyPI, or the index pip is set up with."""
    gigabytes: float = 0.0

    def __str__(self) -> str:
        if self.index:
            return f"PyTorch's {self.build} build from {self.index}"
        large = self.build == "cpu" and self.gigabytes == CUDA_GIGABYTES
        reason = " (its small build for CPUs cannot be reached)" if large else ""
        return f"PyTorch as PyPI has it{reason}"


CUDA_GIGABYTES, CPU_GIGABYTES, BORROWED_GIGABYTES = 10.0, 2.5, 0.3
_CUDA_TAGS = ((13, 2), (13, 0), (12, 9), (12, 8), (12, 6))
_ROCM_TAGS = ("rocm7.1", "rocm7.0", "rocm6.4", "rocm6.3")


def choose_torch(wanted: str) -> Torch:
    """Return the smallest build of PyTorch that uses this machine's hardware.

    `wanted` is `auto`, or `cuda`, `rocm`, `cpu` to choose oneself, or `pypi` for whatever PyPI
    has. torch and torchvision always come from the same index, for a pair of different builds
    does not work: torchvision fails to find its operators.
    """
    from_pypi = CUDA_GIGABYTES if sys.platform == "linux" else CPU_GIGABYTES
    if sys.platform == "darwin":
        return Torch("apple", gigabytes=CPU_GIGABYTES)
    if wanted == "pypi":
        return Torch("pypi", gigabytes=from_pypi)
    driver = cuda_of_driver() if wanted in ("auto", "cuda") else None
    if wanted == "cuda" or driver:
        # PyPI's build for Linux is made for the newest CUDA; older drivers need an older one.
        if sys.platform == "linux" and (driver is None or driver >= (13, 0)):
            return Torch("cuda", gigabytes=CUDA_GIGABYTES)
        for tag in [t for t in _CUDA_TAGS if driver is None or t <= driver]:
            index = f"{TORCH_INDEX}/cu{tag[0]}{tag[1]}"
            if index_answers(index):
                return Torch("cuda", index, CUDA_GIGABYTES)
        return Torch("cuda", gigabytes=from_pypi)
    if wanted == "rocm" or (wanted == "auto" and has_rocm()):
        for tag in _ROCM_TAGS:
            if index_answers(f"{TORCH_INDEX}/{tag}"):
                return Torch("rocm", f"{TORCH_INDEX}/{tag}", 2 * CUDA_GIGABYTES)
        say("  an AMD GPU was found, but PyTorch's package index cannot be reached for its build")
    if sys.platform == "linux" and index_answers(f"{TORCH_INDEX}/cpu"):
        return Torch("cpu", f"{TORCH_INDEX}/cpu", CPU_GIGABYTES)
    return Torch("cpu", gigabytes=from_pypi)


def cuda_of_driver() -> tuple[int, int] | None:
    """Return the newest CUDA that the NVIDIA driver serves, None without a working driver."""
    told = re.search(r"CUDA Version:\s*(\d+)\.(\d+)", answer_of(["nvidia-smi"]))
    return (int(told[1]), int(told[2])) if told else None


def has_rocm() -> bool:
    return Path("/dev/kfd").exists() and Path("/opt/rocm").exists()


def index_answers(index: str) -> bool:
    """Whether a package index can be reached and has torch; it gets five seconds."""
    request = urllib.request.Request(f"{index}/torch/", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=5):
            return True
    except (urllib.error.URLError, OSError, ValueError):
        return False


# --- The engine's environment -------------------------------------------------------------------


def fingerprint(paths: Sequence[Path], *also: object) -> str:
    digest = hashlib.sha256(json.dumps(also, default=str).encode())
    for path in sorted(paths):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:32]


def project_files() -> list[Path]:
    """Return every file that the engine's package is built from."""
    package = CHECKOUT / "deepdream_core"
    files = [p for p in package.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    about = [CHECKOUT / name for name in ("pyproject.toml", "README.md", "LICENSE")]
    return files + [path for path in about if path.exists()]


def read_stamp(place: Place) -> dict[str, str]:
    try:
        stamp = json.loads(place.stamp.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if place.python.exists() else {}


def what_it_needs(place: Place, base: BasePython) -> str:
    """Return the fingerprint of all that decides which packages an environment holds."""
    return fingerprint(
        [CHECKOUT / "pyproject.toml"], base.path, base.version, base.borrowed, place.extras
    )


def install_engine(place: Place, options: argparse.Namespace, log: Path) -> str:
    """Make the environment, or bring it up to date, and return what was done.

    The packages are installed under another name, which is renamed when they are complete; the
    project itself goes in last, so that its commands carry the final path. Raises `Problem`.
    """
    base = find_python(options.engine_python)
    packages = what_it_needs(place, base)
    project = fingerprint(project_files())
    stamp = read_stamp(place)
    whole = stamp.get("packages") == packages
    if whole and options.torch in ("auto", stamp.get("torch", "")):
        if stamp.get("project") == project:
            return "there already"
        if options.dry_run:
            return f"would bring the project in {place.folder} up to date"
        with alone(place.folder.parent) as lock:
            remove_leftovers(place.folder.parent)
            install_project(place, log, lock)
            stamp["project"] = project
            write_atomically(place.stamp, json.dumps(stamp) + "\n")
        return "the project in it was brought up to date"
    torch = choose_torch(options.torch)
    if base.borrowed:
        torch = Torch("borrowed", gigabytes=BORROWED_GIGABYTES)
    if options.dry_run:
        source = f"PyTorch of {base.path}" if base.borrowed else str(torch)
        return f"would make {place.folder} with {base.path} and {source}"
    ensure_room(place.folder.parent, torch)
    with alone(place.folder.parent) as lock:
        if read_stamp(place).get("packages") != packages:
            ensure_venv_module(base)
            install_packages(place, base, torch, log, lock)
        install_project(place, log, lock)
        check_engine(place)
        kept = {"packages": packages, "project": project, "torch": options.torch}
        write_atomically(place.stamp, json.dumps(kept) + "\n")
    return f"installed in {place.folder}"


def ensure_room(folder: Path, torch: Torch) -> None:
    """Raise `Problem` where the disk cannot take the packages and what is needed on the way."""
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(existing).free / 1e9
    if free < torch.gigabytes:
        raise Problem(
            f"The disk of {existing} has {free:.1f} GB free; {torch} needs about "
            f"{torch.gigabytes:g} GB. Make room, or set DEEPDREAM_HOME to a folder on a larger "
            "disk, and run this again."
        )


_BUILD = ["--no-build-isolation", "--no-cache-dir"]
"""For pip where it builds the project: with the setuptools that is there, keeping no old build."""


def install_packages(place: Place, base: BasePython, torch: Torch, log: Path, lock: int) -> None:
    parent = place.folder.parent
    building = parent / f"{place.folder.name}.new"
    remove_leftovers(parent)
    env = clean_environment(parent)
    say(f"  making the environment with {base.path}")
    if run_logged([base.path, "-I", "-m", "venv", building], log, env, lock):
        raise Problem(f"The virtual environment could not be made: {last_line(log)} (see {log}).")
    python = environment_python(building)
    if base.borrowed:
        own = ask_python(python)
        assert own is not None
        borrowed = Path(own[1][0]) / "deepdream-borrowed.pth"
        borrowed.write_text("".join(f"{folder}\n" for folder in base.borrowed), "utf-8")
    pip = [python, "-I", "-m", "pip"]
    install = [*pip, "install", "--no-input", "--progress-bar", "off"]
    if base.borrowed:
        say(f"  using the packages of {base.path}")
        # The one that a new environment may bring is older than the one that can be borrowed.
        run_logged([*pip, "uninstall", "--yes", "setuptools"], log, env, lock)
    else:
        say(f"  fetching {torch}")
    pip_install([*install, "setuptools>=70.1"], log, env, lock)
    if not base.borrowed:
        # Both in one go and from one place, so that they are a pair.
        place_of_both = ["--index-url", torch.index] if torch.index else []
        pip_install([*install, *place_of_both, *TORCH_PAIR], log, env, lock)
    with staged_project(parent) as source:
        wanted = f"{source}{place.extras}"
        pip_install([*install, *_BUILD, wanted], log, env, lock)
    remove_tree(parent / "tmp")
    correct_scripts(building, place.folder)
    remove_tree(place.folder)
    building.rename(place.folder)


def install_project(place: Place, log: Path, lock: int) -> None:
    """Install the checkout's project into the environment, a copy that does not need it again."""
    parent = place.folder.parent
    pip = [place.python, "-I", "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    with staged_project(parent) as source:
        again = ["--no-deps", "--force-reinstall", "--no-index"]
        pip_install([*pip, *_BUILD, *again, source], log, clean_environment(parent), lock)
    remove_tree(parent / "tmp")


@contextlib.contextmanager
def staged_project(parent: Path) -> Iterator[Path]:
    """Give a copy of what the package is built from: building litters the folder it happens in."""
    with tempfile.TemporaryDirectory(prefix=".project-", dir=parent) as folder:
        for path in project_files():
            copy = Path(folder) / path.relative_to(CHECKOUT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        yield Path(folder)


_NETWORK_TROUBLE = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|"
    r"CERTIFICATE_VERIFY_FAILED|Connection refused|Network is unreachable|Connection aborted|"
    r"IncompleteRead|name resolution|Remote end closed|"
    # Every index has setuptools: one that has none did not answer.
    r"requirement setuptools.*from versions: none"
)


def pip_install(command: Sequence[object], log: Path, env: Mapping[str, str], lock: int) -> None:
    """Run pip. Raises `Problem` with the reason in words."""
    start = log.stat().st_size if log.exists() else 0
    if not run_logged(command, log, env, lock):
        return
    text = log.read_bytes()[start:].decode("utf-8", "replace")
    if "No space left" in text:
        raise Problem("The disk is full. Make room (about 10 GB) and run this again.")
    if _NETWORK_TROUBLE.search(text):
        raise Problem(
            "The packages cannot be downloaded: the network or the package index does not answer. "
            f"Check the connection (and the proxy, if there is one) and run this again; see {log}."
        )
    errors = [line for line in text.splitlines() if line.startswith("ERROR")]
    reason = errors[-1][7:] if errors else last_line(log)
    if "No matching distribution found for torch" in text:
        reason += ". PyTorch has no build for this system or Python; Python 3.10 to 3.13 has most"
    raise Problem(f"pip failed: {reason}. All it said is in {log}.")


def correct_scripts(building: Path, final: Path) -> None:
    """Let the commands of an environment that is about to be renamed name its final path."""
    if sys.platform == "win32":
        return
    for script in (building / "bin").iterdir():
        if script.is_file() and not script.is_symlink():
            text = script.read_bytes()
            if text.startswith(b"#!") or script.name.lower().startswith("activate"):
                script.write_bytes(text.replace(str(building).encode(), str(final).encode()))


def remove_leftovers(parent: Path) -> None:
    """Remove what an interrupted installation left."""
    for folder in (*parent.glob(".project-*"), *parent.glob("*.new"), parent / "tmp"):
        remove_tree(folder)


def remove_tree(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def check_engine(place: Place) -> None:
    """See that torch and torchvision are a pair that works. Raises `Problem`."""
    trial = "import torch, torchvision; torchvision.ops.nms(torch.zeros(1, 4), torch.ones(1), 0.5)"
    done = subprocess.run(
        [str(place.python), "-I", "-c", trial], capture_output=True, text=True, timeout=300
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["it crashed"]
        raise Problem(
            f"PyTorch was installed but does not work here: {reason[0]}. "
            "Try another build: `python3 install.py --torch cpu` (or cuda, rocm, pypi)."
        )


# --- The plug-in --------------------------------------------------------------------------------


def plug_in_files() -> dict[str, Path]:
    """Return what goes into a plug-in folder: name inside it, and the file in the checkout."""
    source = CHECKOUT / "plug-ins" / gimps.PLUG_IN
    files = {
        path.relative_to(source).as_posix(): path
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != gimps.MARKER
    }
    for name in SHARED_MODULES:
        files[f"deepdream_core/{name}"] = CHECKOUT / "deepdream_core" / name
    return files


def plug_in_marker(python: Path) -> dict[str, object]:
    files = plug_in_files()
    return {
        "python": str(python),
        "version": __version__,
        "stamp": fingerprint(list(files.values())),
        "files": sorted(files),
    }


def install_plug_in(profile: gimps.Profile, python: Path, manifest: Manifest, dry: bool) -> str:
    """Put the plug-in into a GIMP's configuration folder and return what was done.

    It is copied beside its place and moved there when complete. Raises `Problem` if a folder of
    that name is somebody else's.
    """
    place = profile.plug_in
    marker = plug_in_marker(python)
    present = gimps.read_marker(place)
    if present == marker and all((place / name).exists() for name in plug_in_files()):
        return "up to date"
    if present is None and place.exists() and any(place.iterdir()):
        raise Problem(
            f"{place} was not made by this installer, so it stays. Move it away and run this again."
        )
    if dry:
        return f"would put the plug-in into {place}"
    missing = [f for f in (place.parent, *place.parent.parents) if not f.exists()]
    manifest.note("folders", *missing)
    manifest.note("plug_ins", place)
    place.parent.mkdir(parents=True, exist_ok=True)
    building = profile.folder / ".deepdream-plug-in.new"
    leaving = profile.folder / ".deepdream-plug-in.old"
    if leaving.exists() and not place.exists():
        leaving.rename(place)
        present = gimps.read_marker(place)
    remove_tree(building)
    remove_tree(leaving)
    for name, source in plug_in_files().items():
        copy = building / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        copy.chmod(0o755 if name == f"{gimps.PLUG_IN}.py" else 0o644)
    (building / gimps.MARKER).write_text(json.dumps(marker, indent=1) + "\n", "utf-8")
    if present is not None:
        for foreign in foreign_files(place, present):
            copy = building / foreign.relative_to(place)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(foreign, copy)
    if place.exists():
        place.rename(leaving)
    building.rename(place)
    remove_tree(leaving)
    return f"plug-in put into {place}"


def foreign_files(place: Path, marker: Mapping[str, object]) -> list[Path]:
    """Return the files in a plug-in folder of ours that the installer did not put there."""
    ours = {*marker.get("files", ()), gimps.MARKER}  # type: ignore[misc]
    return [
        path
        for path in place.rglob("*")
        if path.is_file()
        and path.relative_to(place).as_posix() not in ours
        and "__pycache__" not in path.parts
    ]


def remove_plug_in(place: Path) -> str:
    """Remove our files from a plug-in folder, and the folder if nothing else is in it."""
    marker = gimps.read_marker(place)
    if marker is None:
        return "is not ours any more: left" if place.exists() else "was gone already"
    foreign = foreign_files(place, marker)
    for cache in list(place.rglob("__pycache__")):
        remove_tree(cache)
    for name in (*marker.get("files", ()), gimps.MARKER):  # type: ignore[misc]
        (place / name).unlink(missing_ok=True)
    for folder in sorted((p for p in place.rglob("*") if p.is_dir()), reverse=True):
        with contextlib.suppress(OSError):
            folder.rmdir()
    if foreign:
        return f"removed but for files of others: {', '.join(p.name for p in foreign)}"
    place.rmdir()
    return "removed"


# --- Commands -----------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What an installation came to, for the verdict."""

    place: Place
    programs: list[gimps.Program]
    series: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def install(options: argparse.Namespace) -> Outcome:
    """Install everything, or bring it up to date. Raises `Problem`."""
    data = data_folder()
    place = Place(data / "engine")
    log = data / "logs" / "install.log"
    manifest = Manifest()
    if not options.dry_run:
        manifest.note("folders", *(folder for folder in data.parents if not folder.exists()))
    say(f"Engine ({data})")
    say(f"  {install_engine(place, options, log)}")
    outcome = Outcome(place, gimps.programs())

    say("GIMP")
    profiles = gimps.profiles(outcome.programs)
    if not outcome.programs and not profiles and can_use_apt():
        if options.dry_run:
            say(f"  there is none; would install {' '.join(GIMP_PACKAGES)} with apt-get")
        else:
            say("  there is none on this machine; installing Debian's with apt-get")
            apt_install(GIMP_PACKAGES)
            manifest.note("apt", *GIMP_PACKAGES)
            outcome.programs = gimps.programs()
            profiles = gimps.profiles(outcome.programs)
    for profile in profiles:
        try:
            done = install_plug_in(profile, place.python, manifest, options.dry_run)
            outcome.series.append(profile.series)
        except (Problem, OSError) as problem:
            done = str(problem)
            outcome.complaints.append(done)
        say(f"  {profile.series}: {done}")
    if any(program.kind != "program" for program in outcome.programs):
        say("  a GIMP from Flatpak or Snap may be unable to start the engine from its sandbox")

    say("Command line")
    say(f"  {link_program(place, manifest, options.dry_run)}")
    if not options.dry_run:
        say("Self-test")
        say(f"  {self_test(place)}")
    return outcome


def link_program(place: Place, manifest: Manifest, dry: bool) -> str:
    """Link `deepdream` into the user's folder of programs and return what was done."""
    program = place.program("deepdream")
    if sys.platform == "win32":
        return f"the program is {program}"
    link = user_programs() / "deepdream"
    if link.is_symlink() and link.readlink() == program:
        done = f"{link}: there already"
    elif os.path.lexists(link) and str(link) not in manifest.made["links"]:
        return f"{link} is another program and stays; ours is {program}"
    elif dry:
        return f"would link {link}"
    else:
        manifest.note("folders", *(f for f in (link.parent, link.parent.parent) if not f.exists()))
        manifest.note("links", link)
        link.parent.mkdir(parents=True, exist_ok=True)
        fresh = link.with_name(".deepdream.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(program)
        fresh.replace(link)
        done = f"{link} linked"
    if str(link.parent) not in os.environ.get("PATH", "").split(os.pathsep):
        done += f" (not on PATH: add {link.parent} to it, or call it by this name)"
    return done


def self_test(place: Place) -> str:
    """Ask the installed engine how it is. Raises `Problem` with its answer."""
    done = subprocess.run(
        [str(place.program("deepdream")), "doctor"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode:
        told = (done.stdout + done.stderr).strip()
        raise Problem(f"The engine was installed but is not well:\n{told}")
    return "the engine answers"


def run_install(options: argparse.Namespace) -> int:
    started = time.monotonic()
    outcome = install(options)
    seconds = time.monotonic() - started
    if options.dry_run:
        say("Nothing was changed.")
        return 0
    if outcome.complaints:
        say(f"Not complete: {outcome.complaints[0]}")
        return 1
    where = ", ".join(sorted(set(outcome.series))) or "no GIMP (none was found)"
    say(f"Installed: DeepDream {__version__} for GIMP {where}, in {seconds:.0f} s.")
    if outcome.series:
        say("Start GIMP anew; it is under Filters > Artistic > DeepDream…")
    return 0


# --- Demo ---------------------------------------------------------------------------------------


def run_demo(options: argparse.Namespace) -> int:
    """Install, then dream the photo through a GIMP in batch mode into the current folder."""
    outcome = install(options)
    photo = CHECKOUT / "docs" / "photo.jpg"
    xcf, png = Path.cwd() / "demo.xcf", Path.cwd() / "demo.png"
    if options.dry_run:
        say(f"Then would dream {photo} through GIMP into {xcf} and {png}. Nothing was changed.")
        return 0
    if not outcome.programs:
        raise Problem(
            "There is no GIMP on this machine: install GIMP 2.10 or later, then run this."
        )
    say("Demo")
    for program in outcome.programs:
        say(f"  dreaming {photo.name} through GIMP {program.version}; takes a minute or so")
        started = time.monotonic()
        trouble = dream_through(program, photo, xcf, png)
        seconds = time.monotonic() - started
        if not trouble:
            say(f"  {xcf}\n  {png}")
            say(f"Dreamed through GIMP {program.version} in {seconds:.0f} s: open demo.xcf.")
            return 0
        say(f"  GIMP {program.version} failed:\n{trouble}")
    raise Problem("No GIMP could dream the photo; what each said is above.")


def dream_through(program: gimps.Program, photo: Path, xcf: Path, png: Path) -> str:
    """Let a GIMP dream the photo. Return GIMP's own words if it failed, else nothing.

    GIMP 2.10 ends with 0 even after an error, so the files are what counts.
    """
    xcf.unlink(missing_ok=True)
    png.unlink(missing_ok=True)
    if program.series.startswith("2."):
        arguments = ["-b", demo_in_scheme(photo, xcf, png), "-b", "(gimp-quit 0)"]
    else:
        python = "--batch-interpreter=python-fu-eval"
        arguments = [python, "-b", demo_in_python(photo, xcf, png), "--quit"]
    try:
        done = subprocess.run(
            [*program.console, "-i", "-d", "-f", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=1800,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    words = (done.stdout + done.stderr).strip()
    if not (xcf.exists() and png.exists()):
        return words or "GIMP said nothing and saved nothing."
    layers = count_xcf_layers(xcf)
    return "" if layers == 2 else f"{xcf} has {layers} layers, not 2.\n{words}"


def demo_in_scheme(photo: Path, xcf: Path, png: Path) -> str:
    photo_, xcf_, png_ = (json.dumps(str(path), ensure_ascii=False) for path in (photo, xcf, png))
    return f"""
(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE {photo_} {photo_})))
       (source (car (gimp-image-get-active-drawable image)))
       (dream (car (python-fu-deepdream RUN-NONINTERACTIVE image source "" ""))))
  (file-png-save RUN-NONINTERACTIVE image dream {png_} {png_} 0 9 0 0 0 0 0)
  (gimp-xcf-save 0 image dream {xcf_} {xcf_}))"""


def demo_in_python(photo: Path, xcf: Path, png: Path) -> str:
    return f"""
import gi
gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, Gio
quiet = Gimp.RunMode.NONINTERACTIVE
image = Gimp.file_load(quiet, Gio.File.new_for_path({str(photo)!r}))
procedure = Gimp.get_pdb().lookup_procedure("python-fu-deepdream")
if procedure is None:
    raise RuntimeError("GIMP did not find the plug-in.")
config = procedure.create_config()
config.set_property("image", image)
config.set_core_object_array("drawables", image.get_layers())
result = procedure.run(config)
if result.index(0) != Gimp.PDBStatusType.SUCCESS:
    raise RuntimeError(Gimp.get_pdb().get_last_error())
for path in ({str(png)!r}, {str(xcf)!r}):
    if not Gimp.file_save(quiet, image, Gio.File.new_for_path(path), None):
        raise RuntimeError("GIMP could not save " + path)
"""


def count_xcf_layers(path: Path) -> int:
    """Return how many layers an XCF file holds, by its own table."""
    data = path.read_bytes()
    version = 0 if data[9:13] == b"file" else int(data[10:13])
    position = 14 + 12 + (4 if version >= 4 else 0)
    kind = -1
    while kind != 0:
        kind, size = struct.unpack_from(">II", data, position)
        position += 8 + size
    pointer = ">Q" if version >= 11 else ">I"
    layers = 0
    while struct.unpack_from(pointer, data, position)[0]:
        layers += 1
        position += struct.calcsize(pointer)
    return layers


# --- Tests --------------------------------------------------------------------------------------


def run_test(options: argparse.Namespace) -> int:
    """Make the test environment, provide the real GIMPs, run every check."""
    cache = cache_folder()
    place = Place(cache / "test-env", "[test]")
    log = cache / "logs" / "install.log"
    provide = CHECKOUT / "tests" / "gimp" / "provide.py"
    if options.engine_python is None and read_stamp(engine := Place(data_folder() / "engine")):
        # Its packages are borrowed; PyTorch need not be on the disk twice.
        options.engine_python = str(engine.python)
    if options.dry_run:
        say(f"Test environment\n  {install_engine(place, options, log)}")
        say(f"GIMPs\n  would run {provide} (packages and chroots where this is root on Debian)")
        say("Then would run ruff and pytest. Nothing was changed.")
        return 0
    base = find_python(options.engine_python)
    ensure_venv_module(base)
    say(f"GIMPs (into {cache / 'roots'}, in the background) and test environment ({cache})")
    providing = subprocess.Popen(
        [sys.executable, str(provide), str(cache)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    teller = threading.Thread(target=tell_lines, args=(providing,), daemon=True)
    teller.start()
    try:
        say(f"  environment: {install_engine(place, options, log)}")
        teller.join()
        providing.wait()
    except BaseException:
        providing.terminate()
        raise
    return check_everything(place, options.arguments)


def tell_lines(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        say(f"  GIMPs: {line.rstrip()}")


def check_everything(place: Place, pytest_arguments: Sequence[str]) -> int:
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("PYTHONPATH", None)
    python = str(place.python)
    failed = []
    for check in (["check"], ["format", "--check"]):
        say(f"\n$ ruff {' '.join(check)}")
        command = [python, "-m", "ruff", *check, "--no-cache", "."]
        if subprocess.run(command, cwd=CHECKOUT, env=env).returncode:
            failed.append(f"ruff {check[0]}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "gimps.json"
        say("\n$ pytest")
        command = [python, "-m", "pytest", "-p", "no:cacheprovider", f"--gimp-report={report}"]
        if subprocess.run([*command, *pytest_arguments], cwd=CHECKOUT, env=env).returncode:
            failed.append("pytest")
        hosts = json.loads(report.read_text("utf-8")) if report.exists() else {}
    failed += tell_hosts(hosts, every_test=not pytest_arguments)
    say(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def tell_hosts(hosts: Mapping[str, Mapping[str, object]], every_test: bool) -> list[str]:
    """Print which GIMPs were driven, and return what counts as a failure."""
    say("\nGIMP   version    passed  failed")
    failures = []
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    for name, host in hosts.items():
        tested = bool(host["passed"] or host["failed"])
        why = host["skipped"] or ("" if tested else "no test for it was chosen")
        if why:
            say(f"{name:6} not tested: {why}")
        else:
            say(f"{name:6} {host['version']:9} {host['passed']:7} {host['failed']:7}")
        if why and in_ci and every_test and name in TEST_HOSTS_THAT_MUST_RUN:
            failures.append(f"GIMP {name} was not tested")
    if not hosts:
        failures.append("pytest did not come to its end")
    return failures


# --- Uninstall ----------------------------------------------------------------------------------


def run_uninstall(options: argparse.Namespace) -> int:
    """Remove what the installer put on this machine, and nothing else."""
    data = data_folder()
    manifest = Manifest()
    would = "would remove" if options.dry_run else "removing"
    for place in map(Path, manifest.made["plug_ins"]):
        say(f"{would} {place}" + ("" if options.dry_run else f": {remove_plug_in(place)}"))
    for link in map(Path, manifest.made["links"]):
        if link.is_symlink() and link.readlink().parent.parent == data / "engine":
            say(f"{would} {link}")
            if not options.dry_run:
                link.unlink()
    if not options.dry_run:
        remove_leftovers(data)
    own = [data / "engine", data / "logs"]
    if options.everything:
        own += [data / "models", data / "presets", data / "settings", cache_folder()]
    for folder in own:
        if folder.exists():
            say(f"{would} {folder}")
            if not options.dry_run:
                remove_tree(folder)
    if not options.dry_run:
        for note in (manifest.path, data / ".install.lock"):
            note.unlink(missing_ok=True)
        for made in (data, *sorted(map(Path, manifest.made["folders"]), reverse=True)):
            with contextlib.suppress(OSError):
                made.rmdir()
    kept = [path for path in (data, cache_folder()) if path.exists() and path not in own]
    for path in kept if not options.dry_run else []:
        say(f"kept {path} (models, presets and settings, or what the tests use)")
    if kept and not options.dry_run:
        say("`python3 install.py uninstall --everything` removes these too.")
    if manifest.made["apt"]:
        names = " ".join(manifest.made["apt"])
        say(f"These packages stay; remove them with: apt-get remove {names}")
    say("Nothing was changed." if options.dry_run else "Uninstalled.")
    return 0


# --- The command line ---------------------------------------------------------------------------


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="install.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "command", nargs="?", default="install", choices=["install", "demo", "test", "uninstall"]
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would happen, do nothing")
    parser.add_argument(
        "--torch",
        default="auto",
        choices=["auto", "cuda", "rocm", "cpu", "pypi"],
        help="which build of PyTorch; auto looks at this machine",
    )
    parser.add_argument(
        "--engine-python",
        metavar="PYTHON",
        default=os.environ.get("DEEPDREAM_ENGINE_PYTHON"),
        help="a Python (a conda or virtual environment's) whose own torch and torchvision\n"
        "the engine uses instead of installing them; or set DEEPDREAM_ENGINE_PYTHON",
    )
    parser.add_argument(
        "--everything",
        action="store_true",
        help="uninstall: models, presets, settings and the tests' cache as well",
    )
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command != "test":
        parser.error(f"unknown: {' '.join(rest)}")
    options.arguments = [argument for argument in rest if argument != "--"]
    return options


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    # Ending like an interruption lets running programs be ended too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    commands = {
        "install": run_install,
        "demo": run_demo,
        "test": run_test,
        "uninstall": run_uninstall,
    }
    try:
        return commands[options.command](options)
    except Problem as problem:
        say(f"Failed: {problem}")
        return 1
    except PermissionError as error:
        say(f"Failed: no permission to write {error.filename}. Make it yours, then run this again.")
        return 1
    except KeyboardInterrupt:
        say("Interrupted. Run the same command again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
