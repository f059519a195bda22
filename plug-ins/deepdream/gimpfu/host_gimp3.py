"""GIMP 3.x through GObject introspection: the module that plug-ins know as `gimp`.

Objects are handles: two of them are equal when they mean the same thing in GIMP.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl, Gimp, GLib, GObject  # noqa: E402

from gimpfu import invoke  # noqa: E402
from gimpfu.enums import (  # noqa: E402
    LAYER_MODE_NORMAL,
    PRECISION_U8_GAMMA,
    RGB,
    RGB_IMAGE,
    RUN_NONINTERACTIVE,
)
from gimpfu.errors import error  # noqa: E402
from gimpfu.params import (  # noqa: E402
    PF_DRAWABLES,
    PF_LAYERS,
    PF_OPTION,
    PF_SLIDER,
    PF_SPINNER,
    Param,
)
from gimpfu.registry import Procedure  # noqa: E402

version = (Gimp.MAJOR_VERSION, Gimp.MINOR_VERSION, Gimp.MICRO_VERSION)
run_mode = RUN_NONINTERACTIVE
"""How the procedure that runs now was called."""
directory = Gimp.directory()
data_directory = Gimp.data_directory()
locale_directory = Gimp.locale_directory()


def _checked(ok: Any) -> None:
    if not ok:
        raise error(Gimp.get_pdb().get_last_error() or "GIMP refused.")


class Parasite:
    """A named piece of data that is attached to an image, an item or GIMP itself."""

    def __init__(self, name: str, flags: int, data: bytes | str) -> None:
        self.name = name
        self.flags = flags
        self.data = data.encode() if isinstance(data, str) else bytes(data)

    def __repr__(self) -> str:
        return f"<gimp.Parasite {self.name!r}>"

    def _native(self) -> Gimp.Parasite:
        # GIMP's typelib says that a parasite's bytes are signed.
        signed = memoryview(self.data).cast("b").tolist()
        return Gimp.Parasite.new(self.name, self.flags, signed)


def _parasite(found: Gimp.Parasite | None) -> Parasite | None:
    if found is None:
        return None
    data = bytes(byte & 255 for byte in found.get_data())
    return Parasite(found.get_name(), int(found.get_flags()), data)


class _Handle:
    """An object of GIMP's, `native` in its own binding."""

    def __init__(self, native: Any) -> None:
        self.native = native

    @property
    def ID(self) -> int:
        return self.native.get_id()

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
        native = Gimp.Display.new(image.native)
        _checked(native)
        super().__init__(native)


