"""Layers, channels and masks."""

from __future__ import annotations

import array
from typing import TYPE_CHECKING, Any

from gimpfu.colours import RGB, ColourLike, rgb
from gimpfu.database import hand_over
from gimpfu.enums import (
    FOREGROUND_FILL,
    LAYER_MODE_NORMAL,
    RGB_IMAGE,
)
from gimpfu.errors import error
from gimpfu.objects.handles import Area, Attribute, ParasiteHolder, call, checked, items_of
from gimpfu.objects.regions import TILE_SIZE, PixelRgn, Tile
from gimpfu.objects.transforms import Transforms

if TYPE_CHECKING:
    from gimpfu.objects.images import Image


class Item(ParasiteHolder):
    """A layer, a channel, a mask or a path."""

    __slots__ = ()
    _space = "item"

    name: Attribute[str] = Attribute("gimp-item-get-name", "gimp-item-set-name")
    visible: Attribute[bool] = Attribute("gimp-item-get-visible", "gimp-item-set-visible", bool)
    linked: Attribute[bool] = Attribute("gimp-item-get-linked", "gimp-item-set-linked", bool)
    tattoo: Attribute[int] = Attribute("gimp-item-get-tattoo", "gimp-item-set-tattoo")
    """The item's permanent ID within its image, which is saved in the file."""
    parent: Attribute[Item | None] = Attribute("gimp-item-get-parent")
    is_group: Attribute[bool] = Attribute("gimp-item-is-group", convert=bool)

    @staticmethod
    def from_id(identifier: int) -> Item | None:
        """Return the item with this number, or None."""
        return Item.backend.item(identifier)

    @property
    def image(self) -> Image:
        image = call("gimp-item-get-image", self)
        if image is None:
            raise error(f"{self!r} belongs to no image any more.")
        return image

    @property
    def children(self) -> list[Item]:
        """Return the items in a group, topmost first."""
        return items_of(Item, call("gimp-item-get-children", self)[1]) if self.is_group else []

    def is_valid(self) -> bool:
        """Return whether the item still exists."""
        return bool(call("gimp-item-is-valid", self))

    def delete(self) -> None:
        """Delete an item that has not been added to an image."""
        call("gimp-item-delete", self)


