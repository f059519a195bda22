"""The warm engine, through the plug-in's own client and a real socket."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from deepdream_plugin import engine_warm
from deepdream_plugin.engine import Engine, Request
from deepdream_plugin.engine_errors import Cancelled, EngineDied
from deepdream_plugin.engine_warm import start_warm
from deepdream_plugin.engine_watch import state_of

from deepdream_core.engine.frames import array_of, picture_of
from deepdream_core.installer.environment import Environment, dismiss_warm_engine
from deepdream_core.shared.paths import engine_folder, warm_engine_socket
from deepdream_core.shared.protocol import Frame, Picture, receive, send
from deepdream_core.shared.recipe import Recipe

PYTHON = Path(sys.executable)
QUICK = Recipe(octaves=1, steps=1)
LONG = Recipe(octaves=1, steps=1000)


both_kinds_of_socket = pytest.mark.parametrize("home", ["file", "port"], indirect=True)
"""A port and a key, as on Windows, are used for paths that are too long for a socket."""


@pytest.fixture(autouse=True)
def home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    if getattr(request, "param", "") == "port":
        tmp_path /= "Zoë 李" * 12
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))
    # The engine starts in isolated mode, as in GIMP, and finds an uninstalled checkout by a path.
    monkeypatch.setenv("DEEPDREAM_PYTHON", str(PYTHON))
    yield tmp_path
    for process in engines(tmp_path):
        os.kill(process, signal.SIGKILL)


def engines(home: Path) -> list[int]:
    """Return the process IDs of this test's running engines."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode()
            state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if str(home) in command and "deepdream_core.engine" in command and state != "Z":
            found.append(int(folder.name))
    return found


@pytest.fixture
def image() -> dict[str, Picture]:
    pixels = np.random.default_rng(3).random((48, 64, 4), dtype=np.float32)
    return {"image": picture_of(pixels)}


def result_of(job: Request) -> np.ndarray:
    return array_of(list(job.events())[-1].pictures["result"])


@both_kinds_of_socket
def test_it_stays_for_the_next_dream(image: dict[str, Picture]) -> None:
    with Engine.warm() as first:
        one = result_of(first.dream(QUICK, image))
    with Engine.warm() as second:
        two = result_of(second.dream(QUICK, image))
    assert first.pid == second.pid
    assert np.array_equal(one, two)


@both_kinds_of_socket
def test_only_this_user_can_reach_it(home: Path) -> None:
    with Engine.warm():
        folder = warm_engine_socket().parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_several_windows_share_one_engine(home: Path, image: dict[str, Picture]) -> None:
    pids: list[int] = []

    def window() -> None:
        with Engine.warm() as engine:
            result_of(engine.dream(QUICK, image))
            pids.append(engine.pid)

    windows = [threading.Thread(target=window) for _ in range(3)]
    for thread in windows:
        thread.start()
    for thread in windows:
        thread.join()
    assert len(pids) == 3 and len(set(pids)) == 1
    assert engines(home) == [pids[0]]


def test_the_newest_draft_goes_first(image: dict[str, Picture]) -> None:
    with Engine.warm() as engine:
        running = engine.dream(LONG, image)
        engine.receive()
        waiting = engine.dream(QUICK, image)
        drafts = [engine.dream(QUICK, image, draft=True) for _ in range(2)]
        running.cancel()
        ended: list[int] = []
        while len(ended) < 3:
            try:
                frame = engine.receive()
            except Cancelled:
                continue
            if frame.kind == "result":
                ended.append(frame.fields["id"])
    assert ended == [drafts[1].id, drafts[0].id, waiting.id]


def test_closing_a_window_cancels_its_dream(image: dict[str, Picture]) -> None:
    with Engine.warm() as gone:
        gone.dream(LONG, image)
        gone.receive()
    with Engine.warm() as engine:
        started = time.monotonic()
        result_of(engine.dream(QUICK, image))
        assert time.monotonic() - started < 10


@both_kinds_of_socket
def test_it_ends_when_idle(home: Path, image: dict[str, Picture]) -> None:
    path = warm_engine_socket()
    command = [*(str(PYTHON), "-m", "deepdream_core.engine"), "--socket", str(path), "--idle", "1"]
    child = subprocess.Popen(command)
    while not path.exists():
        time.sleep(0.02)
    with Engine.warm() as engine:
        assert engine.pid == child.pid
        time.sleep(1.5)
        result_of(engine.dream(QUICK, image))
    assert child.wait(timeout=10) == 0
    assert not path.exists()


@both_kinds_of_socket
def test_an_engine_of_another_version_is_replaced(home: Path, image: dict[str, Picture]) -> None:
    path = warm_engine_socket()
    old = (
        "import deepdream_core, sys; deepdream_core.__version__ = '0.0.1'\n"
        "from pathlib import Path; from deepdream_core.engine.warm import WarmEngine\n"
        "WarmEngine(Path(sys.argv[1]), 600).serve()  # deepdream_core.engine"
    )
    child = subprocess.Popen([str(PYTHON), "-c", old, str(path)])
    while not path.exists():
        time.sleep(0.02)
    with Engine.warm() as engine:
        assert engine.pid != child.pid
        result_of(engine.dream(QUICK, image))
    assert child.wait(timeout=10) == 0


@both_kinds_of_socket
def test_a_stale_socket_is_replaced(image: dict[str, Picture]) -> None:
    with Engine.warm() as engine:
        os.kill(engine.pid, signal.SIGKILL)
    with Engine.warm() as other:
        assert other.pid != engine.pid
        result_of(other.dream(QUICK, image))


