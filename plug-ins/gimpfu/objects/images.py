"""Images, and the windows that show them."""

from __future__ import annotations

from collections.abc import Sequence

from gimpfu.enums import PRECISION_U8_GAMMA, RGB
from gimpfu.objects.handles import Handle, checked, natives_of
from gimpfu.objects.items import Channel, Drawable, Item, Layer, item_from, items_from
from gimpfu.objects.parasites import Bearer


class Image(Bearer):
    """An open image."""

    _space = "image"

    def __init__(
        self, width: int, height: int, type: int = RGB, precision: int = PRECISION_U8_GAMMA
    ) -> None:
        super().__init__(checked(self.backend.new_image(width, height, type, precision)))

    @classmethod
    def from_id(cls, identifier: int) -> Image | None:
        """Return the image with this number, None if there is none."""
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
        """Return PRECISION_U8_LINEAR …; whole hundreds are linear."""
        return int(self.native.get_precision())

    @property
    def dirty(self) -> bool:
        """Whether the image has changed since it was saved."""
        return bool(self.native.is_dirty())

    @property
    def colormap(self) -> bytes:
        """Return the palette of an indexed image: red, green and blue of each colour."""
        return self.backend.palette(self.native)

    @property
    def layers(self) -> list[Layer]:
        return items_from(self.native.get_layers())  # type: ignore[return-value]

    @property
    def channels(self) -> list[Channel]:
        return items_from(self.native.get_channels())  # type: ignore[return-value]

    @property
    def active_layer(self) -> Layer | None:
        """Return the selected layer, None if it is not exactly one."""
        layers = self.selected_layers
        return layers[0] if len(layers) == 1 else None

    @active_layer.setter
    def active_layer(self, layer: Layer) -> None:
        self.selected_layers = [layer]

    @property
    def selected_layers(self) -> list[Layer]:
        """Return the selected layers. GIMP 2.10 has one at most: the last of those that are set."""
        return items_from(self.native.get_selected_layers())  # type: ignore[return-value]

    @selected_layers.setter
    def selected_layers(self, layers: Sequence[Layer]) -> None:
        checked(self.native.set_selected_layers(natives_of(layers)))

    @property
    def active_drawable(self) -> Drawable | None:
        """Return the selected drawable, None if it is not exactly one."""
        drawables = items_from(self.native.get_selected_drawables())
        return drawables[0] if len(drawables) == 1 else None  # type: ignore[return-value]

    @property
    def floating_selection(self) -> Layer | None:
        return item_from(self.native.get_floating_sel())  # type: ignore[return-value]

    @property
    def selection(self) -> Channel:
        """Return the selection, a channel of the image's size."""
        return Channel.from_native(self.native.get_selection())

    def selection_bounds(self) -> tuple[int, int, int, int] | None:
        """Return x1, y1, x2, y2 of the selection, None if nothing is selected."""
        return self.backend.selection_bounds(self.native)

    def item_position(self, item: Item) -> int:
        """Return the place of an item among its siblings, 0 the topmost."""
        return self.native.get_item_position(item.native)

    def insert_layer(self, layer: Layer, parent: Item | None = None, position: int = 0) -> None:
        """Put a new layer into a group or the stack; 0 is the top."""
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
        """Take the image for saved."""
        checked(self.native.clean_all())

    def duplicate(self) -> Image:
        return Image.from_native(checked(self.native.duplicate()))

    def is_valid(self) -> bool:
        """Whether the image is still open."""
        return bool(self.native.is_valid())

    def delete(self) -> None:
        """Close an image that no window shows."""
        checked(self.native.delete())


class Display(Handle):
    """A window that shows an image."""

    _space = "display"

    def __init__(self, image: Image) -> None:
        super().__init__(checked(self.backend.new_display(image.native)))

    def delete(self) -> None:
        """Close the window."""
        checked(self.native.delete())


def image_list() -> list[Image]:
    return [Image.from_native(native) for native in Handle.backend.images()]


def delete(thing: Item | Image | Display) -> None:
    """Close an image or a display, forget an item that is in no image."""
    thing.delete()