class Item(_Handle):
    """A layer, a channel, a mask or a path."""

    _space = "item"

    @staticmethod
    def from_id(identifier: int) -> Item | None:
        """Return the item with this number, as an object of its kind; None if there is none."""
        return _item(Gimp.Item.get_by_id(identifier))

    @property
    def name(self) -> str:
        return self.native.get_name() or ""

    @name.setter
    def name(self, name: str) -> None:
        _checked(self.native.set_name(name))

    @property
    def image(self) -> Image:
        return Image.from_native(self.native.get_image())

    @property
    def parent(self) -> Item | None:
        return _item(self.native.get_parent())

    @property
    def children(self) -> list[Item]:
        """Return what a group holds, from the top."""
        return _items(self.native.get_children())

    @property
    def visible(self) -> bool:
        return self.native.get_visible()

    @visible.setter
    def visible(self, visible: bool) -> None:
        _checked(self.native.set_visible(bool(visible)))

    @property
    def tattoo(self) -> int:
        """Return the number that names the item in its image for good, also in a saved file."""
        return self.native.get_tattoo()

    @property
    def is_group(self) -> bool:
        return self.native.is_group()

    def is_valid(self) -> bool:
        """Whether the item still exists."""
        return self.native.is_valid()

    def delete(self) -> None:
        """Forget an item that is not in an image's stack."""
        _checked(self.native.delete())

    def parasite_find(self, name: str) -> Parasite | None:
        return _parasite(self.native.get_parasite(name))

    def parasite_attach(self, parasite: Parasite) -> None:
        _checked(self.native.attach_parasite(parasite._native()))

    def parasite_detach(self, name: str) -> None:
        _checked(self.native.detach_parasite(name))

    def attach_new_parasite(self, name: str, flags: int, data: bytes | str) -> None:
        self.parasite_attach(Parasite(name, flags, data))


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
        return self.native.has_alpha()

    @property
    def is_layer_mask(self) -> bool:
        return self.native.is_layer_mask()

    def update(self, x: int, y: int, width: int, height: int) -> None:
        """Let GIMP show changed pixels."""
        _checked(self.native.update(x, y, width, height))

    def read_pixels(
        self,
        format: str,
        x: int = 0,
        y: int = 0,
        width: int | None = None,
        height: int | None = None,
        with_filters: bool = False,
    ) -> bytes:
        """Return pixels row by row in a babl format, such as "R'G'B'A float".

        What lies outside the drawable is zero. `with_filters` gives what the user sees through the
        non-destructive filters of the drawable; the image is not touched for it.
        """
        width = self.width if width is None else width
        height = self.height if height is None else height
        if with_filters and self.native.get_filters():
            return _read_filtered(self, format, x, y, width, height)
        return _read(self.native, format, x, y, width, height)

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
        view = memoryview(data)
        pixel = len(_read(self.native, format, 0, 0, 1, 1))
        if view.nbytes != width * height * pixel:
            raise error(f"{view.nbytes} bytes do not fill {width} x {height} pixels of {format}.")
        buffer = self.native.get_buffer()
        area = Gegl.Rectangle.new(x, y, width, height)
        buffer.set(area, format, data if isinstance(data, bytes) else bytes(view))
        buffer.flush()
        self.update(x, y, width, height)

    def thumbnail(self, width: int, height: int) -> tuple[bytes, int, int, int]:
        """Return a small picture (8 bit, srgb) that fits: bytes, width, height, channels."""
        channels = 4 if self.has_alpha else 3
        scale = min(width / self.width, height / self.height, 1.0)
        w, h = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        format = "R'G'B'A u8" if channels == 4 else "R'G'B' u8"
        area = Gegl.Rectangle.new(0, 0, w, h)
        buffer = self.native.get_buffer()
        return buffer.get(area, scale, format, Gegl.AbyssPolicy.CLAMP), w, h, channels


def _byte(linear: float) -> int:
    """Return a channel of linear light, 0..1, in sRGB's encoding, 0..255 (IEC 61966-2-1)."""
    encoded = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return max(0, min(255, round(255 * encoded)))


def _read(native: Gimp.Drawable, format: str, x: int, y: int, width: int, height: int) -> bytes:
    area = Gegl.Rectangle.new(x, y, width, height)
    return native.get_buffer().get(area, 1.0, format, Gegl.AbyssPolicy.NONE)


