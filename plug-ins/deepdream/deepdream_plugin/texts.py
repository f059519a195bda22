"""Translation of the texts: `_("Cancel")` in the language that GIMP uses.

The catalogues in `locale/` are plain PO files that are read without compiling. The usual tools
(msgmerge, Poedit) can edit them.
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
    """The translations in a PO file; untranslated texts stay as they are."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__()
        self.texts = texts

    def gettext(self, message: str) -> str:
        return self.texts.get(message) or message


@dataclass(frozen=True)
class Entry:
    """An entry in a PO file. Plural forms are not supported."""

    original: str
    translation: str = ""
    fuzzy: bool = False
    """Whether the translation is that of `former`, a similar text."""
    remarks: tuple[str, ...] = ()
    """The translator's own comments, with their `#`."""
    former: str = ""


def read_entries(path: Path) -> list[Entry]:
    """Return the entries of a PO file, its header first."""
    found = []
    for block in path.read_text("utf-8").split("\n\n"):
        parts = {"msgid": "", "msgstr": "", "#| msgid": ""}
        current, remarks, flags = "msgid", [], ""
        for line in block.splitlines():
            if match := re.match(r'(?:(#\| msgid|msgid|msgstr)\s+)?(".*")\s*$', line):
                current = match[1] or current
                parts[current] += ast.literal_eval(match[2])
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
    """Map the original texts in a PO file to their translations."""
    return {e.original: e.translation for e in read_entries(path)[1:] if not e.fuzzy}


def languages() -> list[str]:
    """Return the user's preferred languages, best first: `de_AT`, `de`."""
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
    """Return a message from the engine in the artist's language; other texts stay as they are."""
    return text.translated(_) if isinstance(text, Message) else text


def sentence(problem: BaseException) -> str:
    """Return the message of an error in the artist's language."""
    return translated(problem.message if isinstance(problem, DreamError) else str(problem))
