"""GIMP 2.10 for any Python 3: the module that plug-ins know as `gimp`.

Objects are handles: two of them are equal when they mean the same thing in GIMP.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping, Sequence
from ctypes import byref, c_int
from typing import Any

from gimpfu import invoke
from gimpfu.enums import LAYER_MODE_NORMAL, PRECISION_U8_GAMMA, RGB, RGB_IMAGE, RUN_NONINTERACTIVE
from gimpfu.errors import error
from gimpfu.library_gimp2 import (
    Argument,
    CParasite,
    Declaration,
    PlugInInfo,
    QueryFunction,
    Rectangle,
    RunFunction,
    libbabl,
    libgegl,
    libgimp,
    libgimpbase,
    libglib,
    libgobject,
    version,
)
from gimpfu.params import PF_DRAWABLES, PF_LAYERS, PF_RADIO
from gimpfu.registry import Procedure

version = version()
run_mode = RUN_NONINTERACTIVE
"""How the procedure that runs now was called."""
directory = libgimpbase.gimp_directory().decode()
data_directory = libgimpbase.gimp_data_directory().decode()
plug_in_directory = libgimpbase.gimp_plug_in_directory().decode()
locale_directory = libgimpbase.gimp_locale_directory().decode()


def _checked(ok: Any) -> None:
    if not ok:
        raise error((libgimp.gimp_get_pdb_error() or b"GIMP refused.").decode("utf-8", "replace"))


def _new(identifier: int) -> int:
    _checked(identifier > 0)
    return identifier


def _numbers(function: Any, *arguments: Any) -> list[int]:
    count = c_int()
    array = function(*arguments, byref(count))
    numbers = array[: count.value] if array else []
    libglib.g_free(array)
    return numbers


class Parasite:
    """A named piece of data that is attached to an image, an item or GIMP itself."""

    def __init__(self, name: str, flags: int, data: bytes | str) -> None:
        self.name = name
        self.flags = flags
        self.data = data.encode() if isinstance(data, str) else bytes(data)

    def __repr__(self) -> str:
        return f"<gimp.Parasite {self.name!r}>"

    def _attach(self, function: Any, *owner: int) -> None:
        made = libgimpbase.gimp_parasite_new(
            self.name.encode(), self.flags, len(self.data), self.data
        )
        _checked(function(*owner, made))
        libgimpbase.gimp_parasite_free(made)


def _parasite(found: Any) -> Parasite | None:
    if not found:
        return None
    c: CParasite = found.contents
    parasite = Parasite(c.name.decode(), c.flags, ctypes.string_at(c.data, c.size))
    libgimpbase.gimp_parasite_free(found)
    return parasite


class _Handle:
    """Anything that GIMP knows by a number."""

    def __init__(self, identifier: int) -> None:
        self.ID = identifier

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Handle) and self._space == other._space and self.ID == other.ID

    def __hash__(self) -> int:
        return hash((self._space, self.ID))

    def __repr__(self) -> str:
        return f"<gimp.{type(self).__name__} {getattr(self, 'name', self.ID)!r}>"

    _space = ""


class Display(_Handle):
    """A window that shows an image."""

    _space = "display"

    def __init__(self, image: Image) -> None:
        super().__init__(_new(libgimp.gimp_display_new(image.ID)))

    @classmethod
    def from_id(cls, identifier: int) -> Display:
        display = cls.__new__(cls)
        _Handle.__init__(display, identifier)
        return display


class Item(_Handle):
    """A layer, a channel, a mask or a path."""

    _space = "item"

    @staticmethod
    def from_id(identifier: int) -> Item | None:
        """Return the item with this number, as an object of its kind; None if there is none."""
        return _item(identifier)

    @property
    def name(self) -> str:
        return libgimp.gimp_item_get_name(self.ID)

    @name.setter
    def name(self, name: str) -> None:
        _checked(libgimp.gimp_item_set_name(self.ID, name.encode()))

    @property
    def image(self) -> Image:
        return Image.from_id(libgimp.gimp_item_get_image(self.ID))

    @property
    def parent(self) -> Item | None:
        return _item(libgimp.gimp_item_get_parent(self.ID))

    @property
    def children(self) -> list[Item]:
        """Return what a group holds, from the top."""
        return _items(_numbers(libgimp.gimp_item_get_children, self.ID))

    @property
    def visible(self) -> bool:
        return bool(libgimp.gimp_item_get_visible(self.ID))

    @visible.setter
    def visible(self, visible: bool) -> None:
        _checked(libgimp.gimp_item_set_visible(self.ID, bool(visible)))

    @property
    def tattoo(self) -> int:
        """Return the number that names the item in its image for good, also in a saved file."""
        return libgimp.gimp_item_get_tattoo(self.ID)

    @property
    def is_group(self) -> bool:
        return bool(libgimp.gimp_item_is_group(self.ID))

    def is_valid(self) -> bool:
        """Whether the item still exists."""
        return bool(libgimp.gimp_item_is_valid(self.ID))

    def delete(self) -> None:
        """Forget an item that is not in an image's stack."""
        _checked(libgimp.gimp_item_delete(self.ID))

    def parasite_find(self, name: str) -> Parasite | None:
        return _parasite(libgimp.gimp_item_get_parasite(self.ID, name.encode()))

    def parasite_attach(self, parasite: Parasite) -> None:
        parasite._attach(libgimp.gimp_item_attach_parasite, self.ID)

    def parasite_detach(self, name: str) -> None:
        _checked(libgimp.gimp_item_detach_parasite(self.ID, name.encode()))

    def attach_new_parasite(self, name: str, flags: int, data: bytes | str) -> None:
        self.parasite_attach(Parasite(name, flags, data))


