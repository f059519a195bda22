"""Turning the source of a Python 2 plug-in into Python 3. Needs no GIMP, but the package fissix."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from gimpfu.conversion import bytestrings, division, idioms, leftovers, nothing, reading, syntax
from gimpfu.conversion.edits import Findings, Note, apply
from gimpfu.conversion.kinds import Kinds

_PASSES = 30
"""Edits that touch the same text wait for the next pass; deeply nested ones need several."""


@dataclass(frozen=True)
class Conversion:
    """A converted plug-in."""

    text: str
    encoding: str
    notes: Sequence[Note]
    """What a person must look at, in the order of the lines of `text`."""
    imports: Sequence[str]
    """The names of all modules that it imports; some may be files beside it."""


def convert(source: bytes) -> Conversion:
    """Convert a Python 2 file, or return a Python 3 file almost unchanged.

    Raises `syntax.Unreadable` if it is neither.
    """
    read = reading.read(source)
    text = syntax.to_python3(read.text)
    keeps_division = syntax.has_true_division(read.text)
    findings = _examine(text, keeps_division)
    for _ in range(_PASSES):
        if not findings.edits:
            break
        text = apply(text, findings.edits)
        findings = _examine(text, keeps_division)
    notes = sorted({*read.notes, *findings.notes}, key=lambda note: (note.line, note.text))
    return Conversion(text, read.encoding, notes, _imported(ast.parse(text)))


def _examine(text: str, keeps_division: bool) -> Findings:
    findings = Findings(text)
    tree = ast.parse(text)
    kinds = Kinds(tree)
    if not keeps_division:
        division.examine(tree, kinds, findings)
    for examine in (idioms.examine, bytestrings.examine, nothing.examine, leftovers.examine):
        examine(tree, kinds, findings)
    return findings


def _imported(tree: ast.Module) -> list[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return sorted(names)
