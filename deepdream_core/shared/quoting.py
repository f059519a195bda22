"""Quoting foreign texts and values in messages: printable, on one line, and short."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable

from deepdream_core.shared.messages import Message

_ELLIPSIS = "…"
_QUOTED, _LISTED, _AROUND = 60, 110, 20


def shortened(text: str, most: int = _QUOTED) -> str:
    """Return a text on one line, with at most `most` characters: a long one loses its middle.

    Characters that a screen cannot show are written as escapes, such as `\\x00`.
    """
    # Shortened before it is escaped too, as escaping a very long text takes time.
    return _without_middle(_escaped(_without_middle(text, most)), most)


def quoted(value: object) -> str:
    """Return a value of any type as a short text: a text in quotation marks, escaped as in JSON."""
    if isinstance(value, str):
        escaped = json.dumps(_without_middle(value, 2 * _QUOTED), ensure_ascii=False)[1:-1]
        return Message("in-quotes", text=shortened(escaped, _QUOTED - 2))
    try:
        return shortened(reprlib.repr(value) if isinstance(value, (list, dict)) else str(value))
    except (ValueError, RecursionError):  # such as a number with more digits than Python writes
        return type(value).__name__


def listed(names: Iterable[str], most: int = _LISTED) -> str:
    """Return names separated by commas; an ellipsis stands for those that do not fit."""
    text = ""
    for name in names:
        longer = f"{text}, {shortened(name)}" if text else shortened(name)
        if len(longer) > most:
            return f"{text}, {_ELLIPSIS}"
        text = longer
    return text


def marked(text: str, position: int) -> str:
    """Return the part of a text around a position, which is marked; one line."""
    start, end = max(0, position - _AROUND), position + _AROUND
    before = shortened(text[start:position], 2 * _AROUND)
    after = shortened(text[position:end], 2 * _AROUND)
    more_before, more_after = (_ELLIPSIS if more else "" for more in (start, text[end:]))
    return f"{more_before}{before}▸{after}{more_after}"


def _escaped(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _without_middle(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    kept = most - len(_ELLIPSIS)
    return text[: kept - kept // 2] + _ELLIPSIS + text[len(text) - kept // 2 :]
