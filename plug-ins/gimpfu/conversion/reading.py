"""Reading a Python 2 file: its encoding, line ends and indentation."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass

from gimpfu.conversion.edits import Note
from gimpfu.conversion.syntax import string_lines

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_TAB = 8
"""Python 2 takes a tab for as many spaces as reach the next multiple of this."""


@dataclass(frozen=True)
class Read:
    """A file's text, with line feeds only."""

    text: str
    encoding: str
    notes: tuple[Note, ...]


def read(source: bytes) -> Read:
    """Decode a file and make its indentation unambiguous."""
    source = source.removeprefix(codecs.BOM_UTF8)
    declared = _declared(source)
    text, encoding, notes = _decode(source, declared)
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a\x00 \t\n") + "\n"
    return Read(_without_mixed_tabs(text), encoding, notes)


def _declared(source: bytes) -> str:
    for line in source.split(b"\n", 2)[:2]:
        if found := _COOKIE.match(line):
            return found.group(1).decode()
    return ""


def _decode(source: bytes, declared: str) -> tuple[str, str, tuple[Note, ...]]:
    for encoding in filter(None, (declared, "utf-8")):
        try:
            return source.decode(encoding), encoding, ()
        except (UnicodeDecodeError, LookupError):
            continue
    text = "The file was neither valid text in its declared encoding nor UTF-8; it was read as"
    return source.decode("latin-1"), "utf-8", (Note(1, f"{text} Latin-1. Check its accents."),)


def _without_mixed_tabs(text: str) -> str:
    """Replace tabs by spaces in the indentation, if the file uses both."""
    starts = [line[: len(line) - len(line.lstrip(" \t\f"))] for line in text.split("\n")]
    if not any("\t" in start for start in starts) or not any(" " in start for start in starts):
        return text
    inside = string_lines(text)
    lines = io.StringIO()
    for number, (start, line) in enumerate(zip(starts, text.split("\n")), 1):
        if number > 1:
            lines.write("\n")
        if number not in inside:
            line = start.expandtabs(_TAB) + line[len(start) :]
        lines.write(line)
    return lines.getvalue()