def _read_filtered(
    drawable: Drawable, format: str, x: int, y: int, width: int, height: int
) -> bytes:
    """Merge the filters of a copy in an image that nobody sees, and read that."""
    shown = drawable.image.native
    base_type = RGB if int(shown.get_base_type()) != 1 else 1
    scratch = Gimp.Image.new_with_precision(
        shown.get_width(), shown.get_height(), base_type, shown.get_precision()
    )
    try:
        scratch.undo_disable()
        profile = shown.get_color_profile()
        if profile:
            scratch.set_color_profile(profile)
        copy = Gimp.Layer.new_from_drawable(drawable.native, scratch)
        scratch.insert_layer(copy, None, 0)
        if copy.is_group():
            copy = copy.merge()
        else:
            copy.merge_filters()
        _checked(copy)
        # A filter may have grown the copy (a blur, a shadow).
        left, top = drawable.offsets
        _, copy_left, copy_top = copy.get_offsets()
        return _read(copy, format, x + left - copy_left, y + top - copy_top, width, height)
    finally:
        scratch.delete()


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
        native = Gimp.Layer.new(image.native, name, width, height, type, opacity, mode)
        _checked(native)
        super().__init__(native)

    @property
    def opacity(self) -> float:
        """Return the opacity, 0 to 100."""
        return self.native.get_opacity()

    @opacity.setter
    def opacity(self, opacity: float) -> None:
        _checked(self.native.set_opacity(opacity))

    @property
    def mode(self) -> int:
        return int(self.native.get_mode())

    @mode.setter
    def mode(self, mode: int) -> None:
        _checked(self.native.set_mode(mode))

    @property
    def mask(self) -> Channel | None:
        return _item(self.native.get_mask())  # type: ignore[return-value]

    def set_offsets(self, x: int, y: int) -> None:
        _checked(self.native.set_offsets(x, y))

    def create_mask(self, kind: int) -> Channel:
        """Return a new mask, ADD_MASK_WHITE, ADD_MASK_SELECTION, …; `add_mask` puts it on."""
        mask = self.native.create_mask(kind)
        _checked(mask)
        return Channel.from_native(mask)

    def add_mask(self, mask: Channel) -> None:
        _checked(self.native.add_mask(mask.native))

    def remove_mask(self, mode: int) -> None:
        _checked(self.native.remove_mask(mode))

    def add_alpha(self) -> None:
        _checked(self.native.add_alpha())

    def copy(self, add_alpha: bool = False) -> Layer:
        layer = _item(self.native.copy())
        _checked(layer)
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
        native = Gimp.GroupLayer.new(image.native, name)
        _checked(native)
        _Handle.__init__(self, native)
        self.opacity, self.mode = opacity, mode

    @property
    def layers(self) -> list[Item]:
        return self.children


class Channel(Drawable):
    """A channel, the selection, or the mask of a layer."""

    @classmethod
    def from_native(cls, native: Gimp.Channel) -> Channel:
        return _known(cls, native)

    @property
    def masked_layer(self) -> Layer | None:
        """Return the layer whose mask this is."""
        return _item(Gimp.Layer.from_mask(self.native))  # type: ignore[return-value]


class Image(_Handle):
    """An open image."""

    _space = "image"

    def __init__(
        self, width: int, height: int, type: int = RGB, precision: int = PRECISION_U8_GAMMA
    ) -> None:
        native = Gimp.Image.new_with_precision(width, height, type, precision)
        _checked(native)
        super().__init__(native)

    @classmethod
    def from_native(cls, native: Gimp.Image) -> Image:
        return _known(cls, native)

    @classmethod
    def from_id(cls, identifier: int) -> Image:
        return cls.from_native(Gimp.Image.get_by_id(identifier))

    @property
    def width(self) -> int:
        return self.native.get_width()

    @property
    def height(self) -> int:
        return self.native.get_height()

    @property
    def name(self) -> str:
        return self.native.get_name()

    @property
    def filename(self) -> str:
        file = self.native.get_file()
        return (file.get_path() or "") if file else ""

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
        return self.native.is_dirty()

    @property
    def colormap(self) -> bytes:
        """Return the palette of an indexed image: red, green and blue of each colour."""
        palette = self.native.get_palette()
        if palette is None:
            return b""
        colours = [colour.get_rgba() for colour in palette.get_colors()]
        return bytes(_byte(channel) for colour in colours for channel in colour[:3])

    @property
    def layers(self) -> list[Layer]:
        return _items(self.native.get_layers())  # type: ignore[return-value]

    @property
    def channels(self) -> list[Channel]:
        return _items(self.native.get_channels())  # type: ignore[return-value]

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
        return _items(self.native.get_selected_layers())  # type: ignore[return-value]

    @selected_layers.setter
    def selected_layers(self, layers: Sequence[Layer]) -> None:
        _checked(self.native.set_selected_layers([layer.native for layer in layers]))

    @property
    def active_drawable(self) -> Drawable | None:
        drawables = _items(self.native.get_selected_drawables())
        return drawables[0] if len(drawables) == 1 else None  # type: ignore[return-value]

    @property
    def floating_selection(self) -> Layer | None:
        return _item(self.native.get_floating_sel())  # type: ignore[return-value]

    @property
    def selection(self) -> Channel:
        """Return the selection, a channel of the image's size."""
        return Channel.from_native(self.native.get_selection())

    def selection_bounds(self) -> tuple[int, int, int, int] | None:
        """Return x1, y1, x2, y2 of the selection, None if nothing is selected."""
        _, some, x1, y1, x2, y2 = Gimp.Selection.bounds(self.native)
        return (x1, y1, x2, y2) if some else None

    def item_position(self, item: Item) -> int:
        """Return the place of an item among its siblings, 0 the topmost."""
        return self.native.get_item_position(item.native)

    def insert_layer(self, layer: Layer, parent: Item | None = None, position: int = 0) -> None:
        """Put a new layer into a group or the stack; 0 is the top."""
        native_parent = parent.native if parent else None
        _checked(self.native.insert_layer(layer.native, native_parent, position))

    def add_layer(self, layer: Layer, position: int = 0) -> None:
        self.insert_layer(layer, None, position)

    def remove_layer(self, layer: Layer) -> None:
        _checked(self.native.remove_layer(layer.native))

    def undo_group_start(self) -> None:
        _checked(self.native.undo_group_start())

    def undo_group_end(self) -> None:
        _checked(self.native.undo_group_end())

    def clean_all(self) -> None:
        _checked(self.native.clean_all())

    def duplicate(self) -> Image:
        return Image.from_native(self.native.duplicate())

    def is_valid(self) -> bool:
        """Whether the image is still open."""
        return self.native.is_valid()

    def delete(self) -> None:
        _checked(self.native.delete())

    def parasite_find(self, name: str) -> Parasite | None:
        return _parasite(self.native.get_parasite(name))

    def parasite_attach(self, parasite: Parasite) -> None:
        _checked(self.native.attach_parasite(parasite._native()))

    def parasite_detach(self, name: str) -> None:
        _checked(self.native.detach_parasite(name))

    def attach_new_parasite(self, name: str, flags: int, data: bytes | str) -> None:
        self.parasite_attach(Parasite(name, flags, data))


