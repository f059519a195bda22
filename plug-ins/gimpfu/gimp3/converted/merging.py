"""Applying a GEGL operation to a drawable at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gi.repository import Gegl, Gimp, GObject

from gimpfu.errors import error
from gimpfu.gimp3.pixels import read_own, write_own
from gimpfu.gimp3.values import native_value
from gimpfu.objects.images import Image
from gimpfu.objects.items import Drawable, Layer

_GROWING = (
    *("gegl:box-blur", "gegl:edge-laplace", "gegl:motion-blur-circular"),
    *("gegl:motion-blur-linear", "gegl:motion-blur-zoom", "gegl:noise-spread"),
    *("gegl:ripple", "gegl:shift", "gegl:waves"),
)
"""Operations that make a layer larger if GIMP 3 applies them without a selection."""


def apply_operation(
    drawable: Drawable,
    name: str,
    settings: Mapping[str, Any],
    inputs: Mapping[str, Drawable],
    *,
    raw: bool = False,
) -> None:
    """Apply an operation to the selected part of a drawable and merge it.

    `inputs` are further drawables, by the names of the operation's inputs. `raw` treats the numbers
    of a gamma-encoded drawable as if they were linear, as GIMP 2.10 did for some plug-ins. Raises
    `error`.
    """
    if raw:
        on_numbers(drawable, lambda layer: _merge(layer, name, settings, inputs))
    else:
        _merge(drawable, name, settings, inputs)


def _merge(
    drawable: Drawable, name: str, settings: Mapping[str, Any], inputs: Mapping[str, Drawable]
) -> None:
    native = drawable.native
    if name in _GROWING and not drawable.image.selection_bounds():
        _process(drawable, name, settings, inputs)
        return
    try:
        applied = Gimp.DrawableFilter.new(native, name, "")
    except TypeError:
        # GIMP 3.2 hides some operations from plug-ins, but GEGL has them.
        _process(drawable, name, settings, inputs)
        return
    config = applied.get_config()
    for setting, value in settings.items():
        spec = config.find_property(setting)
        if spec is None:
            raise error(f"{name} has no setting {setting} in this version of GIMP.")
        config.set_property(setting, native_value(spec, value))
    for slot, other in inputs.items():
        applied.set_aux_input(slot, other.native)
    applied.update()
    native.merge_filter(applied)


def _process(
    drawable: Drawable, name: str, settings: Mapping[str, Any], inputs: Mapping[str, Drawable]
) -> None:
    """Run an operation in this process."""
    if name not in Gegl.list_operations():
        raise error(f"GIMP has no operation named {name}.")
    specs = {spec.name: spec for spec in Gegl.Operation.list_properties(name)}
    graph = Gegl.Node()
    source = graph.create_child("gegl:buffer-source")
    source.set_property("buffer", drawable.native.get_buffer())
    node = graph.create_child(name)
    for setting, value in settings.items():
        node.set_property(setting, _in_gegl(specs[setting], value))
    target = graph.create_child("gegl:write-buffer")
    shadow = drawable.native.get_shadow_buffer()
    target.set_property("buffer", shadow)
    source.link(node)
    for slot, other in inputs.items():
        further = graph.create_child("gegl:buffer-source")
        further.set_property("buffer", other.native.get_buffer())
        further.connect_to("output", node, slot)
    node.link(target)
    target.process()
    shadow.flush()
    drawable.merge_shadow(True)
    drawable.update(0, 0, drawable.width, drawable.height)


def _in_gegl(spec: GObject.ParamSpec, value: Any) -> Any:
    """Convert a setting; enumerations are given by name, or by a number that GEGL knows."""
    if not spec.value_type.is_a(GObject.TYPE_ENUM):
        return native_value(spec, value)
    if isinstance(value, str):
        return getattr(getattr(Gegl, spec.value_type.name[4:]), value.upper())
    return int(value)


def on_numbers(
    drawable: Drawable, change: Callable[[Drawable], Any], *, everywhere: bool = False
) -> None:
    """Let `change` treat the numbers of a gamma-encoded drawable as if they were linear.

    It gets a layer with the numbers around the selection, or everywhere, in an image of its own.
    Its result is taken over as far as the selection allows. GIMP 2.10 did so where GIMP 3 converts
    to linear light.
    """
    precision = drawable.image.precision
    if precision % 100 == 0:
        change(drawable)
        return
    all_bounds = (0, 0, drawable.width, drawable.height)
    left, top, right, bottom = all_bounds if everywhere else drawable.mask_bounds
    width, height = right - left, bottom - top
    area, whole = (left, top, width, height), (0, 0, width, height)
    scratch = Image(width, height, drawable.type // 2, precision - 50)
    try:
        scratch.disable_undo()
        layer = Layer(scratch, "numbers", width, height, drawable.type)
        scratch.insert_layer(layer, None, 0)
        write_own(layer, whole, read_own(drawable, area))
        change(layer)
        write_own(drawable, area, read_own(layer, whole), shadow=True)
        drawable.merge_shadow(True)
        drawable.update(*area)
    finally:
        scratch.delete()