class Drawable(Item):
    """An item that has pixels."""

    @property
    def width(self) -> int:
        return libgimp.gimp_drawable_width(self.ID)

    @property
    def height(self) -> int:
        return libgimp.gimp_drawable_height(self.ID)

    @property
    def offsets(self) -> tuple[int, int]:
        """Return the position of the upper left corner in the image."""
        x, y = c_int(), c_int()
        _checked(libgimp.gimp_drawable_offsets(self.ID, byref(x), byref(y)))
        return x.value, y.value

    @property
    def type(self) -> int:
        """Return the kind of pixels: RGB_IMAGE … INDEXEDA_IMAGE."""
        return libgimp.gimp_drawable_type(self.ID)

    @property
    def has_alpha(self) -> bool:
        return bool(libgimp.gimp_drawable_has_alpha(self.ID))

    @property
    def is_layer_mask(self) -> bool:
        return bool(libgimp.gimp_item_is_layer_mask(self.ID))

    def update(self, x: int, y: int, width: int, height: int) -> None:
        """Let GIMP show changed pixels."""
        _checked(libgimp.gimp_drawable_update(self.ID, x, y, width, height))

    def read_pixels(
        self,
        format: str,
        x: int = 0,
        y: int = 0,
        width: int | None = None,
        height: int | None = None,
        with_filters: bool = False,
    ) -> bytearray:
        """Return pixels row by row in a babl format, such as "R'G'B'A float".

        What lies outside the drawable is zero. GIMP 2.10 has no filters to see the pixels through.
        """
        width = self.width if width is None else width
        height = self.height if height is None else height
        pixel = _format(format)
        data = bytearray(width * height * libbabl.babl_format_get_bytes_per_pixel(pixel))
        there = (ctypes.c_char * len(data)).from_buffer(data)
        buffer = self._buffer()
        area = Rectangle(x, y, width, height)
        libgegl.gegl_buffer_get(buffer, byref(area), 1.0, pixel, ctypes.addressof(there), 0, 0)
        libgobject.g_object_unref(buffer)
        return data

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
        width = self.width if width is None else width
        height = self.height if height is None else height
        pixel = _format(format)
        view = memoryview(data)
        if view.nbytes != width * height * libbabl.babl_format_get_bytes_per_pixel(pixel):
            raise error(f"{view.nbytes} bytes do not fill {width} x {height} pixels of {format}.")
        writable = memoryview(bytearray(view)) if view.readonly else view
        there = (ctypes.c_char * view.nbytes).from_buffer(writable)
        buffer = self._buffer()
        area = Rectangle(x, y, width, height)
        libgegl.gegl_buffer_set(buffer, byref(area), 0, pixel, ctypes.addressof(there), 0)
        libgegl.gegl_buffer_flush(buffer)
        libgobject.g_object_unref(buffer)
        self.update(x, y, width, height)

    def thumbnail(self, width: int, height: int) -> tuple[bytes, int, int, int]:
        """Return a small picture (8 bit, srgb) that fits: bytes, width, height, channels."""
        channels = 4 if self.has_alpha else 3
        scale = min(width / self.width, height / self.height, 1.0)
        w, h = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        pixel = _format("R'G'B'A u8" if channels == 4 else "R'G'B' u8")
        area, clamp = Rectangle(0, 0, w, h), 1
        there = (ctypes.c_char * (w * h * channels))()
        buffer = self._buffer()
        libgegl.gegl_buffer_get(buffer, byref(area), scale, pixel, there, 0, clamp)
        libgobject.g_object_unref(buffer)
        return there.raw, w, h, channels

    def _buffer(self) -> int:
        _prepare_gegl()
        buffer = libgimp.gimp_drawable_get_buffer(self.ID)
        _checked(buffer)
        return buffer


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
        made = libgimp.gimp_layer_new(image.ID, name.encode(), width, height, type, opacity, mode)
        super().__init__(_new(made))

    @property
    def opacity(self) -> float:
        """Return the opacity, 0 to 100."""
        return libgimp.gimp_layer_get_opacity(self.ID)

    @opacity.setter
    def opacity(self, opacity: float) -> None:
        _checked(libgimp.gimp_layer_set_opacity(self.ID, opacity))

    @property
    def mode(self) -> int:
        return libgimp.gimp_layer_get_mode(self.ID)

    @mode.setter
    def mode(self, mode: int) -> None:
        _checked(libgimp.gimp_layer_set_mode(self.ID, mode))

    @property
    def mask(self) -> Channel | None:
        return _item(libgimp.gimp_layer_get_mask(self.ID))  # type: ignore[return-value]

    def set_offsets(self, x: int, y: int) -> None:
        _checked(libgimp.gimp_layer_set_offsets(self.ID, x, y))

    def create_mask(self, kind: int) -> Channel:
        """Return a new mask, ADD_MASK_WHITE, ADD_MASK_SELECTION, …; `add_mask` puts it on."""
        return _known(Channel, _new(libgimp.gimp_layer_create_mask(self.ID, kind)))

    def add_mask(self, mask: Channel) -> None:
        _checked(libgimp.gimp_layer_add_mask(self.ID, mask.ID))

    def remove_mask(self, mode: int) -> None:
        _checked(libgimp.gimp_layer_remove_mask(self.ID, mode))

    def add_alpha(self) -> None:
        _checked(libgimp.gimp_layer_add_alpha(self.ID))

    def copy(self, add_alpha: bool = False) -> Layer:
        layer = _known(Layer, _new(libgimp.gimp_layer_copy(self.ID)))
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
        Item.__init__(self, _new(libgimp.gimp_layer_group_new(image.ID)))
        if name:
            self.name = name
        self.opacity, self.mode = opacity, mode

    @property
    def layers(self) -> list[Item]:
        return self.children


