"""Engines that fail at random moments: the image stays as it was, and the next dream works.

The short version draws a few faults in each GIMP. The long one (`-m slow`) draws as many as
DEEPDREAM_FAULTS says, 300 by default; DEEPDREAM_SEED repeats a run.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hosts import GimpHost
from inside import run_inside

SEED = int(os.environ.get("DEEPDREAM_SEED", time.time_ns() % 1_000_000))
FAULTS = int(os.environ.get("DEEPDREAM_FAULTS", "300"))
LATEST = 5.0
"""Seconds after an engine's start by which its fault happens; a dream takes about as long."""


def limit_memory(process: int) -> None:
    """Let a process have no more memory than it has now."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[0])
    used = pages * resource.getpagesize()
    resource.prlimit(process, resource.RLIMIT_AS, (used, used))


FAILURES: dict[str, Callable[[int], None]] = {
    "killed": lambda process: os.kill(process, signal.SIGKILL),
    "crashed": lambda process: os.kill(process, signal.SIGSEGV),
    "out of memory": limit_memory,
    "stopped": lambda process: os.kill(process, signal.SIGSTOP),
}
QUICK = ("killed", "crashed", "out of memory")
LONG = (*QUICK * 3, "stopped")
"""What is drawn from; that an engine has stopped is noticed after some seconds."""


class Saboteur(threading.Thread):
    """Waits for the engines of a job and makes each fail once, at a random moment."""

    def __init__(self, folder: Path, draw: random.Random, failures: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self._folder, self._draw, self._failures = folder, draw, failures
        self.peace = folder / "peace"
        self.done: Counter[str] = Counter()
        self._stopped = threading.Event()

    def run(self) -> None:
        seen: set[int] = set()
        while not self._stopped.wait(0.05) and not self.peace.exists():
            for engine in set(self._engines()) - seen:
                seen.add(engine)
                self._stopped.wait(self._draw.uniform(0, LATEST))
                failure = self._draw.choice(self._failures)
                # By now the dream may be over.
                with contextlib.suppress(OSError):
                    FAILURES[failure](engine)
                    self.done[failure] += 1

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def _engines(self) -> list[int]:
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes()
                environment = (entry / "environ").read_bytes()
                home = f"DEEPDREAM_HOME={self._folder / 'data'}".encode()
                if b"deepdream_core.engine" in command and home in environment:
                    found.append(int(entry.name))
        return found


def check_faults(gimp: GimpHost, folder: Path, faults: int, failures: Sequence[str]) -> None:
    print(f"DEEPDREAM_SEED={SEED}")
    saboteur = Saboteur(folder, random.Random(f"{SEED} {gimp.name}"), failures)
    settings = "octaves=1;steps=150"
    plan = {"dreams": faults, "settings": settings, "peace": str(saboteur.peace)}
    saboteur.start()
    try:
        report, result = run_inside(
            gimp,
            folder,
            "many_dreams.py",
            files={"plan.json": json.dumps(plan)},
            timeout=60 + 30 * faults,
        )
    finally:
        saboteur.stop()
    outcomes = report["outcomes"]
    failed = [outcome for outcome in outcomes if outcome["said"]]
    print(f"{gimp.name}: {dict(saboteur.done)}, {len(failed)} of {len(outcomes)} dreams failed")
    for outcome in outcomes:
        assert outcome["same"], outcome
        assert outcome["layers"] == (1 if outcome["said"] else 2), outcome
        if outcome["said"]:
            assert not outcome["dirty"], outcome
            assert "Traceback" not in outcome["said"] and len(outcome["said"]) < 400, outcome
    assert outcomes[-1]["said"] == "", outcomes[-1]
    assert saboteur.done and failed, "Nothing failed."
    assert result.left_behind == ()
    assert list((folder / "tmp").glob("deepdream*")) == []


@pytest.mark.usually_in("3.0")
def test_a_failing_engine_harms_nothing(gimp: GimpHost, tmp_path: Path) -> None:
    check_faults(gimp, tmp_path, 3, QUICK)


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
def test_engines_that_fail_again_and_again_harm_nothing(gimp: GimpHost, tmp_path: Path) -> None:
    check_faults(gimp, tmp_path, FAULTS, LONG)
