"""Calling GIMP 3's procedures, and converting their values."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from gi.repository import Gegl, Gimp, GObject

from gimpfu.database import Declared, PDBFunction
from gimpfu.errors import error
from gimpfu.gimp3 import backend
from gimpfu.gimp3.colours import colour_from, native_colour
from gimpfu.objects.handles import Handle, natives_of
from gimpfu.objects.images import Display, Image, item_from, items_from
from gimpfu.objects.parasites import Parasite

_ARRAY, _COLOUR = "GimpCoreObjectArray", "GeglColor"


def find(name: str) -> PDBFunction | None:
    """Return the procedure with this name, or None."""
    procedure = Gimp.get_pdb().lookup_procedure(name)
    if procedure is None:
        return None
    params = _declared(procedure.get_arguments())
    results = _declared(procedure.get_return_values())
    run = functools.partial(_run, procedure, params, results)
    return PDBFunction(procedure.get_name(), procedure.get_blurb(), params, results, run)


def _declared(specs: Sequence[GObject.ParamSpec]) -> list[Declared]:
    return [(spec.value_type.name, spec.name, spec.blurb) for spec in specs]


def _run(
    procedure: Gimp.Procedure,
    params: Sequence[Declared],
    results: Sequence[Declared],
    values: Sequence[Any],
) -> list[Any]:
    config = procedure.create_config()
    for (kind, name, _), value in zip(params, values):
        if kind == _ARRAY:
            # Many procedures that took one drawable in GIMP 2.10 take a list in GIMP 3.
            items = [value] if isinstance(value, Handle) else value or []
            config.set_core_object_array(name, natives_of(items))
        elif kind == _COLOUR and isinstance(value, Sequence):
            config.set_property(name, native_colour(value))
        elif name == "run-mode":
            config.set_property(name, Gimp.RunMode(value))
        else:
            config.set_property(name, _native_value(value))
    returned = procedure.run(config)
    if int(returned.index(0)) != int(Gimp.PDBStatusType.SUCCESS):
        raise error(backend.last_error() or f"{procedure.get_name()} failed.")
    return [
        items_from(returned.get_core_object_array(i))
        if kind == _ARRAY
        else plain_value(returned.index(i))
        for i, (kind, _, _) in enumerate(results, 1)
    ]


def _native_value(value: Any) -> Any:
    if isinstance(value, Handle):
        return value.native
    return backend.native_parasite(value) if isinstance(value, Parasite) else value


def plain_value(value: Any) -> Any:
    """Convert a value from GIMP's binding to the form that plug-ins use."""
    if isinstance(value, Gimp.Image):
        return Image.from_native(value)
    if isinstance(value, Gimp.Item):
        return item_from(value)
    if isinstance(value, Gimp.Display):
        return Display.from_native(value)
    if isinstance(value, Gimp.Parasite):
        return backend.parasite_from(value)
    if isinstance(value, Gegl.Color):
        return colour_from(value)
    if isinstance(value, (GObject.GEnum, GObject.GFlags)):
        return int(value)
    return value