@both_kinds_of_socket
def test_the_installer_dismisses_it(image: dict[str, Picture]) -> None:
    with Engine.warm() as engine:
        result_of(engine.dream(QUICK, image))
    dismiss_warm_engine(Environment(engine_folder()))
    deadline = time.monotonic() + 10
    while state_of(engine.pid) not in ("", "Z") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert state_of(engine.pid) in ("", "Z")
    assert not warm_engine_socket().exists()


@both_kinds_of_socket
def test_one_that_hangs_is_ended_where_only_its_lock_tells_that_it_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_warm, "_SHOWS_PROCESSES", False)
    with Engine.warm() as engine:
        os.kill(engine.pid, signal.SIGSTOP)
    until = time.monotonic() + 5
    while state_of(engine.pid) != "T" and time.monotonic() < until:  # a busy process stops later
        time.sleep(0.01)
    other = subprocess.Popen(["sleep", "100"])
    try:
        engine_warm.end_warm(warm_engine_socket(), other.pid)
        assert other.poll() is None and state_of(engine.pid) == "T"
        engine_warm.end_warm(warm_engine_socket(), engine.pid)
        assert state_of(engine.pid) in ("", "Z")
    finally:
        other.kill()
        other.wait()


def test_a_python_without_the_engine_starts_none(home: Path) -> None:
    path = warm_engine_socket()
    assert start_warm(path, Path("/usr/bin/false")) is None


def test_the_last_output_is_reported_even_without_a_writable_log(home: Path) -> None:
    (home / "logs").write_text("not a folder")
    dying = home / "python"
    dying.write_text("#!/bin/sh\necho 'no such thing' >&2\n")
    dying.chmod(0o755)
    with pytest.raises(EngineDied, match='Its last words were: "no such thing"'):
        Engine.start(dying)


@pytest.mark.parametrize("dreams", [60, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.timeout(7200)
def test_dreams_leave_nothing_behind(image: dict[str, Picture], dreams: int) -> None:
    """In the engine: memory, open files, threads. Every third dream is a preview."""

    def held(process: int) -> tuple[float, int, int]:
        status = Path(f"/proc/{process}/status").read_text()
        memory, threads = (
            int(next(x for x in status.splitlines() if x.startswith(name)).split()[1])
            for name in ("VmRSS:", "Threads:")
        )
        return memory / 1024, len(list(Path(f"/proc/{process}/fd").iterdir())), threads

    with Engine.warm() as engine:
        for _ in range(20):
            result_of(engine.dream(QUICK, image))
        before = held(engine.pid)
        for number in range(dreams):
            result_of(engine.dream(QUICK, image, draft=number % 3 == 0))
        after = held(engine.pid)
    print(f"{dreams} dreams: MiB, files, threads {before} -> {after}")
    assert after[0] - before[0] < 20
    assert after[1:] == before[1:]


def test_a_client_that_does_not_read_delays_no_other(image: dict[str, Picture]) -> None:
    big = {"image": Picture(512, 512, 4, bytes(1 << 22))}
    with Engine.warm() as engine:
        result_of(engine.dream(QUICK, image))
        started = time.monotonic()
        result_of(engine.dream(QUICK, image))
        alone = time.monotonic() - started
        with Engine.warm() as stalled:
            stalled.dream(Recipe(octaves=1, steps=0), big)
            time.sleep(1)  # its dream has ended, and its result waits
            started = time.monotonic()
            result_of(engine.dream(QUICK, image))
            assert time.monotonic() - started < alone + 1


def test_a_dream_that_hangs_in_a_driver_is_ended_once_it_is_cancelled(home: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from deepdream_core.engine import jobs, warm\n"
        "jobs.DreamJob._dream = lambda job, queue: time.sleep(1000)\n"
        "warm._OVERDUE_SECONDS, warm._warm_up = 0.5, lambda: None\n"
        "warm.WarmEngine(Path(sys.argv[1]), 600).serve()  # deepdream_core.engine"
    )
    path = warm_engine_socket()
    child = subprocess.Popen([str(PYTHON), "-c", code, str(path)])
    while not path.exists():
        time.sleep(0.02)
    with Engine.warm() as engine:
        engine.dream(LONG, {"image": Picture(1, 1, 3, bytes(12))})
        assert engine.pid == child.pid
    assert child.wait(timeout=5) == 0
    assert not path.exists()


def test_a_window_is_refused_when_memory_is_short_and_the_next_is_served(tmp_path: Path) -> None:
    code = """
import sys, threading
from pathlib import Path
from deepdream_core.engine.warm import WarmEngine
engine = threading.Thread(target=WarmEngine(Path(sys.argv[1]), 60).serve, daemon=True)
engine.start()
for size in sys.stdin:
    threading.stack_size(int(size))
    print("set", flush=True)
"""
    path = tmp_path / "own" / "socket"
    engine = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def answer(stack_bytes: int) -> Frame | None:
        print(stack_bytes, file=engine.stdin, flush=True)
        engine.stdout.readline()
        with suppress(ConnectionError), socket.socket(socket.AF_UNIX) as window:
            window.settimeout(20)
            window.connect(str(path))
            with window.makefile("rwb") as stream:
                send(stream, Frame("hello"))
                return receive(stream)
        return None

    try:
        deadline = time.monotonic() + 20
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert answer(2**46) is None
        assert answer(0).kind == "hello"
    finally:
        engine.kill()
        engine.wait()
