"""What an image is made of: layers, channels, masks, paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gimpfu.enums import LAYER_MODE_NORMAL, RGB_IMAGE
from gimpfu.errors import error
from gimpfu.objects.handles import Handle, Native, checked
from gimpfu.objects.parasites import Bearer

if TYPE_CHECKING:
    from gimpfu.objects.images import Image


def item_from(native: Native | None) -> Item | None:
    """Return an item as an object of its kind."""
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


class Item(Bearer):
    """A layer, a channel, a mask or a path."""

    _space = "item"

    @staticmethod
    def from_id(identifier: int) -> Item | None:
        """Return the item with this number, as an object of its kind; None if there is none."""
        return item_from(Handle.backend.item(identifier))

    @property
    def name(self) -> str:
        return self.native.get_name() or ""

    @name.setter
    def name(self, name: str) -> None:
        checked(self.native.set_name(name))

    @property
    def image(self) -> Image:
        from gimpfu.objects.images import Image  # which needs this module

        return Image.from_native(self.native.get_image())

    @property
    def parent(self) -> Item | None:
        return item_from(self.native.get_parent())

    @property
    def children(self) -> list[Item]:
        """Return what a group holds, from the top."""
        return items_from(self.native.get_children())

    @property
    def visible(self) -> bool:
        return bool(self.native.get_visible())

    @visible.setter
    def visible(self, visible: bool) -> None:
        checked(self.native.set_visible(bool(visible)))

    @property
    def tattoo(self) -> int:
        """Return the number that names the item in its image for good, also in a saved file."""
        return self.native.get_tattoo()

    @property
    def is_group(self) -> bool:
        return bool(self.native.is_group())

    def is_valid(self) -> bool:
        """Whether the item still exists."""
        return bool(self.native.is_valid())

    def delete(self) -> None:
        """Forget an item that is not in an image's stack."""
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
        """Return the position of the upper left corner in the image."""
        _, x, y = self.native.get_offsets()
        return x, y

    @property
    def type(self) -> int:
        """Return the kind of pixels: RGB_IMAGE … INDEXEDA_IMAGE."""
        return int(self.native.type())

    @property
    def has_alpha(self) -> bool:
        return bool(self.native.has_alpha())

    @property
    def is_layer_mask(self) -> bool:
        return bool(self.native.is_layer_mask())

    def update(self, x: int, y: int, width: int, height: int) -> None:
        """Let GIMP show changed pixels."""
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

        What lies outside the drawable is zero. `with_filters` gives what the user sees through the
        non-destructive filters of the drawable, which GIMP 2.10 does not have; the image is not
        touched for it.
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
        """Replace pixels, whatever is selected. Raises `error` for data of a wrong size."""
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
    """A layer, in the stack of an image or not yet."""

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
        return item_from(self.native.get_mask())  # type: ignore[return-value]

    def set_offsets(self, x: int, y: int) -> None:
        checked(self.native.set_offsets(x, y))

    def create_mask(self, kind: int) -> Channel:
        """Return a new mask, ADD_MASK_WHITE, ADD_MASK_SELECTION, …; `add_mask` puts it on."""
        return Channel.from_native(checked(self.native.create_mask(kind)))

    def add_mask(self, mask: Channel) -> None:
        checked(self.native.add_mask(mask.native))

    def remove_mask(self, mode: int) -> None:
        checked(self.native.remove_mask(mode))

    def add_alpha(self) -> None:
        checked(self.native.add_alpha())

    def copy(self, add_alpha: bool = False) -> Layer:
        layer: Layer = checked(item_from(self.native.copy()))  # type: ignore[assignment]
        if add_alpha and not layer.has_alpha:
            layer.add_alpha()
        return layer


class GroupLayer(Layer):
    """A layer made of the layers that it holds."""

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
    def layers(self) -> list[Item]:
        return self.children


class Channel(Drawable):
    """A channel, the selection, or the mask of a layer."""

    @property
    def masked_layer(self) -> Layer | None:
        """Return the layer whose mask this is."""
        return item_from(self.backend.layer_of_mask(self.native))  # type: ignore[return-value]
