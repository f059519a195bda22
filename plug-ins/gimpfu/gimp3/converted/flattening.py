"""Merging layers.

GIMP 3 has a flaw: merging layers of an image with 8 bits per channel and gamma also makes its
selection gamma-encoded, so that from then on every soft edge of a selection is too weak. The layers
of such an image are therefore merged in a copy of it, from which the result is taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from gimpfu.enums import PRECISION_U8_GAMMA
from gimpfu.gimp3.database import call_native
from gimpfu.objects.handles import checked
from gimpfu.objects.images import Image
from gimpfu.objects.items import GroupLayer, Item, Layer

Copies = dict[Layer, Layer]
"""The layers of an image, with their copies."""


def gimp_image_flatten(image: Image) -> Layer:
    return _merge(image, lambda copy, copies: call_native("gimp-image-flatten", copy))


def gimp_image_merge_visible_layers(image: Image, merge_type: int) -> Layer | None:
    if not any(layer.visible for layer in image.layers):
        return image.active_layer
    name = "gimp-image-merge-visible-layers"
    return _merge(image, lambda copy, copies: call_native(name, copy, merge_type))


def gimp_image_merge_down(image: Image, merge_layer: Layer, merge_type: int) -> Layer:
    name = "gimp-image-merge-down"
    return _merge(
        image, lambda copy, copies: call_native(name, copy, copies[merge_layer], merge_type)
    )


def gimp_image_merge_layer_group(image: Image, layer_group: GroupLayer) -> Layer:
    name = "gimp-group-layer-merge"
    return _merge(image, lambda copy, copies: call_native(name, copies[layer_group]))


def _merge(image: Image, merge: Callable[[Image, Copies], Layer]) -> Layer:
    if image.precision != PRECISION_U8_GAMMA:
        return merge(image, {layer: layer for layer in _all_layers(image.layers)})
    copy = image.duplicate()
    try:
        copy.disable_undo()
        copies = dict(zip(_all_layers(image.layers), _all_layers(copy.layers)))
        merged = merge(copy, copies)
        image.undo_group_start()
        try:
            return _take_over(image, copy, merged, copies)
        finally:
            image.undo_group_end()
    finally:
        copy.delete()


def _take_over(image: Image, copy: Image, merged: Layer, copies: Copies) -> Layer:
    """Do to an image what was done to its copy: replace the layers that were merged."""
    left = set(_all_layers(copy.layers))
    gone = {layer for layer, its_copy in copies.items() if its_copy not in left}
    for layer in [layer for layer in gone if layer.parent not in gone]:
        if layer.is_valid():  # a floating selection goes with its layer
            image.remove_layer(layer)
    parents: dict[Item, Layer] = {its_copy: layer for layer, its_copy in copies.items()}
    parent = parents[merged.parent] if merged.parent else None
    layer = call_native("gimp-layer-new-from-drawable", merged, image)
    position = copy.native.get_item_position(merged.native)
    checked(image.native.insert_layer(layer.native, parent and parent.native, position))
    layer.name = merged.name
    return layer


def _all_layers(layers: Iterable[Layer]) -> Iterator[Layer]:
    for layer in layers:
        yield layer
        if isinstance(layer, GroupLayer):
            yield from _all_layers(layer.layers)
