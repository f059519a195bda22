"""An engine on another computer: the command that reaches it, and what its failures mean.

    computer = Computer.parse("ssh gpu-box")
    computer.command                      what to start; its stdin and stdout carry the frames
    AfterNoise(process.stdout)            read the frames from this

The text is the start of a command: everything up to the host for ssh, perhaps followed by the
program there (`ssh gpu-box /opt/deepdream/bin/deepdream`). Any other command, such as `docker exec
-i box deepdream`, is taken as it is. `engine --stdio` is added to each.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from deepdream_core.shared.messages import DreamError, Message
from deepdream_core.shared.protocol import FRAME_START, Source
from deepdream_core.shared.quoting import shortened

VARIABLE = "DEEPDREAM_ENGINE"
"""The environment variable with the command."""

# The shell that ssh starts does not read the files in which people extend their PATH.
_PROGRAM = ("env", 'PATH="$PATH:$HOME/.local/bin"', "deepdream")
_SERVE = ("engine", "--stdio")
_ALIVE_SECONDS, _ALIVE_TIMES = 4, 2
"""ssh ends after three of these intervals without a byte: within 15 seconds."""
_CONNECT_SECONDS = 10
_SSH_OPTIONS = (
    "-T",
    *("-o", "BatchMode=yes"),
    *("-o", f"ConnectTimeout={_CONNECT_SECONDS}"),
    *("-o", f"ServerAliveInterval={_ALIVE_SECONDS}"),
    *("-o", f"ServerAliveCountMax={_ALIVE_TIMES}"),
)
_WITH_VALUE = "BbcDEeFIiJLlmOopPQRSWw"
"""ssh's options that take a value, which may be the next word."""
_SSH_FAILED, _NOT_FOUND = 255, (126, 127)
"""Exit codes: of ssh itself, and of a shell that cannot start a program."""
_MOST_NOISE = 1 << 16
_MOST_WORDS = 300


class ComputerError(DreamError):
    """The text does not name another computer."""


@dataclass(frozen=True)
class Computer:
    """Another computer that dreams."""

    text: str
    """The command as it was typed."""
    command: tuple[str, ...]
    """The command that starts the engine there, to be run without a shell."""
    host: str
    """The computer's name; the whole text if that is not known."""
    ssh: str
    """The start of a command that logs in there, or "" if it is not reached by ssh."""

    @classmethod
    def parse(cls, text: str) -> Computer:
        """Return the computer that a command reaches. Raises `ComputerError`."""
        text = text.strip()
        try:
            words = shlex.split(text, posix=sys.platform != "win32")
        except ValueError:
            raise ComputerError("computer-quotes", text=shortened(text)) from None
        if not words:
            raise ComputerError("computer-empty")
        if PurePath(words[0]).stem.lower() != "ssh":
            return cls(text, (*words, *_SERVE), text, "")
        place = _place_of_host(words)
        if place >= len(words):
            raise ComputerError("computer-no-host", text=shortened(text))
        # ssh takes the first value it is given: the artist's own options go first.
        before, host, program = words[:place], words[place], words[place + 1 :] or _PROGRAM
        command = (*before, *_SSH_OPTIONS, host, *program, *_SERVE)
        return cls(text, command, host, shlex.join([*before, host]))


def _place_of_host(words: Sequence[str]) -> int:
    """Return the index of the first word of an ssh command that is no option."""
    place = 1
    while place < len(words) and words[place].startswith("-"):
        letters = words[place][1:]
        valued = next((i for i, letter in enumerate(letters) if letter in _WITH_VALUE), None)
        place += 2 if valued == len(letters) - 1 else 1
    return place


def fits(version: str, other: str) -> bool:
    """Return whether two versions understand each other: only the last number may differ."""
    pattern = r"(\d+\.\d+)\.\d+"
    first, second = re.fullmatch(pattern, version), re.fullmatch(pattern, other)
    return version == other or bool(first and second and first[1] == second[1])


