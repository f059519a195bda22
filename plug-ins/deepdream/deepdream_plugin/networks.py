"""The networks worth having: what they are called, a sentence about each, and its picture.

Only networks whose dreams the makers of this plug-in have seen have a picture; of the others, the
sentence says what is known of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deepdream_plugin.atlas import ATLAS_FOLDER, network_pictures
from deepdream_plugin.texts import _


@dataclass(frozen=True)
class Network:
    """How a network is presented."""

    name: str
    title: str
    sentence: str = ""
    picture: Path | None = None
    box: tuple[int, int, int, int] | None = None


def worth_having(folder: Path = ATLAS_FOLDER) -> dict[str, Network]:
    """Return the networks that are shown first, by name, with the best first."""
    pictures = network_pictures(folder)
    found = {}
    for name, title, sentence in _presented():
        picture, box = pictures.get(name, (None, None))
        found[name] = Network(name, title, sentence, picture, box)
    return found


def _presented() -> list[tuple[str, str, str]]:
    return [
        (
            "efficientnet_lite0",
            "EfficientNet-Lite0",
            _("Animals, eyes and towers; quick."),
        ),
        (
            "efficientnet_lite1",
            "EfficientNet-Lite1",
            _("Like Lite0, with other beasts."),
        ),
        (
            "efficientnet_lite2",
            "EfficientNet-Lite2",
            _("Glass beads, goblets and dogs of enamel."),
        ),
        ("googlenet", "GoogLeNet", _("The kind that dreamed the first dreams, in 2015.")),
        ("inception_v3", "Inception v3", _("GoogLeNet's successor, known from tutorials.")),
        ("vgg16", "VGG16", _("Known for copying painters' styles. Large and slow.")),
    ]
