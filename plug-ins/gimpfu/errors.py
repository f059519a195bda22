"""What a procedure raises."""

from __future__ import annotations


class error(RuntimeError):
    """Something failed; the text is shown to the user as it stands."""


class CancelError(RuntimeError):
    """The user changed their mind; nothing is shown."""
