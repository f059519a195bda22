"""Putting dreams into the image, mostly as layers, groups or frames, in a single undo step."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from gimpfu import (
    ADD_MASK_WHITE,
    INDEXED,
    LAYER_MODE_PASS_THROUGH,
    PARASITE_PERSISTENT,
    error,
    gimp,
    pdb,
)
from gimpfu.objects.images import Image
from gimpfu.objects.items import GroupLayer, Item, Layer

from deepdream_core.shared.outputs import LAYER, Output
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.quoting import shortened
from deepdream_plugin.again import OldDream, is_locked, why_kept_now
from deepdream_plugin.atlas import title_of
from deepdream_plugin.blending import blend_as_chosen
from deepdream_plugin.choice import Choice
from deepdream_plugin.dreaming import Dreamed
from deepdream_plugin.in_place import change_for, why_not_now
from deepdream_plugin.layers import MOST_OF_A_REASON, LayerError, Mask, SourceLayer, mask_of
from deepdream_plugin.new_image import image_like, open_image
from deepdream_plugin.recipe_parasite import PARASITE_NAME, without_number, write_note
from deepdream_plugin.texts import _

_FRAME_MILLISECONDS = 100


@dataclass(frozen=True)
class Placement:
    """The dreams to insert above a layer, in place of it or of an old dream of it, or elsewhere."""

    source: SourceLayer
    choice: Choice
    dreams: Sequence[Dreamed]
    """At least one."""
    old: OldDream | None = None
    """The dream that is dreamed again."""
    why_kept: str = ""
    """Why the old dream is not replaced although the artist wants that, if it is not."""
    earlier: Sequence[Layer] = ()
    """Dreams from the same dialog: those that are right above the source stay below these."""

    def replaced(self, image: Image) -> OldDream | None:
        """Return the old dream if it should be replaced and still can be."""
        if self.old is None or not self.choice.output.replaces:
            return None
        return None if self.reason(image, self.old) else self.old

    def reason(self, image: Image, old: OldDream) -> str:
        """Return why the old dream cannot be replaced; "" if it can."""
        if not old.is_in(image):
            text = _('"{name}" was deleted during the dream, so the new dream is above its source.')
            return text.format(name=shortened(old.name))
        return self.why_kept or why_kept_now(old, self.size)

    @property
    def size(self) -> tuple[int, int]:
        """The width and height of the new layers."""
        return self.source.picture.width, self.source.picture.height


@dataclass(frozen=True)
class _NewLayer:
    name: str
    picture: Picture
    choice: Choice
    """The choice to store on the layer."""


@dataclass(frozen=True)
class _Ready:
    """A layer or a group that has been created and can be inserted, complete with its mask."""

    top: Layer
    later: Sequence[Layer] = ()
    """What GIMP takes into the group only afterwards, from bottom to top."""
    mask: Mask | None = None
    """The mask that the group gets only then."""

    @property
    def all_layers(self) -> Sequence[Layer]:
        """The layer, or the group and its layers from bottom to top."""
        inside = self.top.layers[::-1] if isinstance(self.top, GroupLayer) else []
        return [self.top, *(self.later or inside)]


@dataclass(frozen=True)
class _Spot:
    """Where dreams of one source are inserted."""

    parent: Item | None
    position: int
    offsets: tuple[int, int]
    note: str = ""
    """What the artist should know about it, if anything."""
    replaced: OldDream | None = None
    """What is removed from there."""


def place_dreams(image: Image, placements: Sequence[Placement], shown: bool = False) -> list[Layer]:
    """Put dreams where they belong; return the new layers or groups, and the changed layers.

    A dream is inserted above its source. One that was dreamed again takes the place of the old
    dream or is inserted above that. The artist may have changed the image since the dream began. A
    dream whose source no longer exists goes to the top of the image; a message says so, as it does
    if a layer cannot be changed in place. New layers are selected. New images get a window if they
    should be `shown`.

    Raises `LayerError` if the image was closed or if GIMP cannot insert a layer; then the image is
    left unchanged.
    """
    if not image.is_valid():
        raise LayerError(_closed())
    made: list[Layer] = []
    inserted: list[Layer] = []
    new_images: list[tuple[Image, Layer]] = []
    try:
        placements, notes = _possible(image, placements)
        # What is complete when it is inserted takes no undo memory, and no part of it can be left
        # by this plug-in, which GIMP kills when the artist cancels.
        beside, in_place, apart = _by_kind(placements)
        ready = [(placement, _make(image, placement, made)) for placement in beside]
        changes = [
            change_for(image, one.source, one.choice, one.dreams[0].result) for one in in_place
        ]
        for placement in apart:
            _make_image(image, placement, new_images)
        names = _names(image, ready)
        with _one_undo_step(image, len(made) > 1 or bool(names or changes), inserted):
            spots = [_insert(image, placement, each, inserted) for placement, each in ready]
            # GIMP itself selects a layer that is inserted, and selects no other as long as a
            # floating selection exists.
            if len(made) > 1 and image.floating_selection is None:
                _select(image, ready)
            for change in changes:
                change.apply()
            replaced = [spot.replaced for spot in spots]
            replaced += [placement.replaced(image) for placement in in_place]
            notes += [spot.note for spot in spots]
            notes += [_remove(image, old) for old in replaced if old]
            _restore_names(names)
    except error as problem:
        for layer in made:
            if layer not in inserted:
                _try(layer.delete)
        for new, _layer in new_images:
            _try(new.delete)
        raise LayerError(_why_not(image, problem)) from problem
    for new, layer in new_images:
        open_image(new, [layer], shown)
    for note in filter(None, notes):
        gimp.message(note)
    tops = [one.top for _, each in ready for one in each]
    return [*tops, *(change.layer for change in changes), *(layer for _, layer in new_images)]


def _possible(image: Image, placements: Sequence[Placement]) -> tuple[list[Placement], list[str]]:
    """Turn dreams that cannot be in place into new layers; return notes for the artist as well."""
    possible, notes = [], []
    for one in placements:
        output, source = one.choice.output, one.source
        if output.kind.is_in_place:
            reason = ""  # where the dream is inserted, it is said that its source is gone
            if exists := _is_in(image, source.layer):
                reason = why_not_now(image, source, output.limited)
            if reason or not exists:
                choice = replace(one.choice, output=replace(output, kind=LAYER))
                one = replace(one, choice=choice)
                notes.append(reason)
        possible.append(one)
    return possible, notes


def _by_kind(
    placements: Sequence[Placement],
) -> tuple[list[Placement], list[Placement], list[Placement]]:
    """Return those of new layers, those in place and those of new images."""
    beside, in_place, apart = [], [], []
    for one in placements:
        kind = one.choice.output.kind
        (in_place if kind.is_in_place else apart if kind.is_own_image else beside).append(one)
    return beside, in_place, apart


def _is_in(image: Image, layer: Layer) -> bool:
    return layer.is_valid() and layer.image == image


@contextlib.contextmanager
def _one_undo_step(image: Image, grouped: bool, inserted: Sequence[Layer]) -> Iterator[None]:
    """Make what happens in the block one undo step; if it fails, remove the inserted layers."""
    # One insertion is a step of its own. A group, even an empty one, would mark the image as
    # changed if this plug-in were killed before the insertion.
    if grouped:
        image.undo_group_start()
    try:
        yield
    except BaseException:
        for layer in reversed(inserted):
            _try(functools.partial(image.remove_layer, layer))
        raise
    finally:
        if grouped:
            _try(image.undo_group_end)


def _select(image: Image, ready: Sequence[tuple[Placement, Sequence[_Ready]]]) -> None:
    """Select the new layers or groups, of an animation the last frame."""
    wanted: list[Layer] = []
    for placement, each in ready:
        tops = [one.top for one in each]
        wanted += tops[-1:] if placement.choice.output.kind.is_animation else tops
    image.selected_layers = wanted


def _remove(image: Image, old: OldDream) -> str:
    """Remove a replaced dream; return a note for the artist if GIMP refuses."""
    try:
        for layer in old.layers:
            image.remove_layer(layer)
    except error as problem:
        text = _('GIMP could not remove "{name}" ({reason}), so it is below the new dream.')
        reason = shortened(str(problem), MOST_OF_A_REASON)
        return text.format(name=shortened(old.name), reason=reason)
    return ""


def _names(
    image: Image, ready: Sequence[tuple[Placement, Sequence[_Ready]]]
) -> list[tuple[Layer, str]]:
    """Return the new layers that replace others, and their names."""
    return [
        (layer, layer.name)
        for placement, each in ready
        if placement.replaced(image)
        for one in each
        for layer in one.all_layers
    ]


def _restore_names(names: Sequence[tuple[Layer, str]]) -> None:
    """Name layers again that GIMP renamed because the replaced ones had the same names."""
    for layer, name in names:
        if layer.name != name:
            layer.name = name


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


def _make(image: Image, placement: Placement, made: list[Layer]) -> list[_Ready]:
    """Create what will be inserted for one source: its group, or its layers from bottom to top.

    Adds all that must be inserted or deleted to `made`.
    """
    old = placement.replaced(image)
    mask = _mask(placement, old)
    ready = _make_parts(image, placement, mask, made)
    for one in ready:
        blend_as_chosen(one.top, placement.choice.output)
    if old is not None:
        _make_alike(ready, old, placement.choice)
    return ready


def _mask(placement: Placement, old: OldDream | None) -> Mask | None:
    """Return the mask for the new layer or group: the replaced dream's, or the source's."""
    of_old = None if old is None else mask_of(old.top)
    return of_old or placement.source.new_mask()


def _make_alike(ready: Sequence[_Ready], old: OldDream, choice: Choice) -> None:
    """Give new layers what the artist gave to those that they replace, except for masks."""
    as_many = len(old.layers) == len(ready)
    chosen, noted = choice.output, old.output
    for number, one in enumerate(ready, 1):
        _blend_alike(one.top, old.layers[-number] if as_many else old.top)
        if (chosen.mode, chosen.opacity) != (noted.mode, noted.opacity):
            blend_as_chosen(one.top, chosen)
    if choice.output.kind.is_animation:
        return
    new, name = ready[0], old.name
    given = without_number(name)
    if choice.title == old.title or given not in (old.title, old.title.replace("DeepDream ", "")):
        new.top.name = name
    old_inside = old.top.layers[::-1] if isinstance(old.top, GroupLayer) else []
    inside = new.all_layers[1:]
    if len(inside) != len(old_inside):
        return
    for layer, model in zip(inside, old_inside):
        _blend_alike(layer, model)
        if layer.mask is not None and model.mask is not None:
            layer.mask.write_pixels("Y float", model.mask.read_pixels("Y float"))
            layer.apply_mask = model.apply_mask


def _blend_alike(layer: Layer, model: Layer) -> None:
    layer.opacity, layer.visible = model.opacity, model.visible
    if model.mode != LAYER_MODE_PASS_THROUGH or isinstance(layer, GroupLayer):
        layer.mode = model.mode


def _make_parts(
    image: Image, placement: Placement, mask: Mask | None, made: list[Layer]
) -> list[_Ready]:
    source, new_layers = placement.source, _new_layers(placement)
    if not placement.choice.output.kind.is_group or len(new_layers) == 1:
        layers = [_make_layer(image, new, source, made) for new in new_layers]
        if mask is not None:
            for layer in layers:
                _add_mask(layer, mask)
        return [_Ready(layer) for layer in layers]
    if image.base_type == INDEXED:
        group, layers = _make_group_in_parts(image, placement, new_layers, made)
        return [_Ready(group, layers, mask)]
    group = _make_group(image, placement, new_layers, made)
    if mask is not None:
        _add_mask(group, mask)
    return [_Ready(group)]


def _make_group(
    image: Image, placement: Placement, new_layers: Sequence[_NewLayer], made: list[Layer]
) -> Layer:
    """Create a group with its layers."""
    # GIMP adds layers only to a group that is in an image, and lets no group out of an image. But
    # it makes a copy of a group for another image.
    size = new_layers[0].picture
    elsewhere = Image(size.width, size.height, image.base_type, image.precision)
    try:
        original = GroupLayer(elsewhere)
        elsewhere.insert_layer(original, None, 0)
        for new in new_layers:
            elsewhere.insert_layer(_blank(elsewhere, new), original, 0)
        group = pdb["gimp-layer-new-from-drawable"](original, image)
        made.append(group)
    finally:
        elsewhere.delete()
    group.name = placement.choice.title
    # Attached after insertion, the parasite would make the whole step impossible to undo.
    _keep_recipe(group, placement.choice, placement.source)
    layers = group.layers[::-1]
    for layer, new in zip(layers, new_layers):
        layer.name = new.name
        _fill(layer, new, placement.source)
    _mask_all_but_the_lowest(layers)
    return group


def _make_group_in_parts(
    image: Image, placement: Placement, new_layers: Sequence[_NewLayer], made: list[Layer]
) -> tuple[Layer, list[Layer]]:
    """Create a group and its layers, from bottom to top, for an indexed image."""
    # GIMP regards a group that has layers as an RGB layer, and inserts none into such an image.
    group = GroupLayer(image, placement.choice.title)
    made.append(group)
    _keep_recipe(group, placement.choice, placement.source)
    layers = [_make_layer(image, new, placement.source, made) for new in new_layers]
    _mask_all_but_the_lowest(layers)
    return group, layers


def _make_image(image: Image, placement: Placement, new_images: list[tuple[Image, Layer]]) -> None:
    """Add a new image and its only layer, which is not inserted yet, to `new_images`."""
    source, (new_layer,) = placement.source, _new_layers(placement)
    new = image_like(image, new_layer.picture)
    layer = _make_layer(new, new_layer, source, [])
    new_images.append((new, layer))
    if source.layer_mask is not None:
        _add_mask(layer, source.layer_mask)


def _make_layer(image: Image, new: _NewLayer, source: SourceLayer, made: list[Layer]) -> Layer:
    layer = _blank(image, new)
    made.append(layer)
    _fill(layer, new, source)
    return layer


def _blank(image: Image, new: _NewLayer) -> Layer:
    # GIMP numbers the types of layers in pairs, without and with alpha, by base type.
    type = 2 * image.base_type + (new.picture.channels + 1) % 2
    return Layer(image, new.name, new.picture.width, new.picture.height, type)


def _fill(layer: Layer, new: _NewLayer, source: SourceLayer) -> None:
    layer.write_pixels(source.format, new.picture.data)
    _keep_recipe(layer, new.choice, source)


def _mask_all_but_the_lowest(layers: Sequence[Layer]) -> None:
    for layer in layers[1:]:
        layer.add_mask(layer.create_mask(ADD_MASK_WHITE))


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
    return _NewLayer(title_of(recipe.expression, recipe.model), dream.result, own)


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def _insert(
    image: Image, placement: Placement, ready: Sequence[_Ready], inserted: list[Layer]
) -> _Spot:
    """Insert the layers or the group of one source; return where they are.

    Adds every inserted layer to `inserted` at once, even if a later step fails.
    """
    spot = _spot(image, placement)
    for one in ready:
        for layer in (one.top, *one.later):
            layer.set_offsets(*spot.offsets)
    for one in ready:
        # Inserted at the same position, each layer pushes the previous one down.
        image.insert_layer(one.top, spot.parent, spot.position)
        inserted.append(one.top)
        for layer in one.later:
            image.insert_layer(layer, one.top, 0)
            inserted.append(layer)
        if one.mask is not None:
            _add_mask(one.top, one.mask)
    return spot


def _spot(image: Image, placement: Placement) -> _Spot:
    """Return where dreams of one source belong in the image as it is now."""
    old, source = placement.old, placement.source
    if old is None:
        return _above(image, source, placement.earlier)
    replaced = placement.replaced(image)
    reason = placement.reason(image, old) if placement.choice.output.replaces else ""
    if not old.is_in(image) or is_locked(old.top.parent):
        spot = _above(image, source, placement.earlier)
        return replace(spot, note=" ".join(filter(None, (reason, spot.note))))
    offsets = old.top.offsets if replaced else source.offsets
    return _Spot(old.top.parent, image.item_position(old.top), offsets, reason, replaced)


def _above(image: Image, source: SourceLayer, earlier: Sequence[Layer]) -> _Spot:
    """Return the spot above a source, and above what was made `earlier` and is there."""
    layer, name = source.layer, shortened(source.name)
    if not _is_in(image, layer):
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
    siblings = layer.parent.layers if isinstance(layer.parent, GroupLayer) else image.layers
    position = image.item_position(layer)
    while position and siblings[position - 1] in earlier:
        position -= 1
    return _Spot(layer.parent, position, layer.offsets, note)


def _keep_recipe(layer: Layer, choice: Choice, source: SourceLayer) -> None:
    layer.attach_new_parasite(PARASITE_NAME, PARASITE_PERSISTENT, write_note(choice, source))


def _add_mask(layer: Layer, wanted: Mask) -> None:
    """Add a mask as it was at the start of the dream; its model may have changed since then."""
    mask = layer.create_mask(ADD_MASK_WHITE)
    mask.write_pixels("Y float", wanted.picture.data)
    layer.add_mask(mask)
    layer.apply_mask = wanted.enabled
