"""Images, the layers, channels, masks and paths in them, and the windows that show them.

All in one module, because images and items refer to each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from gimpfu.enums import LAYER_MODE_NORMAL, PRECISION_U8_GAMMA, RGB, RGB_IMAGE
from gimpfu.errors import error
from gimpfu.objects.handles import Handle, Native, ParasiteHolder, checked, natives_of

AnyItem = TypeVar("AnyItem", bound="Item")


class Image(ParasiteHolder):
    """An open image."""

    _space = "image"

    def __init__(
        self, width: int, height: int, type: int = RGB, precision: int = PRECISION_U8_GAMMA
    ) -> None:
        super().__init__(checked(self.backend.new_image(width, height, type, precision)))

    @classmethod
    def from_id(cls, identifier: int) -> Image | None:
        """Return the image with this number, or None."""
        native = cls.backend.image(identifier)
        return None if native is None else cls.from_native(native)

    @property
    def width(self) -> int:
        return self.native.get_width()

    @property
    def height(self) -> int:
        return self.native.get_height()

    @property
    def name(self) -> str:
        return self.native.get_name() or ""

    @property
    def filename(self) -> str:
        return self.backend.file_name(self.native)

    @property
    def base_type(self) -> int:
        """Return RGB, GRAY or INDEXED."""
        return int(self.native.get_base_type())

    @property
    def precision(self) -> int:
        """Return PRECISION_U8_LINEAR, …; multiples of 100 are linear."""
        return int(self.native.get_precision())

    @property
    def dirty(self) -> bool:
        """Return whether the image has changed since it was saved."""
        return bool(self.native.is_dirty())

    @property
    def colormap(self) -> bytes:
        """Return the palette of an indexed image as red, green and blue bytes."""
        return self.backend.palette(self.native)

    @property
    def layers(self) -> list[Layer]:
        return _only(Layer, self.native.get_layers())

    @property
    def channels(self) -> list[Channel]:
        return _only(Channel, self.native.get_channels())

    @property
    def active_layer(self) -> Layer | None:
        """Return the selected layer, or None unless exactly one is selected."""
        layers = self.selected_layers
        return layers[0] if len(layers) == 1 else None

    @active_layer.setter
    def active_layer(self, layer: Layer) -> None:
        self.selected_layers = [layer]

    @property
    def selected_layers(self) -> list[Layer]:
        """Return the selected layers. In GIMP 2.10, setting several selects only the last."""
        return _only(Layer, self.native.get_selected_layers())

    @selected_layers.setter
    def selected_layers(self, layers: Sequence[Layer]) -> None:
        checked(self.native.set_selected_layers(natives_of(layers)))

    @property
    def active_drawable(self) -> Drawable | None:
        """Return the selected drawable, or None unless exactly one is selected."""
        drawables = _only(Drawable, self.native.get_selected_drawables())
        return drawables[0] if len(drawables) == 1 else None

    @property
    def floating_selection(self) -> Layer | None:
        return _layer_from(self.native.get_floating_sel())

    @property
    def selection(self) -> Channel:
        """Return the selection, a channel the size of the image."""
        return Channel.from_native(checked(self.native.get_selection()))

    def selection_bounds(self) -> tuple[int, int, int, int] | None:
        """Return x1, y1, x2, y2 of the selection, or None if nothing is selected."""
        return self.backend.selection_bounds(self.native)

    def item_position(self, item: Item) -> int:
        """Return an item's position among its siblings, counting from 0 at the top."""
        return self.native.get_item_position(item.native)

    def insert_layer(self, layer: Layer, parent: Item | None = None, position: int = 0) -> None:
        """Insert a new layer into a group or the layer stack; position 0 is the top."""
        group = parent.native if parent else None
        checked(self.native.insert_layer(layer.native, group, position))

    def add_layer(self, layer: Layer, position: int = 0) -> None:
        self.insert_layer(layer, None, position)

    def remove_layer(self, layer: Layer) -> None:
        checked(self.native.remove_layer(layer.native))

    def undo_group_start(self) -> None:
        checked(self.native.undo_group_start())

    def undo_group_end(self) -> None:
        checked(self.native.undo_group_end())

    def clean_all(self) -> None:
        """Mark the image as saved."""
        checked(self.native.clean_all())

    def duplicate(self) -> Image:
        return Image.from_native(checked(self.native.duplicate()))

    def is_valid(self) -> bool:
        """Return whether the image is still open."""
        return bool(self.native.is_valid())

    def delete(self) -> None:
        """Delete an image that has no display."""
        checked(self.native.delete())