def _known(kind: Any, native: Any) -> Any:
    handle = kind.__new__(kind)
    _Handle.__init__(handle, native)
    return handle


def _item(native: Any) -> Item | None:
    if native is None:
        return None
    if native.is_layer():
        kind: Any = GroupLayer if native.is_group() else Layer
    elif native.is_channel():
        kind = Channel
    else:
        kind = Drawable if native.is_drawable() else Item
    return _known(kind, native)


def _items(natives: Sequence[Any]) -> list[Item]:
    return [item for item in map(_item, natives) if item]


def delete(thing: Item | Image | Display) -> None:
    """Close an image or a display, forget an item that is in no image."""
    if isinstance(thing, Display):
        _checked(thing.native.delete())
    else:
        thing.delete()


def image_list() -> list[Image]:
    return [Image.from_native(native) for native in Gimp.get_images()]


def message(text: str) -> None:
    """Show a message to the user (in batch mode: on stderr)."""
    Gimp.message(text)


def displays_flush() -> None:
    Gimp.displays_flush()


def progress_init(text: str = "") -> None:
    Gimp.progress_init(text)


def progress_set_text(text: str) -> None:
    Gimp.progress_set_text(text)


def progress_update(fraction: float) -> None:
    Gimp.progress_update(fraction)


def progress_end() -> None:
    Gimp.progress_end()


def get_data(name: str) -> bytes:
    """Return what was kept under a name in this session, empty if nothing."""
    found = _parasite(Gimp.get_parasite(name))
    return found.data if found else b""


def set_data(name: str, data: bytes) -> None:
    """Keep data under a name until GIMP ends."""
    _checked(Gimp.attach_parasite(Parasite(name, 0, data)._native()))


def init_ui(name: str) -> None:
    """Let GTK look like GIMP; before the first window."""
    gi.require_version("GimpUi", "3.0")
    from gi.repository import GimpUi

    GimpUi.init(name)


def set_transient(window: Any) -> None:
    """Keep a GTK window above GIMP's."""
    from gi.repository import GimpUi

    GimpUi.window_set_transient(window)


