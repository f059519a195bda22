"""The language in which an objective is typed: `0.5*block4 + block10:42 - class:castle`.

    objective = ["+" | "-"] term { ("+" | "-") term }
    term      = [number "*"] what ["*" number]
    what      = "class:" name  |  layer [":" channel ["@" x "," y]]

A class is a number (0-999) or words of its ImageNet label; x and y are relative (0..1).
This module knows the grammar only; layers and classes are looked up when the network is known.
Standard library only: GIMP's Python imports this module too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


class ObjectiveError(ValueError):
    """The text is no objective; the message points at the character."""

    def __init__(self, text: str, position: int, problem: str) -> None:
        self.position = position
        marked = f"{text[:position]}▸{text[position:]}"
        super().__init__(f'{problem} at character {position + 1} of "{marked}".')


@dataclass(frozen=True)
class Term:
    """One weighted wish: a layer, a channel or a unit of it, or a class."""

    weight: float
    layer: str = ""
    channel: int | None = None
    unit: tuple[float, float] | None = None
    """Relative position (x, y) in 0..1, from the upper left corner."""
    class_name: str = ""
    position: int = 0
    """Where the term stands in the text, for errors that are found later."""


_NUMBER = re.compile(r"\d+\.?\d*|\.\d+")
_LAYER = re.compile(r"[A-Za-z_][\w./]*")
_CHANNEL = re.compile(r"\d+")
# A hyphen belongs to a label (black-footed ferret) unless a space stands before it.
_CLASS = re.compile(r"(?:[^+*\-]|(?<=\S)-(?=\w))+")


def parse_objective(text: str) -> tuple[Term, ...]:
    """Return the terms of an objective. Raises `ObjectiveError`."""
    return _Reader(text).objective()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def objective(self) -> tuple[Term, ...]:
        self._spaces()
        if self.position == len(self.text):
            raise self._error("An objective is missing")
        terms = [self._term(-1.0 if self._sign() == "-" else 1.0)]
        while self.position < len(self.text):
            sign = self._sign()
            if not sign:
                raise self._error("Expected + or -")
            terms.append(self._term(-1.0 if sign == "-" else 1.0))
        return tuple(terms)

    def _term(self, weight: float) -> Term:
        factor = self._match(_NUMBER)
        if factor is not None:
            if not self._take("*"):
                raise self._error("Expected * after the number")
            weight *= float(factor)
        start = self.position
        term = self._class(start) if self._take("class:") else self._layer(start)
        if self._take("*"):
            factor = self._match(_NUMBER)
            if factor is None:
                raise self._error("Expected a number after *")
            weight *= float(factor)
        return Term(weight, **term)

    def _class(self, start: int) -> dict:
        name = self._match(_CLASS)
        if name is None or not name.strip():
            raise self._error("Expected the name or number of a class")
        return {"class_name": name.strip(), "position": start}

    def _layer(self, start: int) -> dict:
        layer = self._match(_LAYER)
        if layer is None:
            raise self._error("Expected a layer or class:")
        channel = unit = None
        if self._take(":"):
            digits = self._match(_CHANNEL)
            if digits is None:
                raise self._error("Expected the number of a channel")
            channel = int(digits)
            if self._take("@"):
                unit = self._unit()
        return {"layer": layer, "channel": channel, "unit": unit, "position": start}

    def _unit(self) -> tuple[float, float]:
        x = self._coordinate()
        if not self._take(","):
            raise self._error("Expected , between x and y")
        return x, self._coordinate()

    def _coordinate(self) -> float:
        start = self.position
        digits = self._match(_NUMBER)
        if digits is None or float(digits) > 1.0:
            raise ObjectiveError(self.text, start, "Expected a position from 0 to 1")
        return float(digits)

    def _sign(self) -> str:
        for sign in "+-":
            if self._take(sign):
                return sign
        return ""

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.text, self.position)
        if found is None:
            return None
        self.position = found.end()
        self._spaces()
        return found.group()

    def _take(self, literal: str) -> bool:
        if not self.text.startswith(literal, self.position):
            return False
        self.position += len(literal)
        self._spaces()
        return True

    def _spaces(self) -> None:
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1

    def _error(self, problem: str) -> ObjectiveError:
        return ObjectiveError(self.text, self.position, problem)
