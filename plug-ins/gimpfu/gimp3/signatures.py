"""The signatures of GIMP 2.10's procedures, by name."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gimpfu.database import Declared

_KINDS = (
    *("int", "int16", "int8", "float", "string"),
    *("ints", "int16s", "int8s", "floats", "strings"),
    *("color", "item", "display", "image", "layer", "channel", "drawable", "selection"),
    *("colors", "vectors", "parasite", "status"),
)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
ARRAYS = ("ints", "int16s", "int8s", "floats", "strings", "colors")
"""The kinds of values that come after their number."""


@dataclass(frozen=True)
class Signature:
    """What a procedure takes and returns in GIMP 2.10, each as (name, kind)."""

    params: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str], ...]


@functools.cache
def signatures() -> dict[str, Signature]:
    """Return the signatures of all procedures."""
    text = Path(__file__).with_name("procedures.txt").read_text("utf-8")
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, *words = line.split()
            middle = words.index("|")
            found[name] = Signature(_pairs(words[:middle]), _pairs(words[middle + 1 :]))
    return found


def _pairs(words: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, kind) for name, _, kind in (word.rpartition(":") for word in words))


def declared(rows: Sequence[tuple[str, str]]) -> list[Declared]:
    """Return arguments or results with the numbers that GIMP 2.10 has for their types."""
    return [(_NUMBERS[kind], name, "") for name, kind in rows]


def is_count(rows: Sequence[tuple[str, str]], i: int) -> bool:
    """Return whether a value is the number of elements in the array after it."""
    return rows[i][1] == "int" and i + 1 < len(rows) and rows[i + 1][1] in ARRAYS
