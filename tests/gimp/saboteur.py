"""Makes dreams fail at random moments: kills, crashes, starves or stops a process of theirs."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import resource
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deepdream_core.shared.own_folders import MARK

SEED = int(os.environ.get("DEEPDREAM_SEED", time.time_ns() % 1_000_000))
FAULTS = int(os.environ.get("DEEPDREAM_FAULTS", "300"))
"""How many faults the long tests make in each GIMP."""
_LOOK = 0.02
_TICK = os.sysconf("SC_CLK_TCK")
_GONE_SECONDS = 1.0
"""A private engine is gone so soon after its plug-in."""
_NOTICED_SECONDS = 15.0
"""So soon it is noticed that an engine has stopped; the test machine may be busy."""
_SPARE_SECONDS = 5.0


def limit_memory(process: int) -> None:
    """Let a process have no more memory than it has now."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[0])
    used = pages * resource.getpagesize()
    resource.prlimit(process, resource.RLIMIT_AS, (used, resource.RLIM_INFINITY))


def lift_limit(process: int) -> None:
    """Let a process have all memory again."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(process, resource.RLIMIT_AS, unlimited)


def cancel_as_gimp(process: int) -> None:
    """Kill a plug-in as GIMP's Cancel does: with its process group, if it has its own."""
    if os.getpgid(process) == process:
        os.killpg(process, signal.SIGKILL)
    else:
        os.kill(process, signal.SIGKILL)


FAILURES: dict[str, Callable[[int], None]] = {
    "killed": lambda process: os.kill(process, signal.SIGKILL),
    "crashed": lambda process: os.kill(process, signal.SIGSEGV),
    "out of memory": limit_memory,
    "stopped": lambda process: os.kill(process, signal.SIGSTOP),
    "cancelled": cancel_as_gimp,
}
QUICK = ("killed", "crashed", "out of memory")
LONG = (*QUICK * 3, "stopped")
"""What is drawn from for engines; that one has stopped is noticed only after some seconds."""
PLUG_IN = ("cancelled",)
"""What happens to plug-ins."""


@dataclass(frozen=True)
class Processes:
    """The running processes of a job."""

    plug_ins: tuple[int, ...]
    engines: tuple[int, ...]


def processes_of(home: Path) -> Processes:
    """Return the running plug-ins and engines whose data folder is `home`."""
    found: dict[str, list[int]] = {"plug-in": [], "engine": []}
    wanted = f"DEEPDREAM_HOME={home}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            kind = _kind((entry / "cmdline").read_bytes())
            if kind and wanted in (entry / "environ").read_bytes().split(b"\0"):
                found[kind].append(int(entry.name))
    # A child that has not yet become the engine still has the plug-in's command line.
    plug_ins = (one for one in found["plug-in"] if _parent(one) not in found["plug-in"])
    return Processes(tuple(plug_ins), tuple(found["engine"]))


def _kind(command: bytes) -> str:
    if b"deepdream.py\0-gimp" in command and b"\0-run\0" in command:
        return "plug-in"
    return "engine" if b"\0deepdream_core.engine\0" in command else ""


