"""The pictures to choose from: presets, and objectives that the chosen network can dream.

`pictures/index.json` in the plug-in's folder lists them:

    [{"preset": "classic", "picture": "presets.jpg", "box": [0, 0, 128, 128]},
     {"title": "Eyes", "words": "eye look face", "objective": "block10:42",
      "model": "efficientnet_lite0", "picture": "atlas.jpg", "box": [128, 0, 128, 128]}]

Every network knows the same classes; one without pictures of them borrows the default network's.
`box` (x, y, width, height) is the picture's place in a sheet; without it, the file is the picture.
Files are JPEG or PNG, because not every GIMP's Python can read WebP. The picture of an artist's
own preset is next to it (`NAME.png`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepdream_core.shared.objective import Expression, Target, written
from deepdream_core.shared.paths import presets_folder
from deepdream_core.shared.presets import SHIPPED, Preset, presets
from deepdream_core.shared.recipe import PARAMETERS
from deepdream_plugin import PLUG_IN_FOLDER
from deepdream_plugin.texts import _, translated

ATLAS_FOLDER = PLUG_IN_FOLDER / "pictures"
_DEFAULT_NETWORK = PARAMETERS["model"].default


@dataclass(frozen=True)
class Choosable:
    """A picture in the grid: a preset or an objective."""

    title: str
    words: str
    """Further search words, in lower case."""
    preset: str = ""
    objective: str = ""
    picture: Path | None = None
    box: tuple[int, int, int, int] | None = None
    description: str = ""
    """A sentence, or the objective in its own notation."""

    def matches(self, typed: str) -> bool:
        """Return whether every typed word is the beginning of one in its title or `words`."""
        known = f"{self.title} {self.words}".lower().replace("-", " ").replace(",", " ").split()
        return all(any(k.startswith(w) for k in known) for w in typed.lower().split())


def choosables(model: str, folder: Path = ATLAS_FOLDER) -> list[Choosable]:
    """Return the presets, the artist's own first, then the objectives for the network `model`."""
    entries = _index(folder)
    pictures = {entry["preset"]: entry for entry in entries if entry.get("preset")}
    own = {preset.name for preset in presets().values()} - {preset.name for preset in SHIPPED}
    found = [_own(preset) for preset in presets().values() if preset.name in own]
    found += [_shipped(preset, folder, pictures.get(preset.name, {})) for preset in SHIPPED]
    return found + [_feature(folder, entry) for entry in _objectives(entries, model)]


def _objectives(entries: list[dict[str, Any]], model: str) -> list[dict[str, Any]]:
    """Return the entries for a network, with the default one's classes if it has none."""
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
        f"{preset.name} {preset.description}",
        preset=preset.name,
        picture=presets_folder() / f"{preset.name}.png",
        description=preset.description,
    )


def _shipped(preset: Preset, folder: Path, entry: Mapping[str, Any]) -> Choosable:
    picture, box = _picture(folder, entry)
    description = _(preset.description)
    return Choosable(
        _(preset.title),
        f"{preset.name} {preset.title} {description} {entry.get('words', '')}",
        preset=preset.name,
        picture=picture,
        box=box,
        description=description,
    )


def _feature(folder: Path, entry: Mapping[str, Any]) -> Choosable:
    picture, box = _picture(folder, entry)
    title, objective = str(entry.get("title", "")), str(entry["objective"])
    words = [*str(entry.get("words", "")).split(), *title.lower().split()]
    return Choosable(
        _(title),
        " ".join([*words, *map(_, words), objective]),
        objective=objective,
        picture=picture,
        box=box,
        description=objective,
    )


def title_of(objective: Expression, model: str) -> str:
    """Return the title, in the artist's language, of an objective for the network `model`."""
    entries = _objectives(_index(ATLAS_FOLDER), model)
    titles = {entry["objective"]: str(entry.get("title", "")) for entry in entries}

    def called(target: Target) -> str:
        return _(titles.get(str(target), "")) or translated(target.wording)

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
