"""Files named on the command line, which leaves the current folder before it opens any."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class GivenFile:
    """A file as the user typed it, and where it is."""

    typed: Path
    path: Path

    @classmethod
    def parse(cls, text: str) -> GivenFile:
        """Read an argument, for argparse."""
        typed = Path(text)
        try:
            return cls(typed, typed.absolute())
        except OSError:
            raise argparse.ArgumentTypeError("the current folder no longer exists") from None

    def inside(self, name: Path | str) -> GivenFile:
        """Return a file in this folder."""
        return GivenFile(self.typed / name, self.path / name)

    def beside(self, name: str) -> GivenFile:
        """Return a file in the same folder."""
        return GivenFile(self.typed.with_name(name), self.path.with_name(name))

    def changed(self, change: Callable[[str], str]) -> GivenFile:
        """Return a file with another name, in any folder."""
        return GivenFile(Path(change(str(self.typed))), Path(change(str(self.path))))


def as_typed(message: str, files: Iterable[GivenFile]) -> str:
    """Return a message with the files' folders as the user typed them."""
    for file in files:
        folder, typed = file.path.parent, file.typed.parent
        if not typed.is_absolute() and folder != Path(folder.anchor):
            shown = "" if typed == Path() else f"{typed}{os.sep}"
            message = message.replace(f"{folder}{os.sep}", shown)
    return message
