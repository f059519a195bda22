"""What OK will make and how long it will take, in words. Does not use GTK."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deepdream_core.shared.durations import spoken
from deepdream_core.shared.octaves import octave_sizes, octave_steps, part_to_dream
from deepdream_core.shared.outputs import Output
from deepdream_core.shared.sizes import Region, Size, pixel_steps
from deepdream_plugin.choice import Choice
from deepdream_plugin.texts import _, translated

_SMALLEST_SIDE = 32
"""Smaller octaves are left out. Two of the networks, for which more is too small, may leave out one
octave more than the dialog says."""

_MEMORY_OF_ENGINE, _MEMORY_OF_PICTURE, _MEMORY_OF_OCTAVE = 1.1, 0.05, 0.1
"""In gigabytes; the last two for each megapixel of the picture and of the largest octave. Measured:
1.2 GB for 1.2 megapixels, 2.0 GB for 6, and 2.3 GB for 24, dreamed at 8, in a single octave.
"""
_SHORTEST = 1.0
"""Seconds: nobody wants to read of less."""
_MUCH_MEMORY = 2.0
"""From how many gigabytes on it is worth mentioning."""


@dataclass(frozen=True)
class ToDream:
    """A layer that will be dreamed."""

    size: Size
    box: Region | None = None
    """The rectangle around what is selected of it, if anything is."""
    shown: Region | None = None
    """The rectangle around what its own mask shows, if it has one that is enabled."""
    why_not_in_place: str = ""
    """Why it cannot be changed itself, in a sentence; "" if it can."""

    def limit(self, output: Output) -> Region | None:
        """Return the rectangle around what is dreamed; None for all of it."""
        own = self.shown if output.limited else None
        if self.box is None or own is None:
            return self.box or own
        return self.box.overlap(own) or self.box


def outcome_text(choice: Choice, layers: Sequence[ToDream]) -> str:
    """Return what OK will make of the layers; "" if it is simply a new layer."""
    made, count = _made(choice, layers), len(layers)
    if choice.output.kind.is_in_place:
        return _changed(layers)
    if count == 1:
        return _("Makes {made}.").format(made=made) if made else ""
    if made:
        text = _("{count} layers will be dreamed; each makes {made}.")
        return text.format(count=count, made=made)
    return _("{count} layers will be dreamed.").format(count=count)


def _changed(layers: Sequence[ToDream]) -> str:
    """Return what OK will do to layers that are dreamed in place, and to those that cannot be."""
    reasons = [layer.why_not_in_place for layer in layers if layer.why_not_in_place]
    count = len(layers) - len(reasons)
    text = _("{count} layers will be changed.").format(count=count) if count > 1 else ""
    if count == 1:
        text = _("Changes the layer itself.")
    return " ".join(filter(None, [text, *reasons[:1]]))


def duration_text(choice: Choice, layers: Sequence[ToDream], speed: float, device: str) -> str:
    """Return how long OK will take and, if it is much, how much memory.

    `speed` in pixel-steps per second, and the engine's `device`, are those of the preview; "" until
    they are known.
    """
    if not speed:
        return ""
    seconds = sum(_work(choice, layer) for layer in layers) / speed
    duration = translated(spoken(max(_SHORTEST, seconds)))
    needed = max(_gigabytes(choice, layer) for layer in layers)
    # A graphics card has its own memory, to which the engine fits its work.
    if device != "cpu" or needed < _MUCH_MEMORY:
        return _("About {duration}").format(duration=duration)
    text = _("About {duration}, {size} GB of memory")
    return text.format(duration=duration, size=round(needed))


def _gigabytes(choice: Choice, layer: ToDream) -> float:
    """Return the memory at the peak of a dream of a layer, on a processor."""
    sizes, _steps = _octaves(choice, layer)
    picture, octave = math.prod(layer.size) / 1e6, max(map(math.prod, sizes)) / 1e6
    return _MEMORY_OF_ENGINE + _MEMORY_OF_PICTURE * picture + _MEMORY_OF_OCTAVE * octave


def _work(choice: Choice, layer: ToDream) -> int:
    """Return the pixel-steps of all dreams of a layer."""
    sizes, steps = _octaves(choice, layer)
    dreams = _number_made(choice, layer) if choice.output.kind.for_each_feature else 1
    return dreams * choice.recipe.passes * pixel_steps(sizes, steps)


def _octaves(choice: Choice, layer: ToDream) -> tuple[Sequence[Size], Sequence[int]]:
    """Return the size and the number of steps of each octave."""
    part, part_recipe = part_to_dream(layer.size, layer.limit(choice.output), choice.recipe)
    sizes, _dropped = octave_sizes(part.size, part_recipe, _SMALLEST_SIDE)
    return sizes, octave_steps(choice.recipe, len(sizes))


def _made(choice: Choice, layers: Sequence[ToDream]) -> str:
    kind = choice.output.kind
    if kind.beyond_selection:
        return _("a layer with a mask") if layers[0].box or layers[0].shown else ""
    if kind.is_own_image:
        return _("an image of its own")
    counts = {_number_made(choice, layer) for layer in layers}
    if len(counts) > 1:
        return _("several layers in a group")
    count = counts.pop()
    if count == 1:
        return ""
    text = _("{count} frames") if kind.is_animation else _("{count} layers in a group")
    return text.format(count=count)


def _number_made(choice: Choice, layer: ToDream) -> int:
    recipe, kind = choice.recipe, choice.output.kind
    if kind.for_each_feature:
        return len(choice.output.recipes(recipe))
    if kind.is_animation:
        return recipe.passes
    _sizes, steps = _octaves(choice, layer)
    if kind.keep == "octaves":
        return len(steps)
    if kind.keep == "steps":
        kept = sum(number // recipe.keep_every for number in steps)
        return kept + (steps[-1] % recipe.keep_every != 0)
    return 1
