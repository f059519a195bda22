"""What is said to the user."""

from __future__ import annotations

import errno


class Problem(Exception):
    """Something that the user has to know; the text says what happened and what to do."""


def say(text: str = "") -> None:
    print(text, flush=True)


def explain_os_error(error: OSError) -> str:
    """Return what an error of the system means and what to do about it."""
    place = error.filename or "a file"
    if isinstance(error, PermissionError):
        return f"no permission to write {place}. Make it yours, then run this again."
    if error.errno == errno.EROFS:
        return f"{place} is on a disk that can only be read. Make it writable, then run this again."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full ({place}). Make room, then run this again."
    return f"{error.strerror or error}: {place}. Mend that, then run this again."