class AfterNoise:
    """A stream of frames from which whatever a login prints before the first frame is removed."""

    def __init__(self, stream: IO[bytes] | Source) -> None:
        """`stream` is unbuffered."""
        self._stream = stream
        self._ahead: bytes | None = None
        """What was read of the first frame; None while it is looked for."""
        self.noise = b""

    def readinto(self, buffer: memoryview, /) -> int | None:
        if self._ahead is None:
            self._ahead = self._find()
        if self._ahead:
            count = min(len(buffer), len(self._ahead))
            buffer[:count] = self._ahead[:count]
            self._ahead = self._ahead[count:]
            return count
        return self._stream.readinto(buffer)  # pyright: ignore[reportAttributeAccessIssue]

    def _find(self) -> bytes:
        """Read up to the start of a frame and return that, or nothing if there is none."""
        seen, one = bytearray(), memoryview(bytearray(1))
        while not seen.endswith(FRAME_START):
            got = self._stream.readinto(one)  # pyright: ignore[reportAttributeAccessIssue]
            if not got or len(seen) > _MOST_NOISE:
                self.noise = bytes(seen)
                return b""
            seen += one
        self.noise = bytes(seen[: -len(FRAME_START)])
        return FRAME_START


@dataclass(frozen=True)
class Trouble:
    """What happened to a connection, and what to do about it."""

    code: str
    what: Message
    hint: Message


def why_no_answer(computer: Computer, words: Iterable[str], code: int | None) -> Trouble:
    """Return why an engine did not answer its first frame.

    `words` are the last lines that the command wrote, `code` is its exit code.
    """
    lines = [line.strip() for line in words if line.strip()]
    said = "\n".join(lines)
    host, login = computer.host, computer.ssh
    if login and code in (None, _SSH_FAILED):
        if "Host key verification failed" in said:
            hint = Message("meet-computer", login=login)
            return Trouble("remote-unknown-key", Message("computer-unknown-key", host=host), hint)
        if "Permission denied" in said or "Too many authentication failures" in said:
            what = Message("computer-refuses", host=host, words=_line_with(lines, "ermission"))
            return Trouble("remote-refused", what, Message("make-key", login=login, host=host))
        if "Could not resolve" in said or "not known" in said:
            what = Message("computer-not-found", host=host)
            return Trouble("remote-not-found", what, Message("check-computer"))
        if "Connection refused" in said:
            what = Message("computer-has-no-ssh", host=host)
            return Trouble("remote-no-ssh", what, Message("start-ssh"))
        if any(one in said for one in ("timed out", "No route", "unreachable")):
            what = Message("computer-unreachable", host=host)
            return Trouble("remote-unreachable", what, Message("check-network"))
    if code in _NOT_FOUND:
        what = Message("computer-without-deepdream", host=host, words=_quoted(lines))
        return Trouble("remote-not-installed", what, Message("install-there", text=computer.text))
    what = Message("computer-silent", host=host, words=_quoted(lines))
    return Trouble("remote-no-answer", what, Message("ask-doctor", text=computer.text))


def why_it_ended(computer: Computer, words: Iterable[str], code: int | None) -> Trouble:
    """Return why an engine that had answered is gone. For the arguments, see `why_no_answer`."""
    lines = [line.strip() for line in words if line.strip()]
    host = computer.host
    if computer.ssh and code in (None, _SSH_FAILED):
        what = Message("computer-lost", host=host, words=_quoted(lines))
        return Trouble("remote-lost", what, Message("dream-again-or-here"))
    what = Message("computer-engine-ended", host=host, words=_quoted(lines))
    return Trouble("remote-ended", what, Message("dream-smaller-or-here"))


def stopped_answering(computer: Computer) -> Trouble:
    """Return what to say of an engine that has been silent for too long."""
    what = Message("computer-stopped", host=computer.host)
    return Trouble("remote-silent", what, Message("dream-again-or-here"))


def other_version(computer: Computer, there: str, here: str) -> Trouble:
    """Return what to say of an engine that this version does not understand."""
    what = Message("computer-other-version", host=computer.host, there=there, here=here)
    return Trouble("other-version", what, Message("update-both"))


def _line_with(lines: Sequence[str], part: str) -> str:
    found = next((line for line in reversed(lines) if part in line), lines[-1])
    return shortened(found, _MOST_WORDS)


def _quoted(lines: Sequence[str]) -> str:
    return shortened(lines[-1], _MOST_WORDS) if lines else "…"