class Channel(Drawable):
    """A channel, the selection, or the mask of a layer."""

    @property
    def masked_layer(self) -> Layer | None:
        """Return the layer whose mask this is."""
        return _item(libgimp.gimp_layer_from_mask(self.ID))  # type: ignore[return-value]


class Image(_Handle):
    """An open image."""

    _space = "image"

    def __init__(
        self, width: int, height: int, type: int = RGB, precision: int = PRECISION_U8_GAMMA
    ) -> None:
        made = libgimp.gimp_image_new_with_precision(width, height, type, precision)
        super().__init__(_new(made))

    @classmethod
    def from_id(cls, identifier: int) -> Image:
        return _known(cls, identifier)

    @property
    def width(self) -> int:
        return libgimp.gimp_image_width(self.ID)

    @property
    def height(self) -> int:
        return libgimp.gimp_image_height(self.ID)

    @property
    def name(self) -> str:
        return libgimp.gimp_image_get_name(self.ID)

    @property
    def filename(self) -> str:
        return libgimp.gimp_image_get_filename(self.ID)

    @property
    def base_type(self) -> int:
        """Return RGB, GRAY or INDEXED."""
        return libgimp.gimp_image_base_type(self.ID)

    @property
    def precision(self) -> int:
        """Return PRECISION_U8_LINEAR …; whole hundreds are linear."""
        return libgimp.gimp_image_get_precision(self.ID)

    @property
    def dirty(self) -> bool:
        """Whether the image has changed since it was saved."""
        return bool(libgimp.gimp_image_is_dirty(self.ID))

    @property
    def colormap(self) -> bytes:
        """Return the palette of an indexed image: red, green and blue of each colour."""
        count = c_int()
        array = libgimp.gimp_image_get_colormap(self.ID, byref(count))
        colours = bytes(array[: 3 * count.value]) if array else b""
        libglib.g_free(array)
        return colours

    @colormap.setter
    def colormap(self, colours: bytes) -> None:
        _checked(libgimp.gimp_image_set_colormap(self.ID, colours, len(colours) // 3))

    @property
    def layers(self) -> list[Layer]:
        return _items(_numbers(libgimp.gimp_image_get_layers, self.ID))  # type: ignore

    @property
    def channels(self) -> list[Channel]:
        return _items(_numbers(libgimp.gimp_image_get_channels, self.ID))  # type: ignore

    @property
    def active_layer(self) -> Layer | None:
        return _item(libgimp.gimp_image_get_active_layer(self.ID))  # type: ignore

    @active_layer.setter
    def active_layer(self, layer: Layer) -> None:
        _checked(libgimp.gimp_image_set_active_layer(self.ID, layer.ID))

    @property
    def selected_layers(self) -> list[Layer]:
        """Return the selected layers; GIMP 2.10 has one at most."""
        return list(filter(None, [self.active_layer]))

    @selected_layers.setter
    def selected_layers(self, layers: Sequence[Layer]) -> None:
        self.active_layer = layers[-1]

    @property
    def active_drawable(self) -> Drawable | None:
        return _item(libgimp.gimp_image_get_active_drawable(self.ID))  # type: ignore

    @property
    def floating_selection(self) -> Layer | None:
        return _item(libgimp.gimp_image_get_floating_sel(self.ID))  # type: ignore

    @property
    def selection(self) -> Channel:
        """Return the selection, a channel of the image's size."""
        return _known(Channel, libgimp.gimp_image_get_selection(self.ID))

    def selection_bounds(self) -> tuple[int, int, int, int] | None:
        """Return x1, y1, x2, y2 of the selection, None if nothing is selected."""
        some, x1, y1, x2, y2 = (c_int() for _ in range(5))
        _checked(
            libgimp.gimp_selection_bounds(
                self.ID, byref(some), byref(x1), byref(y1), byref(x2), byref(y2)
            )
        )
        return (x1.value, y1.value, x2.value, y2.value) if some.value else None

    def item_position(self, item: Item) -> int:
        """Return the place of an item among its siblings, 0 the topmost."""
        return libgimp.gimp_image_get_item_position(self.ID, item.ID)

    def insert_layer(self, layer: Layer, parent: Item | None = None, position: int = 0) -> None:
        """Put a new layer into a group or the stack; 0 is the top."""
        parent_id = parent.ID if parent else 0
        _checked(libgimp.gimp_image_insert_layer(self.ID, layer.ID, parent_id, position))

    def add_layer(self, layer: Layer, position: int = 0) -> None:
        self.insert_layer(layer, None, position)

    def remove_layer(self, layer: Layer) -> None:
        _checked(libgimp.gimp_image_remove_layer(self.ID, layer.ID))

    def undo_group_start(self) -> None:
        _checked(libgimp.gimp_image_undo_group_start(self.ID))

    def undo_group_end(self) -> None:
        _checked(libgimp.gimp_image_undo_group_end(self.ID))

    def clean_all(self) -> None:
        _checked(libgimp.gimp_image_clean_all(self.ID))

    def duplicate(self) -> Image:
        return _known(Image, _new(libgimp.gimp_image_duplicate(self.ID)))

    def is_valid(self) -> bool:
        """Whether the image is still open."""
        return bool(libgimp.gimp_image_is_valid(self.ID))

    def delete(self) -> None:
        _checked(libgimp.gimp_image_delete(self.ID))

    def parasite_find(self, name: str) -> Parasite | None:
        return _parasite(libgimp.gimp_image_get_parasite(self.ID, name.encode()))

    def parasite_attach(self, parasite: Parasite) -> None:
        parasite._attach(libgimp.gimp_image_attach_parasite, self.ID)

    def parasite_detach(self, name: str) -> None:
        _checked(libgimp.gimp_image_detach_parasite(self.ID, name.encode()))

    def attach_new_parasite(self, name: str, flags: int, data: bytes | str) -> None:
        self.parasite_attach(Parasite(name, flags, data))


def _known(kind: Any, identifier: int) -> Any:
    handle = kind.__new__(kind)
    _Handle.__init__(handle, identifier)
    return handle


def _item(identifier: int) -> Item | None:
    if identifier <= 0 or not libgimp.gimp_item_is_valid(identifier):
        return None
    if libgimp.gimp_item_is_layer(identifier):
        kind = GroupLayer if libgimp.gimp_item_is_group(identifier) else Layer
    elif libgimp.gimp_item_is_channel(identifier):
        kind = Channel
    else:
        kind = Drawable if libgimp.gimp_item_is_drawable(identifier) else Item
    return _known(kind, identifier)


def _items(identifiers: Sequence[int]) -> list[Item]:
    return [item for item in map(_item, identifiers) if item]


def delete(thing: Item | Image | Display) -> None:
    """Close an image or a display, forget an item that is in no image."""
    if isinstance(thing, Display):
        _checked(libgimp.gimp_display_delete(thing.ID))
    else:
        thing.delete()


def image_list() -> list[Image]:
    return [Image.from_id(identifier) for identifier in _numbers(libgimp.gimp_image_list)]


def message(text: str) -> None:
    """Show a message to the user (in batch mode: on stderr)."""
    libgimp.gimp_message(text.encode())


def displays_flush() -> None:
    libgimp.gimp_displays_flush()


def progress_init(text: str = "") -> None:
    _checked(libgimp.gimp_progress_init(text.encode()))


def progress_set_text(text: str) -> None:
    libgimp.gimp_progress_set_text(text.encode())


def progress_update(fraction: float) -> None:
    libgimp.gimp_progress_update(fraction)


def progress_end() -> None:
    libgimp.gimp_progress_end()


def get_data(name: str) -> bytes:
    """Return what was kept under a name in this session, empty if nothing."""
    size = libgimp.gimp_procedural_db_get_data_size(name.encode())
    if size <= 0:
        return b""
    data = ctypes.create_string_buffer(size)
    _checked(libgimp.gimp_procedural_db_get_data(name.encode(), data))
    return data.raw


def set_data(name: str, data: bytes) -> None:
    """Keep data under a name until GIMP ends."""
    _checked(libgimp.gimp_procedural_db_set_data(name.encode(), data, len(data)))


def init_ui(name: str) -> None:
    """Nothing to do: GIMP 2.10 knows nothing of a GTK 3 dialog."""


def set_transient(window: Any) -> None:
    """Nothing to do: GTK 3 cannot tie a window to GIMP 2.10's."""


_gegl_is_ready = False


def _prepare_gegl() -> None:
    global _gegl_is_ready
    if not _gegl_is_ready:
        libgegl.gegl_init(None, None)
        _gegl_is_ready = True


def _format(name: str) -> int:
    _prepare_gegl()
    if not libbabl.babl_format_exists(name.encode()):
        raise error(f'babl knows no pixel format "{name}".')
    return libbabl.babl_format(name.encode())


# The procedure database ---------------------------------------------------------------------

_INT32, _INT16, _INT8, _FLOAT, _STRING = range(5)
_COLOR, _ITEM, _DISPLAY, _IMAGE, _LAYER, _CHANNEL, _DRAWABLE, _SELECTION = range(10, 18)
_VECTORS, _PARASITE, _STATUS = range(19, 22)
_ITEM_KINDS = (_ITEM, _LAYER, _CHANNEL, _DRAWABLE, _SELECTION, _VECTORS)
_ARRAYS = {5: ctypes.c_int32, 6: ctypes.c_int16, 7: ctypes.c_uint8, 8: ctypes.c_double}
_STRING_ARRAY = 9

_PDB_KIND = {
    "int": _INT32,
    "bool": _INT32,
    "float": _FLOAT,
    "string": _STRING,
    "color": _COLOR,
    "item": _ITEM,
    "display": _DISPLAY,
    "image": _IMAGE,
    "layer": _LAYER,
    "layers": _LAYER,
    "channel": _CHANNEL,
    "drawable": _DRAWABLE,
    "drawables": _DRAWABLE,
}


def _fill(argument: Argument, kind: int, value: Any, keep: list[Any]) -> None:
    """Put a Python value into a `GimpParam`; `keep` holds the memory that it points to."""
    argument.kind = kind
    data = argument.value
    if kind in (_INT32, _INT16, _INT8):
        data.int32 = int(value or 0)
    elif kind == _FLOAT:
        data.float = float(value)
    elif kind == _STRING:
        text = None if value is None else ctypes.create_string_buffer(str(value).encode())
        keep.append(text)
        data.pointer = None if text is None else ctypes.addressof(text)
    elif kind == _COLOR:
        colour = [*map(float, value), 1.0][:4]
        data.color[:] = colour
    elif kind in (*_ITEM_KINDS, _DISPLAY, _IMAGE):
        data.int32 = -1 if value is None else value if isinstance(value, int) else value.ID
    elif kind in _ARRAYS:
        array = (_ARRAYS[kind] * max(1, len(value)))(*value)
        keep.append(array)
        data.pointer = ctypes.addressof(array)
    elif kind == _STRING_ARRAY:
        texts = [ctypes.create_string_buffer(str(text).encode()) for text in value]
        array = (ctypes.c_void_p * max(1, len(texts)))(*map(ctypes.addressof, texts))
        keep += [texts, array]
        data.pointer = ctypes.addressof(array)
    elif kind == _PARASITE:
        raw = ctypes.create_string_buffer(value.data, len(value.data))
        name = value.name.encode()
        c = CParasite(name, value.flags, len(value.data), ctypes.addressof(raw))
        # A GimpParam holds the parasite itself.
        ctypes.memmove(ctypes.addressof(data), ctypes.addressof(c), ctypes.sizeof(c))
        keep += [raw, name, c]
    else:
        raise error(f"A procedure's argument of kind {kind} cannot be given from here.")


def _value(argument: Argument, count: int = 0) -> Any:
    """Return the Python value of a `GimpParam`; `count` is the number before an array."""
    kind, data = argument.kind, argument.value
    if kind == _INT32:
        return data.int32
    if kind == _INT16:
        return data.int16
    if kind == _INT8:
        return data.int8
    if kind == _FLOAT:
        return data.float
    if kind == _STRING:
        return ctypes.string_at(data.pointer).decode("utf-8", "replace") if data.pointer else ""
    if kind == _COLOR:
        return tuple(data.color)
    if kind in _ITEM_KINDS:
        return _item(data.int32)
    if kind == _IMAGE:
        return Image.from_id(data.int32) if data.int32 > 0 else None
    if kind == _DISPLAY:
        return Display.from_id(data.int32) if data.int32 > 0 else None
    if kind in _ARRAYS:
        array = ctypes.cast(data.pointer, ctypes.POINTER(_ARRAYS[kind]))
        return tuple(array[:count]) if data.pointer else ()
    if kind == _STRING_ARRAY:
        texts = ctypes.cast(data.pointer, ctypes.POINTER(ctypes.c_char_p))
        return tuple((text or b"").decode("utf-8", "replace") for text in texts[:count])
    if kind == _PARASITE:
        c = CParasite.from_address(ctypes.addressof(data))
        return Parasite((c.name or b"").decode(), c.flags, ctypes.string_at(c.data, c.size))
    raise error(f"A value of kind {kind} cannot be read here.")


def _values(arguments: Sequence[Argument]) -> list[Any]:
    values: list[Any] = []
    for argument in arguments:
        count = values[-1] if values and isinstance(values[-1], int) else 0
        values.append(_value(argument, count))
    return values


class PDBFunction:
    """A procedure of GIMP's database. The run mode is left out; `run_mode=` gives another one."""

    def __init__(self, name: str) -> None:
        self.proc_name = name
        texts = [ctypes.c_void_p() for _ in range(5)]
        kind, takes, gives = c_int(), c_int(), c_int()
        params, results = ctypes.POINTER(Declaration)(), ctypes.POINTER(Declaration)()
        _checked(
            libgimp.gimp_procedural_db_proc_info(
                name.encode(),
                *map(byref, texts),
                *map(byref, (kind, takes, gives)),
                *map(byref, (params, results)),
            )
        )
        self.proc_blurb = ctypes.string_at(texts[0].value or b"").decode("utf-8", "replace")
        self.params = [_declared(params[i]) for i in range(takes.value)]
        self.return_vals = [_declared(results[i]) for i in range(gives.value)]

    @property
    def nparams(self) -> int:
        return len(self.params)

    def __call__(self, *given: Any, run_mode: int = RUN_NONINTERACTIVE) -> Any:
        """Return None, the one value or a tuple of values. Raises `error` with GIMP's text."""
        values = list(given)
        if self.params and self.params[0][:2] == (_INT32, "run-mode"):
            values.insert(0, run_mode)
        if len(values) != len(self.params):
            raise error(f"{self.proc_name} takes {self.nparams} arguments, not {len(values)}.")
        keep: list[Any] = []
        arguments = (Argument * max(1, len(values)))()
        for argument, (kind, _, _), value in zip(arguments, self.params, values):
            _fill(argument, kind, value, keep)
        count = c_int()
        returned = libgimp.gimp_run_procedure2(
            self.proc_name.encode(), byref(count), len(values), arguments
        )
        if returned[0].value.int32 != 3:
            text = libgimp.gimp_get_pdb_error() or b""
            libgimp.gimp_destroy_params(returned, count)
            raise error(text.decode("utf-8", "replace") or f"{self.proc_name} failed.")
        results = _values(returned[1 : count.value])
        libgimp.gimp_destroy_params(returned, count)
        if not results:
            return None
        return results[0] if len(results) == 1 else tuple(results)


def _declared(declaration: Declaration) -> tuple[int, str, str]:
    name, description = declaration.name or b"", declaration.description or b""
    return declaration.kind, name.decode(), description.decode("utf-8", "replace")


class PDB:
    """GIMP's procedures by name: `pdb.gimp_image_flatten(image)`, `pdb["gimp-image-flatten"]`."""

    def __getitem__(self, name: str) -> PDBFunction:
        name = name.replace("_", "-")
        if not libgimp.gimp_procedural_db_proc_exists(name.encode()):
            raise error(f"GIMP has no procedure {name}.")
        return PDBFunction(name)

    def __getattr__(self, name: str) -> PDBFunction:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]


pdb = PDB()


# Serving GIMP -------------------------------------------------------------------------------

_returned = (Argument * 16)()
_kept: list[Any] = []


def serve(procedures: Mapping[str, Procedure]) -> int:
    """Answer GIMP until it has no more questions; return the exit code."""

    def query() -> None:
        for procedure in procedures.values():
            _install(procedure)

    def run(name: bytes, count: int, given: Any, returned_count: Any, returned: Any) -> None:
        try:
            outcome = _run(procedures[name.decode()], given[:count])
        except BaseException as problem:  # nothing may pass through the C code that called
            outcome = invoke.Outcome(failed=True, message=f"The plug-in stopped: {problem!r}")
        returned_count[0] = _give_back(procedures[name.decode()], outcome)
        returned[0] = ctypes.cast(_returned, ctypes.POINTER(Argument))

    functions = (QueryFunction(query), RunFunction(run))
    info = PlugInInfo(None, None, *functions)
    argv = (ctypes.c_char_p * len(sys.argv))(*(argument.encode() for argument in sys.argv))
    return libgimp.gimp_main(byref(info), len(sys.argv), argv)


def _install(procedure: Procedure) -> None:
    if procedure.domain:
        domain, folder = (
            procedure.domain
            if isinstance(procedure.domain, tuple)
            else (procedure.domain, locale_directory)
        )
        libgimp.gimp_plugin_domain_register(domain.encode(), folder.encode())
    params = [(_PDB_KIND[p.stored], p.name, p.text) for p in procedure.params]
    if procedure.has_run_mode:
        mode = "The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1) }"
        params.insert(0, (_INT32, "run-mode", mode))
    results = [(_PDB_KIND[p.stored], p.name, p.text) for p in procedure.results]
    texts = (procedure.name, procedure.blurb, procedure.help, procedure.author)
    texts += (procedure.copyright, procedure.date)
    libgimp.gimp_install_procedure(
        *(text.encode() for text in texts),
        procedure.label.encode() or None,
        procedure.image_types.encode() or None,
        1,  # GIMP_PLUGIN
        len(params),
        len(results),
        _declarations(params),
        _declarations(results),
    )
    if procedure.menu and procedure.label:
        libgimp.gimp_plugin_menu_register(procedure.name.encode(), procedure.menu.encode())
    if procedure.on_query:
        procedure.on_query()


def _declarations(rows: Sequence[tuple[int, str, str]]) -> Any:
    if not rows:
        return None
    made = (Declaration * len(rows))()
    for declaration, (kind, name, text) in zip(made, rows):
        declaration.kind, declaration.name = kind, name.encode()
        declaration.description = text.encode()
    return made


def _run(procedure: Procedure, given: Sequence[Argument]) -> invoke.Outcome:
    try:
        values = _values(given)
    except error as problem:
        return invoke.Outcome(failed=True, message=str(problem))
    mode = int(values.pop(0)) if procedure.has_run_mode and values else RUN_NONINTERACTIVE
    for i, param in enumerate(procedure.params[: len(values)]):
        if param.kind == PF_DRAWABLES:
            values[i] = [values[i]] if values[i] else []
    return invoke.run(procedure, mode, values, sys.modules[__name__])


def _give_back(procedure: Procedure, outcome: invoke.Outcome) -> int:
    """Fill `_returned` and return how many values it holds."""
    _kept.clear()
    if outcome.failed:
        _fill(_returned[0], _STATUS_AS_INT, 4 if outcome.cancelled else 0, _kept)
        _returned[0].kind = _STATUS
        if not outcome.cancelled:
            _fill(_returned[1], _STRING, outcome.message, _kept)
        return 1 if outcome.cancelled else 2
    _fill(_returned[0], _STATUS_AS_INT, 3, _kept)
    _returned[0].kind = _STATUS
    for i, (param, value) in enumerate(zip(procedure.results, outcome.values), 1):
        if param.kind == PF_LAYERS:
            value = value[0]
        elif param.kind == PF_RADIO:
            value = str(value)
        _fill(_returned[i], _PDB_KIND[param.stored], value, _kept)
    return 1 + len(outcome.values)


_STATUS_AS_INT = _INT32
