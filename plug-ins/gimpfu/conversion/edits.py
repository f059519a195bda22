"""Changes to a source text, and remarks about it, at the places where its syntax tree has them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Note:
    """A place that a person must look at."""

    line: int
    text: str


@dataclass(frozen=True, order=True)
class Edit:
    """Replacing a part of the text, given as offsets of its UTF-8 bytes."""

    start: int
    end: int
    new: str


@dataclass
class Findings:
    """What the examination of a text has found so far."""

    text: str
    edits: list[Edit] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._bytes = self.text.encode()
        self._lines = [0]
        for line in self._bytes.split(b"\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)

    def note(self, node: ast.AST, text: str) -> None:
        """Say something about the line where a node begins."""
        self.notes.append(Note(getattr(node, "lineno", 1), text))

    def replace(self, node: ast.AST, new: str) -> None:
        """Replace a node's text."""
        self.edits.append(Edit(self.start(node), self.end(node), new))

    def replace_between(self, start: int, end: int, new: str) -> None:
        """Replace the text between two offsets."""
        self.edits.append(Edit(start, end, new))

    def wrap(self, node: ast.AST, before: str, after: str) -> None:
        """Put text around a node."""
        self.replace(node, f"{before}{self.source(node)}{after}")

    def source(self, node: ast.AST) -> str:
        """Return a node's text."""
        return self.between(self.start(node), self.end(node))

    def between(self, start: int, end: int) -> str:
        """Return the text between two offsets."""
        return self._bytes[start:end].decode()

    def byte(self, offset: int) -> bytes:
        """Return the byte at an offset."""
        return self._bytes[offset : offset + 1]

    def find(self, letter: str, start: int) -> int:
        """Return the offset of the first such letter after an offset."""
        return self._bytes.index(letter.encode(), start)

    def start(self, node: Any) -> int:
        """Return the offset where a node begins."""
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node: Any) -> int:
        """Return the offset after a node."""
        return self._lines[node.end_lineno - 1] + node.end_col_offset


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Make all changes; of those that overlap, only the first in the text."""
    data, parts, position = text.encode(), [], 0
    for edit in sorted(set(edits)):
        if edit.start < position:
            continue
        parts += [data[position : edit.start], edit.new.encode()]
        position = max(edit.end, edit.start + 1) if edit.end > edit.start else edit.end
    parts.append(data[position:])
    return b"".join(parts).decode()
