"""The dreams that are disturbed in tests, and how each of them may end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_LETTERS = 400
"""An error is never longer; GIMP puts its own words in front."""


@dataclass(frozen=True)
class Kind:
    """What is dreamed, and where the dream goes. All take a similar time."""

    settings: dict[str, int]
    output: str = "layer"
    selected: bool = False
    """Whether part of the layer is selected; then the dream gets a mask."""
    alpha: bool = False
    """Whether the layer has an alpha channel."""

    @property
    def remembered(self) -> str:
        """The content of the file that remembers this as the last dream."""
        kept = {"preset": "classic", "settings": self.settings, "output": {"output": self.output}}
        return json.dumps(kept)

    @property
    def as_settings(self) -> str:
        """The value of the procedure's argument `settings`."""
        return json.dumps({**self.settings, "output": self.output})


KINDS = {
    "layer": Kind({"octaves": 1, "steps": 20}),
    "selection": Kind({"octaves": 1, "steps": 20}, selected=True, alpha=True),
    "group": Kind({"octaves": 2, "steps": 10}, output="octaves", selected=True),
}


@dataclass(frozen=True)
class Outcome:
    """How a dream ended."""

    kind: str
    errors: Sequence[str]
    """What GIMP or the plug-in has told, one text for each error."""
    same: bool
    """Whether the image is as before, once the dream has been removed."""
    dirty: bool
    """Whether GIMP says that the image was changed."""
    dreamed: Sequence[dict[str, Any]] = field(default_factory=tuple)
    """The new layers, as `trees.tree` describes them."""


def check_outcomes(outcomes: Sequence[Outcome], *, plug_in_killed: bool) -> None:
    """Check that every dream is there as a whole, or that nothing but one error is there."""
    whole: dict[str, Any] = {}
    for outcome in outcomes:
        assert outcome.same, outcome
        if not outcome.errors:
            dreamed = without_tattoos(outcome.dreamed)
            assert dreamed and whole.setdefault(outcome.kind, dreamed) == dreamed, outcome
    for outcome in outcomes:
        if outcome.errors and outcome.dreamed:
            assert plug_in_killed, outcome
            assert without_tattoos(outcome.dreamed) == whole[outcome.kind], outcome
        elif outcome.errors:
            assert not outcome.dirty, outcome
            assert len(outcome.errors) == 1, outcome
            assert "Traceback" not in outcome.errors[0], outcome
            assert len(outcome.errors[0]) < MOST_LETTERS, outcome


def without_tattoos(layers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what is different every time."""
    return [
        {**layer, "tattoo": 0, "children": without_tattoos(layer["children"])} for layer in layers
    ]
