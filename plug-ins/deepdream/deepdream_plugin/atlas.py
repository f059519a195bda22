"""The pictures to choose from: presets, and objectives that the chosen network can dream.

`pictures/index.json` in the plug-in's folder lists them:

    [{"preset": "classic", "picture": "presets.jpg", "box": [0, 0, 128, 128]},
     {"title": "Eyes", "words": "eye look face", "group": "animals", "objective": "block10:42",
      "model": "efficientnet_lite0", "picture": "atlas.jpg", "box": [128, 0, 128, 128]},
     {"network": "efficientnet_lite0", "picture": "networks.jpg", "box": [0, 0, 128, 128]}]

Every network of ours knows the same classes; one without pictures of them borrows the default
network's. A network that the artist added has its own. The classes that are not in the list have no
picture; those that all networks know are then only shown when they are searched for.
`box` (x, y, width, height) is the picture's place in a sheet; without it, the file is the picture.
Files are JPEG or PNG, because not every GIMP's Python can read WebP. The picture of an artist's
own preset is next to it (`NAME.png`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepdream_core.shared.objective import Expression, Target, written
from deepdream_core.shared.own_networks import own_network
from deepdream_core.shared.paths import presets_folder
from deepdream_core.shared.presets import SHIPPED, Preset, presets
from deepdream_core.shared.recipe import PARAMETERS
from deepdream_plugin import PLUG_IN_FOLDER
from deepdream_plugin.search import Search
from deepdream_plugin.texts import _, translated
from deepdream_plugin.words import Words, english, own

PRESETS, ANIMALS, BUILDINGS, NATURE, THINGS, TEXTURES, UNNAMED = GROUPS = (
    *("presets", "animals", "buildings", "nature", "things", "textures"),
    "unnamed",
)
ATLAS_FOLDER = PLUG_IN_FOLDER / "pictures"
_DEFAULT_NETWORK = PARAMETERS["model"].default


@dataclass(frozen=True)
class Choosable:
    """A picture in the grid: a preset or an objective."""

    title: str
    words: str
    """What else it is called."""
    remarks: str = ""
    """What is said about it, and what it is called in English: what is found last."""
    preset: str = ""
    objective: str = ""
    picture: Path | None = None
    box: tuple[int, int, int, int] | None = None
    description: str = ""
    """A sentence, or the objective in its own notation."""
    group: str = ""
    """One of `GROUPS`."""
    network: str = ""
    """The network that knows the objective, if not all do."""
    is_found_only: bool = False
    """Whether it is only shown when it is searched for."""

    @property
    def key(self) -> str:
        """What identifies it, in this session and later ones."""
        if self.preset:
            return f"preset/{self.preset}"
        return f"{self.network}/{self.objective}"


def choosables(model: str, folder: Path = ATLAS_FOLDER) -> list[Choosable]:
    """Return the presets, the artist's own first, then the objectives for the network `model`.

    Last come the classes without a picture.
    """
    entries = _index(folder)
    pictures = {entry["preset"]: entry for entry in entries if entry.get("preset")}
    own = {preset.name for preset in presets().values()} - {preset.name for preset in SHIPPED}
    found = [_own(preset) for preset in presets().values() if preset.name in own]
    found += [_shipped(preset, folder, pictures.get(preset.name, {})) for preset in SHIPPED]
    if network := own_network(model):
        return found + [_own_class(label, model) for label in network.classes]
    found += [_feature(folder, entry) for entry in _objectives(entries, model)]
    pictured = {choosable.objective for choosable in found}
    labels = english().classes
    others = (number for number, label in enumerate(labels) if f"class:{label}" not in pictured)
    return found + [_class(number) for number in others]


def network_pictures(
    folder: Path = ATLAS_FOLDER,
) -> dict[str, tuple[Path | None, tuple[int, int, int, int] | None]]:
    """Return the picture of each network that has one, and its place in the sheet."""
    entries = [entry for entry in _index(folder) if entry.get("network")]
    return {str(entry["network"]): _picture(folder, entry) for entry in entries}


def search_of(items: Iterable[Choosable]) -> Search:
    """Return the search of what can be chosen, in English and in the artist's language."""
    synonyms = [*english().synonyms, *own().synonyms]
    return Search(((item.title, item.words, item.remarks) for item in items), synonyms)