def _status(process: int) -> list[str]:
    """Return what the system tells about a process, from its state on."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return []


def _parent(process: int) -> int:
    status = _status(process)
    return int(status[1]) if status else 0


def has_ended(process: int) -> bool:
    """Return whether a process has ended, even if nobody has asked for its exit code yet."""
    status = _status(process)
    return not status or status[0] in ("X", "Z")


def _wait_for(what: Callable[[], bool], seconds: float) -> bool:
    """Wait until a condition is true; return whether it is in time."""
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK)
    return True


@dataclass
class _Dream:
    """A dream that is being watched."""

    plug_in: int
    idle_engines: tuple[int, ...]
    """Those that were there before it."""
    engines: tuple[int, ...] = ()
    _before: dict[int, float] = field(default_factory=dict)
    _used: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engines = self.idle_engines
        self._before = {one: _own_seconds(one) for one in self.engines}

    def work(self) -> float:
        """Return the processor time that plug-in and engine have used for it so far."""
        for one in (self.plug_in, *self.engines):
            used = _own_seconds(one) - self._before.get(one, 0.0)
            self._used[one] = max(used, self._used.get(one, 0.0))
        return sum(self._used.values())


def _own_seconds(process: int) -> float:
    """Return the processor time of a process without its children; 0 if it has gone."""
    status = _status(process)
    return sum(map(int, status[11:13])) / _TICK


class Saboteur(threading.Thread):
    """Waits for the dreams of a GIMP and makes each fail, until there were enough faults.

    A fault happens when plug-in and engine together have used a share of the processor time of a
    dream that nobody disturbed. Shares are drawn evenly, but every fourth is from the last tenth,
    because inserting a dream takes only a moment. The first dream of each kind is left in peace.
    """

    def __init__(
        self,
        home: Path,
        draw: random.Random,
        failures: Sequence[str],
        faults: int,
        *,
        warm: bool,
        ways: Sequence[str] = ("batch",),
        enough: Path | None = None,
    ) -> None:
        """Strike the plug-in if `failures` is `PLUG_IN`, otherwise the engine.

        `warm` says which engine the dreams use, `ways` how they will begin, again and again: it
        decides how much work a dream is. `enough` is created after the last fault.
        """
        super().__init__(daemon=True)
        self._home, self._draw, self._failures, self._faults = home, draw, failures, faults
        self._ways = itertools.cycle(ways)
        self._warm, self._enough = warm, enough
        self._lengths: dict[tuple[str, bool], float] = {}
        self._stopped = threading.Event()
        self.done: Counter[str] = Counter()
        self.begun = self.dreams = 0
        """How many dreams have begun, and how many have ended."""
        self.struck = ""
        """What happened in the dream that has ended last."""
        self.served_again = 0
        """How often a warm engine that had lost its plug-in served the next."""
        self.noticed = 0.0
        """The longest time in seconds until it was noticed that an engine had stopped."""
        self.problems: list[str] = []

    def run(self) -> None:
        seen: set[int] = set()
        survivor = 0
        while not self._stopped.wait(_LOOK):
            now = processes_of(self._home)
            for plug_in in set(now.plug_ins) - seen:
                seen.add(plug_in)
                self.begun += 1
                self.served_again += survivor in now.engines
                survivor = self._watch(_Dream(plug_in, now.engines))
                self.dreams += 1

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def has_enough(self) -> bool:
        return self.done.total() >= self._faults

    def _watch(self, dream: _Dream) -> int:
        """Accompany a dream to its end; return the warm engine that its plug-in left, or 0."""
        kind = (next(self._ways), not dream.engines)
        if self.has_enough() or kind not in self._lengths:
            self.struck = ""
            while self._goes_on(dream):
                self._lengths[kind] = dream.work()
            return 0
        last_tenth = self._draw.random() < 0.25
        wanted = self._draw.uniform(0.9 if last_tenth else 0.0, 1.0) * self._lengths[kind]
        failure = self._draw.choice(self._failures)
        victim = 0
        while self._goes_on(dream) and not (victim and dream.work() >= wanted):
            victim = self._victim(dream)
        self.struck = ""
        # By now the dream may be over.
        with contextlib.suppress(OSError):
            if victim and not has_ended(victim):
                FAILURES[failure](victim)
                self.struck = failure
        if not self.struck:
            return 0
        self.done[failure] += 1
        if self.has_enough() and self._enough:
            self._enough.touch()
        if self._failures is PLUG_IN:
            return self._after_a_plug_in()
        self._after_an_engine(dream, victim)
        return 0

    def _goes_on(self, dream: _Dream) -> bool:
        if not dream.engines:
            dream.engines = processes_of(self._home).engines
        return not has_ended(dream.plug_in) and not self._stopped.wait(_LOOK / 4)

    def _victim(self, dream: _Dream) -> int:
        if self._failures is PLUG_IN:
            return dream.plug_in
        return next((one for one in dream.engines if not has_ended(one)), 0)

    def _after_a_plug_in(self) -> int:
        engines = processes_of(self._home).engines
        if not self._warm:
            if not _wait_for(lambda: all(map(has_ended, engines)), _GONE_SECONDS):
                self.problems.append(f"a private engine stayed: {engines}")
            return 0
        if len(engines) > 1:
            self.problems.append(f"several warm engines: {engines}")
        if not engines or self._draw.random() < 0.1:
            # Then the next dream needs a new one.
            for engine in engines:
                os.kill(engine, signal.SIGKILL)
            return 0
        if _wait_for(lambda: has_ended(engines[0]), _LOOK * 5):
            self.problems.append("a warm engine ended together with its plug-in")
        return engines[0]

    def _after_an_engine(self, dream: _Dream, victim: int) -> None:
        if self.struck == "stopped":
            self._wait_until_noticed(dream, victim)
        while not has_ended(dream.plug_in) and not self._stopped.wait(_LOOK):
            pass
        if self.struck == "out of memory" and self._warm:
            lift_limit(victim)
        elif self.struck == "stopped" and self._warm and not has_ended(victim):
            # It had sent the whole dream before. The next dream replaces it.
            return
        elif not _wait_for(lambda: has_ended(victim), _GONE_SECONDS):
            self.problems.append(f"an engine that was {self.struck} stayed")

    def _wait_until_noticed(self, dream: _Dream, victim: int) -> None:
        """Wait until the plug-in ends the engine, which has stopped, or itself."""
        began = time.monotonic()
        while not has_ended(victim) and not has_ended(dream.plug_in):
            if self._stopped.wait(_LOOK):
                return
        seconds = time.monotonic() - began
        self.noticed = max(self.noticed, seconds)
        if seconds > _NOTICED_SECONDS + _SPARE_SECONDS:
            self.problems.append(f"that an engine had stopped was noticed after {seconds} s")


def engine_that_ends_soon(folder: Path, seconds: float = 3.0) -> Path:
    """Create a program that runs the engine; a warm one ends after so long without use."""
    program = folder / "engine-that-ends-soon"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} "$@" --idle {seconds}\n', "utf-8")
    program.chmod(0o755)
    return program


_KEPT = ("last-settings.json", "favourites.json", "logs/engine.log", "logs/last-error.txt")


def left_files(home: Path) -> list[str]:
    """Return what is in the data folder `home`, apart from settings, logs and marks."""
    names = (str(path.relative_to(home)) for path in home.rglob("*") if not path.is_dir())
    return [one for one in names if one not in _KEPT and not one.endswith(MARK)]