# The procedure database ---------------------------------------------------------------------

_ARRAY = "GimpCoreObjectArray"


def _native_value(value: Any) -> Any:
    if isinstance(value, _Handle):
        return value.native
    return value._native() if isinstance(value, Parasite) else value


def _plain_value(value: Any) -> Any:
    if isinstance(value, Gimp.Image):
        return Image.from_native(value)
    if isinstance(value, Gimp.Item):
        return _item(value)
    if isinstance(value, Gimp.Display):
        return _known(Display, value)
    if isinstance(value, Gimp.Parasite):
        return _parasite(value)
    if isinstance(value, (GObject.GEnum, GObject.GFlags)):
        return int(value)
    return value


class PDBFunction:
    """A procedure of GIMP's database. The run mode is left out; `run_mode=` gives another one."""

    def __init__(self, procedure: Gimp.Procedure) -> None:
        self.procedure = procedure
        self.proc_name = procedure.get_name()
        self.proc_blurb = procedure.get_blurb()
        self.params = [
            (spec.value_type.name, spec.name, spec.blurb) for spec in procedure.get_arguments()
        ]
        self.return_vals = [
            (spec.value_type.name, spec.name, spec.blurb) for spec in procedure.get_return_values()
        ]

    @property
    def nparams(self) -> int:
        return len(self.params)

    def __call__(self, *given: Any, run_mode: int = RUN_NONINTERACTIVE) -> Any:
        """Return None, the one value or a tuple of values. Raises `error` with GIMP's text."""
        values = list(given)
        if self.params and self.params[0][1] == "run-mode":
            values.insert(0, Gimp.RunMode(run_mode))
        if len(values) != len(self.params):
            raise error(f"{self.proc_name} takes {self.nparams} arguments, not {len(values)}.")
        config = self.procedure.create_config()
        for (kind, name, _), value in zip(self.params, values):
            if kind == _ARRAY:
                config.set_core_object_array(name, [_native_value(item) for item in value or []])
            else:
                config.set_property(name, _native_value(value))
        returned = self.procedure.run(config)
        if int(returned.index(0)) != int(Gimp.PDBStatusType.SUCCESS):
            text = Gimp.get_pdb().get_last_error()
            raise error(text or f"{self.proc_name} failed.")
        results = []
        for i, (kind, _, _) in enumerate(self.return_vals, 1):
            if kind == _ARRAY:
                results.append(_items(returned.get_core_object_array(i)))
            else:
                results.append(_plain_value(returned.index(i)))
        if not results:
            return None
        return results[0] if len(results) == 1 else tuple(results)


class PDB:
    """GIMP's procedures by name: `pdb.gimp_image_flatten(image)`, `pdb["gimp-image-flatten"]`."""

    def __getitem__(self, name: str) -> PDBFunction:
        procedure = Gimp.get_pdb().lookup_procedure(name.replace("_", "-"))
        if procedure is None:
            raise error(f"GIMP has no procedure {name.replace('_', '-')}.")
        return PDBFunction(procedure)

    def __getattr__(self, name: str) -> PDBFunction:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]


pdb = PDB()


# Serving GIMP -------------------------------------------------------------------------------

_WRITABLE = GObject.ParamFlags.READWRITE
_MAX_INT, _MAX_FLOAT = GLib.MAXINT32, GLib.MAXDOUBLE


def serve(procedures: Mapping[str, Procedure]) -> int:
    """Answer GIMP until it has no more questions; return the exit code."""

    class PlugIn(Gimp.PlugIn):
        def do_set_i18n(self, name: str) -> Any:
            return False

        def do_query_procedures(self) -> list[str]:
            return list(procedures)

        def do_create_procedure(self, name: str) -> Gimp.Procedure:
            return _declare(self, procedures[name])

    return Gimp.main(PlugIn.__gtype__, sys.argv)


