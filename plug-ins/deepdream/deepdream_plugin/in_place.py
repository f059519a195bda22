"""Dreaming in place: the dream becomes the pixels of the source layer itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gimpfu import PARASITE_PERSISTENT, PARASITE_UNDOABLE
from gimpfu.objects.images import Image
from gimpfu.objects.items import Layer

from deepdream_core.shared.outputs import Output
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.quoting import shortened
from deepdream_plugin.again import is_locked
from deepdream_plugin.choice import Choice
from deepdream_plugin.layers import SourceLayer, has_changed
from deepdream_plugin.recipe_parasite import PARASITE_NAME, write_note
from deepdream_plugin.texts import _


def why_not(layer: Layer) -> str:
    """Return why a layer cannot be dreamed in place, in a sentence; "" if it can."""
    if layer.is_generated:
        text = _(
            '"{name}" is a group, or made of text, a path, a link or filters, so its dream becomes '
            "a new layer."
        )
    elif is_locked(layer):
        text = _('"{name}" is locked, so its dream becomes a new layer.')
    else:
        return ""
    return text.format(name=shortened(layer.name))


def gets_a_mask(output: Output, layer: Layer) -> bool:
    """Return whether the dream of a layer becomes another one, masked by what limits the dream."""
    kind = output.kind
    return kind.is_beside_source or (kind.is_in_place and bool(why_not(layer)))


def why_not_now(image: Image, source: SourceLayer, limited: bool) -> str:
    """Return why a dream cannot go into its source, which still exists; "" if it can.

    `limited`: whether only what the layer's own mask shows was dreamed.
    """
    layer = source.layer
    if reason := why_not(layer):
        return reason
    if not has_changed(image, source, limited):
        return ""
    text = _(
        '"{name}" or the selection was changed during the dream, so the dream became a new layer.'
    )
    return text.format(name=shortened(source.name))


@dataclass(frozen=True)
class Change:
    """New pixels for a layer, ready to be put into it."""

    layer: Layer
    pixels: bytes | bytearray
    """The selected rectangle, as GIMP holds pixels."""
    note: str
    """How the layer was dreamed, to be stored on it."""

    def apply(self) -> None:
        """Change the layer, in two undo steps."""
        self.layer.replace_selected(self.pixels)
        # Unless a parasite can be undone, nothing before it can be undone either.
        flags = PARASITE_PERSISTENT | PARASITE_UNDOABLE
        self.layer.attach_new_parasite(PARASITE_NAME, flags, self.note)


def change_for(image: Image, source: SourceLayer, choice: Choice, dream: Picture) -> Change:
    """Prepare the change of a source to its dream, without changing anything.

    Pixels that the selection or the layer's own mask exclude stay as they are, to the last bit.
    """
    layer = source.layer
    area = x, y, width, height = layer.mask_intersect()
    scratch = Layer(image, "", layer.width, layer.height, layer.type)
    try:
        scratch.write_pixels(source.format, dream.data)
        after = scratch.read_own(*area)
    finally:
        scratch.delete()
    limit = source.limit(selected=True, shown=choice.output.limited)
    if limit is not None:
        grades = memoryview(limit.data).cast("B").cast("f")
        rows = (grades[x + row * limit.width :][:width] for row in range(y, y + height))
        dreamed = b"".join(bytes(map(bool, row)) for row in rows)
        after = _spliced(layer.read_own(*area), after, dreamed)
    return Change(layer, after, write_note(choice, source))


def _spliced(before: bytes | bytearray, after: bytes | bytearray, dreamed: bytes) -> bytearray:
    """Return the pixels before where `dreamed`, a byte for each, is zero, else those after."""
    spliced, size = bytearray(after), len(before) // len(dreamed)
    for run in re.finditer(rb"\0+", dreamed):
        pixels = slice(run.start() * size, run.end() * size)
        spliced[pixels] = before[pixels]
    return spliced
