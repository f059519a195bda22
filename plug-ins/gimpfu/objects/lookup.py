"""Finding out what an item is from its number."""

from __future__ import annotations

from gimpfu.objects.handles import call
from gimpfu.objects.items import Channel, Drawable, GroupLayer, Item, Layer
from gimpfu.objects.vectors import Vectors


def item_from(identifier: int) -> Item | None:
    """Return the item with this number as an instance of the class for its kind, or None."""
    item = Item.reference(identifier)
    return _kind(item).reference(identifier) if identifier > 0 and item.is_valid() else None


def _kind(item: Item) -> type[Item]:
    if call("gimp-item-is-layer", item):
        return GroupLayer if call("gimp-item-is-group", item) else Layer
    if call("gimp-item-is-channel", item):
        return Channel
    if call("gimp-item-is-vectors", item):
        return Vectors
    return Drawable if call("gimp-item-is-drawable", item) else Item
