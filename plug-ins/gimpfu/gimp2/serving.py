"""Registering procedures with GIMP 2.10 and running them on request."""

from __future__ import annotations

import ctypes
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from gimpfu import invoke
from gimpfu.enums import PDB_CANCEL, PDB_EXECUTION_ERROR, PDB_SUCCESS, RUN_NONINTERACTIVE
from gimpfu.errors import error
from gimpfu.gimp2.database import pdb
from gimpfu.gimp2.library import (
    Argument,
    Declaration,
    PlugInInfo,
    QueryFunction,
    RunFunction,
    libgimp,
)
from gimpfu.gimp2.values import INT32, KIND_OF, STATUS, STRING, fill, values_of
from gimpfu.host import Host
from gimpfu.params import ARRAYS, PF_DRAWABLES, PF_LAYERS, PF_RADIO
from gimpfu.registry import (
    FileHandler,
    Procedure,
    further_menus,
    handlers,
    run_on_query,
)

_PLUG_IN = 1
_RUN_MODE = (INT32, "run-mode", "The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1) }")

_kept: list[Any] = []
"""What the last run returned, and the memory it points to: GIMP reads it after the run."""


def serve(procedures: Mapping[str, Procedure], host: Host) -> int:
    """Serve GIMP's requests until it ends the process; return the exit code."""

    def query() -> None:
        for procedure in procedures.values():
            _install(procedure, host)
        run_on_query()
        for name, handler in handlers.items():
            _install_handler(name, handler)
        for name, paths in further_menus.items():
            for path in paths:
                libgimp.gimp_plugin_menu_register(name.encode(), path.encode())

    def run(name: bytes, count: int, given: Any, returned_count: Any, returned: Any) -> None:
        try:
            array = _array(_run(procedures[name.decode()], given[:count], host))
        except BaseException as problem:  # an exception cannot cross the C code that called us
            traceback.print_exc()
            text = f"The plug-in stopped unexpectedly: {problem!r}"
            failed = invoke.Outcome(failed=True, message=text)
            array = _array(_failure(procedures[name.decode()], failed))
        returned_count[0] = len(array)
        returned[0] = ctypes.cast(array, ctypes.POINTER(Argument))

    functions = (QueryFunction(query), RunFunction(run))
    info = PlugInInfo(None, None, *functions)
    argv = (ctypes.c_char_p * len(sys.argv))(*map(os.fsencode, sys.argv))
    return libgimp.gimp_main(ctypes.byref(info), len(sys.argv), argv)


def _array(values: Sequence[tuple[int, Any]]) -> ctypes.Array[Argument]:
    """Convert kinds and values to a C array, kept alive until the next run."""
    array = (Argument * len(values))()
    _kept[:] = [array]
    for argument, (kind, value) in zip(array, values):
        fill(argument, kind, value, _kept)
    return array


def _install(procedure: Procedure, host: Host) -> None:
    if procedure.domain:
        domain, folder = (
            procedure.domain
            if isinstance(procedure.domain, tuple)
            else (procedure.domain, host.locale_directory)
        )
        libgimp.gimp_plugin_domain_register(domain.encode(), os.fsencode(folder))
    params = [(KIND_OF[p.stored], p.name, p.text) for p in procedure.params]
    if procedure.has_run_mode:
        params.insert(0, _RUN_MODE)
    results = [(KIND_OF[p.stored], p.name, p.text) for p in procedure.results]
    texts = (procedure.name, procedure.blurb, procedure.help, procedure.author)
    texts += (procedure.copyright, procedure.date)
    libgimp.gimp_install_procedure(
        *(text.encode() for text in texts),
        procedure.label.encode() or None,
        procedure.image_types.encode() or None,
        _PLUG_IN,
        len(params),
        len(results),
        _declarations(params),
        _declarations(results),
    )
    if procedure.menu and procedure.label:
        libgimp.gimp_plugin_menu_register(procedure.name.encode(), procedure.menu.encode())


def _install_handler(name: str, handler: FileHandler) -> None:
    if handler.saves:
        pdb["gimp-register-save-handler"](name, handler.extensions, handler.prefixes)
        return
    given = (name, handler.extensions, handler.prefixes, handler.magics)
    pdb["gimp-register-magic-load-handler"](*given)


def _declarations(rows: Sequence[tuple[int, str, str]]) -> Any:
    if not rows:
        return None
    declarations = (Declaration * len(rows))()
    for declaration, (kind, name, text) in zip(declarations, rows):
        declaration.kind, declaration.name = kind, name.encode()
        declaration.description = text.encode()
    return declarations


def _run(procedure: Procedure, given: Sequence[Argument], host: Host) -> list[tuple[int, Any]]:
    """Run a procedure; return GIMP's result as kinds and values, the status first."""
    try:
        values = values_of(given)
    except error as problem:
        return _failure(procedure, invoke.Outcome(failed=True, message=str(problem)))
    mode = int(values.pop(0)) if procedure.has_run_mode and values else RUN_NONINTERACTIVE
    for i, param in enumerate(procedure.params[: len(values)]):
        if param.kind == PF_DRAWABLES:
            values[i] = [values[i]] if values[i] else []
    outcome = invoke.run(procedure, mode, values, host)
    return _failure(procedure, outcome) if outcome.failed else _success(procedure, outcome)


def _failure(procedure: Procedure, outcome: invoke.Outcome) -> list[tuple[int, Any]]:
    if outcome.cancelled:
        return [(STATUS, PDB_CANCEL)]
    if any(param.stored in ARRAYS for param in procedure.results):
        # GIMP would look for the array that is not there, and crash.
        libgimp.gimp_message(outcome.message.encode())
        return [(STATUS, PDB_EXECUTION_ERROR)]
    return [(STATUS, PDB_EXECUTION_ERROR), (STRING, outcome.message)]


def _success(procedure: Procedure, outcome: invoke.Outcome) -> list[tuple[int, Any]]:
    values: list[tuple[int, Any]] = [(STATUS, PDB_SUCCESS)]
    for param, value in zip(procedure.results, outcome.values):
        if param.kind == PF_LAYERS:
            value = value[0] if value else None
        elif param.kind == PF_RADIO:
            value = str(value)
        values.append((KIND_OF[param.stored], value))
    return values