def item_from(native: Native | None) -> Item | None:
    """Return an item as an instance of the class for its kind."""
    if native is None:
        return None
    kind: type[Item] = Item
    if native.is_layer():
        kind = GroupLayer if native.is_group() else Layer
    elif native.is_channel():
        kind = Channel
    elif native.is_drawable():
        kind = Drawable
    return kind.from_native(native)


def items_from(natives: Sequence[Native | None]) -> list[Item]:
    return [item for item in map(item_from, natives) if item]


def _only(kind: type[AnyItem], natives: Sequence[Native | None]) -> list[AnyItem]:
    return [item for item in items_from(natives) if isinstance(item, kind)]


def _layer_from(native: Native | None) -> Layer | None:
    item = item_from(native)
    return item if isinstance(item, Layer) else None


class Item(ParasiteHolder):
    """A layer, a channel, a mask or a path."""

    _space = "item"

    @staticmethod
    def from_id(identifier: int) -> Item | None:
        """Return the item with this number, or None."""
        return item_from(Handle.backend.item(identifier))

    @property
    def name(self) -> str:
        return self.native.get_name() or ""

    @name.setter
    def name(self, name: str) -> None:
        checked(self.native.set_name(name))

    @property
    def image(self) -> Image:
        return Image.from_native(checked(self.native.get_image()))

    @property
    def parent(self) -> Item | None:
        return item_from(self.native.get_parent())

    @property
    def children(self) -> list[Item]:
        """Return the items in a group, topmost first."""
        return items_from(self.native.get_children())

    @property
    def visible(self) -> bool:
        return bool(self.native.get_visible())

    @visible.setter
    def visible(self, visible: bool) -> None:
        checked(self.native.set_visible(bool(visible)))

    @property
    def tattoo(self) -> int:
        """Return the item's permanent ID within its image, which is saved in the file."""
        return self.native.get_tattoo()

    @property
    def is_group(self) -> bool:
        return bool(self.native.is_group())

    def is_valid(self) -> bool:
        """Return whether the item still exists."""
        return bool(self.native.is_valid())

    def delete(self) -> None:
        """Delete an item that has not been added to an image."""
        checked(self.native.delete())


class Drawable(Item):
    """An item that has pixels."""

    @property
    def width(self) -> int:
        return self.native.get_width()

    @property
    def height(self) -> int:
        return self.native.get_height()

    @property
    def offsets(self) -> tuple[int, int]:
        """Return the position of the upper-left corner in the image."""
        _, x, y = self.native.get_offsets()
        return x, y

    @property
    def type(self) -> int:
        """Return the pixel type, RGB_IMAGE to INDEXEDA_IMAGE."""
        return int(self.native.type())

    @property
    def has_alpha(self) -> bool:
        return bool(self.native.has_alpha())

    @property
    def is_layer_mask(self) -> bool:
        return bool(self.native.is_layer_mask())

    def update(self, x: int, y: int, width: int, height: int) -> None:
        """Make GIMP redraw changed pixels."""
        checked(self.native.update(x, y, width, height))

    def read_pixels(
        self,
        format: str,
        x: int = 0,
        y: int = 0,
        width: int | None = None,
        height: int | None = None,
        with_filters: bool = False,
    ) -> bytes | bytearray:
        """Return pixels row by row in a babl format, such as "R'G'B'A float".

        Pixels outside the drawable are zero. `with_filters` applies the drawable's non-destructive
        filters, which GIMP 2.10 does not have, without changing the image.
        """
        area = self._area(x, y, width, height)
        return self.backend.read_pixels(self.native, format, area, with_filters)

    def write_pixels(
        self,
        format: str,
        data: bytes | bytearray | memoryview,
        x: int = 0,
        y: int = 0,
        width: int | None = None,
        height: int | None = None,
    ) -> None:
        """Replace pixels, ignoring the selection. Raises `error` for data of the wrong size."""
        area = x, y, width, height = self._area(x, y, width, height)
        view = memoryview(data)
        if view.nbytes != width * height * self.backend.bytes_per_pixel(self.native, format):
            raise error(f"{view.nbytes} bytes do not fill {width} x {height} pixels of {format}.")
        self.backend.write_pixels(self.native, format, area, view)
        self.update(*area)

    def _area(
        self, x: int, y: int, width: int | None, height: int | None
    ) -> tuple[int, int, int, int]:
        width = self.width if width is None else width
        return x, y, width, self.height if height is None else height


