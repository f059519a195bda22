"""Layers as frames: reading an animation, and making a new image of its dreamed frames."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from gimpfu import PARASITE_PERSISTENT, error, pdb
from gimpfu.objects.images import Image
from gimpfu.objects.items import Layer

from deepdream_core.shared.outputs import NEW_IMAGE
from deepdream_core.shared.quoting import shortened
from deepdream_plugin.choice import Choice
from deepdream_plugin.dreaming import Dreamed, Order, Task
from deepdream_plugin.layers import (
    MOST_OF_A_REASON,
    LayerError,
    SourceLayer,
    check_no_floating_selection,
    format_for,
    guide_picture,
    levels_of,
    palette_of,
    picture_in,
)
from deepdream_plugin.new_image import image_like, open_image
from deepdream_plugin.pictures_in_files import file_pictures
from deepdream_plugin.recipe_parasite import PARASITE_NAME, write_note
from deepdream_plugin.texts import _

_COMBINE, _REPLACE = "(combine)", "(replace)"
"""In a layer's name, GIMP's words for a frame over the ones before, and for one in their place."""
_SEEN = "R'G'B'A u8"


def order_of_frames(image: Image, choice: Choice, shown: bool) -> Order:
    """Read an animation whose frames will be dreamed into a new image, which is `shown`.

    Raises `LayerError`.
    """
    choice = _for_frames(choice)
    film = uuid4().hex
    guide = guide_picture(choice.output.guide_layer)
    sources = _read_frames(image)
    files = file_pictures(choice.recipe)
    carry = choice.output.carry
    tasks = [
        Task(source, choice.recipe, guide, files=files, film=film, carry=carry)
        for source in sources
    ]
    place = functools.partial(_place_frames, image, choice, shown)
    return Order(choice.title, tasks, place)


def _for_frames(choice: Choice) -> Choice:
    """Return the choice with what an animation can be. Raises `LayerError`."""
    if choice.recipe.source == "noise":
        raise LayerError(
            _("An animation is dreamed from its own frames, not from noise. Choose another source.")
        )
    if choice.recipe.passes > 1:
        raise LayerError(
            _("The frames of an animation are dreamed in a single pass. Set the passes to 1.")
        )
    recipe = choice.recipe.changed(keep="result")
    return replace(choice, recipe=recipe, output=replace(choice.output, kind=NEW_IMAGE))


def check_frames(image: Image) -> None:
    """Raise `LayerError` if the image is no animation that can be dreamed."""
    if len(image.layers) < 2:
        raise LayerError(
            _(
                "The image has a single layer, so it is no animation: "
                "each layer, from the lowest, is a frame. Add layers and try again."
            )
        )
    check_no_floating_selection(image)


def _read_frames(image: Image) -> list[SourceLayer]:
    """Read each layer, from the lowest, as GIMP's animation shows it. Raises `LayerError`."""
    check_frames(image)
    try:
        return _read(image)
    except error as problem:
        raise LayerError(
            _("GIMP could not read the layer ({reason}). Try again.").format(
                reason=shortened(str(problem), MOST_OF_A_REASON)
            )
        ) from problem


def _read(image: Image) -> list[SourceLayer]:
    layers = image.layers[::-1]
    copy = image.duplicate()
    try:
        seen = _as_played(copy, copy.layers[::-1])
        has_alpha = not all(_is_opaque(layer) for layer in seen)
        format = format_for(copy, has_alpha)
        pictures = [picture_in(layer, format) for layer in seen]
        for layer in seen:
            layer.delete()
    finally:
        copy.delete()
    palette, levels = palette_of(image), levels_of(image)
    return [
        SourceLayer(
            layer, layer.name, layer.tattoo, (0, 0), picture, format, None, palette, levels=levels
        )
        for layer, picture in zip(layers, pictures)
    ]


def _as_played(image: Image, layers: Sequence[Layer]) -> list[Layer]:
    """Return a layer for each frame, of the image's size; changes what is visible in the image."""
    for layer in layers:
        layer.visible = False
    seen, shown = [], []
    for layer in layers:
        if _REPLACE in layer.name:
            for earlier in shown:
                earlier.visible = False
            shown.clear()
        layer.visible = True
        shown.append(layer)
        seen.append(pdb["gimp-layer-new-from-visible"](image, image, layer.name))
    return seen


def _is_opaque(layer: Layer) -> bool:
    alpha = bytes(layer.read_pixels(_SEEN))[3::4]
    return alpha.count(255) == len(alpha)


def frame_name(name: str, has_alpha: bool) -> str:
    """Return the name of a dreamed frame, which is whole: nothing before may be seen through it."""
    if _COMBINE in name:
        return name.replace(_COMBINE, _REPLACE)
    if has_alpha and _REPLACE not in name:
        return f"{name} {_REPLACE}"
    return name


def _place_frames(
    image: Image, choice: Choice, shown: bool, dreamed: Sequence[Dreamed]
) -> list[Layer]:
    """Make a new image of the frames; return its layers from the lowest. Raises `LayerError`."""
    if not image.is_valid():
        raise LayerError(
            _("The image was closed during the dream, so the dream could not be inserted.")
        )
    new: Image | None = None
    try:
        new = image_like(image, dreamed[0].result)
        layers = [_frame(new, choice.dreamed_in(one.precision), one) for one in dreamed]
        open_image(new, layers, shown)
    except error as problem:
        if new is not None and new.is_valid():
            new.delete()
        raise LayerError(
            _(
                "GIMP could not make the new image ({reason}). Close other images and try again."
            ).format(reason=shortened(str(problem), MOST_OF_A_REASON))
        ) from problem
    return layers


def _frame(new: Image, choice: Choice, dreamed: Dreamed) -> Layer:
    source, picture = dreamed.task.source, dreamed.result
    has_alpha = picture.channels in (2, 4)
    # GIMP numbers the types of layers in pairs, without and with alpha, by base type.
    type = 2 * new.base_type + has_alpha
    name = frame_name(source.name, has_alpha)
    layer = Layer(new, name, picture.width, picture.height, type)
    layer.write_pixels(source.format, picture.data)
    layer.attach_new_parasite(PARASITE_NAME, PARASITE_PERSISTENT, write_note(choice, source))
    return layer
