"""Suggestions for mistyped names."""

from __future__ import annotations

from deepdream_core.shared.messages import Message
from deepdream_core.shared.suggestions import did_you_mean, nearest

NAMES = ("classic", "castles", "crystal")


def test_the_most_similar_names_come_first() -> None:
    assert nearest("classik", NAMES) == ["classic"]
    assert nearest("castle", NAMES, most=3, similarity=0.4)[0] == "castles"
    assert nearest("zzz", NAMES) == []


def test_the_suggestion_is_followed_by_the_help() -> None:
    more = Message("networks-listed")
    assert did_you_mean("zzz", NAMES, more) is more
    told = did_you_mean("classik", NAMES, more)
    assert told == "Did you mean classic? `deepdream models` lists them."
    german = {"Did you mean {near}? {more}": "Meinten Sie {near}? {more}", more: "Alle: …"}
    assert told.translated(lambda text: german[text]) == "Meinten Sie classic? Alle: …"
