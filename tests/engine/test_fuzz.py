"""Damaged frames, to everything that reads frames: only our own errors, and no memory for nothing.

The seeds are printed. DEEPDREAM_SEED=N repeats a run.
"""

from __future__ import annotations

import io
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineError
from mutations import mutated

from deepdream_core.engine.jobs import JobQueue
from deepdream_core.engine.server import Connection
from deepdream_core.shared.messages import Message
from deepdream_core.shared.protocol import (
    Frame,
    NoRoom,
    Picture,
    ProtocolError,
    Sink,
    receive,
    send,
)

PICTURE = Picture(2, 3, 4, bytes(96))
SMALL = Picture(3, 1, 3, bytes(9), sample="uint8")
REQUESTS = (
    Frame("hello", {"version": "0.2.0", "protocol": 1}),
    Frame("dream", {"id": 1, "recipe": {"steps": 3}, "preview": 64}, {"image": PICTURE}),
    Frame("dream", {"id": 2, "palette": [[0, 1, 2]]}, {"image": PICTURE, "mask": SMALL}),
    Frame("compose", {"id": 1, "recipe": {"strength": 0.5}, "preview": 32}),
    *(Frame(kind, {"id": 1}) for kind in ("pause", "resume", "finish", "cancel", "models")),
)
ANSWERS = (
    Frame("hello", {"version": "0.2.0", "protocol": 1, "pid": 7}),
    Frame("alive"),
    Frame("progress", {"id": 1, "fraction": 0.5, "octave": 0, "octaves": 1, "step": 1, "steps": 2}),
    Frame("preview", {"id": 1, "octave": 0, "step": 1}, {"preview": SMALL}),
    Frame("note", {"id": 1, "text": Message("smaller-tiles", side=64)}),
    Frame("result", {"id": 1, "seconds": 1.0}, {"result": PICTURE}),
    Frame("models", {"id": 1, "networks": [{"name": "x"}]}),
    Frame("error", {"id": 1, "code": "x", "message": Message("cancelled"), "hint": "y"}),
)


def encoded(frames: tuple[Frame, ...]) -> list[bytes]:
    found = []
    for frame in frames:
        for packs in (False, True) if frame.pictures else (False,):
            send(stream := io.BytesIO(), frame, packs)
            found.append(stream.getvalue())
    return found


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("DEEPDREAM_SEED", random.randrange(1 << 32)))
    print(f"DEEPDREAM_SEED={seed}")
    return random.Random(seed)


class Arriving(io.BytesIO):
    """A stream that knows how much memory its reader has allocated for what has arrived."""

    def readinto(self, buffer: memoryview) -> int:
        # In a name of its own: a failing assertion would print the whole buffer.
        allocated = len(buffer.obj)
        assert allocated <= max(1 << 16, 4 * self.tell())
        return super().readinto(buffer)


def read_all(data: bytes) -> None:
    stream = Arriving(data)
    with suppress(ProtocolError, NoRoom):
        while receive(stream):
            pass


@pytest.mark.parametrize(
    "count", [10_000, pytest.param(1_000_000, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def test_the_parser_raises_only_its_own_errors(count: int, chance: random.Random) -> None:
    frames = encoded(REQUESTS + ANSWERS)
    for _ in range(count):
        read_all(mutated(frames, chance))


def test_a_claim_of_two_gibibytes_takes_no_memory() -> None:
    whole = encoded((Frame("dream", {}, {"image": Picture(2, 2, 1, bytes(16))}),))[0]
    claim = 1 << 31
    text = whole[16:-16].replace(b'"width": 2, "height": 2', b'"width": 16384, "height": 32768')
    prefix = whole[:4] + len(text).to_bytes(4, "little") + claim.to_bytes(8, "little")
    with pytest.raises(ProtocolError, match="middle"):
        receive(Arriving(prefix + text + bytes(100_000)))


class Discard(io.RawIOBase):
    def write(self, data: bytes) -> int:
        return len(data)


@pytest.mark.parametrize("count", [1_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_the_client_raises_only_its_own_errors(count: int, chance: random.Random) -> None:
    frames = encoded(ANSWERS)
    for _ in range(count):
        data = mutated(frames, chance) + mutated(frames, chance)
        engine = Engine(io.BytesIO(data), Discard())  # pyright: ignore[reportArgumentType]
        with suppress(EngineError):
            while True:
                engine.receive()
        engine.close()


class ToSocket:
    def __init__(self, stream: socket.socket) -> None:
        self.write = stream.sendall

    def flush(self) -> None: ...


@pytest.fixture
def threads() -> Iterator[list[str]]:
    """The errors of all threads that ended with one."""
    errors: list[str] = []
    before = threading.excepthook
    threading.excepthook = lambda arguments: errors.append(repr(arguments.exc_value))
    yield errors
    threading.excepthook = before


@pytest.mark.parametrize("count", [500, pytest.param(50_000, marks=pytest.mark.slow)])
def test_a_socket_s_listener_raises_nothing(
    count: int, chance: random.Random, threads: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    frames = encoded(REQUESTS)
    for _ in range(count):
        ours, theirs = socket.socketpair()
        with ours, theirs, theirs.makefile("rb") as frames_in:
            sink: Sink = ToSocket(theirs)
            connection = Connection(frames_in, sink, JobQueue())
            listener = threading.Thread(target=connection.listen)
            listener.start()
            ours.settimeout(5)
            with suppress(OSError):
                ours.sendall(mutated(frames, chance) + mutated(frames, chance))
                ours.shutdown(socket.SHUT_WR)
            listener.join(5)
            assert not listener.is_alive()
    assert not threads
    capfd.readouterr()


@pytest.mark.parametrize("count", [4, pytest.param(500, marks=pytest.mark.slow)])
def test_an_engine_ends_with_its_stream_whatever_it_was_sent(
    count: int, chance: random.Random
) -> None:
    frames = encoded(REQUESTS)
    for _ in range(count):
        command = [sys.executable, "-m", "deepdream_core.engine", "--stdio"]
        engine = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        data = b"".join(frames[:1] + [mutated(frames, chance) for _ in range(3)])
        started = time.monotonic()
        try:
            engine.communicate(data, timeout=30)
            assert engine.returncode == 0
            assert time.monotonic() - started < 10
        finally:
            engine.kill()
