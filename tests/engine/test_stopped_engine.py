"""Engines that stop answering are noticed, whatever they were doing, and slow ones are left alone.

All of it happens at the same time, in real processes; the tests look at what came of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from deepdream_plugin import engine_watch
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineSilent
from deepdream_plugin.engine_watch import state_of

from deepdream_core.engine.frames import array_of, picture_of
from deepdream_core.shared.protocol import ALIVE_SECONDS, SILENT_SECONDS, Picture
from deepdream_core.shared.recipe import Recipe

PYTHON = Path(sys.executable)
QUICK = Recipe(octaves=1, steps=1)
SENTENCE = "The engine stopped answering, so it was ended. Dream again; a new engine will start."
SHORT = ALIVE_SECONDS + 2
"""Enough silence for the ordinary tests; the slow ones wait as long as an artist does."""

SLOW_ENGINE = """#!/bin/sh
exec {python} -c '
import sys, time
from deepdream_core.engine import jobs
from deepdream_core.engine.server import serve_stream
def slow_step(job, queue):
    time.sleep({seconds})
    job.send("note", text="done")
jobs.DreamJob.run = slow_step
serve_stream(sys.stdin.buffer, sys.stdout.buffer)
'
"""
CLIENT = """
import sys, time
from pathlib import Path
from deepdream_plugin import engine_watch
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineError
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import Recipe
engine_watch.SILENT_SECONDS = float(sys.argv[2])
with Engine.start(Path(sys.argv[1])) as engine:
    request = engine.dream(Recipe(), {"image": Picture(1, 1, 3, bytes(12))})
    print(engine.pid, flush=True)
    try:
        print(request.next_event().kind, flush=True)
    except EngineError as problem:
        print(problem.code, flush=True)
