"""Inserting dreams into the image as layers, groups or frames, in a single undo step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gimpfu import ADD_MASK_WHITE, PARASITE_PERSISTENT, error
from gimpfu.objects.images import GroupLayer, Image, Layer

from deepdream_core.shared.outputs import Output
from deepdream_core.shared.protocol import Picture
from deepdream_plugin.atlas import title_of
from deepdream_plugin.choice import Choice
from deepdream_plugin.dreaming import Dreamed
from deepdream_plugin.layers import LayerError, SourceLayer
from deepdream_plugin.recipe_parasite import PARASITE_NAME, write_note
from deepdream_plugin.texts import _

_FRAME_MILLISECONDS = 100


@dataclass(frozen=True)
class Placement:
    """The dreams to insert above a layer."""

    source: SourceLayer
    choice: Choice
    dreams: Sequence[Dreamed]
    """At least one."""


@dataclass(frozen=True)
class _NewLayer:
    name: str
    picture: Picture
    choice: Choice
    """The choice to store on the layer."""


def place_dreams(image: Image, placements: Sequence[Placement]) -> list[Layer]:
    """Insert dreams above their sources and select them; return the new layers or groups.

    Raises `LayerError` if the image or a layer no longer exists. On any error, the image is left
    unchanged.
    """
    _check_all_there(image, [placement.source for placement in placements])
    # Layers that are complete when they are inserted take no undo memory.
    ready = [(placement, _make_layers(image, placement)) for placement in placements]
    inserted: list[Layer] = []
    selected: list[Layer] = []
    image.undo_group_start()
    try:
        for placement, layers in ready:
            tops = _insert(image, placement, layers, inserted)
            selected += tops[-1:] if placement.choice.output.kind.is_animation else tops
        image.selected_layers = selected
    except BaseException as problem:
        for layer in reversed(inserted):
            image.remove_layer(layer)
        if isinstance(problem, error):
            raise LayerError(
                _(
                    "GIMP could not insert the new layer ({reason}). "
                    "If the layer or its group is locked, unlock it and try again."
                ).format(reason=problem)
            ) from problem
        raise
    finally:
        image.undo_group_end()
    return [layer for layer in inserted if layer.parent not in inserted]


def _check_all_there(image: Image, sources: Sequence[SourceLayer]) -> None:
    """Raise `LayerError` if the image or one of the layers no longer exists."""
    if not image.is_valid():
        raise LayerError(
            _("The image was closed during the dream, so the dream could not be inserted.")
        )
    for source in sources:
        if not source.layer.is_valid() or source.layer.image != image:
            raise LayerError(
                _(
                    'The layer "{name}" was deleted during the dream, '
                    "so the dream could not be inserted."
                ).format(name=source.name)
            )


def _make_layers(image: Image, placement: Placement) -> list[Layer]:
    """Create the new layers for one source, bottom to top, without inserting them."""
    source, old = placement.source, placement.source.layer
    layers = []
    for new in _new_layers(placement):
        layer = Layer(image, new.name, new.picture.width, new.picture.height, old.type)
        layer.write_pixels(source.format, new.picture.data)
        layer.set_offsets(*old.offsets)
        _keep_recipe(layer, new.choice, source)
        layers.append(layer)
    return layers


def _new_layers(placement: Placement) -> list[_NewLayer]:
    choice, dreams = placement.choice, placement.dreams
    kind = choice.output.kind
    if kind.for_each_feature:
        return [_feature_layer(choice, dream) for dream in dreams]
    result, kept = dreams[0].result, dreams[0].kept
    if kind.is_animation and kept:
        name = _("Frame {number} ({time}ms)")
        return [
            _NewLayer(name.format(number=i, time=_FRAME_MILLISECONDS), one.picture, choice)
            for i, one in enumerate(kept, 1)
        ]
    layers = []
    if kind.keep:
        layers = [_NewLayer(_capitalised(one.name), one.picture, choice) for one in kept]
    if not layers or layers[-1].picture.data != result.data:
        layers.append(_NewLayer(placement.choice.title, result, choice))
    return layers


def _feature_layer(choice: Choice, dream: Dreamed) -> _NewLayer:
    """Return the layer for one feature; dreaming it again gives a single layer."""
    recipe = dream.task.recipe
    own = replace(choice, recipe=recipe, output=Output())
    return _NewLayer(title_of(recipe.expression), dream.result, own)


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def _insert(
    image: Image, placement: Placement, layers: Sequence[Layer], inserted: list[Layer]
) -> Sequence[Layer]:
    """Insert layers, or a group of them, above their source; return the top-level ones.

    Everything inserted is appended to `inserted`.
    """
    source, kind = placement.source, placement.choice.output.kind
    grouped = kind.is_group and len(layers) > 1
    tops = [_new_group(image, placement)] if grouped else layers
    parent, position = source.layer.parent, image.item_position(source.layer)
    for top in tops:
        # Inserted at the same position, each layer pushes the previous one down.
        image.insert_layer(top, parent, position)
        inserted.append(top)
    if grouped:
        for number, layer in enumerate(layers):
            image.insert_layer(layer, tops[0])
            inserted.append(layer)
            if number > 0:
                layer.add_mask(layer.create_mask(ADD_MASK_WHITE))
    if source.mask is not None:
        for top in tops:
            _add_mask(top, source.mask)
    return tops


def _new_group(image: Image, placement: Placement) -> GroupLayer:
    group = GroupLayer(image, placement.choice.title)
    # Attached after insertion, the parasite would make the whole step impossible to undo.
    _keep_recipe(group, placement.choice, placement.source)
    return group


def _keep_recipe(layer: Layer, choice: Choice, source: SourceLayer) -> None:
    layer.attach_new_parasite(PARASITE_NAME, PARASITE_PERSISTENT, write_note(choice, source))


def _add_mask(layer: Layer, selected: Picture) -> None:
    """Add the selection from the start of the dream as a mask; it may have changed since then."""
    mask = layer.create_mask(ADD_MASK_WHITE)
    mask.write_pixels("Y float", selected.data)
    layer.add_mask(mask)
