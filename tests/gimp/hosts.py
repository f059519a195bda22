"""The real GIMPs that the tests drive: on this machine, and in chroots of newer Debian releases.

Every job gets a folder of its own, which holds its home, its GIMP profile and its data. Where the
system allows it, a job also gets a process namespace: when it ends, everything it started ends, and
what was still running is reported in `left_behind`. Mounts live in the job's own mount namespace,
so that none is ever left over.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PLUG_INS = CHECKOUT / "plug-ins"
NAMES = ("2.10", "3.0", "3.2")
CHROOT_OF = {"3.0": "trixie", "3.2": "sid"}
"""The Debian release whose GIMP it is."""

_DATA_FOLDERS = (
    "brushes",
    "dynamics",
    "fonts",
    "gradients",
    "palettes",
    "patterns",
    "tool-presets",
)
"""A profile without them makes GIMP complain when it ends."""

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_UNSHARE = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
_VERSION = re.compile(r"version (\d+\.\d+)\.(\d+)")

_ENCLOSURE = r"""
root=$1; survivors=$2; shift 2
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
for wait in 1 2 3 4 5; do
    others > "$survivors" 2>/dev/null
    grep -q . "$survivors" || break
    sleep 0.2
done
exit $code
"""
"""Binds each path up to `--` into the root, runs the command there, notes what it left running."""


def cache_folder() -> Path:
    """Return the folder for what can be made again: chroots, the test environment."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "deepdream-gimp"


@dataclass(frozen=True)
class Result:
    """What a finished GIMP left: exit code (None: killed at the time limit), texts, seconds."""

    exit_code: int | None
    stdout: str
    stderr: str
    seconds: float
    left_behind: tuple[str, ...] = ()
    """Command lines of processes that were still running a second after GIMP had ended."""

    @property
    def output(self) -> str:
        """Everything GIMP said, for the message of a failed test."""
        code = "killed at its time limit" if self.exit_code is None else f"exit {self.exit_code}"
        return f"{code} after {self.seconds:.1f} s\n{self.stdout}\n{self.stderr}"


