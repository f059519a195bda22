"""The language of the texts: `_("Cancel")` in the language that GIMP speaks.

The catalogues are plain PO files in `locale/`, read as they are: they need no compiling, and the
usual tools (msgmerge, Poedit) work on them.
"""

from __future__ import annotations

import ast
import gettext
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deepdream_core.shared.messages import DreamError, Message
from deepdream_plugin import PLUG_IN_FOLDER

LOCALE_FOLDER = PLUG_IN_FOLDER / "locale"


class Catalogue(gettext.NullTranslations):
    """The translations of a PO file; what is not in it stays as it is."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__()
        self.texts = texts

    def gettext(self, message: str) -> str:
        return self.texts.get(message) or message


@dataclass(frozen=True)
class Entry:
    """A text in a PO file (without plural forms)."""

    original: str
    translation: str = ""
    fuzzy: bool = False
    """Whether the translation is that of `former`, a text much like this one."""
    remarks: tuple[str, ...] = ()
    """The translator's own comments, with their `#`."""
    former: str = ""


def read_entries(path: Path) -> list[Entry]:
    """Return what is in a PO file; the first entry is its header."""
    found = []
    for block in path.read_text("utf-8").split("\n\n"):
        parts = {"msgid": "", "msgstr": "", "#| msgid": ""}
        current, remarks, flags = "msgid", [], ""
        for line in block.splitlines():
            if said := re.match(r'(?:(#\| msgid|msgid|msgstr)\s+)?(".*")\s*$', line):
                current = said[1] or current
                parts[current] += ast.literal_eval(said[2])
            elif line.startswith("#,"):
                flags = line
            elif line == "#" or line.startswith("# "):
                remarks.append(line)
        found.append(
            Entry(
                parts["msgid"],
                parts["msgstr"],
                "fuzzy" in flags,
                tuple(remarks),
                parts["#| msgid"],
            )
        )
    return found


def read_catalogue(path: Path) -> dict[str, str]:
    """Return the translations in a PO file by their originals."""
    return {e.original: e.translation for e in read_entries(path)[1:] if not e.fuzzy}


def languages() -> list[str]:
    """Return the languages that are wanted, the best first: `de_AT`, `de`."""
    wanted = next((v for k in _VARIABLES if (v := os.environ.get(k))), "")
    found = []
    for language in wanted.split(":"):
        name = language.split(".")[0].split("@")[0]
        found += [name, name.split("_")[0]]
    return found


_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def _load(wanted: Sequence[str]) -> gettext.NullTranslations:
    for language in wanted:
        path = LOCALE_FOLDER / f"{language}.po"
        if language in ("en", "C"):
            break
        if path.is_file():
            return Catalogue(read_catalogue(path))
    return gettext.NullTranslations()


_ = _load(languages()).gettext


def translated(text: str) -> str:
    """Return a message of the engine's in the artist's language; any other text as it is."""
    return text.translated(_) if isinstance(text, Message) else text


def sentence(problem: BaseException) -> str:
    """Return what an error says, in the artist's language."""
    return translated(problem.message if isinstance(problem, DreamError) else str(problem))
