"""Failures of a dream that are caused by the engine."""

from __future__ import annotations


class EngineError(Exception):
    """A failed dream: `message` says what happened, `hint` what to do. `code` is for programs."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.code = code
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}".strip())


class EngineMissing(EngineError):
    """The engine is not installed, or no longer where it was."""


class EngineMismatch(EngineError):
    """The engine and the plug-in have different versions."""


class EngineDied(EngineError):
    """The engine stopped unexpectedly."""


class EngineElsewhere(EngineDied):
    """The engine on another computer cannot be used, but this computer could dream instead."""


class EngineSilent(EngineDied):
    """The engine no longer answered, and was ended."""


class Cancelled(EngineError):
    """The request was cancelled with `Request.cancel`."""