"""


@dataclass(frozen=True)
class Outcome:
    seconds: float
    """Until the stopped engine was noticed."""
    said: str
    state: str
    """Of the stopped process, afterwards."""
    after: str = ""


@dataclass(frozen=True)
class Troubles:
    """What goes wrong, each in a thread of its own."""

    folder: Path
    silent: float
    image: dict[str, Picture]

    def hangs_at_its_start(self) -> Outcome:
        return self._noticed(lambda: Engine.start(self.folder / "hanging"), 0)

    def is_stopped_while_a_big_picture_is_sent(self) -> Outcome:
        with Engine.start(PYTHON) as engine:
            os.kill(engine.pid, signal.SIGSTOP)
            big = {"image": Picture(2048, 2048, 4, bytes(1 << 26))}
            return self._noticed(lambda: engine.dream(QUICK, big), engine.pid)

    def is_stopped_in_the_middle_of_a_dream(self) -> Outcome:
        with Engine.start(PYTHON) as engine:
            request = engine.dream(Recipe(octaves=1, steps=1000), self.image)
            next(frame for frame in request.events() if frame.kind == "progress")
            os.kill(engine.pid, signal.SIGSTOP)
            return self._noticed(lambda: list(request.events()), engine.pid)

    def stops_while_it_is_warm(self) -> Outcome:
        with Engine.warm(PYTHON) as engine:
            old = engine.pid
        os.kill(old, signal.SIGSTOP)
        started = time.monotonic()
        with Engine.warm(PYTHON) as engine:
            seconds = time.monotonic() - started
            result = list(engine.dream(QUICK, self.image).events())[-1]
            same = np.array_equal(
                array_of(result.pictures["result"]), array_of(self.image["image"])
            )
            after = "the same engine" if engine.pid == old else "another engine"
            return Outcome(seconds, "", state_of(old), after if not same else "no dream")

    def takes_long_for_a_step(self) -> str:
        with Engine.start(self.folder / "slow") as engine:
            request = engine.dream(QUICK, self.image)
            try:
                return request.next_event().kind
            except Exception as problem:
                return str(getattr(problem, "code", problem))

    def sleeps_with_the_whole_laptop(self) -> str:
        python = self.folder / "sleeping"
        path = os.pathsep.join(["plug-ins/deepdream", "plug-ins", "."])
        client = subprocess.Popen(
            [PYTHON, "-c", CLIENT, str(python), str(self.silent)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        both = (client.pid, int(client.stdout.readline()))
        time.sleep(0.5)  # now it waits
        for process in both:
            os.kill(process, signal.SIGSTOP)
        time.sleep(self.silent + 2)
        # The client wakes up first and finds that it has heard nothing for a long time.
        for process in both:
            os.kill(process, signal.SIGCONT)
            time.sleep(0.2)
        return client.communicate(timeout=60)[0].strip()

    def _noticed(self, wait: Callable[[], object], process: int) -> Outcome:
        started = time.monotonic()
        with pytest.raises(EngineSilent) as raised:
            wait()
        seconds = time.monotonic() - started
        time.sleep(0.2)
        return Outcome(seconds, str(raised.value), state_of(process))

    def write_programs(self) -> None:
        """Write the engines that are started.

        Before any thread starts: a process that one thread starts holds the files that another
        is writing, and a program that is open for writing cannot be started.
        """
        programs = {
            "hanging": "#!/bin/sh\nexec sleep 100\n",
            "slow": SLOW_ENGINE.format(python=PYTHON, seconds=self.silent + 3),
            "sleeping": SLOW_ENGINE.format(python=PYTHON, seconds=2),
        }
        for name, text in programs.items():
            program = self.folder / name
            program.write_text(text)
            program.chmod(0o755)


@pytest.fixture(
    scope="module",
    params=[SHORT, pytest.param(SILENT_SECONDS, marks=pytest.mark.slow)],
    ids=["soon", "as for an artist"],
)
def came_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Callable[[Troubles], object]], object]]:
    """Return what came of a trouble."""
    pixels = np.random.default_rng(3).random((48, 64, 4), dtype=np.float32)
    folder = tmp_path_factory.mktemp("stopped")
    troubles = Troubles(folder, request.param, {"image": picture_of(pixels)})
    troubles.write_programs()
    all_of_them = (
        Troubles.hangs_at_its_start,
        Troubles.is_stopped_while_a_big_picture_is_sent,
        Troubles.is_stopped_in_the_middle_of_a_dream,
        Troubles.stops_while_it_is_warm,
        Troubles.takes_long_for_a_step,
        Troubles.sleeps_with_the_whole_laptop,
    )
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(len(all_of_them)) as pool:
        patch.setenv("DEEPDREAM_HOME", str(folder))
        patch.setattr(engine_watch, "SILENT_SECONDS", request.param)
        running: dict[object, Future] = {
            trouble: pool.submit(trouble, troubles) for trouble in all_of_them
        }
        yield lambda trouble: running[trouble].result(timeout=100)
        for future in running.values():
            future.exception()
    lock = folder / "run" / "engine.lock"
    if lock.exists():
        os.kill(int(lock.read_text()), signal.SIGKILL)


CameOf = Callable[[Callable[[Troubles], object]], object]


@pytest.mark.parametrize(
    "trouble",
    [
        Troubles.hangs_at_its_start,
        Troubles.is_stopped_while_a_big_picture_is_sent,
        Troubles.is_stopped_in_the_middle_of_a_dream,
    ],
)
def test_a_private_engine_that_stops_is_noticed_and_ended(
    trouble: Callable[[Troubles], Outcome], came_of: CameOf
) -> None:
    outcome = came_of(trouble)
    print(f"noticed after {outcome.seconds:.1f} s")
    assert outcome.seconds < 15
    assert outcome.said == SENTENCE
    assert outcome.state in ("", "Z")


def test_a_warm_engine_that_stops_is_replaced(came_of: CameOf) -> None:
    outcome = came_of(Troubles.stops_while_it_is_warm)
    print(f"replaced after {outcome.seconds:.1f} s")
    assert outcome.seconds < 15 + 5
    assert outcome.state in ("", "Z")
    assert outcome.after == "another engine"


def test_a_slow_step_is_no_stopped_engine(came_of: CameOf) -> None:
    assert came_of(Troubles.takes_long_for_a_step) == "note"


def test_a_laptop_that_slept_is_no_stopped_engine(came_of: CameOf) -> None:
    assert came_of(Troubles.sleeps_with_the_whole_laptop) == "note"