@dataclass(frozen=True)
class GimpHost:
    """One real GIMP."""

    name: str
    """`2.10`, `3.0` or `3.2`."""
    version: str
    """All of it: `2.10.34`."""
    console: str
    """The command without a window, as seen from inside `root`."""
    gui: str
    root: Path | None = None
    """The chroot that holds it, None for a GIMP of this machine."""

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
        timeout: float = 300.0,
    ) -> Result:
        """Run `code` (one batch command or several) without a window and wait for its end.

        `language` is "script-fu", or for 3.x also "python". `folder` (made if missing) holds the
        job's home, profile and data: what the job reads and writes should lie there, in the
        checkout or in one of `binds`, for a chroot sees nothing else of this machine. `env` is laid
        over a small environment; DEEPDREAM_PYTHON is this interpreter. Text layers need `fonts`.
        After `timeout` seconds the job is killed with everything that it started.
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
        self._furnish(folder, plug_ins, windows=False)
        command = [self.console, *arguments]
        env = {"DEEPDREAM_PYTHON": sys.executable, **(env or {})}
        return self._start(command, folder, [*plug_ins, *binds], env).wait(timeout)

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
        """Start GIMP with its windows on the X `display`; the arguments are those of `batch`.

        End it with `Running.stop`, or use it as a context manager.
        """
        shutil.rmtree(folder / "profile" / "backups", ignore_errors=True)
        self._furnish(folder, plug_ins, windows=True)
        new_instance = [] if "-n" in arguments else ["-n"]
        command = [self.gui, "-s", *new_instance, *arguments, *map(str, images)]
        env = {"DEEPDREAM_PYTHON": sys.executable, "DISPLAY": display, **(env or {})}
        return self._start(command, folder, [*plug_ins, *binds], env)

    def run(
        self,
        command: Sequence[object],
        folder: Path,
        *,
        env: Mapping[str, str] | None = None,
        binds: Sequence[Path] = (),
        timeout: float = 300.0,
    ) -> Result:
        """Run any command where this GIMP is, in `folder`, and wait for its end.

        The GIMP profile in `folder` starts empty, and no engine is set. The other arguments are
        those of `batch`.
        """
        return self._start([str(part) for part in command], folder, binds, env or {}).wait(timeout)

    def profile(self, folder: Path) -> Path:
        """Return the GIMP profile (configuration folder) of a job in `folder`."""
        return folder / "profile"

    def _start(
        self,
        command: Sequence[str],
        folder: Path,
        binds: Sequence[Path],
        env: Mapping[str, str],
    ) -> Running:
        folder = folder.resolve()
        for name in ("profile", "home", "data", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "runtime").mkdir(mode=0o700, exist_ok=True)
        survivors = folder / "left-behind.txt"
        survivors.unlink(missing_ok=True)
        enclosed = self.root is not None or can_enclose()
        if enclosed:
            # A GIMP of this machine sees this machine's files; only a chroot needs them bound.
            paths = _visible(self.root, [folder, *binds]) if self.root else []
            shell = ["sh", "-c", _ENCLOSURE, "sh", str(self.root or ""), str(survivors)]
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

    def _furnish(self, folder: Path, plug_ins: Sequence[Path], windows: bool) -> None:
        for name in _DATA_FOLDERS:
            (self.profile(folder) / name).mkdir(parents=True, exist_ok=True)
        path = ":".join([*map(str, plug_ins), "${gimp_plug_in_dir}/plug-ins"])
        lines = [f'(plug-in-path "{path}")', "(check-updates no)"]
        # GIMP throws away the whole file for one word that it does not know, and the program
        # without windows does not know the words about windows.
        if windows:
            lines += ["(restore-session no)", "(save-session-info no)"]
        if not self.is_gimp2:
            lines.append(f'(config-version "{self.version}")')
            if windows:
                lines.append("(show-welcome-dialog no)")
        (self.profile(folder) / "gimprc").write_text("\n".join(lines) + "\n", "utf-8")

    def _environment(self, folder: Path, extra: Mapping[str, str]) -> dict[str, str]:
        home = folder / "home"
        return {
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
            "PYTHONDONTWRITEBYTECODE": "1",
            "DEEPDREAM_HOME": str(folder / "data"),
            **extra,
        }


@dataclass
class Running:
    """A GIMP that was started."""

    host: GimpHost
    process: subprocess.Popen[bytes]
    folder: Path
    enclosed: bool
    """Whether it runs in a process namespace of its own."""
    started: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self, timeout: float) -> Result:
        """Wait for the end; after `timeout` seconds kill everything."""
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
        """Return number (as this machine sees it) and command line of each process of the job.

        GIMP is among them, its plug-ins and their engines too; Linux only, elsewhere empty.
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


@functools.cache
def can_enclose() -> bool:
    """Whether this user may make mount and process namespaces (root on Linux, as a rule)."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    trial = [*_UNSHARE, "mount", "-t", "proc", "proc", "/proc"]
    return subprocess.run(trial, capture_output=True).returncode == 0


def _visible(root: Path, paths: Sequence[Path]) -> list[Path]:
    """Return what has to be bound into a chroot: devices, checkout, engine, the job's paths."""
    wanted = {Path("/dev"), CHECKOUT, Path(sys.prefix), *_interpreter(root)}
    # Where the environment borrows its packages from, if it does.
    wanted |= {Path(entry) for entry in sys.path if entry.endswith("site-packages")}
    wanted |= {path.resolve() for path in paths}
    return sorted(p for p in wanted if p.exists() and not any(q in wanted for q in p.parents))


def _interpreter(root: Path) -> list[Path]:
    """Return the files of the Python that the engine's environment is based on."""
    base = Path(sys.base_prefix).resolve()
    if base not in (Path("/usr"), Path("/usr/local")):
        return [base]
    # A system's Python is bound file by file: the chroot keeps its own programs and libraries.
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    parts = [base / "bin" / name, base / "lib" / name, *(base / "lib").glob(f"lib{name}.so*")]
    parts.append(base / "share" / "python-wheels")  # Debian's, for making environments
    has_its_own = (root / "usr" / "bin" / name).exists() and base == Path("/usr")
    bound_before = has_its_own and (root / "usr" / "bin" / name).stat().st_size == 0
    return parts if not has_its_own or bound_before else []


