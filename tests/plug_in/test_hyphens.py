"""Long words below small pictures are broken where a syllable begins."""

from __future__ import annotations

import pytest
from deepdream_plugin.hyphens import SOFT_HYPHEN, breakable


@pytest.mark.parametrize(
    ("title", "broken"),
    [
        ("Gänseblümchen", "Gän-se-blüm-chen"),
        ("Containerschiff", "Con-tai-ner-schiff"),
        ("Schmetterlingsnetz", "Schmet-ter-lings-netz"),
        ("Fußballflicken", "Fuß-ball-fli-cken"),
        ("Hochgeschwindigkeitszug", "Hoch-ge-schwin-dig-keits-zug"),
        ("Chrysanthemums", "Chry-san-the-mums"),
        ("Greater Swiss Mountain dog", "Greater Swiss Mountain dog"),
        ("Ägyptische Katze", "Ägyptische Katze"),
    ],
)
def test_only_long_words_are_broken(title: str, broken: str) -> None:
    assert breakable(title).replace(SOFT_HYPHEN, "-") == broken
