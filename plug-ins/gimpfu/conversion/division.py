"""Division: in Python 2, / rounded down between whole numbers."""

from __future__ import annotations

import ast

from gimpfu.conversion.edits import Findings
from gimpfu.conversion.kinds import Kinds
from gimpfu.conversion.known import FLOAT, INT


def examine(tree: ast.Module, kinds: Kinds, findings: Findings) -> None:
    """Write // where both sides are whole numbers; point at the places where they may be."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            _examine(node, node.left, node.right, kinds, findings)
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            _examine(node, node.target, node.value, kinds, findings)


def _examine(
    node: ast.AST, left: ast.expr, right: ast.expr, kinds: Kinds, findings: Findings
) -> None:
    both = (kinds.of(left), kinds.of(right))
    if FLOAT in both:
        return
    if both == (INT, INT):
        start = _operator(findings, findings.end(left), findings.start(right))
        findings.replace_between(start, start + 1, "//")
        return
    findings.note(
        node,
        f"{_short(findings.source(node))} was rounded down in Python 2 if both sides are whole "
        "numbers. If so, write // instead of /.",
    )


def _operator(findings: Findings, start: int, end: int) -> int:
    """Return the offset of the / between two expressions."""
    comment = False
    for offset in range(start, end):
        letter = findings.byte(offset)
        if letter == b"/" and not comment:
            return offset
        comment = letter == b"#" or (comment and letter != b"\n")
    raise AssertionError("a division without an operator")


def _short(source: str) -> str:
    line = " ".join(source.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
