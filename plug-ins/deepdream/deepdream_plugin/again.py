"""Dreaming a dream again: what the old dream consists of, and whether it can be replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gimpfu import pdb
from gimpfu.objects.images import Image
from gimpfu.objects.items import GroupLayer, Item, Layer

from deepdream_core.shared.outputs import Output
from deepdream_core.shared.quoting import shortened
from deepdream_plugin.choice import Choice
from deepdream_plugin.recipe_parasite import PARASITE_NAME
from deepdream_plugin.texts import _

_SHOWN = bytes([0, *[255] * 255])
"""Maps the grades of a mask to whether they show anything."""


@dataclass(frozen=True)
class Again:
    """What the dialog says about dreams that are dreamed again."""

    names: Sequence[str]
    """The names of the old dreams."""
    why_kept: str
    """Why none of them can be replaced; "" if at least one can."""


@dataclass(frozen=True)
class OldDream:
    """A dream that is dreamed again."""

    name: str
    title: str
    """The name that its recipe would give it."""
    layers: list[Layer]
    """The layer or group; of an animation, the frames from top to bottom."""
    output: Output
    """What its recipe says about it."""

    @property
    def top(self) -> Layer:
        return self.layers[0]

    def is_in(self, image: Image) -> bool:
        """Return whether all of it is still in the image."""
        return all(layer.is_valid() and layer.image == image for layer in self.layers)


def old_dream(image: Image, layer: Layer, choice: Choice, whole: bool) -> OldDream:
    """Return the dream that a layer with a recipe is.

    `whole`: if it belongs to a group or an animation that was dreamed, return all of that.
    """
    note = _note(layer)
    while whole and isinstance(group := layer.parent, GroupLayer) and _note(group) == note:
        layer = group
    layers = [layer]
    if whole and choice.output.kind.is_animation:
        layers = _frames(image, layer, choice.recipe.passes)
    name = layer.name if len(layers) == 1 else choice.title
    return OldDream(name, choice.title, layers, choice.output)


def _frames(image: Image, layer: Layer, count: int) -> list[Layer]:
    """Return the at most `count` frames of the animation that a layer is one of."""
    group = layer.parent
    siblings = group.layers if isinstance(group, GroupLayer) else image.layers
    first = last = siblings.index(layer)
    note = _note(layer)
    while first > 0 and _note(siblings[first - 1]) == note:
        first -= 1
    while last + 1 < len(siblings) and _note(siblings[last + 1]) == note:
        last += 1
    # The same animation may have been made several times.
    first += (siblings.index(layer) - first) // count * count
    return siblings[first : min(first + count, last + 1)]


def _note(layer: Layer) -> bytes | str | None:
    parasite = layer.parasite_find(PARASITE_NAME)
    return parasite.data if parasite else None


def why_kept(image: Image, old: OldDream, source: Layer) -> str:
    """Return why a dream cannot be replaced by another dream of its source; "" if it can."""
    if not old.is_in(image):
        return ""  # whoever inserts the new dream says so
    if source in old.layers and not old.output.kind.is_beside_source:
        text = _('"{name}" was not dreamed from another layer, so the dream itself is dreamed.')
        return text.format(name=shortened(old.name))
    if source in old.layers:
        text = _(
            'The source of "{name}" no longer exists, so the dream itself is dreamed, into '
            "another layer."
        )
        return text.format(name=shortened(old.name))
    if _reaches_beyond_selection(image, old.top):
        text = _(
            '"{name}" reaches beyond the selection, so it is not replaced: the new dream becomes '
            "another layer."
        )
        return text.format(name=shortened(old.name))
    return why_kept_now(old, (source.width, source.height))


def why_kept_now(old: OldDream, size: tuple[int, int]) -> str:
    """Return why a dream that exists cannot be replaced by one of this size; "" if it can."""
    if any(is_locked(layer) for layer in old.layers):
        text = _('"{name}" is locked, so it is not replaced: the new dream becomes another layer.')
    elif any(_has_others(layer) for layer in old.layers):
        text = _(
            '"{name}" contains other layers as well, so it is not replaced: the new dream becomes '
            "another layer."
        )
    elif any((layer.width, layer.height) != size for layer in old.layers):
        text = _(
            '"{name}" and its source differ in size, so it is not replaced: the new dream becomes '
            "another layer."
        )
    else:
        return ""
    return text.format(name=shortened(old.name))


def is_locked(item: Item | None) -> bool:
    """Return whether the pixels of an item, or of a group that contains it, are locked."""
    while item is not None:
        if pdb["gimp-item-get-lock-content"](item):
            return True
        item = item.parent
    return False


def _has_others(layer: Layer) -> bool:
    """Return whether something in a group is not a dream."""
    if not isinstance(layer, GroupLayer):
        return False
    return any(_note(child) is None or _has_others(child) for child in layer.layers)


def _reaches_beyond_selection(image: Image, layer: Layer) -> bool:
    """Return whether part of a dream would be lost if only what is selected were dreamed."""
    if image.selection_bounds() is None:
        return False
    if layer.mask is None:
        return True
    (x, y), width, height = layer.offsets, layer.width, layer.height
    selected = bytes(image.selection.read_pixels("Y u8", x, y, width, height))
    shown = bytes(layer.mask.read_pixels("Y u8"))
    return bool(_bits(shown) & ~_bits(selected))


def _bits(grades: bytes) -> int:
    return int.from_bytes(grades.translate(_SHOWN), "big")
