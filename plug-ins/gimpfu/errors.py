"""The exceptions that a procedure may raise."""

from __future__ import annotations


class error(RuntimeError):
    """A failure whose message is shown to the user as is."""


class CancelError(RuntimeError):
    """The user cancelled; no message is shown."""
