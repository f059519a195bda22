"""What a plug-in's calls of `register` say about its functions' arguments."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from gimpfu.conversion.known import FLOAT, INT, TEXT, UNKNOWN, Kind

_PARAMS, _LABEL, _FUNCTION, _MENU = 8, 6, 10, 11
"""The positions of register's arguments."""
_FIRST = {"<Image>": 2, "<Load>": 2, "<Save>": 4, "<Toolbox>": 0}
"""How many arguments GIMP adds for an old label with a path."""

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("INT", "INT8", "INT16", "INT32", "OPTION", "TOGGLE", "BOOL"), INT),
    # The dialog of GIMP 2.10 gives floats for spinners too.
    **dict.fromkeys(("FLOAT", "SLIDER", "SPINNER", "ADJUSTMENT"), FLOAT),
    **dict.fromkeys(("STRING", "VALUE", "TEXT", "FILE", "FILENAME", "DIRNAME"), TEXT),
    **dict.fromkeys(("FONT", "BRUSH", "PATTERN", "GRADIENT", "PALETTE"), TEXT),
}


@dataclass(frozen=True)
class Registered:
    """What one call says."""

    callbacks: Sequence[ast.AST] = ()
    """The places where functions are named that GIMP then calls."""
    parameters: dict[str, list[Kind]] = field(default_factory=dict)
    """The kinds of the arguments of each function."""


def registered(node: ast.AST) -> Registered:
    """Return what a node says, if it is a call of `register`."""
    if not isinstance(node, ast.Call) or _name(node.func) != "register":
        return Registered()
    given = dict(enumerate(node.args))
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    function = named.get("function", given.get(_FUNCTION))
    rows = named.get("params", given.get(_PARAMS))
    if function is None or not _name(function):
        return Registered()
    callbacks = [function, *(named[name] for name in ("on_query", "on_run") if name in named)]
    if not isinstance(rows, (ast.List, ast.Tuple)):
        return Registered(callbacks, {_name(function): [UNKNOWN] * 50})
    kinds: list[Kind] = [_kind(row) for row in rows.elts]
    label = named.get("label", given.get(_LABEL))
    if "menu" not in named and _MENU not in given and isinstance(label, ast.Constant):
        path = str(label.value).partition("/")[0]
        kinds[:0] = [UNKNOWN] * _FIRST.get(path, 0)
    return Registered(callbacks, {_name(function): kinds})


def _kind(row: ast.AST) -> Kind:
    if not isinstance(row, (ast.Tuple, ast.List)) or not row.elts:
        return UNKNOWN
    return _KINDS.get(_name(row.elts[0]).replace("PF_", "", 1), UNKNOWN)


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
