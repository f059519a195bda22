"""Converting values between plug-ins and GIMP 3's binding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gi.repository import Gegl, Gimp, Gio, GLib, GObject

from gimpfu.colours import RGB, rgb
from gimpfu.errors import error
from gimpfu.gimp3.changed_numbers import CHANGED_NUMBERS
from gimpfu.gimp3.colours import colour_from, native_colour
from gimpfu.gimp3.parasites import native_parasite, parasite_from
from gimpfu.objects.handles import Handle
from gimpfu.objects.images import Display, Image
from gimpfu.objects.items import Channel, Drawable, GroupLayer, Item, Layer
from gimpfu.objects.parasites import Parasite
from gimpfu.objects.vectors import Vectors

OBJECT_ARRAY = "GimpCoreObjectArray"
RESOURCES = {
    "GimpBrush": Gimp.Brush,
    "GimpFont": Gimp.Font,
    "GimpGradient": Gimp.Gradient,
    "GimpPalette": Gimp.Palette,
    "GimpPattern": Gimp.Pattern,
}


def native_value(spec: GObject.ParamSpec, value: Any, *, classic: bool = False) -> Any:
    """Convert a plug-in's value for an argument of GIMP 3.

    `classic` means that numbers of enumerations are those of GIMP 2.10. Raises `error`.
    """
    kind = spec.value_type
    if kind.is_a(GObject.TYPE_ENUM):
        return native_enum(kind, int(value), classic=classic)
    if isinstance(spec, Gimp.ParamChoice) and isinstance(value, (int, float)):
        return choice(spec, int(value))
    convert = _CONVERSIONS.get(kind.name)
    if convert:
        return convert(value)
    if kind.name in RESOURCES:
        return resource(kind.name, value)
    if isinstance(value, Handle):
        return value.native
    if kind.is_a(Gimp.Item) and isinstance(value, int):
        return Gimp.Item.get_by_id(value) if value > 0 else None
    if kind.is_a(Gimp.Image) and isinstance(value, int):
        return Gimp.Image.get_by_id(value) if value > 0 else None
    return value


def native_enum(kind: GObject.GType, number: int, *, classic: bool = True) -> Any:
    """Return a member of an enumeration by its number in GIMP 2.10. Raises `error`."""
    if classic:
        number = CHANGED_NUMBERS.get(kind.name, {}).get(number, number)
    library = Gegl if kind.name.startswith("Gegl") else Gimp
    try:
        return getattr(library, kind.name[4:])(number)
    except (TypeError, ValueError):
        raise error(f"{number} is not a {kind.name}.") from None


def choice(spec: Gimp.ParamChoice, number: int) -> str:
    """Return the name of a choice by its number. Raises `error`."""
    choices = Gimp.param_spec_choice_get_choice(spec)
    for name in choices.list_nicks():
        if choices.get_id(name) == number:
            return name
    raise error(f"{number} is not a {spec.name}; choose {', '.join(choices.list_nicks())}.")


def classic_number(member: Any) -> int:
    """Return the number that a member of an enumeration has in GIMP 2.10."""
    name = type(member).__gtype__.name
    back = {new: old for old, new in CHANGED_NUMBERS.get(name, {}).items()}
    return back.get(int(member), int(member))


def resource(kind: str, name: Any) -> Any:
    """Return the font, brush, pattern, gradient or palette with a name. Raises `error`."""
    if not isinstance(name, str):
        return name
    found = RESOURCES[kind].get_by_name(name)
    if found is None and kind == "GimpFont":
        return _similar_font(name)
    if found is None:
        raise error(f'GIMP has no {kind.removeprefix("Gimp").lower()} named "{name}".')
    return found


def _similar_font(name: str) -> Gimp.Font:
    """Return a font of the same family; without one, the default, as GIMP 2.10 did."""
    generic = {"sans": "Sans-serif", "serif": "Serif", "monospace": "Monospace"}
    family, _, style = name.partition(" ")
    wanted = f"{generic.get(family.lower(), family)} {style}".strip()
    for attempt in (wanted, wanted.split(",")[0], f"{wanted} Regular", wanted.partition(" ")[0]):
        found = Gimp.Font.get_by_name(attempt)
        if found is not None:
            return found
    close = [font for font in Gimp.fonts_get_list("") if font.get_name().startswith(family)]
    return close[0] if close else Gimp.context_get_font()


def file(path: Any) -> Gio.File | None:
    """Return the file at a path or an address."""
    if path is None or isinstance(path, Gio.File):
        return path
    text = path.decode() if isinstance(path, bytes) else str(path)
    return Gio.File.new_for_uri(text) if "://" in text else Gio.File.new_for_path(text)


def _colour(value: Any) -> Gegl.Color:
    return value if isinstance(value, Gegl.Color) else native_colour(rgb(value))


def _number(value: Any) -> int:
    return value.ID if isinstance(value, Handle) else int(value)


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return None if value is None else str(value)


def _bytes(value: Any) -> GLib.Bytes:
    return value if isinstance(value, GLib.Bytes) else GLib.Bytes.new(bytes(value))


def _unit(value: Any) -> Any:
    return Gimp.Unit.get_by_id(value) if isinstance(value, int) else value


def _parasite(value: Any) -> Any:
    return native_parasite(value) if isinstance(value, Parasite) else value


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "GBytes": _bytes,
    "GFile": file,
    "GStrv": lambda value: list(map(str, value)),
    "GeglColor": _colour,
    "GimpParasite": _parasite,
    "GimpUnit": _unit,
    "gboolean": bool,
    "gchararray": _text,
    "gdouble": float,
    "gint": _number,
    "guint": _number,
}


_KINDS: tuple[tuple[type[Gimp.Item], type[Item]], ...] = (
    (Gimp.GroupLayer, GroupLayer),
    (Gimp.Layer, Layer),
    (Gimp.Channel, Channel),
    (Gimp.Path, Vectors),
    (Gimp.Drawable, Drawable),
    (Gimp.Item, Item),
)


def item_of(native: Gimp.Item) -> Item:
    """Return an item of GIMP's binding as an instance of the class for its kind."""
    kind = next(kind for theirs, kind in _KINDS if isinstance(native, theirs))
    return kind.reference(native.get_id())


def plain_value(value: Any) -> Any:
    """Convert a value from GIMP's binding to the form that plug-ins use."""
    if isinstance(value, Gimp.Image):
        return Image.reference(value.get_id())
    if isinstance(value, Gimp.Item):
        return item_of(value)
    if isinstance(value, Gimp.Display):
        return Display.reference(value.get_id())
    if isinstance(value, Gimp.Parasite):
        return parasite_from(value)
    if isinstance(value, Gegl.Color):
        return RGB(*colour_from(value))
    if isinstance(value, Gimp.Resource):
        return value.get_name()
    if isinstance(value, Gimp.Unit):
        return value.get_id()
    if isinstance(value, Gio.File):
        return value.get_path() or value.get_uri()
    if isinstance(value, GLib.Bytes):
        return value.get_data() or b""
    if isinstance(value, (GObject.GEnum, GObject.GFlags)):
        return classic_number(value)
    return value


def natives_of(handles: Sequence[Handle]) -> list[Any]:
    return [handle.native for handle in handles]
