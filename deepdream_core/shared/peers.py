"""Who is at the other end of a local socket, as far as the system tells."""

from __future__ import annotations

import os
import socket
import struct
import sys
from dataclasses import dataclass

_LINUX = struct.Struct("3i")
"""struct ucred: process, user, group."""
_BSD = struct.Struct("2I")
"""The start of struct xucred: its version and the user."""
_BSD_LEVEL, _BSD_CREDENTIALS, _MACOS_PROCESS = 0, 1, 2


@dataclass(frozen=True)
class Peer:
    """The user and the process at the other end."""

    user: int
    process: int = 0
    """Zero if unknown."""


def peer_of(stream: socket.socket) -> Peer | None:
    """Return the peer of a connected local socket, or None if this system does not tell."""
    try:
        if stream.family != getattr(socket, "AF_UNIX", None):
            return None
        if sys.platform.startswith("linux"):
            options = (socket.SOL_SOCKET, socket.SO_PEERCRED, _LINUX.size)
            process, user, _group = _LINUX.unpack(stream.getsockopt(*options))
            return Peer(user, process)
        if sys.platform == "darwin" or "bsd" in sys.platform:
            found = stream.getsockopt(_BSD_LEVEL, _BSD_CREDENTIALS, 128)
            _version, user = _BSD.unpack_from(found)
            return Peer(user, _process_on_macos(stream))
    except (OSError, struct.error):
        return None
    return None


def _process_on_macos(stream: socket.socket) -> int:
    if sys.platform != "darwin":
        return 0
    return stream.getsockopt(_BSD_LEVEL, _MACOS_PROCESS)


def is_same_user(stream: socket.socket) -> bool:
    """Return whether the peer is this user, or unknown: then the folder's mode must protect."""
    peer = peer_of(stream)
    return peer is None or peer.user == os.geteuid()
