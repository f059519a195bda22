"""Calling GIMP 3's procedures by their names in GIMP 3."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from gi.repository import Gimp, GObject

from gimpfu.database import About, Declared, PDBFunction
from gimpfu.errors import WrongArguments, error
from gimpfu.gimp3.values import OBJECT_ARRAY, native_value, natives_of, plain_value
from gimpfu.objects.handles import Handle


def find_native(name: str) -> PDBFunction | None:
    """Return the procedure with this name in GIMP 3, with its arguments there, or None."""
    procedure = Gimp.get_pdb().lookup_procedure(name)
    if procedure is None:
        return None
    params = _declared(procedure.get_arguments())
    results = _declared(procedure.get_return_values())
    run = functools.partial(run_native, procedure)
    return PDBFunction(procedure.get_name(), params, results, run, lambda: about_of(procedure))


def about_of(procedure: Gimp.Procedure) -> About:
    """Return what GIMP 3 says about a procedure."""
    texts = (
        *(procedure.get_blurb(), procedure.get_help(), procedure.get_authors()),
        *(procedure.get_copyright(), procedure.get_date()),
    )
    return About(*(text or "" for text in texts), type=int(procedure.get_proc_type()))


def _declared(specs: Sequence[GObject.ParamSpec]) -> tuple[Declared, ...]:
    return tuple((spec.value_type.name, spec.name, spec.blurb) for spec in specs)


def run_native(
    procedure: Gimp.Procedure, values: Sequence[Any], *, classic: bool = False
) -> list[Any]:
    """Run a procedure with all its arguments in order; arguments at the end may be left out.

    `classic` means that numbers of enumerations are those of GIMP 2.10. Raises `error`.
    """
    config = procedure.create_config()
    for spec, value in zip(procedure.get_arguments(), values):
        if spec.value_type.name == OBJECT_ARRAY:
            # Many procedures that took one drawable in GIMP 2.10 take a list in GIMP 3.
            items = [value] if isinstance(value, Handle) else value or []
            config.set_core_object_array(spec.name, natives_of(items))
            continue
        try:
            config.set_property(spec.name, native_value(spec, value, classic=classic))
        except (TypeError, ValueError, OverflowError) as problem:
            raise WrongArguments(f"{procedure.get_name()}: {spec.name}: {problem}") from None
        if isinstance(value, (int, float)) and _is_out_of_range(config, spec, value):
            raise error(f"{procedure.get_name()}: {value} is out of range for {spec.name}.")
    returned = procedure.run(config)
    if int(returned.index(0)) != int(Gimp.PDBStatusType.SUCCESS):
        raise error(last_error() or f"{procedure.get_name()} failed.")
    return [
        [plain_value(item) for item in returned.get_core_object_array(i)]
        if spec.value_type.name == OBJECT_ARRAY
        else plain_value(returned.index(i))
        for i, spec in enumerate(procedure.get_return_values(), 1)
    ]


def _is_out_of_range(config: Gimp.ProcedureConfig, spec: GObject.ParamSpec, value: float) -> bool:
    """Return whether GIMP has silently kept a default instead of a number."""
    if spec.value_type.name in ("gint", "guint"):
        return config.get_property(spec.name) != int(value)
    is_float = spec.value_type.name == "gdouble"
    return is_float and not math.isclose(config.get_property(spec.name), value, abs_tol=1e-9)


def call_native(name: str, *values: Any) -> Any:
    """Run a procedure of GIMP 3; return None, a single value, or a tuple. Raises `error`.

    Numbers of enumerations are those of GIMP 2.10.
    """
    procedure = Gimp.get_pdb().lookup_procedure(name)
    if procedure is None:
        raise error(f"GIMP has no procedure named {name}.")
    results = run_native(procedure, values, classic=True)
    if not results:
        return None
    return results[0] if len(results) == 1 else tuple(results)


def last_error() -> str:
    """Return GIMP's reason for the last failure, or an empty string."""
    return Gimp.get_pdb().get_last_error() or ""