def _declare(plug_in: Gimp.PlugIn, procedure: Procedure) -> Gimp.Procedure:
    # Colours and buffers crash without it; before Gimp.main it would load its operations twice.
    Gegl.init(None)
    kind = Gimp.PDBProcType.PLUGIN
    if procedure.works_on_image:
        made = Gimp.ImageProcedure.new(plug_in, procedure.name, kind, _run_on_image, procedure)
        mask = Gimp.ProcedureSensitivityMask.DRAWABLE
        if procedure.params[1].kind == PF_DRAWABLES:
            mask |= Gimp.ProcedureSensitivityMask.DRAWABLES
        made.set_sensitivity_mask(mask)
    else:
        made = Gimp.Procedure.new(plug_in, procedure.name, kind, _run_plain, procedure)
        if not procedure.image_types:
            made.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.ALWAYS)
        if procedure.has_run_mode:
            text = "How much the user is asked"
            mode = (Gimp.RunMode, Gimp.RunMode.NONINTERACTIVE)
            made.add_enum_argument("run-mode", "Run mode", text, *mode, _WRITABLE)
    made.set_image_types(procedure.image_types)
    made.set_documentation(procedure.blurb, procedure.help or None, procedure.name)
    made.set_attribution(procedure.author, procedure.copyright, procedure.date)
    if procedure.label:
        made.set_menu_label(procedure.label)
        if procedure.menu:
            made.add_menu_path(procedure.menu)
    for param in _own_params(procedure):
        _declare_argument(made, param)
    for param in procedure.results:
        _declare_result(made, param)
    return made


def _own_params(procedure: Procedure) -> Sequence[Param]:
    """Return the parameters that GIMP does not declare by itself."""
    return procedure.params[2:] if procedure.works_on_image else procedure.params


def _name(param: Param) -> str:
    return param.name.replace("_", "-")


def _declare_argument(made: Gimp.Procedure, param: Param) -> None:
    words = (_name(param), param.description or param.name, param.text or param.name)
    stored = param.stored
    if stored == "int":
        low, high = -_MAX_INT, _MAX_INT
        if param.kind == PF_OPTION:
            low, high = 0, len(param.extra) - 1
        elif param.kind == PF_SPINNER:
            low, high = int(param.extra[0]), int(param.extra[1])
        made.add_int_argument(*words, low, high, int(param.default or 0), _WRITABLE)
    elif stored == "float":
        low, high = param.extra[:2] if param.kind == PF_SLIDER else (-_MAX_FLOAT, _MAX_FLOAT)
        made.add_double_argument(*words, low, high, float(param.default or 0), _WRITABLE)
    elif stored == "bool":
        made.add_boolean_argument(*words, bool(param.default), _WRITABLE)
    elif stored == "string":
        default = "" if param.default is None else str(param.default)
        made.add_string_argument(*words, default, _WRITABLE)
    elif stored == "color":
        colour = Gegl.Color.new("black")
        if param.default:
            colour.set_rgba(*[*map(float, param.default), 1.0][:4])
        made.add_color_argument(*words, True, colour, _WRITABLE)
    elif stored == "drawables":
        made.add_core_object_array_argument(*words, Gimp.Drawable.__gtype__, _WRITABLE)
    else:
        getattr(made, f"add_{stored}_argument")(*words, True, _WRITABLE)


def _declare_result(made: Gimp.Procedure, param: Param) -> None:
    words = (_name(param), param.description or param.name, param.text or param.name)
    stored = param.stored
    if stored == "int":
        made.add_int_return_value(*words, -_MAX_INT, _MAX_INT, 0, _WRITABLE)
    elif stored == "float":
        made.add_double_return_value(*words, -_MAX_FLOAT, _MAX_FLOAT, 0.0, _WRITABLE)
    elif stored == "bool":
        made.add_boolean_return_value(*words, False, _WRITABLE)
    elif stored == "string":
        made.add_string_return_value(*words, "", _WRITABLE)
    elif stored == "layers":
        made.add_core_object_array_return_value(*words, Gimp.Layer.__gtype__, _WRITABLE)
    elif stored in ("color", "drawables"):
        raise error(f"{param.name}: a result of this kind is not possible in GIMP 3.")
    else:
        getattr(made, f"add_{stored}_return_value")(*words, True, _WRITABLE)


