"""Only this user is served on the warm engine's socket, even if its folder were open to all."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from deepdream_core.shared.peers import Peer, is_same_user, peer_of

NOBODY = 65534
HELLO = b"DDf1" + (17).to_bytes(4, "little") + bytes(8) + b'{"kind": "hello"}'
CLIENT = f"""
import socket, sys
with socket.socket(socket.AF_UNIX) as stream:
    stream.settimeout(10)
    stream.connect(sys.argv[1])
    try:
        stream.sendall({HELLO!r})
        print("an answer" if stream.recv(1000) else "nothing")
    except ConnectionError:
        print("nothing")
"""


def test_a_peer_is_known() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert peer_of(one) == Peer(os.geteuid(), os.getpid())
        assert is_same_user(other)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_is_refused() -> None:
    python = shutil.which("python3", path="/usr/bin")
    if not python:
        pytest.skip("another user has no Python here")

    def answer_to(user: int) -> str:
        """Return what a process of this user hears after hello."""
        command = [python, "-I", "-c", CLIENT, str(path)]
        done = subprocess.run(command, user=user, capture_output=True, text=True, timeout=20)
        return done.stdout.strip()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "open", "socket")
        command = [sys.executable, "-m", "deepdream_core.engine", "--socket", str(path)]
        engine = subprocess.Popen(command)
        try:
            deadline = time.monotonic() + 20
            while not path.exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(0.1)
            for opened in (Path(folder), path.parent):
                opened.chmod(0o755)
            path.chmod(0o777)
            assert answer_to(os.geteuid()) == "an answer"
            assert answer_to(NOBODY) == "nothing"
        finally:
            engine.kill()
            engine.wait()
