"""Where long words may be broken so that they fit below a small picture. Does not use GTK."""

from __future__ import annotations

import re
from collections.abc import Iterator

SOFT_HYPHEN = "\u00ad"
_LONG = 12
"""The fewest letters of a word that may be too wide."""
_FEWEST = 3
"""Letters before the first break and after the last."""
_VOWELS = "aeiouyäöüáàâéèêíóôúœæ"
_SOUNDS = re.compile(
    rf"sch[lmnrw]?|s[pt]r?|[bdfgkptv][lr]|[cpt]h|ck|qu|[{_VOWELS}]+|.", re.IGNORECASE
)
"""Vowels, and consonants that begin a syllable together."""


def breakable(text: str) -> str:
    """Return a text with soft hyphens in its long words, about where syllables begin.

    That is right for most words in German, for which it matters, and for many in English.
    """
    return re.sub(rf"\w{{{_LONG},}}", lambda found: SOFT_HYPHEN.join(_parts(found[0])), text)


def _parts(word: str) -> Iterator[str]:
    """Yield what is between the breaks: a syllable begins with the last sound before a vowel."""
    sounds, begin, end = _SOUNDS.findall(word), 0, 0
    for sound, following in zip(sounds, [*sounds[1:], ""]):
        begins = not _is_vowel(sound) and _is_vowel(following)
        if begins and _FEWEST <= end <= len(word) - _FEWEST:
            yield word[begin:end]
            begin = end
        end += len(sound)
    yield word[begin:]


def _is_vowel(sound: str) -> bool:
    return sound[:1].lower() in tuple(_VOWELS)
