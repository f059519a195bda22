"""Finding everyday words in an objective, such as "palm tree". Does not use GTK."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deepdream_core.shared.depths import DEPTHS
from deepdream_core.shared.objective import Layer, ObjectiveError, parse_objective

_LAYERS = frozenset(
    ("avgpool", "classifier", "fc", "features", "head", "layers", "logits", "maxpool", "norm")
)
"""Layers of some networks whose names could be everyday words."""


@dataclass(frozen=True)
class Unknown:
    """Words in an objective that name nothing, and where they begin and end in its text."""

    words: str
    start: int
    end: int

    def replaced(self, text: str, objective: str) -> str:
        """Return the text with an objective in place of the words."""
        return f"{text[: self.start]}{objective}{text[self.end :]}"


def unknown_words(text: str) -> Unknown | None:
    """Return the first words of an objective that are no target in any network, if there are any.

    A single word could be a layer. It counts if it consists of letters only and no network is known
    to have such a layer.
    """
    start = 0
    for part in re.split(r"([+]|(?:^|(?<=\s))-)", text):
        words = _without_weights(part)
        if words and not re.fullmatch(r"[+-]", part) and not _is_known(words):
            begin = start + part.index(words)
            return Unknown(words, begin, begin + len(words))
        start += len(part)
    return None


def _without_weights(part: str) -> str:
    words = part.strip()
    words = re.sub(r"^[\d.]+\s*\*\s*", "", words)
    return re.sub(r"\s*\*\s*[\d.]+$", "", words)


def _is_known(words: str) -> bool:
    try:
        (term,) = parse_objective(words).terms
    except ObjectiveError:
        # What has a colon or @ is somebody's attempt at the notation; the error helps more.
        return not re.fullmatch(r"[^\W\d][\w\s'-]*", words)
    layer = term.target.layer if isinstance(term.target, Layer) else ""
    return not layer.isalpha() or layer in (*DEPTHS, "stem", *_LAYERS)
