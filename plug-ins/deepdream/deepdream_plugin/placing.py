"""Inserting dreams into the image as layers, groups or frames, in a single undo step."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from gimpfu import ADD_MASK_WHITE, PARASITE_PERSISTENT, error, gimp
from gimpfu.objects.images import GroupLayer, Image, Item, Layer

from deepdream_core.shared.outputs import Output
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.quoting import shortened
from deepdream_plugin.atlas import title_of
from deepdream_plugin.choice import Choice
from deepdream_plugin.dreaming import Dreamed
from deepdream_plugin.layers import MOST_OF_A_REASON, LayerError, SourceLayer
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


@dataclass(frozen=True)
class _Spot:
    """Where dreams of one source are inserted."""

    parent: Item | None
    position: int
    offsets: tuple[int, int]
    note: str
    """What the artist should know about it, if anything."""


@dataclass(frozen=True)
class _Inserted:
    to_select: Sequence[Layer]
    note: str


def place_dreams(image: Image, placements: Sequence[Placement]) -> list[Layer]:
    """Insert dreams above their sources and select them; return the new layers or groups.

    The artist may have changed the image since the dream began. A dream whose source no longer
    exists goes to the top of the image; a message says so. Raises `LayerError` if the image was
    closed or if GIMP cannot insert a layer; then the image is left unchanged.
    """
    if not image.is_valid():
        raise LayerError(_closed())
    made: list[Layer] = []
    inserted: list[Layer] = []
    try:
        # Layers that are complete when they are inserted take no undo memory.
        ready = [(placement, _make_layers(image, placement, made)) for placement in placements]
        with _one_undo_step(image, inserted):
            spots = [_insert(image, placement, layers, inserted) for placement, layers in ready]
            # GIMP selects no other layer as long as a floating selection exists.
            if image.floating_selection is None:
                image.selected_layers = [layer for spot in spots for layer in spot.to_select]
    except error as problem:
        for layer in made:
            if layer not in inserted:
                _try(layer.delete)
        raise LayerError(_why_not(image, problem)) from problem
    for note in filter(None, (spot.note for spot in spots)):
        gimp.message(note)
    return [layer for layer in inserted if layer.parent not in inserted]


@contextlib.contextmanager
def _one_undo_step(image: Image, inserted: Sequence[Layer]) -> Iterator[None]:
    """Make what happens in the block one undo step; if it fails, remove the inserted layers."""
    image.undo_group_start()
    try:
        yield
    except BaseException:
        for layer in reversed(inserted):
            _try(functools.partial(image.remove_layer, layer))
        raise
    finally:
        _try(image.undo_group_end)


def _try(act: Callable[[], None]) -> None:
    """Do something in an image that may have been closed."""
    with contextlib.suppress(error):
        act()


def _why_not(image: Image, problem: error) -> str:
    if not image.is_valid():
        return _closed()
    return _(
        "GIMP could not insert the new layer ({reason}). "
        "If the layer or its group is locked, unlock it and try again."
    ).format(reason=shortened(str(problem), MOST_OF_A_REASON))


def _closed() -> str:
    return _("The image was closed during the dream, so the dream could not be inserted.")


def _make_layers(image: Image, placement: Placement, made: list[Layer]) -> list[Layer]:
    """Create the new layers for one source, bottom to top, without inserting them.

    Adds each one to `made`.
    """
    source = placement.source
    layers = []
    for new in _new_layers(placement):
        # GIMP numbers the types of layers in pairs, without and with alpha, by base type.
        type = 2 * image.base_type + (new.picture.channels + 1) % 2
        layer = Layer(image, new.name, new.picture.width, new.picture.height, type)
        made.append(layer)
        layer.write_pixels(source.format, new.picture.data)
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
) -> _Inserted:
    """Insert the layers of one source.

    Adds every inserted layer to `inserted` at once, even if a later step fails.
    """
    source, kind = placement.source, placement.choice.output.kind
    grouped = kind.is_group and len(layers) > 1
    tops = [_new_group(image, placement)] if grouped else layers
    spot = _spot(image, source)
    for layer in layers:
        layer.set_offsets(*spot.offsets)
    for top in tops:
        # Inserted at the same position, each layer pushes the previous one down.
        image.insert_layer(top, spot.parent, spot.position)
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
    return _Inserted(tops[-1:] if kind.is_animation else tops, spot.note)


def _spot(image: Image, source: SourceLayer) -> _Spot:
    """Return where dreams of this source belong in the image as it is now."""
    layer, name = source.layer, shortened(source.name)
    if not layer.is_valid() or layer.image != image:
        gone = _(
            'The layer "{name}" was deleted during the dream, '
            "so the dream was inserted at the top of the image."
        )
        return _Spot(None, 0, source.offsets, gone.format(name=name))
    note = ""
    if (layer.width, layer.height) != (source.picture.width, source.picture.height):
        note = _(
            'The size of the layer "{name}" changed during the dream. '
            "The dream has the old size; move or scale it to fit."
        ).format(name=name)
    return _Spot(layer.parent, image.item_position(layer), layer.offsets, note)


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
