"""A warm engine on a port: nobody without its key is served, and no other program is trusted."""

from __future__ import annotations

import json
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deepdream_core.shared.local_sockets import Listener, connect

SECONDS = 5.0


@pytest.fixture(params=["file", "port"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A socket's path; where it is too long for a file, a port is used."""
    return tmp_path / ("socket" * (20 if request.param == "port" else 1))


@contextmanager
def served(listener: Listener) -> Iterator[list[bool]]:
    """Greet whoever is admitted, and note who was."""
    admitted: list[bool] = []

    def serve() -> None:
        while True:
            try:
                stream = listener.accept()
            except OSError:
                return
            admitted.append(listener.admits(stream))
            if admitted[-1]:
                stream.sendall(b"hello")
            stream.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield admitted


def test_this_user_is_served_and_the_path_is_gone_afterwards(path: Path) -> None:
    listener = Listener(path)
    with served(listener) as admitted, connect(path, SECONDS) as stream:
        assert stream.recv(100) == b"hello"
    assert admitted == [True]
    listener.close()
    assert not path.exists()
    with pytest.raises(OSError):
        connect(path, SECONDS)


@pytest.mark.parametrize("path", ["port"], indirect=True)
def test_without_the_key_nothing_is_served(path: Path) -> None:
    with served(Listener(path)) as admitted:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        found = json.loads(path.read_text())
        with socket.create_connection(("127.0.0.1", found["port"]), SECONDS) as stranger:
            stranger.sendall(bytes(32))
            assert len(stranger.recv(64, socket.MSG_WAITALL)) == 64
            stranger.sendall(bytes(32))
            assert stranger.recv(100) == b""
        path.write_text(json.dumps({**found, "key": bytes(32).hex()}))
        with pytest.raises(OSError):
            connect(path, SECONDS)
        deadline = time.monotonic() + SECONDS
        while len(admitted) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert admitted == [False, False]


@pytest.mark.parametrize("path", ["port"], indirect=True)
def test_a_program_that_took_the_port_gets_no_picture(path: Path) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as other:

        def pretend() -> None:
            stream = other.accept()[0]
            with stream:
                heard.append(stream.recv(32))
                stream.sendall(bytes(64))
                heard.append(stream.recv(100))

        thread = threading.Thread(target=pretend)
        thread.start()
        key = bytes(range(32)).hex()
        path.write_text(json.dumps({"port": other.getsockname()[1], "key": key}))
        with pytest.raises(PermissionError, match="Another program listens"):
            connect(path, SECONDS)
        thread.join()
    assert [len(piece) for piece in heard] == [32, 0]


@pytest.mark.parametrize("path", ["port"], indirect=True)
@pytest.mark.parametrize("text", ["", "[]", "{}", '{"port": 99999, "key": ""}', "\u674e"])
def test_a_file_that_names_no_port_is_refused(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    with pytest.raises(OSError):
        connect(path, SECONDS)
