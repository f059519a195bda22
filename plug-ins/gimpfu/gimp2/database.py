"""Calling GIMP 2.10's procedures."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Sequence
from ctypes import byref, c_int
from typing import Any

from gimpfu.database import PDB, About, Declared, PDBFunction
from gimpfu.enums import PDB_SUCCESS
from gimpfu.errors import error
from gimpfu.gimp2.library import Argument, Declaration, last_error, libgimp
from gimpfu.gimp2.values import fill, values_of
from gimpfu.objects.arguments import checked_arguments
from gimpfu.objects.handles import checked
from gimpfu.objects.images import NO_DISPLAY


def find(name: str) -> PDBFunction | None:
    """Return the procedure with this name, or None."""
    if not libgimp.gimp_procedural_db_proc_exists(name.encode()):
        return None
    texts = [ctypes.c_void_p() for _ in range(5)]
    kind, param_count, result_count = c_int(), c_int(), c_int()
    params, results = ctypes.POINTER(Declaration)(), ctypes.POINTER(Declaration)()
    outputs = (*texts, kind, param_count, result_count, params, results)
    checked(libgimp.gimp_procedural_db_proc_info(name.encode(), *map(byref, outputs)))
    told = (ctypes.string_at(text.value or b"").decode("utf-8", "replace") for text in texts)
    about = About(*told, type=kind.value)
    declared_params = tuple(_declared(params[i]) for i in range(param_count.value))
    declared_results = tuple(_declared(results[i]) for i in range(result_count.value))
    run = functools.partial(_run, name, declared_params)
    if name == "gimp-display-new":
        run = functools.partial(_open_display, run)
    if name == "gimp-display-delete":
        run = functools.partial(_close_display, run)
    return PDBFunction(name, declared_params, declared_results, run, lambda: about)


def _open_display(run: Callable[[Sequence[Any]], list[Any]], values: Sequence[Any]) -> list[Any]:
    """Open a display; return None where GIMP has no windows, so that batch jobs go on."""
    try:
        return run(values)
    except error:
        return [None]


def _close_display(run: Callable[[Sequence[Any]], list[Any]], values: Sequence[Any]) -> list[Any]:
    """Close a display, if it is one."""
    number = getattr(values[0], "ID", values[0])
    return [] if number in (None, NO_DISPLAY) else run(values)


def _declared(declaration: Declaration) -> Declared:
    name, description = declaration.name or b"", declaration.description or b""
    return declaration.kind, name.decode(), description.decode("utf-8", "replace")


def _run(name: str, params: Sequence[Declared], values: Sequence[Any]) -> list[Any]:
    keep: list[Any] = []
    arguments = (Argument * max(1, len(values)))()
    for argument, (kind, _, _), value in zip(arguments, params, checked_arguments(params, values)):
        fill(argument, kind, value, keep)
    count = c_int()
    returned = libgimp.gimp_run_procedure2(name.encode(), byref(count), len(values), arguments)
    try:
        if returned[0].value.int32 != PDB_SUCCESS:
            raise error(last_error() or f"{name} failed.")
        return values_of(returned[1 : count.value])
    finally:
        libgimp.gimp_destroy_params(returned, count)


pdb = PDB(find)
