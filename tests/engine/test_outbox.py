"""Frames wait in their own client's outbox; a client that does not read delays nobody else."""

from __future__ import annotations

import io
import socket
import threading
import time

import pytest

from deepdream_core.engine import warm
from deepdream_core.engine.outbox import Outbox
from deepdream_core.engine.warm import _SocketSink
from deepdream_core.shared.protocol import Frame, Picture, receive

PICTURE = Picture(1024, 1024, 4, bytes(1 << 24))


def test_a_client_that_does_not_read_is_lost_and_delays_the_worker_by_less_than_a_second() -> None:
    ours, theirs = socket.socketpair()
    lost = threading.Event()
    with ours, theirs:
        sink = _SocketSink(theirs)
        outbox = Outbox(sink, lambda: True, lambda: (lost.set(), sink.shut()), 0.5)
        outbox.start()
        started = time.monotonic()
        for number in range(100):
            outbox.put(Frame("frame", {"id": 1, "name": str(number)}, {"frame": PICTURE}))
        assert time.monotonic() - started < 1.0
        assert lost.is_set()


def test_a_client_that_reads_slowly_gets_every_result_but_not_every_preview() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb") as answers:
        outbox = Outbox(_SocketSink(theirs), lambda: True, lambda: None, 0.5)
        outbox.start()
        outbox.put(Frame("result", {"id": 1}, {"result": PICTURE}))
        for step in range(200):
            outbox.put(Frame("progress", {"id": 2, "step": step}))
        outbox.put(Frame("frame", {"id": 2}, {"frame": PICTURE}))
        outbox.put(Frame("result", {"id": 2}, {"result": PICTURE}))
        closing = threading.Thread(target=outbox.close, args=(5,))
        closing.start()
        closing.join(0.1)
        heard = [receive(answers)]
        while heard[-1].kind != "result" or heard[-1].fields["id"] != 2:
            heard.append(receive(answers))
        closing.join()
    assert [f.kind for f in heard if f.kind != "progress"] == ["result", "frame", "result"]
    steps = [f.fields["step"] for f in heard if f.kind == "progress"]
    assert steps[-1] == 199 and len(steps) < 50 and steps == sorted(steps)


def test_a_client_that_stops_reading_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "_STALLED_SECONDS", 1)
    ours, theirs = socket.socketpair()
    lost = threading.Event()
    with ours, theirs:
        outbox = Outbox(_SocketSink(theirs), lambda: True, lost.set)
        outbox.start()
        outbox.put(Frame("result", {"id": 1}, {"result": PICTURE}))
        assert not lost.wait(0.2)
        assert lost.wait(2)


def test_it_says_that_the_engine_is_alive_only_while_an_answer_is_owed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("deepdream_core.engine.outbox.ALIVE_SECONDS", 0.2)
    ours, theirs = socket.socketpair()
    owed = threading.Event()
    with ours, theirs, ours.makefile("rb") as answers:
        outbox = Outbox(_SocketSink(theirs), owed.is_set, lambda: None)
        outbox.start()
        ours.settimeout(0.5)
        with pytest.raises(TimeoutError):
            ours.recv(1)
        owed.set()
        ours.settimeout(None)
        assert receive(answers) == Frame("alive")
        outbox.close()


def test_a_client_that_is_gone_is_noticed() -> None:
    class Gone(io.BytesIO):
        def write(self, data: object) -> int:
            raise BrokenPipeError

    lost = threading.Event()
    outbox = Outbox(Gone(), lambda: False, lost.set)
    outbox.start()
    outbox.put(Frame("note", {"id": 1}))
    assert lost.wait(2)
    outbox.put(Frame("note", {"id": 1}))