class Drawable(Transforms, Item):
    """An item that has pixels."""

    __slots__ = ()

    width: Attribute[int] = Attribute("gimp-drawable-width")
    height: Attribute[int] = Attribute("gimp-drawable-height")
    offsets: Attribute[tuple[int, int]] = Attribute("gimp-drawable-offsets")
    """The position of the upper-left corner in the image."""
    type: Attribute[int] = Attribute("gimp-drawable-type")
    """The pixel type, RGB_IMAGE to INDEXEDA_IMAGE."""
    type_with_alpha: Attribute[int] = Attribute("gimp-drawable-type-with-alpha")
    has_alpha: Attribute[bool] = Attribute("gimp-drawable-has-alpha", convert=bool)
    is_rgb: Attribute[bool] = Attribute("gimp-drawable-is-rgb", convert=bool)
    is_gray = is_grey = Attribute[bool]("gimp-drawable-is-gray", convert=bool)
    is_indexed: Attribute[bool] = Attribute("gimp-drawable-is-indexed", convert=bool)
    is_layer_mask: Attribute[bool] = Attribute("gimp-item-is-layer-mask", convert=bool)

    @property
    def bpp(self) -> int:
        """Return the bytes of a pixel in a pixel region: its channels, with 8 bits each."""
        return (3, 4, 1, 2, 1, 2)[self.type]

    @property
    def mask_bounds(self) -> tuple[int, int, int, int]:
        """Return x1, y1, x2, y2 of the selected part; of everything if nothing is selected."""
        return call("gimp-drawable-mask-bounds", self)[1:]

    def mask_intersect(self) -> tuple[int, int, int, int]:
        """Return x, y, width and height of the selected part. Raises `error` if there is none."""
        return checked(self.selected_part())

    def selected_part(self) -> tuple[int, int, int, int] | None:
        """Return x, y, width and height of the selected part, or None."""
        overlaps, *area = call("gimp-drawable-mask-intersect", self)
        return (area[0], area[1], area[2], area[3]) if overlaps else None

    def update(self, x: int, y: int, width: int, height: int) -> None:
        """Make GIMP redraw changed pixels."""
        call("gimp-drawable-update", self, x, y, width, height)

    def flush(self) -> None:
        """Do nothing: pixels are handed over before the next procedure runs."""

    def merge_shadow(self, undo: bool = False) -> None:
        """Take over the shadow's pixels, as far as the selection allows."""
        call("gimp-drawable-merge-shadow", self, undo)

    def free_shadow(self) -> None:
        call("gimp-drawable-free-shadow", self)

    def fill(self, fill: int = FOREGROUND_FILL) -> None:
        """Fill everything; the selection does not matter."""
        call("gimp-drawable-fill", self, fill)

    def offset(self, wrap_around: bool, fill_type: int, offset_x: int, offset_y: int) -> None:
        """Move the pixels within the drawable."""
        call("gimp-drawable-offset", self, wrap_around, fill_type, offset_x, offset_y)

    def get_pixel(self, *place: Any) -> tuple[int, ...]:
        """Return the pixel at x, y, or at (x, y), as whole numbers, 0 to 255."""
        x, y = place if len(place) == 2 else place[0]
        return call("gimp-drawable-get-pixel", self, x, y)[1]

    def set_pixel(self, *place_and_pixel: Any) -> None:
        """Set the pixel at x, y, or at (x, y), given as whole numbers or bytes."""
        *place, pixel = place_and_pixel
        x, y = place if len(place) == 2 else place[0]
        try:
            numbers = bytes(pixel)
        except ValueError as problem:
            raise TypeError(f"{pixel!r}: {problem}") from None
        call("gimp-drawable-set-pixel", self, x, y, len(numbers), tuple(numbers))

    def get_pixel_rgn(
        self, x: int, y: int, width: int, height: int, dirty: bool = True, shadow: bool = False
    ) -> PixelRgn:
        """Return a region whose pixels are read and written as byte strings."""
        return PixelRgn(self, x, y, width, height, dirty, shadow)

    def get_tile(self, shadow: bool, row: int, col: int) -> Tile | None:
        """Return the tile in a row and a column of the grid of tiles, or None outside it."""
        inside = 0 <= row * TILE_SIZE < self.height and 0 <= col * TILE_SIZE < self.width
        return Tile(self, row, col, shadow) if inside else None

    def get_tile2(self, shadow: bool, x: int, y: int) -> Tile | None:
        """Return the tile that contains a pixel, or None outside the drawable."""
        inside = 0 <= x < self.width and 0 <= y < self.height
        return self.get_tile(shadow, y // TILE_SIZE, x // TILE_SIZE) if inside else None

    def get_data(self, format: str = "RGBA float") -> array.array[float]:
        """Return all pixels in a babl format, as numbers of the format's type."""
        codes = {"u8": "B", "u16": "H", "u32": "I", "float": "f", "double": "d"}
        return array.array(codes[format.split()[-1]], bytes(self.read_pixels(format)))

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
        hand_over()
        area = self._area(x, y, width, height)
        return self.backend.read_pixels(self, format, area, with_filters)

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
        hand_over()
        area = x, y, width, height = self._area(x, y, width, height)
        view = memoryview(data)
        if view.nbytes != width * height * self.backend.bytes_per_pixel(self, format):
            raise error(f"{view.nbytes} bytes do not fill {width} x {height} pixels of {format}.")
        self.backend.write_pixels(self, format, area, view)
        self.update(*area)

    @property
    def is_generated(self) -> bool:
        """Whether GIMP makes the pixels from text, a path, a file, other layers or filters."""
        return self.backend.is_generated(self)

    def read_own(
        self, x: int = 0, y: int = 0, width: int | None = None, height: int | None = None
    ) -> bytes | bytearray:
        """Return pixels row by row as GIMP holds them, to the last bit."""
        hand_over()
        return self.backend.read_own(self, self._area(x, y, width, height))

    def replace_selected(self, data: bytes | bytearray) -> None:
        """Replace the rectangle `selected_part()`, with undo, by pixels as GIMP holds them.

        The data are for all of the rectangle, whatever the selection's shape.
        """
        area = self.selected_part()
        if area is None:
            return
        hand_over()
        self.backend.write_own(self, area, data, shadow=True)
        # This remembers what was in the rectangle, but rounds what it writes ...
        self.merge_shadow(True)
        self.free_shadow()
        # ... where less than everything is selected.
        self.backend.write_own(self, area, data)
        self.update(*area)

    def _area(self, x: int, y: int, width: int | None, height: int | None) -> Area:
        width = self.width if width is None else width
        return x, y, width, self.height if height is None else height


class Layer(Drawable):
    """A layer, which may not have been added to its image yet."""

    __slots__ = ()

    def __init__(
        self,
        image: Image,
        name: str,
        width: int | None = None,
        height: int | None = None,
        type: int = RGB_IMAGE,
        opacity: float = 100.0,
        mode: int = LAYER_MODE_NORMAL,
    ) -> None:
        width = image.width if width is None else width
        height = image.height if height is None else height
        new = call("gimp-layer-new", image, width, height, type, name, opacity, mode)
        super().__init__(new.ID)

    opacity: Attribute[float] = Attribute("gimp-layer-get-opacity", "gimp-layer-set-opacity")
    """0 to 100."""
    mode: Attribute[int] = Attribute("gimp-layer-get-mode", "gimp-layer-set-mode")
    mask: Attribute[Channel | None] = Attribute("gimp-layer-get-mask")
    apply_mask = Attribute[bool]("gimp-layer-get-apply-mask", "gimp-layer-set-apply-mask", bool)
    edit_mask = Attribute[bool]("gimp-layer-get-edit-mask", "gimp-layer-set-edit-mask", bool)
    show_mask = Attribute[bool]("gimp-layer-get-show-mask", "gimp-layer-set-show-mask", bool)
    lock_alpha = Attribute[bool]("gimp-layer-get-lock-alpha", "gimp-layer-set-lock-alpha", bool)
    preserve_trans = lock_alpha
    is_floating_sel: Attribute[bool] = Attribute("gimp-layer-is-floating-sel", convert=bool)

    def set_offsets(self, offset_x: int, offset_y: int) -> None:
        call("gimp-layer-set-offsets", self, offset_x, offset_y)

    def translate(self, offset_x: int, offset_y: int) -> None:
        """Move the layer, and those linked with it."""
        call("gimp-layer-translate", self, offset_x, offset_y)

    def create_mask(self, kind: int) -> Channel:
        """Return a new mask of kind ADD_MASK_WHITE, …; use `add_mask` to add it to the layer."""
        return call("gimp-layer-create-mask", self, kind)

    def add_mask(self, mask: Channel) -> None:
        call("gimp-layer-add-mask", self, mask)

    def remove_mask(self, mode: int) -> None:
        call("gimp-layer-remove-mask", self, mode)

    def add_alpha(self) -> None:
        call("gimp-layer-add-alpha", self)

    def resize(self, width: int, height: int, offset_x: int = 0, offset_y: int = 0) -> None:
        call("gimp-layer-resize", self, width, height, offset_x, offset_y)

    def resize_to_image_size(self) -> None:
        call("gimp-layer-resize-to-image-size", self)

    def scale(
        self, width: int, height: int, local_origin: bool = False, interpolation: int = -1
    ) -> None:
        """Scale the layer about its own centre, or about the upper-left corner of the image."""
        if interpolation == -1:
            call("gimp-layer-scale", self, width, height, local_origin)
        else:
            call("gimp-layer-scale-full", self, width, height, local_origin, interpolation)

    def copy(self, add_alpha: bool = False) -> Layer:
        return call("gimp-layer-copy", self, add_alpha)


class GroupLayer(Layer):
    """A layer group."""

    __slots__ = ()

    def __init__(
        self,
        image: Image,
        name: str | None = None,
        opacity: float = 100.0,
        mode: int = LAYER_MODE_NORMAL,
    ) -> None:
        Item.__init__(self, call("gimp-layer-group-new", image).ID)
        if name is not None:
            self.name = name
        self.opacity, self.mode = opacity, mode

    @property
    def layers(self) -> list[Layer]:
        return [item for item in self.children if isinstance(item, Layer)]


class Channel(Drawable):
    """A channel, the selection, or a layer mask."""

    __slots__ = ()

    def __init__(
        self,
        image: Image,
        name: str,
        width: int | None = None,
        height: int | None = None,
        opacity: float = 100.0,
        color: ColourLike = "black",
    ) -> None:
        width = image.width if width is None else width
        height = image.height if height is None else height
        new = call("gimp-channel-new", image, width, height, name, opacity, rgb(color))
        super().__init__(new.ID)

    opacity = Attribute[float]("gimp-channel-get-opacity", "gimp-channel-set-opacity")
    color = colour = Attribute[RGB]("gimp-channel-get-color", "gimp-channel-set-color")
    show_masked = Attribute[bool](
        "gimp-channel-get-show-masked", "gimp-channel-set-show-masked", bool
    )

    @property
    def masked_layer(self) -> Layer | None:
        """Return the layer that this mask belongs to, or None."""
        return call("gimp-layer-from-mask", self)

    def copy(self) -> Channel:
        return call("gimp-channel-copy", self)

    def combine_masks(
        self, channel: Channel, operation: int, offset_x: int = 0, offset_y: int = 0
    ) -> None:
        """Add, subtract or intersect another channel."""
        call("gimp-channel-combine-masks", self, channel, operation, offset_x, offset_y)