def _objectives(entries: list[dict[str, Any]], model: str) -> list[dict[str, Any]]:
    """Return the entries for a network, with the default one's classes if it has none.

    A network that the artist added has no entries.
    """
    if own_network(model):
        return []
    features = [entry for entry in entries if entry.get("objective") and not entry.get("preset")]
    own = [entry for entry in features if entry.get("model") == model]
    if any(_is_class(entry) for entry in own):
        return own
    default = (entry for entry in features if entry.get("model") == _DEFAULT_NETWORK)
    return [entry for entry in default if _is_class(entry)] + own


def _is_class(entry: Mapping[str, Any]) -> bool:
    return str(entry["objective"]).startswith("class:")


def _own(preset: Preset) -> Choosable:
    return Choosable(
        preset.title,
        preset.name,
        preset.description,
        preset=preset.name,
        picture=presets_folder() / f"{preset.name}.png",
        description=preset.description,
        group=PRESETS,
    )


def _shipped(preset: Preset, folder: Path, entry: Mapping[str, Any]) -> Choosable:
    picture, box = _picture(folder, entry)
    description = _(preset.description)
    return Choosable(
        _(preset.title),
        f"{preset.name} {preset.title} {entry.get('words', '')}",
        f"{preset.description} {description}",
        preset=preset.name,
        picture=picture,
        box=box,
        description=description,
        group=PRESETS,
    )


def _feature(folder: Path, entry: Mapping[str, Any]) -> Choosable:
    picture, box = _picture(folder, entry)
    title, objective = str(entry.get("title", "")), str(entry["objective"])
    words = str(entry.get("words", "")).split()
    number = _number_of(objective)
    return Choosable(
        _titled(entry),
        " ".join([*map(_, words), *_of_class(number, own()), objective]),
        " ".join([title, *words, *_of_class(number, english())]),
        objective=objective,
        picture=picture,
        box=box,
        description=objective,
        group=str(entry.get("group", UNNAMED)),
        network="" if number is not None else str(entry.get("model", "")),
    )


def _class(number: int) -> Choosable:
    """Return a class that has no picture."""
    label = english().classes[number]
    return Choosable(
        _class_title(number),
        " ".join(_of_class(number, own())),
        " ".join(_of_class(number, english())),
        objective=f"class:{label}",
        description=f"class:{label}",
        group=english().groups.get(number, THINGS),
        is_found_only=True,
    )


def _own_class(label: str, network: str) -> Choosable:
    """Return a class of a network that the artist added."""
    return Choosable(
        label[:1].upper() + label[1:],
        label,
        objective=f"class:{label}",
        description=f"class:{label}",
        group=THINGS,
        network=network,
    )


def _class_title(number: int) -> str:
    title = own().titles.get(number) or own().classes[number]
    return title[:1].upper() + title[1:]


def _of_class(number: int | None, words: Words) -> list[str]:
    """Return what a class is called in a language."""
    return [] if number is None else [words.classes[number], *words.words.get(number, ())]


def _number_of(objective: str) -> int | None:
    kind, _colon, label = objective.partition(":")
    known = kind == "class" and label in english().classes
    return english().classes.index(label) if known else None


def _titled(entry: Mapping[str, Any]) -> str:
    """Return the title of an entry, in the artist's language."""
    title, objective = str(entry.get("title", "")), str(entry["objective"])
    if title != objective:
        return _(title)
    return _("Texture {number}").format(number=objective.removeprefix("block"))


def title_of(objective: Expression, model: str) -> str:
    """Return the title, in the artist's language, of an objective for the network `model`."""
    entries = _objectives(_index(ATLAS_FOLDER), model)
    titles = {entry["objective"]: _titled(entry) for entry in entries}

    def called(target: Target) -> str:
        if title := titles.get(str(target)):
            return title
        number = _number_of(str(target))
        return translated(target.wording) if number is None else _class_title(number)

    return written(objective.terms, called)


def _index(folder: Path) -> list[dict[str, Any]]:
    try:
        entries = json.loads((folder / "index.json").read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [entry for entry in entries if isinstance(entry, dict)]


def _picture(
    folder: Path, entry: Mapping[str, Any]
) -> tuple[Path | None, tuple[int, int, int, int] | None]:
    name, box = entry.get("picture"), entry.get("box")
    return folder / name if name else None, tuple(box) if box else None
