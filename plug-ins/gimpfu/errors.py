"""The exceptions that a procedure may raise."""

from __future__ import annotations


class error(RuntimeError):
    """A failure whose message is shown to the user as is."""


class WrongArguments(error, TypeError):
    """A procedure was given the wrong number of arguments, or arguments of other types."""


class UnknownProcedure(error, AttributeError, KeyError):
    """GIMP has no procedure with a name, so that `pdb` has no such attribute and no such key."""

    def __str__(self) -> str:
        return str(self.args[0])


class CancelError(RuntimeError):
    """The user cancelled; no message is shown."""
