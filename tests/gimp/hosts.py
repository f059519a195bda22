"""The real GIMPs that the tests drive: this machine's own and those in Debian chroots.

Every job has its own folder for its home, GIMP profile and data. Where the system allows it, a job
also has its own process namespace: when the job ends, so does everything it started, and processes
that were still running are reported in `left_behind`. Mounts are made in the job's own mount
namespace and disappear with it.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import ImageGrab

CHECKOUT = Path(__file__).resolve().parents[2]
PLUG_INS = CHECKOUT / "plug-ins"
NAMES = ("2.10", "3.0", "3.2")
CHROOT_OF = {"3.0": "trixie", "3.2": "sid"}
"""The Debian release that provides each GIMP series."""

_DATA_FOLDERS = (
    "brushes",
    "dynamics",
    "fonts",
    "gradients",
    "palettes",
    "patterns",
    "tool-presets",
)
"""Without these folders in its profile, GIMP prints warnings when it exits."""

_STEPS_OF_CONVERSIONS = "2"
"""In how many steps GIMP's colour library tries to convert pixels; with its own 3, GIMP 3 spends
half of the time of its start on trying them.
"""

_INHERITED = ("OMP_NUM_THREADS",)
"""With a different number of threads, the engine's results differ in their last bits."""

_POLL_SECONDS = 0.1
"""Looking for windows starts a program or two."""

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_UNSHARE = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
_VERSION = re.compile(r"version (\d+\.\d+)\.(\d+)")

_ENCLOSURE = r"""
root=$1; survivors=$2; tries=$3; shift 3
while [ "$1" != -- ]; do
    if [ -d "$1" ]; then mkdir -p "$root$1"
    else mkdir -p "$root$(dirname "$1")"; [ -e "$root$1" ] || : > "$root$1"; fi
    mount --rbind "$1" "$root$1" || exit 125
    shift
done
shift
mount -t proc proc "$root/proc" || exit 125
if [ -n "$root" ]; then chroot "$root" sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"; else "$@"; fi
code=$?
others() {
    for process in "$root"/proc/[0-9]*; do
        [ "$process" != "$root/proc/1" ] || continue
        command=$(tr '\0' ' ' < "$process/cmdline")
        [ -z "$command" ] || echo "$command"
    done
}
while [ "$tries" -gt 0 ]; do
    tries=$((tries - 1))
    others > "$survivors" 2>/dev/null
    grep -q . "$survivors" || break
    sleep 0.2
done
exit $code
"""
"""Binds each path before `--` into the root, runs the command there and lists its survivors.

Looks for them five times a second.
"""


