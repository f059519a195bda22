"""What the artist has chosen so far. Knows nothing of GTK."""

from __future__ import annotations

from collections.abc import Callable

from deepdream_core.shared.presets import DEFAULT_PRESET, make_recipe, presets
from deepdream_core.shared.recipe import MACHINE, PARAMETERS, Recipe, Value
from deepdream_plugin.settings import Choice


class State:
    """A preset and what is laid over it; tells whoever listens when the recipe changes."""

    def __init__(self, choice: Choice) -> None:
        self.preset = choice.preset
        self.output = dict(choice.output)
        self._settings = dict(choice.settings)
        self.recipe = make_recipe(self.preset, self._settings)
        self._listeners: list[Callable[[], None]] = []
        self._objectives: dict[str, str] = {}
        """What was dreamed with other networks."""

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    def set(self, name: str, value: Value) -> None:
        """Change one parameter. Raises `RecipeError` if it cannot take the value."""
        if getattr(self.recipe, name) == PARAMETERS[name].parse(value):
            return
        if name == "model":
            self._choose_network(str(value))
        else:
            self._change(self.preset, {**self._settings, name: value})

    def _choose_network(self, model: str) -> None:
        """Dream the like of it with a network that may have no layer of such a name."""
        before = self.recipe
        self._objectives[before.model] = before.objective
        wanted = self._objectives.get(model) or before.expression.without_layer_names()
        self._change(self.preset, {**self._settings, "model": model, "objective": wanted})

    def choose_preset(self, name: str) -> None:
        """Begin anew with a preset; the machine's own settings stay."""
        machine = {n: v for n, v in self._settings.items() if PARAMETERS[n].group == MACHINE}
        self._become(name, machine)

    def choose_feature(self, objective: str, model: str = "") -> None:
        """Dream this objective with everything else as it is."""
        changed = {"objective": objective, **({"model": model} if model else {})}
        self._become(self.preset, {**self._settings, **changed})

    def become(self, recipe: Recipe, preset: str) -> None:
        """Take over a whole recipe, as one that was kept on a layer."""
        name = preset if preset in presets() else DEFAULT_PRESET
        self._become(name, recipe.as_dict())

    def reset(self) -> None:
        """Back to the preset as it is."""
        self._become(self.preset, {})

    def set_output(self, name: str, value: Value) -> None:
        """Change where the dream goes; the preview stays as it is."""
        self.output[name] = value

    @property
    def features(self) -> list[str]:
        """The objectives that get a layer each, where the output says so."""
        return [part for part in str(self.output.get("features", "")).split("|") if part]

    @property
    def choice(self) -> Choice:
        """What is to be dreamed and remembered: only what differs from the preset."""
        base = make_recipe(self.preset).as_dict()
        mine = self.recipe.as_dict()
        settings = {n: v for n, v in mine.items() if v != base[n]}
        return Choice(self.preset, settings, dict(self.output))

    @property
    def has_own_objective(self) -> bool:
        """Whether something else is dreamed than the preset says."""
        return self.recipe.objective != make_recipe(self.preset).objective

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from the preset."""
        return bool(self.choice.settings)

    def _become(self, preset: str, settings: dict[str, Value]) -> None:
        self._objectives.clear()
        self._change(preset, settings)

    def _change(self, preset: str, settings: dict[str, Value]) -> None:
        recipe = make_recipe(preset, settings)
        self.preset, self._settings, self.recipe = preset, settings, recipe
        for listener in self._listeners:
            listener()
