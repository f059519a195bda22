"""Images, and the windows that show them."""

from __future__ import annotations

from collections.abc import Sequence

from gimpfu.enums import (
    BACKGROUND_FILL,
    INDEXED,
    LAYER_MODE_NORMAL,
    ORIENTATION_UNKNOWN,
    PRECISION_U8_GAMMA,
    RGB,
    TRANSPARENT_FILL,
)
from gimpfu.errors import error
from gimpfu.objects.handles import Attribute, Handle, ParasiteHolder, call, items_of
from gimpfu.objects.items import Channel, Drawable, Item, Layer
from gimpfu.objects.vectors import Vectors

NO_DISPLAY = -1
TOP = -1
"""The position above the active layer, or channel or path."""


class Image(ParasiteHolder):
    """An open image."""

    __slots__ = ()
    _space = "image"

    def __init__(
        self, width: int, height: int, type: int = RGB, precision: int = PRECISION_U8_GAMMA
    ) -> None:
        new = call("gimp-image-new-with-precision", width, height, type, precision)
        super().__init__(new.ID)

    @classmethod
    def from_id(cls, identifier: int) -> Image | None:
        """Return the image with this number, or None."""
        exists = identifier > 0 and call("gimp-image-is-valid", identifier)
        return cls.reference(identifier) if exists else None

    width: Attribute[int] = Attribute("gimp-image-width")
    height: Attribute[int] = Attribute("gimp-image-height")
    name: Attribute[str] = Attribute("gimp-image-get-name")
    base_type: Attribute[int] = Attribute("gimp-image-base-type")
    """RGB, GRAY or INDEXED."""
    precision: Attribute[int] = Attribute("gimp-image-get-precision")
    """PRECISION_U8_LINEAR, …; multiples of 100 are linear."""
    dirty: Attribute[bool] = Attribute("gimp-image-is-dirty", convert=bool)
    """Whether the image has changed since it was saved."""
    active_vectors = Attribute["Vectors | None"](
        "gimp-image-get-active-vectors", "gimp-image-set-active-vectors"
    )
    floating_selection: Attribute[Layer | None] = Attribute("gimp-image-get-floating-sel")
    floating_sel_attached_to = Attribute["Drawable | None"]("gimp-image-floating-sel-attached-to")
    selection: Attribute[Channel] = Attribute("gimp-image-get-selection")
    """The selection, a channel the size of the image."""
    tattoo_state: Attribute[int] = Attribute(
        "gimp-image-get-tattoo-state", "gimp-image-set-tattoo-state"
    )
    unit: Attribute[int] = Attribute("gimp-image-get-unit", "gimp-image-set-unit")

    @property
    def filename(self) -> str | None:
        """The path of the image's file, or None."""
        return call("gimp-image-get-filename", self) or None

    @filename.setter
    def filename(self, filename: str) -> None:
        call("gimp-image-set-filename", self, filename)

    @property
    def uri(self) -> str | None:
        """The address of the image's file, or None."""
        return call("gimp-image-get-uri", self) or None

    @property
    def colormap(self) -> bytes:
        """The palette of an indexed image as red, green and blue bytes. Raises `error`."""
        if self.base_type != INDEXED:
            raise error(f"{self!r} has no colour map, because it is not indexed.")
        return bytes(call("gimp-image-get-colormap", self)[1])

    @colormap.setter
    def colormap(self, colormap: bytes | Sequence[int]) -> None:
        call("gimp-image-set-colormap", self, len(colormap), tuple(colormap))

    @property
    def resolution(self) -> tuple[float, float]:
        """The horizontal and the vertical resolution in pixels per inch."""
        return call("gimp-image-get-resolution", self)

    @resolution.setter
    def resolution(self, resolution: tuple[float, float]) -> None:
        if not isinstance(resolution, Sequence) or len(resolution) != 2:
            raise TypeError(f"{resolution!r} is not a horizontal and a vertical resolution.")
        call("gimp-image-set-resolution", self, *resolution)

    @property
    def layers(self) -> list[Layer]:
        return items_of(Layer, call("gimp-image-get-layers", self)[1])

    @property
    def channels(self) -> list[Channel]:
        return items_of(Channel, call("gimp-image-get-channels", self)[1])

    @property
    def vectors(self) -> list[Vectors]:
        return items_of(Vectors, call("gimp-image-get-vectors", self)[1])

    @property
    def active_layer(self) -> Layer | None:
        """The selected layer, or None unless exactly one is selected."""
        layers = self.selected_layers
        return layers[0] if len(layers) == 1 else None

    @active_layer.setter
    def active_layer(self, layer: Layer) -> None:
        if not isinstance(layer, Layer):
            raise TypeError(f"{layer!r} is not a gimp.Layer.")
        self.selected_layers = [layer]

    @property
    def selected_layers(self) -> list[Layer]:
        """The selected layers. In GIMP 2.10, setting several selects only the last."""
        return items_of(Layer, self.backend.selected_layers(self))

    @selected_layers.setter
    def selected_layers(self, layers: Sequence[Layer]) -> None:
        self.backend.select_layers(self, layers)

    @property
    def active_channel(self) -> Channel | None:
        """The selected channel, or None."""
        return call("gimp-image-get-active-channel", self)

    @active_channel.setter
    def active_channel(self, channel: Channel | None) -> None:
        if channel is None:
            self.unset_active_channel()
        else:
            call("gimp-image-set-active-channel", self, channel)

    def unset_active_channel(self) -> None:
        call("gimp-image-unset-active-channel", self)

    @property
    def active_drawable(self) -> Drawable | None:
        """The selected drawable, or None unless exactly one is selected."""
        return call("gimp-image-get-active-drawable", self)

    def selection_bounds(self) -> tuple[int, int, int, int] | None:
        """Return x1, y1, x2, y2 of the selection, or None if nothing is selected."""
        selected, *bounds = call("gimp-selection-bounds", self)
        return (bounds[0], bounds[1], bounds[2], bounds[3]) if selected else None

    def item_position(self, item: Item) -> int:
        """Return an item's position among its siblings, counting from 0 at the top."""
        return call("gimp-image-get-item-position", self, item)

    def insert_layer(self, layer: Layer, parent: Item | None = None, position: int = TOP) -> None:
        """Insert a new layer into a group or the layer stack; position 0 is the top."""
        call("gimp-image-insert-layer", self, layer, parent, position)

    def add_layer(self, layer: Layer, position: int = TOP) -> None:
        self.insert_layer(layer, None, position)

    def insert_channel(
        self, channel: Channel, parent: Item | None = None, position: int = TOP
    ) -> None:
        call("gimp-image-insert-channel", self, channel, parent, position)

    def add_channel(self, channel: Channel, position: int = TOP) -> None:
        self.insert_channel(channel, None, position)

    def insert_vectors(
        self, vectors: Vectors, parent: Item | None = None, position: int = TOP
    ) -> None:
        call("gimp-image-insert-vectors", self, vectors, parent, position)

    def add_vectors(self, vectors: Vectors, position: int = TOP) -> None:
        self.insert_vectors(vectors, None, position)

    def new_layer(
        self,
        name: str = "New Layer",
        width: int | None = None,
        height: int | None = None,
        offset_x: int = 0,
        offset_y: int = 0,
        alpha: bool = True,
        pos: int = TOP,
        opacity: float = 100.0,
        mode: int = LAYER_MODE_NORMAL,
        fill_mode: int = -1,
    ) -> Layer:
        """Create a layer of the image's own type and insert it, transparent if it has alpha."""
        kind = 2 * self.base_type + bool(alpha)
        layer = Layer(self, name, width, height, kind, opacity, mode)
        if fill_mode == -1:
            fill_mode = TRANSPARENT_FILL if alpha else BACKGROUND_FILL
        layer.fill(fill_mode)
        self.insert_layer(layer, None, pos)
        layer.set_offsets(offset_x, offset_y)
        return layer

    def remove_layer(self, layer: Layer) -> None:
        call("gimp-image-remove-layer", self, layer)

    def remove_channel(self, channel: Channel) -> None:
        call("gimp-image-remove-channel", self, channel)

    def remove_vectors(self, vectors: Vectors) -> None:
        call("gimp-image-remove-vectors", self, vectors)

    def raise_layer(self, layer: Layer) -> None:
        call("gimp-image-raise-item", self, layer)

    def raise_layer_to_top(self, layer: Layer) -> None:
        call("gimp-image-raise-item-to-top", self, layer)

    def lower_layer(self, layer: Layer) -> None:
        call("gimp-image-lower-item", self, layer)

    def lower_layer_to_bottom(self, layer: Layer) -> None:
        call("gimp-image-lower-item-to-bottom", self, layer)

    def raise_channel(self, channel: Channel) -> None:
        call("gimp-image-raise-item", self, channel)

    def lower_channel(self, channel: Channel) -> None:
        call("gimp-image-lower-item", self, channel)

    def merge_visible_layers(self, merge_type: int) -> Layer:
        return call("gimp-image-merge-visible-layers", self, merge_type)

    def merge_down(self, layer: Layer, merge_type: int) -> Layer:
        return call("gimp-image-merge-down", self, layer, merge_type)

    def flatten(self) -> Layer:
        return call("gimp-image-flatten", self)

    def pick_correlate_layer(self, x: int, y: int) -> Layer | None:
        """Return the topmost layer that is visible at a place, or None."""
        return call("gimp-image-pick-correlate-layer", self, x, y)

    def resize(self, width: int, height: int, offset_x: int = 0, offset_y: int = 0) -> None:
        call("gimp-image-resize", self, width, height, offset_x, offset_y)

    def resize_to_layers(self) -> None:
        call("gimp-image-resize-to-layers", self)

    def crop(self, width: int, height: int, offset_x: int = 0, offset_y: int = 0) -> None:
        call("gimp-image-crop", self, width, height, offset_x, offset_y)

    def scale(self, width: int, height: int, interpolation: int = -1) -> None:
        """Scale everything; with the context's interpolation if none is given."""
        if interpolation == -1:
            call("gimp-image-scale", self, width, height)
        else:
            call("gimp-image-scale-full", self, width, height, interpolation)

    def add_hguide(self, position: int) -> int:
        """Add a horizontal guide; return its number."""
        return call("gimp-image-add-hguide", self, position)

    def add_vguide(self, position: int) -> int:
        return call("gimp-image-add-vguide", self, position)

    def delete_guide(self, guide: int) -> None:
        call("gimp-image-delete-guide", self, guide)

    def find_next_guide(self, guide: int) -> int:
        """Return the number of the guide after one, of the first after 0, and 0 after the last."""
        return call("gimp-image-find-next-guide", self, guide)

    def get_guide_orientation(self, guide: int) -> int:
        """Return ORIENTATION_HORIZONTAL or ORIENTATION_VERTICAL."""
        if not guide:
            return ORIENTATION_UNKNOWN
        return call("gimp-image-get-guide-orientation", self, guide)

    def get_guide_position(self, guide: int) -> int:
        return call("gimp-image-get-guide-position", self, guide)

    def get_layer_by_tattoo(self, tattoo: int) -> Layer | None:
        return call("gimp-image-get-layer-by-tattoo", self, tattoo)

    def get_channel_by_tattoo(self, tattoo: int) -> Channel | None:
        return call("gimp-image-get-channel-by-tattoo", self, tattoo)

    def get_component_active(self, component: int) -> bool:
        return bool(call("gimp-image-get-component-active", self, component))

    def set_component_active(self, component: int, active: bool) -> None:
        call("gimp-image-set-component-active", self, component, active)

    def get_component_visible(self, component: int) -> bool:
        return bool(call("gimp-image-get-component-visible", self, component))

    def set_component_visible(self, component: int, visible: bool) -> None:
        call("gimp-image-set-component-visible", self, component, visible)

    def undo_group_start(self) -> None:
        call("gimp-image-undo-group-start", self)

    def undo_group_end(self) -> None:
        call("gimp-image-undo-group-end", self)

    def undo_is_enabled(self) -> bool:
        return bool(call("gimp-image-undo-is-enabled", self))

    def disable_undo(self) -> bool:
        return bool(call("gimp-image-undo-disable", self))

    def enable_undo(self) -> bool:
        return bool(call("gimp-image-undo-enable", self))

    def undo_freeze(self) -> bool:
        return bool(call("gimp-image-undo-freeze", self))

    def undo_thaw(self) -> bool:
        return bool(call("gimp-image-undo-thaw", self))

    def free_shadow(self) -> None:
        """Do nothing: a shadow belongs to a drawable."""

    def clean_all(self) -> None:
        """Mark the image as saved."""
        call("gimp-image-clean-all", self)

    def duplicate(self) -> Image:
        return call("gimp-image-duplicate", self)

    def is_valid(self) -> bool:
        """Return whether the image is still open."""
        return bool(call("gimp-image-is-valid", self))

    def delete(self) -> None:
        """Delete an image that has no display."""
        call("gimp-image-delete", self)


class Display(Handle):
    """A window that shows an image."""

    __slots__ = ()
    _space = "display"

    def __repr__(self) -> str:
        return "<display>"

    def __init__(self, image: Image) -> None:
        """Open a window; in a GIMP without windows, do nothing."""
        made = call("gimp-display-new", image)
        super().__init__(made.ID if made else NO_DISPLAY)

    def delete(self) -> None:
        """Close the display."""
        if self.ID != NO_DISPLAY:
            call("gimp-display-delete", self)


def image_list() -> list[Image]:
    return [Image.reference(identifier) for identifier in call("gimp-image-list")[1]]


def delete(thing: object) -> None:
    """Delete an image or an item that is not in use, or close a display; ignore anything else."""
    if isinstance(thing, (Image, Drawable, Display)):
        thing.delete()