def cache_folder() -> Path:
    """Return the folder for data that can be recreated: chroots and the test environment."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "deepdream-gimp"


@dataclass(frozen=True)
class Result:
    """How a GIMP job ended. The exit code is None if it was killed at the time limit."""

    exit_code: int | None
    stdout: str
    stderr: str
    seconds: float
    left_behind: tuple[str, ...] = ()
    """Command lines of processes that were still running some time after GIMP exited."""

    @property
    def output(self) -> str:
        """Everything GIMP printed, for the message of a failed test."""
        code = "killed at its time limit" if self.exit_code is None else f"exit {self.exit_code}"
        return f"{code} after {self.seconds:.1f} s\n{self.stdout}\n{self.stderr}"


@dataclass(frozen=True)
class GimpHost:
    """A real GIMP."""

    name: str
    """`2.10`, `3.0` or `3.2`."""
    version: str
    """The full version: `2.10.34`."""
    console: str
    """The path of the program without windows, as seen from inside `root`."""
    gui: str
    root: Path | None = None
    """The chroot that contains it, or None for this machine's own GIMP."""

    @property
    def is_gimp2(self) -> bool:
        return self.name.startswith("2.")

    def batch(
        self,
        code: str | Sequence[str],
        folder: Path,
        *,
        language: str = "script-fu",
        plug_ins: Sequence[Path] = (PLUG_INS,),
        env: Mapping[str, str] | None = None,
        binds: Sequence[Path] = (),
        fonts: bool = False,
        query: bool = False,
        patience: int = 1,
        timeout: float = 300.0,
    ) -> Result:
        """Run one or more batch commands without windows and wait for GIMP to exit.

        `language` is "script-fu" or, for 3.x, "python". `folder` is created if missing and holds
        the job's home, profile and data. Files that the job uses must be there, in the checkout or
        in one of `binds`, because a chroot sees nothing else. `env` extends a minimal environment;
        DEEPDREAM_PYTHON defaults to this interpreter. Text layers need `fonts`. With `query`, GIMP
        does not know our plug-ins yet and queries them. What still runs
        `patience` seconds after GIMP is left behind, and killed. After `timeout` seconds, the job
        and everything it started are killed.
        """
        commands = [code] if isinstance(code, str) else list(code)
        arguments = ["-i", "-d"] if fonts else ["-i", "-d", "-f"]
        if self.is_gimp2:
            if language != "script-fu":
                raise ValueError("GIMP 2.10 has no Python for batch commands.")
            commands.append("(gimp-quit 0)")
        else:
            interpreter = {"script-fu": "plug-in-script-fu-eval", "python": "python-fu-eval"}
            arguments += ["--quit", f"--batch-interpreter={interpreter[language]}"]
        for command in commands:
            arguments += ["-b", command]
        self._furnish(folder, plug_ins, windows=False, query=query)
        command = [self.console, *arguments]
        env = {"DEEPDREAM_PYTHON": sys.executable, **(env or {})}
        running = self._start(command, folder, [*plug_ins, *binds], env, patience)
        return running.wait(timeout)

    def open_window(
        self,
        folder: Path,
        display: str,
        *,
        images: Sequence[Path] = (),
        arguments: Sequence[str] = (),
        plug_ins: Sequence[Path] = (PLUG_INS,),
        env: Mapping[str, str] | None = None,
        binds: Sequence[Path] = (),
    ) -> Running:
        """Start GIMP with windows on the X `display`. The other arguments are those of `batch`.

        Stop it with `Running.stop`, or use it as a context manager.
        """
        shutil.rmtree(folder / "profile" / "backups", ignore_errors=True)
        self._furnish(folder, plug_ins, windows=True)
        self._keep_idle(folder)
        new_instance = [] if "-n" in arguments else ["-n"]
        command = [self.gui, "-s", *new_instance, *arguments, *map(str, images)]
        env = {"DEEPDREAM_PYTHON": sys.executable, "DISPLAY": display, **(env or {})}
        return self._start(command, folder, [*plug_ins, *binds], env)

    def _keep_idle(self, folder: Path) -> None:
        """Have the engine rest when nothing is asked of it, so that tests can tell and are fast."""
        kept = folder / "data" / "favourites.json"
        kept.parent.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            kept.write_text('{"starred": [], "recent": [], "thumbnails": false}', "utf-8")

    def run(
        self,
        command: Sequence[object],
        folder: Path,
        *,
        env: Mapping[str, str] | None = None,
        binds: Sequence[Path] = (),
        timeout: float = 300.0,
    ) -> Result:
        """Run any command on this GIMP's system, in `folder`, and wait for it to exit.

        The GIMP profile in `folder` is empty and DEEPDREAM_PYTHON is not set. The other arguments
        are those of `batch`.
        """
        return self._start([str(part) for part in command], folder, binds, env or {}).wait(timeout)

    def profile(self, folder: Path) -> Path:
        """Return the GIMP configuration folder of a job in `folder`."""
        return folder / "profile"

    def _start(
        self,
        command: Sequence[str],
        folder: Path,
        binds: Sequence[Path],
        env: Mapping[str, str],
        patience: int = 1,
    ) -> Running:
        folder = folder.resolve()
        for name in ("profile", "home", "data", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "runtime").mkdir(mode=0o700, exist_ok=True)
        survivors = folder / "left-behind.txt"
        survivors.unlink(missing_ok=True)
        enclosed = self.root is not None or can_enclose()
        if enclosed:
            # Only a chroot needs files bound; this machine's own GIMP can see them.
            paths = _visible(self.root, [folder, *binds]) if self.root else []
            tries = str(5 * patience)
            shell = ["sh", "-c", _ENCLOSURE, "sh", str(self.root or ""), str(survivors), tries]
            command = [*_UNSHARE, *shell, *map(str, paths), "--", *command]
        stdout, stderr = folder / "stdout.txt", folder / "stderr.txt"
        with stdout.open("wb") as out, stderr.open("wb") as err:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=self._environment(folder, env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        return Running(self, process, folder, enclosed)

    def _furnish(
        self, folder: Path, plug_ins: Sequence[Path], windows: bool, query: bool = False
    ) -> None:
        for name in _DATA_FOLDERS:
            (self.profile(folder) / name).mkdir(parents=True, exist_ok=True)
        known = self.profile(folder) / "pluginrc"
        if not known.exists():
            # Plug-ins elsewhere are copies of a single test.
            ours = () if query else tuple(p for p in plug_ins if CHECKOUT in p.parents)
            shutil.copyfile(self._known_plug_ins(ours), known)
        path = ":".join([*map(str, plug_ins), "${gimp_plug_in_dir}/plug-ins"])
        lines = [f'(plug-in-path "{path}")', "(check-updates no)"]
        # GIMP discards the whole file if it contains an unknown setting, and the program without
        # windows does not know the settings about windows.
        if windows:
            lines += ["(restore-session no)", "(save-session-info no)"]
        if not self.is_gimp2:
            # Without the language of the previous session, GIMP queries every plug-in again.
            lines += [f'(config-version "{self.version}")', '(prev-language "C.UTF-8")']
            if windows:
                lines.append("(show-welcome-dialog no)")
        (self.profile(folder) / "gimprc").write_text("\n".join(lines) + "\n", "utf-8")

    def _known_plug_ins(self, ours: Sequence[Path]) -> Path:
        """Return a pluginrc with this GIMP's own plug-ins and ours, as querying them takes seconds.

        At every start, GIMP only queries plug-ins that are new or have changed.
        """
        folder = cache_folder() / "profiles" / self.version
        name = "pluginrc"
        if ours:
            files = sorted(file for plug_ins in ours for file in plug_ins.rglob("*.py"))
            dated = [(str(file), file.stat().st_mtime_ns) for file in files]
            name = f"pluginrc-{_digest(*map(str, ours))}-{_digest(*dated)}"
        cached = folder / name
        if not cached.exists():
            with tempfile.TemporaryDirectory() as place:
                job = Path(place)
                if ours:
                    self._furnish(job, ours, windows=False, query=True)
                quit_at_once = ["-b", "(gimp-quit 0)"] if self.is_gimp2 else ["--quit"]
                command = [self.console, "-i", "-d", "-f", *quit_at_once]
                done = self.run(command, job, binds=ours)
                made = self.profile(job) / "pluginrc"
                assert made.exists(), done.output
                folder.mkdir(parents=True, exist_ok=True)
                part = folder / f"part-{os.getpid()}"
                shutil.copyfile(made, part)
                for outdated in folder.glob(f"{name.rpartition('-')[0]}-*") if ours else ():
                    outdated.unlink(missing_ok=True)
                part.replace(cached)
        return cached

    def _environment(self, folder: Path, extra: Mapping[str, str]) -> dict[str, str]:
        home = folder / "home"
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return {
            **inherited,
            "PATH": _PATH,
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "TMPDIR": str(folder / "tmp"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_DATA_HOME": str(home / ".local" / "share"),
            "XDG_RUNTIME_DIR": str(folder / "runtime"),
            "GIMP2_DIRECTORY" if self.is_gimp2 else "GIMP3_DIRECTORY": str(self.profile(folder)),
            "GDK_BACKEND": "x11",
            "NO_AT_BRIDGE": "1",
            "GIO_USE_VFS": "local",
            "BABL_PATH_LENGTH": _STEPS_OF_CONVERSIONS,
            "PYTHONDONTWRITEBYTECODE": "1",
            "DEEPDREAM_HOME": str(folder / "data"),
            **extra,
        }


@dataclass
class Running:
    """A GIMP that has been started."""

    host: GimpHost
    process: subprocess.Popen[bytes]
    folder: Path
    enclosed: bool
    """Whether it has its own process namespace."""
    started: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self, timeout: float) -> Result:
        """Wait for GIMP to exit; after `timeout` seconds, kill everything."""
        try:
            code: int | None = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.stop()
            code = None
        seconds = time.monotonic() - self.started
        survivors = self.folder / "left-behind.txt"
        left = survivors.read_text("utf-8", "replace").splitlines() if survivors.exists() else []
        if not self.enclosed:
            left = [command for _, command in self.processes()]
            self.stop()
        return Result(code, self.stdout(), self.stderr(), seconds, tuple(filter(None, left)))

    def stop(self) -> None:
        """Kill GIMP and everything that it started."""
        members = self._members()
        if self.enclosed:
            killed.append(sum(processor_seconds(pid) for pid, _ in members))
        for pid, _ in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not (self.enclosed and members):
            self.process.kill()
        self.process.wait()

    def stdout(self) -> str:
        """Return what GIMP and its plug-ins have written to standard output so far."""
        return (self.folder / "stdout.txt").read_text("utf-8", "replace")

    def stderr(self) -> str:
        """Return what GIMP and its plug-ins have written to standard error so far."""
        return (self.folder / "stderr.txt").read_text("utf-8", "replace")

    def processes(self) -> list[tuple[int, str]]:
        """Return the process ID (on this machine) and command line of each process of the job.

        They include GIMP, its plug-ins and their engines. Empty on systems other than Linux.
        """
        return [(pid, command) for pid, command in self._members() if _ENCLOSURE not in command]

    def _members(self) -> list[tuple[int, str]]:
        space = self._namespace() if self.enclosed else ""
        if self.enclosed and not space:
            return []
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            pid = int(entry.name)
            with contextlib.suppress(OSError):
                if self.enclosed:
                    mine = str((entry / "ns" / "pid").readlink()) == space
                else:
                    mine = os.getsid(pid) == self.process.pid
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                if mine and command:
                    found.append((pid, command))
        return found

    def _namespace(self) -> str:
        with contextlib.suppress(OSError):
            return str(Path(f"/proc/{self.process.pid}/ns/pid_for_children").readlink())
        return ""


killed: list[float] = []
"""The processor seconds of each killed job, which its parent's own times do not include."""


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process and its finished children; Linux only."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


@functools.cache
def can_enclose() -> bool:
    """Return whether this user may create mount and process namespaces, usually root on Linux."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    trial = [*_UNSHARE, "mount", "-t", "proc", "proc", "/proc"]
    return subprocess.run(trial, capture_output=True).returncode == 0


def _visible(root: Path, paths: Sequence[Path]) -> list[Path]:
    """Return the paths to bind into a chroot: devices, checkout, engine, the job's own paths."""
    wanted = {Path("/dev"), CHECKOUT, Path(sys.prefix), *_interpreter(root)}
    # The environment may borrow packages from another one.
    wanted |= {Path(entry) for entry in sys.path if entry.endswith("site-packages")}
    wanted |= {path.resolve() for path in paths}
    return sorted(p for p in wanted if p.exists() and not any(q in wanted for q in p.parents))


def _interpreter(root: Path) -> list[Path]:
    """Return the files of the Python that the engine's environment is based on."""
    base = Path(sys.base_prefix).resolve()
    if base not in (Path("/usr"), Path("/usr/local")):
        return [base]
    # Bind a system Python file by file, so that the chroot keeps its own programs and libraries.
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    parts = [base / "bin" / name, base / "lib" / name, *(base / "lib").glob(f"lib{name}.so*")]
    parts.append(base / "share" / "python-wheels")  # Debian needs it to create environments
    has_its_own = (root / "usr" / "bin" / name).exists() and base == Path("/usr")
    bound_before = has_its_own and (root / "usr" / "bin" / name).stat().st_size == 0
    return parts if not has_its_own or bound_before else []


def _version(command: Sequence[str]) -> tuple[str, str]:
    """Return (`2.10`, `2.10.34`) for a GIMP command, or empty strings if it does not run."""
    try:
        in_english = {**os.environ, "LC_ALL": "C"}
        told = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, timeout=60, env=in_english
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return "", ""
    found = _VERSION.search(told)
    return (found[1], f"{found[1]}.{found[2]}") if found else ("", "")


@functools.cache
def available_hosts() -> dict[str, GimpHost]:
    """Return the GIMPs that can be tested here, by name; this machine's own take precedence."""
    hosts = {}
    consoles = ("gimp-console", *(f"gimp-console-{name}" for name in NAMES))
    for console in filter(None, map(shutil.which, consoles)):
        name, version = _version([console])
        gui = shutil.which(Path(console).name.replace("-console", ""))
        if name in NAMES and gui:
            hosts.setdefault(name, GimpHost(name, version, console, gui))
    for wanted, release in CHROOT_OF.items():
        root = cache_folder() / "roots" / release
        if wanted in hosts or not can_enclose() or not root.is_dir():
            continue
        name, version = _version(["chroot", str(root), "/usr/bin/gimp-console"])
        if name == wanted:
            hosts[name] = GimpHost(name, version, "/usr/bin/gimp-console", "/usr/bin/gimp", root)
    return {name: hosts[name] for name in NAMES if name in hosts}


def why_skipped(name: str) -> str:
    """Return why a GIMP cannot be tested here, or an empty string if it can."""
    if name in available_hosts():
        return ""
    if name not in CHROOT_OF:
        return f"GIMP {name} is not installed on this machine"
    if not can_enclose():
        return f"GIMP {name} is not installed, and using a chroot requires root on Linux"
    root = cache_folder() / "roots" / CHROOT_OF[name]
    if not root.is_dir():
        return f"GIMP {name} is not installed, and the chroot {root} does not exist"
    found, version = _version(["chroot", str(root), "/usr/bin/gimp-console"])
    return f"the chroot {root} contains " + (f"GIMP {version}" if found else "no working GIMP")


@dataclass
class Desktop:
    """A virtual X display with a window manager, which windows need to get the focus."""

    display: str
    server: subprocess.Popen[bytes]
    manager: subprocess.Popen[bytes]

    def windows(self, name: str = "") -> dict[str, str]:
        """Return the IDs and titles of visible windows whose title matches a regular expression."""
        for _ in range(10):
            ids = self._run("search", "--onlyvisible", "--name", name or ".")
            asked = [word for window in ids.stdout.split() for word in ("getwindowname", window)]
            titles = self._run(*asked) if asked else ids
            if "X Error" not in ids.stderr + titles.stderr:  # if a window closes meanwhile
                break
        found = zip(asked[1::2], titles.stdout.splitlines())
        return {window: title for window, title in found if title}

    def wait_for_window(self, name: str, timeout: float = 60.0) -> str:
        """Wait for a window whose title matches the expression, and return its ID.

        Raises `TimeoutError` with the titles of the open windows.
        """
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if found := self.windows(name):
                return next(iter(found))
            time.sleep(_POLL_SECONDS)
        raise TimeoutError(f"No window {name!r} after {timeout:g} s; open: {self.windows()}.")

    def wait_until_gone(self, name: str, timeout: float = 60.0) -> None:
        """Wait until no visible window's title matches the expression. Raises `TimeoutError`."""
        until = time.monotonic() + timeout
        while self.windows(name):
            if time.monotonic() > until:
                raise TimeoutError(f"Still open after {timeout:g} s: {self.windows(name)}.")
            time.sleep(_POLL_SECONDS)

    def activate(self, window: str) -> None:
        """Give a window the keyboard focus. Raises `TimeoutError`."""
        until = time.monotonic() + 30
        while self.focused() != window:
            if time.monotonic() > until:
                raise TimeoutError(f"Window {window} takes no focus; open: {self.windows()}.")
            self._run("windowactivate", "--sync", window)

    def ask_for_focus(self, window: str) -> bool:
        """Ask to give a window, which may be closing, the focus; return whether it has it."""
        if self.focused() == window:
            return True
        self._run("windowactivate", window)
        return False

    def popups(self) -> list[str]:
        """Return the IDs of all visible windows, menus included."""
        return self._run("search", "--onlyvisible", "--class", ".").stdout.split()

    def focused(self) -> str:
        """Return the ID of the window that has the keyboard focus."""
        return self._run("getwindowfocus").stdout.strip()

    def keys(self, *keys: str) -> None:
        """Press keys (X names such as `Return`, `ctrl+z`) in the focused window."""
        self._xdotool("key", "--delay", "60", *keys)

    def type(self, text: str) -> None:
        """Type text into the focused window."""
        self._xdotool("type", "--delay", "40", "--", text)

    def point(self, x: int, y: int) -> None:
        """Move the mouse to a position on the screen, in pixels."""
        self._xdotool("mousemove", str(x), str(y))

    def click(self, x: int, y: int, held: str = "") -> None:
        """Click with the left button while a key such as `ctrl` is held."""
        self.point(x, y)
        keys = (["keydown", held], ["keyup", held]) if held else ([], [])
        self._xdotool(*keys[0], "click", "1", *keys[1])

    def wheel(self, x: int, y: int, clicks: int) -> None:
        """Turn the mouse wheel at a position on the screen: down, or up if `clicks` is negative."""
        self.point(x, y)
        button = "5" if clicks > 0 else "4"
        self._xdotool("click", "--repeat", str(abs(clicks)), "--delay", "30", button)

    @contextlib.contextmanager
    def held(self, x: int, y: int) -> Iterator[None]:
        """Hold the mouse button down at a position on the screen, in pixels, during the block."""
        self.point(x, y)
        self._xdotool("mousedown", "1")
        try:
            yield
        finally:
            self._xdotool("mouseup", "1")

    def geometry(self, window: str) -> tuple[int, int, int, int]:
        """Return x, y, width and height of a window on the screen, in pixels."""
        told = self._xdotool("getwindowgeometry", "--shell", window)
        values = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        return tuple(int(values[key]) for key in ("X", "Y", "WIDTH", "HEIGHT"))  # type: ignore

    def resize(self, window: str, width: int, height: int) -> None:
        """Ask to give a window another size, in pixels; it may have a smallest one."""
        self._xdotool("windowsize", window, str(width), str(height))

    def screenshot(self, path: Path, window: str = "") -> Path:
        """Save the whole screen, or a window with its frame, as a PNG; return its path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if not window:
            ImageGrab.grab(xdisplay=self.display).save(path, compress_level=1)
            return path
        grab = ["import", "-display", self.display, "-frame", "-window", window, str(path)]
        subprocess.run(grab, check=True, capture_output=True, timeout=60)
        return path

    def seen(self, box: tuple[int, int, int, int]) -> np.ndarray:
        """Return a part of the screen: left, top, right, bottom; float32 (height, width, 3)."""
        picture = ImageGrab.grab(box, xdisplay=self.display)
        return np.asarray(picture.convert("RGB"), dtype=np.float32)

    def _xdotool(self, *arguments: str) -> str:
        done = self._run(*arguments)
        done.check_returncode()
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["xdotool", *arguments],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            timeout=60,
        )


def why_no_desktop() -> str:
    """Return which programs the tests with windows lack, or an empty string."""
    missing = [p for p in ("Xvfb", "openbox", "xdotool", "import") if not shutil.which(p)]
    return f"not installed: {', '.join(missing)}" if missing else ""


@contextlib.contextmanager
def desktop(size: str = "1400x1000") -> Iterator[Desktop]:
    """Provide a separate X display during the block. Raises `RuntimeError`."""
    read, write = os.pipe()
    screen = ["-screen", "0", f"{size}x24"]
    # -r: on a busy machine, a key may be down for so long that it would repeat.
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), *screen, "-nolisten", "tcp", "-ac", "-r"],
        pass_fds=[write],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    if not number:
        server.kill()
        raise RuntimeError("Xvfb did not start.")
    display = f":{number}"
    manager = subprocess.Popen(
        ["openbox"],
        env={**os.environ, "DISPLAY": display},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Desktop(display, server, manager)
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()
