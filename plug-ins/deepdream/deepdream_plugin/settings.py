"""What the artist chose last, kept in a file of our own: it outlives GIMP, also a crash."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deepdream_core.shared.paths import data_folder
from deepdream_core.shared.presets import DEFAULT_PRESET, make_recipe
from deepdream_core.shared.recipe import RecipeError, Value
from deepdream_plugin.outputs import split_settings


@dataclass(frozen=True)
class Choice:
    """A preset by name, the settings laid over it, and where the dream goes."""

    preset: str = DEFAULT_PRESET
    settings: Mapping[str, Value] = field(default_factory=dict)
    output: Mapping[str, Value] = field(default_factory=dict)

    @property
    def settings_text(self) -> str:
        """The settings as the procedure's argument `settings` takes them."""
        together = {**self.settings, **self.output}
        return json.dumps(together) if together else ""


def load_last() -> Choice:
    """Return what was chosen last; the defaults where nothing usable is kept."""
    return _load(_path()) or Choice()


def save_last(choice: Choice) -> None:
    """Keep a choice. A disk that is full or locked is no reason not to dream."""
    _save(choice, _path())


def load_unfinished() -> Choice | None:
    """Return what was being chosen when a dialog came to a sudden end; None if none did."""
    return _load(_unfinished())


def save_unfinished(choice: Choice) -> None:
    """Keep what is being chosen, until `forget_unfinished`."""
    _save(choice, _unfinished())


def forget_unfinished() -> None:
    """The dialog has come to its end."""
    with contextlib.suppress(OSError):
        _unfinished().unlink(missing_ok=True)


def _load(path: Path) -> Choice | None:
    try:
        kept = json.loads(path.read_text("utf-8"))
        output, _ = split_settings(kept.get("output", {}))
        if kept.get("gimp") != os.getppid():
            # The numbers of layers mean nothing in another GIMP.
            output.pop("guide_layer", None)
        choice = Choice(str(kept["preset"]), dict(kept["settings"]), output)
        make_recipe(choice.preset, choice.settings)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecipeError):
        return None
    return choice


def _save(choice: Choice, path: Path) -> None:
    kept = {
        "preset": choice.preset,
        "settings": dict(choice.settings),
        "output": dict(choice.output),
        "gimp": os.getppid(),
    }
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(kept, indent=2), "utf-8")
        part.replace(path)


def _path() -> Path:
    return data_folder() / "last-settings.json"


def _unfinished() -> Path:
    return data_folder() / "unfinished-settings.json"
