"""Finding pictures by what people call them. Does not use GTK.

A word finds titles first, then what belongs to them ("dog" finds every breed), each also in the
plural; then synonyms, and beginnings of words or, as in German "Schäferhund", their ends. What
nobody knows finds the word that is spelt most like it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from deepdream_core.shared.suggestions import nearest

_TITLE, _IN_TITLE, _WORD, _REMARK = 0.0, 1.0, 2.0, 5.0
"""How well an item is found, best first: it is called so, partly so, belongs to it, or what is said
about it has the word."""
_OTHER_FORM, _SYNONYM, _BEGINNING, _END = 0.25, 2.5, 3.0, 4.0
"""How much worse: as another form of the word, what the word means, or a part of a word."""
_LATER = 0.05
"""How much worse each next synonym is."""
_ENDINGS = ("es", "s", "en", "er", "e", "n")
"""Of plurals and cases, in English and German."""
_STEM, _PART = 3, 4
"""The fewest letters that remain of a word without its ending, and that find a part of a word."""
_UNIMPORTANT = frozenset(
    ("a", "an", "the", "of", "and", "in", "with", "der", "die", "das", "ein", "eine", "und", "von")
)


@dataclass(frozen=True)
class Found:
    """The places of the items that were found, best first."""

    places: tuple[int, ...]
    instead: str = ""
    """What was looked for instead, if nothing is called what was typed."""


class Search:
    """Finds items, each of which has a title, further words and remarks."""

    def __init__(
        self, items: Iterable[tuple[str, str, str]], synonyms: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Prepare the search of items (title, words, remarks), with synonyms (typed, meant)."""
        self._known: dict[str, dict[int, float]] = {}
        self._spelt: dict[str, str] = {}
        for place, (title, words, remarks) in enumerate(items):
            in_title = _TITLE if len(title.split()) == 1 else _IN_TITLE
            for text, rank in ((title, in_title), (words, _WORD), (remarks, _REMARK)):
                for word in re.findall(r"\w+", text):
                    self._spelt.setdefault(folded(word), word)
                for token in _tokens(text):
                    self._add(token, place, rank)
        self._forms: dict[str, list[str]] = {}
        for token in self._known:
            for form in forms(token):
                self._forms.setdefault(form, []).append(token)
        self._synonyms: dict[str, list[str]] = {}
        for typed, meant in synonyms:
            for token in _tokens(typed):
                for form in forms(token):
                    self._synonyms.setdefault(form, []).extend(_tokens(meant))
                self._spelt.setdefault(token, token)

    def find(self, typed: str) -> Found:
        """Return what fits `typed`, or what comes nearest."""
        tokens = [token for token in _tokens(typed) if token not in _UNIMPORTANT]
        if not tokens:
            return Found(())
        if places := self._all_of(tokens):
            return Found(places)
        for token in filter(str.isalpha, tokens):
            for near in self._near(token):
                if places := self._all_of([near]):
                    return Found(places, self._spelt.get(near, near))
        return Found(())

    def _add(self, token: str, place: int, rank: float) -> None:
        places = self._known.setdefault(token, {})
        places[place] = min(rank, places.get(place, rank))

    def _all_of(self, tokens: Sequence[str]) -> tuple[int, ...]:
        """Return the items that fit most of the words."""
        ranks = [self._ranks(token) for token in tokens]
        counts = {place: sum(place in r for r in ranks) for r in ranks for place in r}
        most = max(counts.values(), default=0)
        found = [place for place, count in counts.items() if count == most]
        return tuple(sorted(found, key=lambda p: (sum(r.get(p, 0.0) for r in ranks), p)))

    def _ranks(self, token: str) -> Mapping[int, float]:
        """Return the items that fit a word, and how well."""
        found: dict[int, float] = {}

        def take(known: str, penalty: float) -> None:
            for place, rank in self._known[known].items():
                found[place] = min(rank + penalty, found.get(place, rank + penalty))

        for form in forms(token):
            for known in self._forms.get(form, ()):
                take(known, 0.0 if known == token else _OTHER_FORM)
        for known in self._known:
            if known.startswith(token):
                take(known, _BEGINNING)
            elif len(token) >= _PART and known.endswith(token):
                take(known, _END)
        for form in forms(token):
            for number, meant in enumerate(self._synonyms.get(form, ())):
                for known in self._forms.get(meant, ()):
                    take(known, _SYNONYM + number * _LATER)
        return found

    def _near(self, token: str) -> Iterator[str]:
        """Yield known words: the longest at the token's beginning or end, then similar ones."""
        parts = [
            known
            for known in {*self._known, *self._synonyms}
            if len(known) >= _PART and (token.startswith(known) or token.endswith(known))
        ]
        yield from sorted(parts, key=lambda known: (-len(known), known))
        similar = nearest(token, {*self._known, *self._synonyms}, most=5, similarity=0.7)
        # Few people mistype the first letter.
        yield from sorted(similar, key=lambda known: known[0] != token[0])


def forms(word: str) -> set[str]:
    """Return a word and what remains of it without the endings of plurals and cases."""
    found = {word}
    if word.endswith("ies"):
        found.add(f"{word[:-3]}y")
    if word.endswith("ves"):
        found.add(f"{word[:-3]}f")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) >= _STEM + len(ending):
            found.add(word[: -len(ending)])
    return found


def folded(text: str) -> str:
    """Return a text in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _tokens(text: str) -> Iterator[str]:
    return (token for token in re.findall(r"\w+", folded(text)) if len(token) > 1)
