"""What people call what a network can dream: the names of its classes, and synonyms.

`words/en.txt` in the plug-in's folder says how such a file is written; there is one for each
language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from deepdream_plugin import PLUG_IN_FOLDER
from deepdream_plugin.texts import languages

WORDS_FOLDER = PLUG_IN_FOLDER / "words"
_ENGLISH = "en"


@dataclass
class Words:
    """The words of one language. Classes are numbers from 0 to 999."""

    classes: list[str] = field(default_factory=list)
    """The name of each class; in English its label, which an objective names it by."""
    titles: dict[int, str] = field(default_factory=dict)
    """The titles of some classes whose names say too little."""
    groups: dict[int, str] = field(default_factory=dict)
    """Which tab of the dialog a class belongs to; what is not here is a thing."""
    words: dict[int, list[str]] = field(default_factory=dict)
    """What else a class is called."""
    synonyms: list[tuple[str, str]] = field(default_factory=list)
    """Words that are typed, and what is meant."""


@cache
def english() -> Words:
    """Return the English words."""
    return read_words(WORDS_FOLDER / f"{_ENGLISH}.txt")


@cache
def own() -> Words:
    """Return the words of the artist's language; the English ones if there are no others."""
    for language in languages():
        path = WORDS_FOLDER / f"{language}.txt"
        if path.is_file():
            return read_words(path)
    return english()


def read_words(path: Path) -> Words:
    """Read a file of words."""
    found, section = Words(), ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line
        elif not line or line.startswith("#"):
            continue
        elif section == "[classes]":
            found.classes.append(line)
        elif section == "[synonyms]":
            typed, _, meant = line.partition("=")
            found.synonyms.append((typed.strip(), meant.strip()))
        else:
            first, _, rest = (part.strip() for part in line.partition(":"))
            if section == "[titles]":
                found.titles[int(first)] = rest
            elif section == "[groups]":
                found.groups.update(dict.fromkeys(_numbers(rest), first))
            else:
                for number in _numbers(first):
                    found.words.setdefault(number, []).append(rest)
    return found


def _numbers(text: str) -> Iterator[int]:
    """Yield the numbers that `1,4-6` stands for."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
