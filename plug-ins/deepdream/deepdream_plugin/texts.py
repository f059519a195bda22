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
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "locale"


class Catalogue(gettext.NullTranslations):
    """The translations of a PO file; what is not in it stays as it is."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__()
        self.texts = texts

    def gettext(self, message: str) -> str:
        return self.texts.get(message) or message


def read_catalogue(path: Path) -> dict[str, str]:
    """Return the translations in a PO file (without plural forms) by their originals."""
    texts: dict[str, str] = {}
    for entry in path.read_text("utf-8").split("\n\n"):
        if "#, fuzzy" in entry:
            continue
        parts = {"msgid": "", "msgstr": ""}
        current = ""
        for line in entry.splitlines():
            found = re.match(r'(?:(msgid|msgstr)\s+)?(".*")\s*$', line)
            if found:
                current = found[1] or current
                parts[current] += ast.literal_eval(found[2])
        if parts["msgid"]:
            texts[parts["msgid"]] = parts["msgstr"]
    return texts


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
        path = FOLDER / f"{language}.po"
        if language in ("en", "C"):
            break
        if path.is_file():
            return Catalogue(read_catalogue(path))
    return gettext.NullTranslations()


_translations = _load(languages())
_ = _translations.gettext


def told(sentence: str) -> str:
    """Translate what the engine says, which may hold numbers and names: `2 of 7 octaves …`."""
    texts = getattr(_translations, "texts", {})
    if sentence in texts:
        return texts[sentence]
    for original, translated in texts.items():
        if "{" in original and (found := _pattern(original).fullmatch(sentence)):
            return translated.format(**found.groupdict())
    return sentence


def _pattern(original: str) -> re.Pattern[str]:
    """Return what matches a text whose gaps `{name}` are filled in."""
    parts = re.split(r"\{(\w+)[^}]*\}", original)
    literal, names = parts[::2], parts[1::2]
    gaps = [f"(?P<{name}>.+)" for name in names] + [""]
    return re.compile("".join(re.escape(text) + gap for text, gap in zip(literal, gaps)))
