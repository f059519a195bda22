"""The procedures of GIMP 2.10 in GIMP 3, under their old names and with their old arguments.

`converted` has a function for each procedure that changed; `renamed` has the new names of those
that only got another one. All others are called as they are. In every case the arguments and the
results are those of GIMP 2.10: an array comes after its length, a list of items is a tuple of
numbers, and enumerations have their old numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from gi.repository import Gimp

from gimpfu.database import PDB, About, PDBFunction
from gimpfu.errors import error
from gimpfu.gimp3 import querying
from gimpfu.gimp3.converted import CONVERTED, GONE, functions_of
from gimpfu.gimp3.database import find_native, run_native
from gimpfu.gimp3.renamed import NEW_NAMES
from gimpfu.gimp3.signatures import ARRAYS, Signature, declared, is_count, signatures
from gimpfu.objects.arguments import checked_arguments
from gimpfu.objects.handles import Handle

_FUNCTIONS = {**CONVERTED, **functions_of(querying)}

_SINGLE_PIXELS = ("gimp-drawable-get-pixel", "gimp-drawable-set-pixel")
"""Procedures that use the same open buffer as the pixels that were written before."""
_NUMBERS = {"float": float, "int": int, "int16": int, "int8": int}

Run = Callable[[Sequence[Any]], Sequence[Any]]


def find(name: str) -> PDBFunction | None:
    """Return the procedure with this name in GIMP 2.10 or in GIMP 3, or None."""
    return find_classic(name) or find_native(name)


def find_classic(name: str) -> PDBFunction | None:
    """Return a procedure of GIMP 2.10, or None if it had none with this name.

    Running it raises `error` with the name of a replacement if GIMP 3 has no such procedure.
    """
    signature = signatures().get(name)
    if signature is None:
        return None
    params, results = tuple(declared(signature.params)), tuple(declared(signature.results))
    about = functools.partial(_about, name)
    hands_over = name not in _SINGLE_PIXELS
    return PDBFunction(name, params, results, _run(name, signature), about, hands_over)


def _about(name: str) -> About:
    *texts, kind, _, _ = querying.gimp_procedural_db_proc_info(name)
    return About(*texts, type=kind)


def _run(name: str, signature: Signature) -> Run:
    run = _unchecked(name, signature)
    params = declared(signature.params)
    return lambda values: run(checked_arguments(params, values))


def _unchecked(name: str, signature: Signature) -> Run:
    if name in _FUNCTIONS:
        return functools.partial(_run_converted, _FUNCTIONS[name], signature)
    procedure = Gimp.get_pdb().lookup_procedure(NEW_NAMES.get(name, name))
    if procedure is None:
        return functools.partial(_refuse, name)
    return functools.partial(_run_renamed, procedure, signature)


def _refuse(name: str, values: Sequence[Any]) -> Sequence[Any]:
    advice = GONE.get(name, "There is no replacement.")
    raise error(f"GIMP 3 does not have {name} any more. {advice}")


def _run_converted(
    function: Callable[..., Any], signature: Signature, values: Sequence[Any]
) -> list[Any]:
    values = _numbers(signature, values)
    returned = function(*_without_run_mode(signature, values))
    if not signature.results:
        return []
    return list(returned) if len(signature.results) > 1 else [returned]


def _numbers(signature: Signature, values: Sequence[Any]) -> Sequence[Any]:
    """Read numbers that are given as texts. Raises `error`."""
    return [
        _number(name, kind, value) if isinstance(value, str) and kind in _NUMBERS else value
        for (name, kind), value in zip(signature.params, values)
    ]


def _number(name: str, kind: str, text: str) -> float:
    try:
        return _NUMBERS[kind](text)
    except ValueError:
        raise error(f'{name}: "{text}" is not a number.') from None


def _without_run_mode(signature: Signature, values: Sequence[Any]) -> Sequence[Any]:
    has_mode = bool(signature.params) and signature.params[0][0] == "run-mode"
    return values[1:] if has_mode else values


def _run_renamed(
    procedure: Gimp.Procedure, signature: Signature, values: Sequence[Any]
) -> list[Any]:
    rows = signature.params
    values = _numbers(signature, values)
    given = [value for i, value in enumerate(values) if not is_count(rows, i)]
    wanted = len(procedure.get_arguments())
    if len(given) > wanted:
        raise error(f"{procedure.get_name()} takes {wanted} arguments in this version of GIMP.")
    return classic_results(signature, run_native(procedure, given, classic=True))


def classic_results(signature: Signature, returned: Sequence[Any]) -> list[Any]:
    """Arrange what GIMP 3 returned as GIMP 2.10 returns it."""
    values = iter(returned)
    results: list[Any] = []
    for _, kind in signature.results:
        if kind in ARRAYS:
            array = tuple(getattr(value, "ID", value) for value in next(values))
            if results:
                results[-1] = len(array)
            results.append(array)
            continue
        if is_count(signature.results, len(results)):
            results.append(0)
            continue
        results.append(_single(kind, next(values, None)))
    return results


def _single(kind: str, value: Any) -> Any:
    if isinstance(value, list):
        value = value[0] if value else None
    if kind in ("int", "int8", "int16") and isinstance(value, (bool, Handle)):
        return int(value) if isinstance(value, bool) else value.ID
    return value


pdb = PDB(find)
