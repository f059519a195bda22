"""From Python 2's syntax to Python 3's, with the package fissix."""

from __future__ import annotations

import functools
import importlib
import io
import logging
import re
from typing import Any

_LEFT_OUT = ("buffer", "idioms", "import", "reload", "set_literal", "sorted", "ws_comma")
"""Fixes of taste; and `import`, for which a plug-in would be a package; and `reload`, which uses a
module that newer Pythons lack."""
_TRUE_DIVISION = re.compile(r"^from\s+__future__\s+import\s+[^\n]*\bdivision\b", re.MULTILINE)


class Unreadable(Exception):
    """The file is neither Python 2 nor Python 3. The text says where."""


class NoFissix(Exception):
    """The package fissix, which this command needs, is not installed."""


def to_python3(text: str) -> str:
    """Return the text in Python 3's syntax. Raises `Unreadable` and `NoFissix`."""
    reason = ""
    for print_is_a_function in (False, True):
        try:
            converted = _refactored(text, print_is_a_function)
            compile(converted, "plug-in", "exec", dont_inherit=True)
            return converted
        except (SyntaxError, ValueError) as problem:
            reason = reason_of(problem)
    if is_python3(text):
        return text
    raise Unreadable(reason)


def reason_of(problem: Exception) -> str:
    """Return where a compiler stopped."""
    line = getattr(problem, "lineno", None)
    if line is None and (found := re.search(r"\((\d+),", str(getattr(problem, "context", "")))):
        line = int(found.group(1))
    text = getattr(problem, "msg", None) or str(problem)
    return f"line {line}: {text}" if line else text


def is_python3(text: str) -> bool:
    """Return whether Python 3 accepts the text as it is."""
    try:
        compile(text, "plug-in", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def has_true_division(text: str) -> bool:
    """Return whether / never rounds in this file, even in Python 2."""
    return bool(_TRUE_DIVISION.search(text))


def string_lines(text: str) -> set[int]:
    """Return the numbers of the lines that begin inside a string. Raises `NoFissix`."""
    tokenize = _fissix("fissix.pgen2.tokenize")
    inside: set[int] = set()
    try:
        for kind, _, (first, _), (last, _), _ in tokenize.generate_tokens(
            io.StringIO(text).readline
        ):
            if kind == tokenize.STRING:
                inside |= set(range(first + 1, last + 1))
    except (tokenize.TokenError, IndentationError):
        return inside
    return inside


def _refactored(text: str, print_is_a_function: bool) -> str:
    """Return the converted text. Raises `SyntaxError`."""
    problems = (
        _fissix("fissix.pgen2.parse").ParseError,
        _fissix("fissix.pgen2.tokenize").TokenError,
    )
    try:
        return str(_tool(print_is_a_function).refactor_string(text, "plug-in"))
    except problems as problem:
        raise SyntaxError(reason_of(problem)) from None


@functools.cache
def _tool(print_is_a_function: bool) -> Any:
    refactor = _fissix("fissix.refactor")
    logging.getLogger("RefactoringTool").setLevel(logging.CRITICAL)  # our own notes are plainer
    names = refactor.get_fixers_from_package("fissix.fixes")
    wanted = [name for name in names if name.rpartition("fix_")[2] not in _LEFT_OUT]
    return refactor.RefactoringTool(wanted, {"print_function": print_is_a_function})


def _fissix(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise NoFissix from None
