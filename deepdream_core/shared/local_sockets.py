"""The warm engine's socket, which only this user's processes can use.

It is a file in a private folder where the system has such sockets. Otherwise, as on Windows or
where the path is too long, it is a port on the loopback interface, and the file holds its number
and a key. Both sides then prove that they have read the key, without sending it: any user's
processes can reach the port, and once the engine has ended, any can take it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import socket
import struct
import sys
from pathlib import Path

from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.peers import is_same_user

_LONGEST_PATH = 100
"""In bytes; the limit is 104 on macOS and 108 on Linux."""
_LOOPBACK = "127.0.0.1"
_PROOF_SECONDS = 5.0
_NONCE_BYTES = _PROOF_BYTES = 32


class Listener:
    """A listening socket at `path`. Its folder must be private."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError`."""
        self._path = path
        self._key = b"" if _is_file(path) else secrets.token_bytes(32)
        self._path.unlink(missing_ok=True)
        if self._key:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            if sys.platform == "win32":
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            self._socket.bind((_LOOPBACK, 0))
        else:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.bind(str(path))
        self._socket.listen()
        if self._key:
            port = self._socket.getsockname()[1]
            write_text(path, json.dumps({"port": port, "key": self._key.hex()}))

    def accept(self) -> socket.socket:
        """Wait for a connection. Raises `OSError`."""
        return self._socket.accept()[0]

    def admits(self, stream: socket.socket) -> bool:
        """Return whether a connection comes from this user. Takes some seconds at most."""
        if not self._key:
            return is_same_user(stream)
        try:
            stream.settimeout(_PROOF_SECONDS)
            theirs = _exactly(stream, _NONCE_BYTES)
            ours = secrets.token_bytes(_NONCE_BYTES)
            stream.sendall(_proof(self._key, b"engine", theirs) + ours)
            given = _exactly(stream, _PROOF_BYTES)
            stream.settimeout(None)
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            return False
        return hmac.compare_digest(given, _proof(self._key, b"client", ours))

    def close(self) -> None:
        """Stop listening; existing connections go on."""
        with contextlib.suppress(OSError):
            self._path.unlink()
        self._socket.close()


def connect(path: Path, seconds: float) -> socket.socket:
    """Connect to this user's engine at `path`, within some seconds.

    Raises `OSError`, also if the engine is another user's.
    """
    # Never send the picture to a socket of another user.
    if sys.platform != "win32" and path.stat().st_uid != os.geteuid():
        raise PermissionError(f"{path} belongs to another user.")
    if not _is_file(path):
        return _connect_to_port(path, seconds)
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        stream.settimeout(seconds)
        stream.connect(str(path))
        stream.settimeout(None)
        if not is_same_user(stream):
            raise PermissionError(f"{path} is served by another user.")
    except OSError:
        stream.close()
        raise
    return stream


def limit_sending(stream: socket.socket, seconds: int) -> None:
    """Let `send` fail if nothing could be sent for some seconds; receiving may take longer."""
    timeout = struct.pack("@ll", seconds, 0)
    if sys.platform == "win32":
        timeout = struct.pack("@L", seconds * 1000)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)


def _is_file(path: Path) -> bool:
    """Return whether the socket at `path` is a file; both sides must agree."""
    # Some Pythons for Windows have AF_UNIX, but not every Windows does.
    if sys.platform == "win32" or not hasattr(socket, "AF_UNIX"):
        return False
    return len(os.fsencode(path)) <= _LONGEST_PATH


def _connect_to_port(path: Path, seconds: float) -> socket.socket:
    try:
        found = json.loads(path.read_text("ascii"))
        port, key = int(found["port"]), bytes.fromhex(found["key"])
        port.to_bytes(2, "big")
    except (ValueError, KeyError, TypeError, OverflowError):
        raise ConnectionRefusedError(f"{path} names no port.") from None
    stream = socket.create_connection((_LOOPBACK, port), seconds)
    try:
        ours = secrets.token_bytes(_NONCE_BYTES)
        stream.sendall(ours)
        answer = _exactly(stream, _PROOF_BYTES + _NONCE_BYTES)
        if not hmac.compare_digest(answer[:_PROOF_BYTES], _proof(key, b"engine", ours)):
            raise PermissionError(f"Another program listens on port {port}.")
        stream.sendall(_proof(key, b"client", answer[_PROOF_BYTES:]))
        stream.settimeout(None)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        stream.close()
        raise
    return stream


def _proof(key: bytes, side: bytes, nonce: bytes) -> bytes:
    """Return what only a process that knows the key can say to a nonce."""
    return hmac.new(key, side + nonce, hashlib.sha256).digest()


def _exactly(stream: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = stream.recv(count - len(found))
        if not piece:
            raise ConnectionResetError("The connection was closed.")
        found += piece
    return found