def _version(command: Sequence[str]) -> tuple[str, str]:
    """Return (`2.10`, `2.10.34`) for a GIMP command, empty if it does not say."""
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
    """Return the GIMPs that can be driven here, by name; this machine's own come first."""
    hosts = {}
    consoles = ("gimp-console", "gimp-console-2.10", "gimp-console-3.0", "gimp-console-3.2")
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
    """Return why a GIMP cannot be driven here, empty if it can."""
    if name in available_hosts():
        return ""
    if name not in CHROOT_OF:
        return f"GIMP {name} is not installed on this machine"
    if not can_enclose():
        return f"GIMP {name} is not installed, and only root on Linux can use a chroot for it"
    root = cache_folder() / "roots" / CHROOT_OF[name]
    if not root.is_dir():
        return f"GIMP {name} is not installed, and there is no chroot {root}"
    found, version = _version(["chroot", str(root), "/usr/bin/gimp-console"])
    return f"the chroot {root} holds " + (f"GIMP {version}" if found else "no GIMP that runs")


@dataclass
class Desktop:
    """An X display without a screen, with a window manager (there is no focus without one)."""

    display: str
    server: subprocess.Popen[bytes]
    manager: subprocess.Popen[bytes]

    def windows(self, name: str = "") -> dict[str, str]:
        """Return the visible windows whose title holds the regular expression: id and title."""
        for _ in range(10):
            found = self._run("search", "--onlyvisible", "--name", name or ".")
            if "X Error" not in found.stderr:  # a window that closes just now ends the search
                break
        ids = found.stdout.split()
        titles = {i: self._run("getwindowname", i).stdout.strip() for i in ids}
        return {i: title for i, title in titles.items() if title}

    def wait_for_window(self, name: str, timeout: float = 60.0) -> str:
        """Return the id of the first window whose title holds the expression.

        Raises `TimeoutError`, which tells the windows that are there.
        """
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if found := self.windows(name):
                return next(iter(found))
            time.sleep(0.1)
        raise TimeoutError(f"No window {name!r} after {timeout:g} s; there are {self.windows()}.")

    def wait_until_gone(self, name: str, timeout: float = 60.0) -> None:
        """Wait until no visible window has such a title. Raises `TimeoutError`."""
        until = time.monotonic() + timeout
        while self.windows(name):
            if time.monotonic() > until:
                raise TimeoutError(f"Still there after {timeout:g} s: {self.windows(name)}.")
            time.sleep(0.1)

    def activate(self, window: str) -> None:
        """Give a window the keyboard."""
        self._xdotool("windowactivate", "--sync", window)

    def keys(self, *keys: str) -> None:
        """Press keys (X names: `Return`, `ctrl+z`) in the window that has the keyboard."""
        self._xdotool("key", "--delay", "60", *keys)

    def type(self, text: str) -> None:
        """Type a text into the window that has the keyboard."""
        self._xdotool("type", "--delay", "40", text)

    def point(self, x: int, y: int) -> None:
        """Move the mouse to a position of the screen, in pixels."""
        self._xdotool("mousemove", str(x), str(y))

    @contextlib.contextmanager
    def held(self, x: int, y: int) -> Iterator[None]:
        """Hold the mouse down at a position of the screen, in pixels, while the block runs."""
        self.point(x, y)
        self._xdotool("mousedown", "1")
        try:
            time.sleep(0.5)
            yield
        finally:
            self._xdotool("mouseup", "1")
            time.sleep(0.5)

    def geometry(self, window: str) -> tuple[int, int, int, int]:
        """Return x, y, width and height of a window on the screen, in pixels."""
        told = self._xdotool("getwindowgeometry", "--shell", window)
        values = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        return tuple(int(values[key]) for key in ("X", "Y", "WIDTH", "HEIGHT"))  # type: ignore

    def screenshot(self, path: Path, window: str = "root") -> Path:
        """Save the whole screen, or a window in its frame, as a PNG and return its path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        grab = ["import", "-display", self.display, "-frame", "-window", window, str(path)]
        subprocess.run(grab, check=True, capture_output=True, timeout=60)
        return path

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
    """Return which programs are missing for tests with windows, empty if none is."""
    missing = [p for p in ("Xvfb", "openbox", "xdotool", "import") if not shutil.which(p)]
    return f"not installed: {', '.join(missing)}" if missing else ""


@contextlib.contextmanager
def desktop(size: str = "1400x1000") -> Iterator[Desktop]:
    """Give an X display of its own, for as long as the block runs. Raises `RuntimeError`."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-ac"],
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
