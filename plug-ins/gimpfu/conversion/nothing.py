"""None: in Python 2 it was smaller than anything, in Python 3 it cannot be compared."""

from __future__ import annotations

import ast
import re

from gimpfu.conversion.edits import Findings
from gimpfu.conversion.kinds import Kinds

_ORDERING = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_NO_NAME = (None, "")


def examine(tree: ast.Module, kinds: Kinds, findings: Findings) -> None:
    """Ask for None before a comparison with what is None at times, where nothing else does."""
    empty = _empty_at_times(kinds)
    for node in kinds.scopes.nodes:
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], _ORDERING):
            continue
        around = kinds.scopes.around(node) or tree
        known = findings.source(around) if around is not tree else findings.text
        sides = (node.left, *node.comparators)
        unasked = [
            i
            for i, side in enumerate(sides)
            if _key(side, kinds) in empty and not _is_asked_for(findings.source(side), known)
        ]
        if len(unasked) == 1 and len(sides) == 2:
            _ask(node, unasked[0], findings)
        elif unasked:
            text = findings.source(sides[unasked[0]])
            findings.note(node, f"{text} is None at times, which cannot be compared any more.")


def _ask(node: ast.Compare, side: int, findings: Findings) -> None:
    """Let None be smaller than anything, on one side of a comparison."""
    text = findings.source((node.left, node.comparators[0])[side])
    is_smaller = isinstance(node.ops[0], (ast.Lt, ast.LtE)) == (side == 0)
    asked = f"{text} is None or" if is_smaller else f"{text} is not None and"
    findings.wrap(node, f"({asked} ", ")")


def _empty_at_times(kinds: Kinds) -> set[tuple[object, str]]:
    """Return the variables, arguments and attributes that are set to None somewhere."""
    found = set()
    for node in kinds.scopes.nodes:
        if isinstance(node, ast.Assign) and _is_none(node.value):
            found |= {_key(target, kinds) for target in node.targets}
        elif isinstance(node, ast.FunctionDef):
            named = node.args.args[len(node.args.args) - len(node.args.defaults) :]
            found |= {
                (node, argument.arg)
                for argument, default in zip(named, node.args.defaults)
                if _is_none(default)
            }
    found.discard(_NO_NAME)
    for node in kinds.scopes.nodes:
        if isinstance(node, ast.Assign) and _key(node.value, kinds) in found:
            found |= {_key(target, kinds) for target in node.targets}
    return found - {_NO_NAME}


def _key(node: ast.AST, kinds: Kinds) -> tuple[object, str]:
    if isinstance(node, ast.Attribute):
        return "attribute", node.attr
    return (kinds.scopes.of(node), node.id) if isinstance(node, ast.Name) else _NO_NAME


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_asked_for(name: str, text: str) -> bool:
    name = re.escape(name)
    asking = (
        rf"\b{name} (is|==|!=) (not )?None|\bnot {name}\b|\b(if|while|and|or) {name}\s*(:|and|or)"
    )
    return bool(re.search(asking, text))
