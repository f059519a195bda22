"""Finding out what an item is from its number."""

from __future__ import annotations

from gimpfu.objects.handles import call
from gimpfu.objects.items import Channel, Drawable, GroupLayer, Item, Layer
from gimpfu.objects.vectors import Vectors


def item_from(identifier: int) -> Item | None:
    """Return the item with this number as an instance of the class for its kind, or None."""
    if identifier <= 0 or not call("gimp-item-is-valid", identifier):
        return None
    return _kind(identifier).reference(identifier)


def _kind(identifier: int) -> type[Item]:
    if call("gimp-item-is-layer", identifier):
        return GroupLayer if call("gimp-item-is-group", identifier) else Layer
    if call("gimp-item-is-channel", identifier):
        return Channel
    if call("gimp-item-is-vectors", identifier):
        return Vectors
    return Drawable if call("gimp-item-is-drawable", identifier) else Item