def _run_on_image(
    made: Gimp.Procedure,
    mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: Sequence[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    procedure: Procedure,
) -> Gimp.ValueArray:
    items = _items(drawables)
    if procedure.params[1].kind != PF_DRAWABLES and len(items) != 1:
        text = f"{procedure.name} works on one layer at a time; {len(items)} are selected."
        return _failure(made, invoke.Outcome(failed=True, message=text))
    second = items if procedure.params[1].kind == PF_DRAWABLES else items[0]
    rest = [_argument(config, param) for param in procedure.params[2:]]
    return _call(made, procedure, int(mode), [Image.from_native(image), second, *rest])


def _run_plain(
    made: Gimp.Procedure, config: Gimp.ProcedureConfig, procedure: Procedure
) -> Gimp.ValueArray:
    mode = int(config.get_property("run-mode")) if procedure.has_run_mode else RUN_NONINTERACTIVE
    return _call(made, procedure, mode, [_argument(config, param) for param in procedure.params])


def _argument(config: Gimp.ProcedureConfig, param: Param) -> Any:
    if param.kind == PF_DRAWABLES:
        return _items(config.get_core_object_array(_name(param)))
    value = config.get_property(_name(param))
    if isinstance(value, Gegl.Color):
        return tuple(value.get_rgba())
    return _plain_value(value)


def _call(
    made: Gimp.Procedure, procedure: Procedure, mode: int, values: list[Any]
) -> Gimp.ValueArray:
    outcome = invoke.run(procedure, mode, values, sys.modules[__name__])
    if outcome.failed:
        return _failure(made, outcome)
    try:
        return _success(made, procedure, outcome)
    except Exception as problem:
        # GIMP shows nothing of an exception that leaves this function.
        traceback.print_exc()
        return _failure(made, invoke.Outcome(failed=True, message=str(problem)))


def _failure(made: Gimp.Procedure, outcome: invoke.Outcome) -> Gimp.ValueArray:
    if outcome.cancelled:
        return made.new_return_values(Gimp.PDBStatusType.CANCEL, None)
    problem = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), outcome.message, 0)
    return made.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, problem)


def _success(
    made: Gimp.Procedure, procedure: Procedure, outcome: invoke.Outcome
) -> Gimp.ValueArray:
    given = list(zip(procedure.results, outcome.values))
    lists = [i for i, (param, _) in enumerate(given) if param.kind == PF_LAYERS]
    if not lists:
        values = made.new_return_values(Gimp.PDBStatusType.SUCCESS, None)
        for i, (param, value) in enumerate(given, 1):
            values.remove(i)
            values.insert(i, _boxed(param, value))
        return values
    # PyGObject can make no value that holds a list of objects; GIMP's own answer can be passed on.
    values = _answered_layers(given[lists[0]][1])
    for i, (param, value) in enumerate(given):
        if i != lists[0]:
            values.insert(i + 1, _boxed(param, value))
    return values


def _answered_layers(layers: Sequence[Layer]) -> Gimp.ValueArray:
    """Return the values (success, layers) as GIMP's procedure database answers them."""
    image = layers[0].image
    selected = image.selected_layers
    # GIMP gives them back in the opposite order, or in an older one if they are selected already.
    image.selected_layers = layers[:1]
    image.selected_layers = layers[::-1]
    ask = Gimp.get_pdb().lookup_procedure("gimp-image-get-selected-layers")
    config = ask.create_config()
    config.set_property("image", image.native)
    values = ask.run(config)
    image.selected_layers = selected
    return values


def _boxed(param: Param, value: Any) -> GObject.Value:
    types = {"int": int, "float": float, "bool": bool, "string": str}
    if param.stored in types:
        return GObject.Value(types[param.stored], types[param.stored](value))
    kinds = {
        "image": Gimp.Image,
        "item": Gimp.Item,
        "drawable": Gimp.Drawable,
        "layer": Gimp.Layer,
        "channel": Gimp.Channel,
        "display": Gimp.Display,
    }
    return GObject.Value(kinds[param.stored], value.native)