class Layer(Drawable):
    """A layer, which may not have been added to its image yet."""

    def __init__(
        self,
        image: Image,
        name: str,
        width: int,
        height: int,
        type: int = RGB_IMAGE,
        opacity: float = 100.0,
        mode: int = LAYER_MODE_NORMAL,
    ) -> None:
        new = self.backend.new_layer
        super().__init__(checked(new(image.native, name, width, height, type, opacity, mode)))

    @property
    def opacity(self) -> float:
        """Return the opacity, 0 to 100."""
        return self.native.get_opacity()

    @opacity.setter
    def opacity(self, opacity: float) -> None:
        checked(self.native.set_opacity(opacity))

    @property
    def mode(self) -> int:
        return int(self.native.get_mode())

    @mode.setter
    def mode(self, mode: int) -> None:
        checked(self.native.set_mode(mode))

    @property
    def mask(self) -> Channel | None:
        native = self.native.get_mask()
        return None if native is None else Channel.from_native(native)

    def set_offsets(self, x: int, y: int) -> None:
        checked(self.native.set_offsets(x, y))

    def create_mask(self, kind: int) -> Channel:
        """Return a new mask of kind ADD_MASK_WHITE, …; use `add_mask` to add it to the layer."""
        return Channel.from_native(checked(self.native.create_mask(kind)))

    def add_mask(self, mask: Channel) -> None:
        checked(self.native.add_mask(mask.native))

    def remove_mask(self, mode: int) -> None:
        checked(self.native.remove_mask(mode))

    def add_alpha(self) -> None:
        checked(self.native.add_alpha())

    def copy(self, add_alpha: bool = False) -> Layer:
        layer = checked(_layer_from(self.native.copy()))
        if add_alpha and not layer.has_alpha:
            layer.add_alpha()
        return layer


class GroupLayer(Layer):
    """A layer group."""

    def __init__(
        self,
        image: Image,
        name: str | None = None,
        opacity: float = 100.0,
        mode: int = LAYER_MODE_NORMAL,
    ) -> None:
        Handle.__init__(self, checked(self.backend.new_group(image.native, name)))
        self.opacity, self.mode = opacity, mode

    @property
    def layers(self) -> list[Layer]:
        return _only(Layer, self.native.get_children())


class Channel(Drawable):
    """A channel, the selection, or a layer mask."""

    @property
    def masked_layer(self) -> Layer | None:
        """Return the layer that this mask belongs to, or None."""
        return _layer_from(self.backend.layer_of_mask(self.native))


class Display(Handle):
    """A window that shows an image."""

    _space = "display"

    def __init__(self, image: Image) -> None:
        super().__init__(checked(self.backend.new_display(image.native)))

    def delete(self) -> None:
        """Close the display."""
        checked(self.native.delete())


def image_list() -> list[Image]:
    return [Image.from_native(native) for native in Handle.backend.images()]


def delete(thing: Item | Image | Display) -> None:
    """Delete an image or an item that is not in use, or close a display."""
    thing.delete()
