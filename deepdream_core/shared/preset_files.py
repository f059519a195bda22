"""Writing presets of the user's own: JSON files that `presets` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.paths import presets_folder
from deepdream_core.shared.presets import SHIPPED
from deepdream_core.shared.recipe import Value
from deepdream_core.shared.recipe_versions import RECIPE_VERSION


def preset_path(name: str) -> Path:
    """Return the file of one of the user's own presets."""
    return presets_folder() / f"{name}.json"


def preset_name(title: str) -> str:
    """Return a preset's name for scripts and files, never the name of a shipped preset."""
    name = re.sub(r"[^\w-]+", "-", title.lower()).strip("-") or "preset"
    return f"my-{name}" if name in {preset.name for preset in SHIPPED} else name


def write_preset(
    path: Path,
    title: str,
    description: str,
    settings: Mapping[str, Value],
    *,
    private: bool = True,
) -> None:
    """Write a preset's file. Raises `OSError`."""
    content = {
        "title": title,
        "description": description,
        "recipe_version": RECIPE_VERSION,
        "settings": dict(settings),
    }
    text = json.dumps(content, indent=2, ensure_ascii=False)
    if any("\ud800" <= c <= "\udfff" for c in text):  # from a file name that is not UTF-8
        text = json.dumps(content, indent=2)
    write_text(path, text + "\n", private=private)
