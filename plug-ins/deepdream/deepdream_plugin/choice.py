"""The artist's choice, and the files that remember it between sessions and after a crash."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.outputs import Output, split_settings
from deepdream_core.shared.paths import last_settings_file, unfinished_settings_file
from deepdream_core.shared.presets import DEFAULT_PRESET, make_recipe, presets
from deepdream_core.shared.recipe import (
    PARAMETERS,
    Recipe,
    Value,
    read_json_object,
    recipe_from,
)
from deepdream_plugin.atlas import title_of
from deepdream_plugin.engine import Engine
from deepdream_plugin.texts import _


@dataclass(frozen=True)
class Choice:
    """The name of a preset, the recipe based on it, and the output."""

    preset: str = DEFAULT_PRESET
    recipe: Recipe = field(default_factory=make_recipe)
    output: Output = field(default_factory=Output)
    preset_then: str = ""
    """The preset's objective when the recipe was made from it, if the preset has changed since."""

    @property
    def settings(self) -> dict[str, Value]:
        """The recipe's settings that differ from the preset."""
        preset = make_recipe(self.preset).as_dict()
        return {n: v for n, v in self.recipe.as_dict().items() if v != preset[n]}

    @property
    def has_own_objective(self) -> bool:
        """Whether the objective differs from the preset's."""
        of_preset = (make_recipe(self.preset).objective, self.preset_then)
        return self.recipe.objective not in of_preset

    @property
    def title(self) -> str:
        """The name of the new layer, from the preset or, if it differs, the objective."""
        if self.has_own_objective:
            return f"DeepDream {title_of(self.recipe.expression, self.recipe.model)}"
        return f"DeepDream {_(presets()[self.preset].title)}"

    def dreamed_in(self, precision: str) -> Choice:
        """Return the choice with the precision that was used, so that it gives the same again."""
        if precision not in PARAMETERS["precision"].choices:
            return self  # another version's engine
        return replace(self, recipe=self.recipe.changed(precision=precision))

    def changed(self, settings: str) -> Choice:
        """Return the choice changed by a procedure's `settings`. Raises `RecipeError`."""
        of_recipe, output = split_settings(settings, self.output)
        return replace(self, recipe=recipe_from(of_recipe, self.recipe), output=output)


@dataclass(frozen=True)
class DialogAnswer:
    """What the dialog gives back: a choice, and the engine of its preview, if that is awake."""

    choice: Choice
    engine: Engine | None = None
    is_dreamed: bool = False
    """Whether the dialog has dreamed it, and what was chosen before, by itself."""


def choice_from(preset: str, settings: str | Mapping[str, object]) -> Choice:
    """Read a procedure's arguments `preset` and `settings`. Raises `RecipeError`."""
    of_recipe, output = split_settings(settings)
    return Choice(preset.strip() or DEFAULT_PRESET, make_recipe(preset, of_recipe), output)


def load_last() -> Choice:
    """Return the last choice, or the defaults if there is none or it is unusable."""
    return _load(last_settings_file()) or Choice()


def save_last(choice: Choice) -> None:
    """Save the last choice. Ignore failures: a full or read-only disk must not stop a dream."""
    _save(choice, last_settings_file())


def load_unfinished() -> Choice | None:
    """Return the choice of a dialog that crashed before it was closed, or None."""
    return _load(unfinished_settings_file())


def save_unfinished(choice: Choice) -> None:
    """Save the choice of an open dialog, until `forget_unfinished`."""
    _save(choice, unfinished_settings_file())


def forget_unfinished() -> None:
    """Delete the saved choice when the dialog closes."""
    with contextlib.suppress(OSError):
        unfinished_settings_file().unlink(missing_ok=True)


def _load(path: Path) -> Choice | None:
    try:
        kept = read_json_object(path.read_text("utf-8"))
        preset = str(kept["preset"])
        output = Output.from_settings(kept.get("output", {}))
        choice = Choice(preset, make_recipe(preset, dict(kept["settings"])), output)
        same_gimp = kept.get("gimp") == os.getppid()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    # Layer IDs are only valid in the same GIMP session.
    return choice if same_gimp else replace(choice, output=replace(output, guide_layer=0))


def _save(choice: Choice, path: Path) -> None:
    kept = {
        "preset": choice.preset,
        "settings": choice.settings,
        "output": choice.output.as_settings(),
        "gimp": os.getppid(),
    }
    with contextlib.suppress(OSError):
        write_text(path, json.dumps(kept, indent=2))
