"""The state of the dialog: the artist's current choice. Does not use GTK."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from deepdream_core.shared.objective import Term, parse_objective, written
from deepdream_core.shared.outputs import Output, OutputKind
from deepdream_core.shared.presets import DEFAULT_PRESET, make_recipe, presets
from deepdream_core.shared.recipe import MACHINE, PARAMETERS, Recipe, Value
from deepdream_plugin.choice import Choice

_FIRST_ANIMATION = {"passes": 8, "zoom": 1.05}
"""Initial settings of an animation, which needs more than one pass."""


class State:
    """The current choice; calls its listeners when the recipe changes."""

    def __init__(self, choice: Choice) -> None:
        self._choice = _with_features_mixed(choice)
        self._listeners: list[Callable[[], None]] = []
        self._output_listeners: list[Callable[[], None]] = []
        self._objectives: dict[str, str] = {}
        """The last objective used with each network."""

    @property
    def choice(self) -> Choice:
        """What is to be dreamed and remembered."""
        return self._choice

    @property
    def preset(self) -> str:
        return self._choice.preset

    @property
    def recipe(self) -> Recipe:
        return self._choice.recipe

    @property
    def output(self) -> Output:
        return self._choice.output

    @property
    def machine(self) -> dict[str, Value]:
        """The settings for this machine that differ from the preset."""
        mine = self._choice.settings.items()
        return {name: value for name, value in mine if PARAMETERS[name].group == MACHINE}

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change of the recipe."""
        self._listeners.append(listener)

    def listen_to_output(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change of what the dream becomes."""
        self._output_listeners.append(listener)

    def set(self, name: str, value: Value) -> None:
        """Change a parameter. Raises `RecipeError` for an invalid value."""
        if getattr(self.recipe, name) == PARAMETERS[name].parse(value):
            return
        if name == "model":
            self._choose_network(str(value))
        else:
            self._change(self.preset, self.recipe.changed(**{name: value}))

    def _choose_network(self, model: str) -> None:
        """Switch to a network and adapt the objective, because layers have other names in it."""
        before = self.recipe
        self._objectives[before.model] = before.objective
        wanted = self._objectives.get(model) or before.expression.without_layer_names()
        self._change(self.preset, before.changed(model=model, objective=wanted))

    def choose_preset(self, name: str) -> None:
        """Switch to a preset, keeping only the settings for this machine."""
        self._become(name, make_recipe(name, self.machine))

    def choose_feature(self, objective: str) -> None:
        """Change the objective and keep everything else."""
        self._become(self.preset, self.recipe.changed(objective=objective))

    def toggle_feature(self, objective: str) -> None:
        """Add a target to the objective, or take it out if it is there and not the only one."""
        terms = parse_objective(self.recipe.objective).terms
        (added,) = parse_objective(objective).terms
        left = [term for term in terms if term.target != added.target]
        if len(left) == len(terms):
            left.append(added)
        self.set_terms(left)

    def set_terms(self, terms: Sequence[Term]) -> None:
        """Change the objective to these terms, unless there are none."""
        if terms:
            self.choose_feature(written(terms))

    def become(self, recipe: Recipe, preset: str) -> None:
        """Replace the recipe and the preset it is based on."""
        name = preset if preset in presets() else DEFAULT_PRESET
        self._become(name, recipe)

    def restore(self, choice: Choice) -> None:
        """Return to an earlier choice, except for the guide layer, which has its own picture."""
        output = replace(choice.output, guide_layer=self.output.guide_layer)
        self._objectives.clear()
        self._choice = replace(choice, output=output)
        for listener in (*self._listeners, *self._output_listeners):
            listener()

    def reset(self) -> None:
        """Reset the recipe to the preset."""
        self._become(self.preset, make_recipe(self.preset))

    def choose_output(self, kind: OutputKind) -> None:
        """Change the kind of output and adapt the passes: only an animation has several."""
        self._set_output(_following(replace(self.output, kind=kind), self.recipe))
        if kind.is_animation and self.recipe.passes == 1:
            self._change(self.preset, self.recipe.changed(**_FIRST_ANIMATION))
        elif not kind.is_animation and self.recipe.passes != 1:
            self._change(self.preset, self.recipe.changed(passes=1))

    def set_guide_layer(self, number: int) -> None:
        """Change the guide layer, by its ID; 0 for none."""
        self._set_output(replace(self.output, guide_layer=number))

    def set_replaces(self, replaces: bool) -> None:
        """Choose whether a dream that is dreamed again is replaced."""
        self._set_output(replace(self.output, replaces=replaces))

    def set_blend(self, mode: str, opacity: float) -> None:
        """Choose the new layer's mode and its opacity in percent."""
        self._set_output(replace(self.output, mode=mode, opacity=opacity))

    def set_limited(self, limited: bool) -> None:
        """Choose whether only what the layer's own mask shows is dreamed."""
        self._set_output(replace(self.output, limited=limited))

    def set_carry(self, carry: float) -> None:
        """Choose how much of a frame's dream moves on to the next, 0..1."""
        self._set_output(replace(self.output, carry=carry))

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from the preset."""
        return bool(self.choice.settings)

    def _set_output(self, output: Output) -> None:
        self._choice = replace(self._choice, output=output)
        for listener in self._output_listeners:
            listener()

    def _become(self, preset: str, recipe: Recipe) -> None:
        self._objectives.clear()
        self._change(preset, recipe)

    def _change(self, preset: str, recipe: Recipe) -> None:
        then = self._choice.preset_then if preset == self.preset else ""
        self._choice = Choice(preset, recipe, _following(self.output, recipe), then)
        for listener in self._listeners:
            listener()


def _following(output: Output, recipe: Recipe) -> Output:
    """Return the output with a layer each for what the recipe wants more of, if it has such."""
    if not output.kind.for_each_feature:
        return output
    terms = [term for term in recipe.expression.terms if term.weight > 0]
    return replace(output, features=tuple(str(term.target) for term in terms))


def _with_features_mixed(choice: Choice) -> Choice:
    """Return a choice whose objective is the mix of the features that get a layer each."""
    features = choice.output.features
    if not choice.output.kind.for_each_feature or not features:
        return choice
    terms = {term.target: term for text in features for term in parse_objective(text).terms}
    recipe = choice.recipe
    if {str(target) for target in terms} != {str(term.target) for term in recipe.expression.terms}:
        recipe = recipe.changed(objective=written(terms.values()))
    return replace(choice, recipe=recipe, output=_following(choice.output, recipe))
