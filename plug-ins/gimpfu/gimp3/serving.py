"""Registering procedures with GIMP 3 and running them on request."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from gi.repository import Gegl, Gimp, Gio, GLib, GObject

from gimpfu import invoke
from gimpfu.enums import RUN_NONINTERACTIVE
from gimpfu.errors import error
from gimpfu.gimp3.colours import native_colour
from gimpfu.gimp3.declaring import FileRunners, declare, name_of, own_params
from gimpfu.gimp3.values import plain_value
from gimpfu.host import Host
from gimpfu.objects.items import Layer
from gimpfu.params import PF_DRAWABLES, PF_LAYERS, Param
from gimpfu.registry import Procedure, run_on_query


def serve(procedures: Mapping[str, Procedure], host: Host) -> int:
    """Serve GIMP's requests until it ends the process; return the exit code."""

    def run_on_image(
        made: Gimp.Procedure,
        mode: Gimp.RunMode,
        image: Gimp.Image,
        drawables: Sequence[Gimp.Drawable],
        config: Gimp.ProcedureConfig,
        procedure: Procedure,
    ) -> Gimp.ValueArray:
        items = list(map(plain_value, drawables))
        takes_many = procedure.params[1].kind == PF_DRAWABLES
        if not takes_many and len(items) != 1:
            text = f"{procedure.name} works on one layer at a time; {len(items)} are selected."
            return _failure(made, invoke.Outcome(failed=True, message=text))
        start = [plain_value(image), items if takes_many else items[0]]
        rest = [_argument(config, param) for param in procedure.params[2:]]
        return _call(made, procedure, int(mode), [*start, *rest], host)

    def run_plain(
        made: Gimp.Procedure, config: Gimp.ProcedureConfig, procedure: Procedure
    ) -> Gimp.ValueArray:
        mode = config.get_property("run-mode") if procedure.has_run_mode else RUN_NONINTERACTIVE
        values = [_argument(config, param) for param in procedure.params]
        return _call(made, procedure, int(mode), values, host)

    def load(
        made: Gimp.Procedure,
        mode: Gimp.RunMode,
        file: Gio.File,
        metadata: Gimp.Metadata,
        flags: Gimp.MetadataLoadFlags,
        config: Gimp.ProcedureConfig,
        procedure: Procedure,
    ) -> tuple[Gimp.ValueArray, Any]:
        path = plain_value(file)
        rest = [_argument(config, param) for param in own_params(procedure)]
        outcome = invoke.run(procedure, int(mode), [path, path, *rest], host)
        if outcome.failed:
            return _failure(made, outcome), flags
        returned = made.new_return_values(Gimp.PDBStatusType.SUCCESS, None)
        returned.remove(1)
        returned.insert(1, GObject.Value(Gimp.Image, outcome.values[0].native))
        return returned, flags

    def save(
        made: Gimp.Procedure,
        mode: Gimp.RunMode,
        image: Gimp.Image,
        file: Gio.File,
        options: Gimp.ExportOptions,
        metadata: Gimp.Metadata,
        config: Gimp.ProcedureConfig,
        procedure: Procedure,
    ) -> Gimp.ValueArray:
        path, whole = plain_value(file), plain_value(image)
        rest = [_argument(config, param) for param in own_params(procedure)]
        given = [whole, whole.active_drawable or whole.flatten(), path, path, *rest]
        return _call(made, procedure, int(mode), given, host)

    class PlugIn(Gimp.PlugIn):
        def do_set_i18n(self, name: str) -> Any:
            return False

        def do_query_procedures(self) -> list[str]:
            run_on_query()
            return list(procedures)

        def do_create_procedure(self, name: str) -> Gimp.Procedure:
            run_on_query()
            files = FileRunners(load, save)
            return declare(self, procedures[name], run_on_image, run_plain, files)

    return Gimp.main(PlugIn.__gtype__, sys.argv)


def _argument(config: Gimp.ProcedureConfig, param: Param) -> Any:
    if param.kind == PF_DRAWABLES:
        return list(map(plain_value, config.get_core_object_array(name_of(param))))
    return plain_value(config.get_property(name_of(param)))


def _call(
    made: Gimp.Procedure, procedure: Procedure, mode: int, values: list[Any], host: Host
) -> Gimp.ValueArray:
    outcome = invoke.run(procedure, mode, values, host)
    if outcome.failed:
        return _failure(made, outcome)
    try:
        return _success(made, procedure, outcome)
    except error as problem:  # the image has just been closed
        return _failure(made, invoke.Outcome(failed=True, message=str(problem)))
    except Exception as problem:
        # GIMP shows the user nothing about an exception that leaves this function.
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
    lists = [value for param, value in given if param.kind == PF_LAYERS and value]
    if lists:
        # PyGObject cannot create a value that holds a list of objects, but it can pass on one
        # that GIMP created.
        values = _layers_from_gimp(lists[0])
    else:
        values = made.new_return_values(Gimp.PDBStatusType.SUCCESS, None)
    for i, (param, value) in enumerate(given, 1):
        if param.kind == PF_LAYERS:
            continue
        if not lists:
            values.remove(i)
        values.insert(i, _boxed(param, value))
    return values


def _layers_from_gimp(layers: Sequence[Layer]) -> Gimp.ValueArray:
    """Return (success, layers) as returned by a procedure of GIMP's own."""
    image = layers[0].image
    selected = image.selected_layers
    # GIMP returns them in reverse order, or, if they are already selected, in the earlier order.
    image.selected_layers = layers[:1]
    image.selected_layers = layers[::-1]
    get_selected = Gimp.get_pdb().lookup_procedure("gimp-image-get-selected-layers")
    config = get_selected.create_config()
    config.set_property("image", image.native)
    values = get_selected.run(config)
    image.selected_layers = selected
    return values


_BOXES = {
    "int": int,
    "float": float,
    "bool": bool,
    "string": str,
    "image": Gimp.Image,
    "item": Gimp.Item,
    "drawable": Gimp.Drawable,
    "layer": Gimp.Layer,
    "channel": Gimp.Channel,
    "vectors": Gimp.Path,
    "display": Gimp.Display,
}


def _boxed(param: Param, value: Any) -> GObject.Value:
    if param.stored == "color":
        return GObject.Value(Gegl.Color, native_colour(value))
    if param.stored == "strings":
        return GObject.Value(GObject.TYPE_STRV, list(map(str, value)))
    if param.stored == "int8s":
        return GObject.Value(GLib.Bytes, GLib.Bytes.new(bytes(value)))
    kind = _BOXES[param.stored]
    if param.is_object:
        return GObject.Value(kind, value.native if value else None)
    return GObject.Value(kind, kind(value))
