"""What the values in a plug-in are: whole numbers, texts, bytes. As far as its text tells.

The names of a module, and those of each function, have one kind each, joined over all their
assignments. A function's arguments are joined over its calls, and get the kinds of the parameters
that `register` declares. Attributes are told apart by their names only.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from gimpfu.conversion import known
from gimpfu.conversion.known import (
    BYTES,
    FILE,
    FLOAT,
    INT,
    INTS,
    LOOSE,
    REGION,
    TEXT,
    UNKNOWN,
    Kind,
)
from gimpfu.conversion.registration import registered
from gimpfu.conversion.scopes import Scopes, name_of

_Key = tuple[Any, ...]
"""("name", scope, name), ("attribute", name) or ("result", function)."""
_ROUNDS = 12


class Kinds:
    """The kinds of all expressions of a module."""

    def __init__(self, tree: ast.Module) -> None:
        self._table: dict[_Key, Kind] = {}
        self.scopes = Scopes(tree)
        for _ in range(_ROUNDS):
            before = dict(self._table)
            self._learn()
            if self._table == before:
                break

    def of(self, node: ast.AST) -> Kind:
        """Return the kind of an expression."""
        return self._of(node) or UNKNOWN

    def is_text(self, node: ast.AST) -> bool:
        """Return whether an expression is text, if nothing makes bytes of it."""
        return self._of(node) in (TEXT, LOOSE)

    def is_pixel(self, node: ast.AST) -> bool:
        """Return whether an expression is a part of a pixel region."""
        return isinstance(node, ast.Subscript) and self._of(node.value) == REGION

    def _learn(self) -> None:
        for node in self.scopes.nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if not _recodes(target, node.value):
                        self._assign(target, node.value)
                    if self.is_pixel(target) or self._of(target) == BYTES:
                        self._want_bytes(node.value)
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                if self._of(node) == BYTES:
                    self._want_bytes(node)
            elif isinstance(node, ast.AugAssign):
                self._put(node.target, self._arithmetic(node.op, node.target, node.value))
            elif isinstance(node, (ast.For, ast.comprehension)):
                self._put(node.target, self._element(node.iter))
            elif isinstance(node, ast.withitem) and node.optional_vars:
                self._put(node.optional_vars, UNKNOWN)
            elif isinstance(node, ast.Return):
                scope = self.scopes.around(node)
                if isinstance(scope, ast.FunctionDef):
                    self._join(("result", scope.name), self._of(node.value))
            elif isinstance(node, ast.Call):
                self._learn_from_call(node)
        for name in self.scopes.callbacks & set(self.scopes.functions):
            for function in self.scopes.functions[name]:
                for argument in function.args.args:
                    self._join(("name", function, argument.arg), UNKNOWN)

    def _learn_from_call(self, call: ast.Call) -> None:
        for function_name, kinds in registered(call).parameters.items():
            for function in self.scopes.functions.get(function_name, ()):
                for argument, kind in zip(function.args.args, kinds):
                    self._join(("name", function, argument.arg), kind)
        name = name_of(call)
        for function in self.scopes.functions.get(name, ()):
            names = [argument.arg for argument in function.args.args]
            if names[:1] == ["self"] and isinstance(call.func, ast.Attribute):
                names = names[1:]
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            given |= dict(zip(names, call.args)) if _no_star(call.args) else {}
            defaults = function.args.defaults
            for argument, default in zip(reversed(names), reversed(defaults)):
                given.setdefault(argument, default)
            for argument in names:
                kind = self._of(given[argument]) if argument in given else UNKNOWN
                self._join(("name", function, argument), kind)

    def _assign(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                for part, element in zip(target.elts, value.elts):
                    self._assign(part, element)
                return
            self._put(target, self._element(value))
        else:
            self._put(target, self._of(value))

    def _put(self, target: ast.AST, kind: Kind | None) -> None:
        """Note that a value of this kind is assigned to a target."""
        if isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                self._put(part, kind if kind == INT else UNKNOWN)
        elif isinstance(target, ast.Name):
            self._join(("name", self.scopes.of(target), target.id), kind)
        elif isinstance(target, ast.Attribute):
            self._join(("attribute", target.attr), kind)

    def _want_bytes(self, node: ast.AST) -> None:
        """Make bytes of variables and results that may be either, for they stand where bytes do."""
        if self._of(node) == LOOSE:
            if isinstance(node, ast.Name):
                self._put(node, BYTES)
            elif isinstance(node, ast.Call):
                self._join(("result", name_of(node)), BYTES)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            self._want_bytes(node.left)
            self._want_bytes(node.right)

    def result_of(self, node: ast.Return) -> Kind:
        """Return the kind of what the function around a return statement gives."""
        scope = self.scopes.around(node)
        key = ("result", scope.name) if isinstance(scope, ast.FunctionDef) else ()
        return self._table.get(key, UNKNOWN)

    def _join(self, key: _Key, kind: Kind | None) -> None:
        if kind is not None:
            old = self._table.get(key)
            self._table[key] = _joined([old, kind]) or UNKNOWN

    def _of(self, node: ast.AST | None) -> Kind | None:
        """Return an expression's kind, or None as long as nothing is known about it."""
        if isinstance(node, ast.Constant):
            return known.of_constant(node.value)
        if isinstance(node, ast.JoinedStr):
            return TEXT
        if isinstance(node, (ast.List, ast.Tuple)):
            return INTS if node.elts and all(self._of(e) == INT for e in node.elts) else UNKNOWN
        if isinstance(node, ast.Name):
            return self._of_name(node)
        if isinstance(node, ast.Attribute):
            return self._of_attribute(node)
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node.op, node.left, node.right)
        if isinstance(node, ast.UnaryOp):
            return INT if isinstance(node.op, ast.Not) else self._of(node.operand)
        if isinstance(node, ast.Compare):
            return INT
        if isinstance(node, ast.IfExp):
            return _joined([self._of(node.body), self._of(node.orelse)])
        if isinstance(node, ast.BoolOp):
            return _joined([self._of(value) for value in node.values])
        if isinstance(node, ast.Call):
            return self._of_call(node)
        if isinstance(node, ast.Subscript):
            return self._of_part(node)
        return UNKNOWN

    def _of_name(self, node: ast.Name) -> Kind | None:
        scope = self.scopes.of(node)
        if scope is None and node.id not in self.scopes.of_module:
            return known.of_global(node.id)
        if scope is None and ("name", None, node.id) not in self._table:
            return UNKNOWN if node.id in self.scopes.functions else None
        return self._table.get(("name", scope, node.id))

    def _of_attribute(self, node: ast.Attribute) -> Kind | None:
        by_name = known.ATTRIBUTES.get(node.attr)
        key = ("attribute", node.attr)
        if key in self._table:
            return _joined([by_name, self._table[key]])
        return by_name or known.MODULE_VALUES.get(ast.unparse(node), UNKNOWN)

    def _arithmetic(self, op: ast.operator, left: ast.AST, right: ast.AST) -> Kind | None:
        kinds = [self._of(left), self._of(right)]
        if isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)):
            return INT
        if isinstance(op, ast.Mod) and kinds[0] in (TEXT, LOOSE):
            return TEXT
        if isinstance(op, (ast.Add, ast.Mult)):
            for kind in (BYTES, TEXT, LOOSE):
                if kind in kinds and None not in kinds:
                    return kind
        if FLOAT in kinds:
            return FLOAT
        if None in kinds:
            return None
        return INT if kinds == [INT, INT] else UNKNOWN

    def _of_call(self, node: ast.Call) -> Kind | None:
        function = node.func
        name = name_of(node)
        if name in self.scopes.functions:
            return self._table.get(("result", name))
        if name in known.LIKE_THEIR_ARGUMENTS and isinstance(function, ast.Name):
            if len(node.args) == 1 and name != "abs":
                return self._element(node.args[0])
            return _joined([self._of(argument) for argument in node.args]) or UNKNOWN
        if isinstance(function, ast.Attribute):
            if function.attr == "read" and self._of(function.value) == FILE:
                return BYTES
            if function.attr == "encode" and self._stays_text(node, function.value):
                return TEXT
            if function.attr == "join":
                return self._of_joined(function.value, node.args)
        return known.of_call(node)

    def _stays_text(self, encoding: ast.Call, value: ast.expr) -> bool:
        if self._of(value) not in (TEXT, LOOSE) or self.scopes.is_written(encoding):
            return False
        return known.is_text_codec(encoding.args[:1])

    def _of_joined(self, between: ast.AST, arguments: Sequence[ast.expr]) -> Kind | None:
        kind = self._of(between)
        if kind != LOOSE or not arguments:
            return kind
        words = arguments[0]
        if isinstance(words, (ast.ListComp, ast.GeneratorExp)):
            return self._of(words.elt)
        if known.is_map_of_chr(words):
            return LOOSE
        return TEXT

    def _of_part(self, node: ast.Subscript) -> Kind | None:
        whole = self._of(node.value)
        if whole == INTS:
            return INTS if isinstance(node.slice, ast.Slice) else INT
        if whole in (TEXT, LOOSE):
            return TEXT
        if whole == BYTES:
            return BYTES if isinstance(node.slice, ast.Slice) else INT
        if whole == REGION:
            return BYTES
        return UNKNOWN if whole is not None else None

    def _element(self, node: ast.AST) -> Kind | None:
        """Return the kind of a sequence's elements."""
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return _joined([self._of(part) for part in node.elts]) or UNKNOWN
        kind = self._of(node)
        if kind == INTS or known.is_range(node):
            return INT
        if kind in (TEXT, LOOSE, BYTES):
            return INT if kind == BYTES else TEXT
        return None if kind is None else UNKNOWN


def _joined(kinds: Sequence[Kind | None]) -> Kind | None:
    different = {kind for kind in kinds if kind is not None}
    if not different:
        return None
    if len(different) == 2 and different & {TEXT, BYTES}:
        different.discard(LOOSE)
    return different.pop() if len(different) == 1 else UNKNOWN


def _recodes(target: ast.AST, value: ast.AST) -> bool:
    """Return whether a variable gets its own value, encoded or decoded: it stays what it is."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return False
    same = ast.unparse(value.func.value) == ast.unparse(target)
    return same and value.func.attr in ("encode", "decode")


def _no_star(arguments: Sequence[ast.expr]) -> bool:
    return not any(isinstance(argument, ast.Starred) for argument in arguments)
