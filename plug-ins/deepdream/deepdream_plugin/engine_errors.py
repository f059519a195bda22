"""How a dream fails because of the engine."""

from __future__ import annotations


class EngineError(Exception):
    """The dream failed; the text tells the artist what happened and what to do.

    `code` is for programs.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.code = code
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}".strip())


class EngineMissing(EngineError):
    """No engine is installed, or it is not where it was."""


class EngineMismatch(EngineError):
    """The engine is of another version than the plug-in."""


class EngineDied(EngineError):
    """The engine ended in the middle of its work."""


class Cancelled(EngineError):
    """The dream was called off with `Request.cancel`."""
