"""The functions of a module, and which names belong to them."""

from __future__ import annotations

import ast
from typing import Union

from gimpfu.conversion.registration import registered

Function = Union[ast.FunctionDef, ast.Lambda]
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Scopes:
    """Who knows which names in a module."""

    def __init__(self, tree: ast.Module) -> None:
        self.nodes = list(ast.walk(tree))
        self.functions: dict[str, list[ast.FunctionDef]] = {}
        """All functions and methods, by name."""
        self.of_module: set[str] = set()
        """The names that the module itself defines."""
        self._scopes: dict[ast.AST, Function | None] = {}
        self._parents = {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}
        self._locals: dict[Function | None, set[str]] = {None: self.of_module}
        self._find_scopes(tree, None)
        self._modules = {
            alias.asname or alias.name.partition(".")[0]
            for node in self.nodes
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        self._written = [
            (ast.unparse(node.func.value), argument)
            for node in self.nodes
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if node.func.attr == "write"
            for argument in node.args
        ]
        self.callbacks = self._passed_around()
        """The names of functions that something else may call, with any arguments."""

    def around(self, node: ast.AST) -> Function | None:
        """Return the function that contains a node, or None for the module."""
        return self._scopes.get(node)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return what a node is a direct part of."""
        return self._parents.get(node)

    def of(self, name: ast.Name) -> ast.AST | None:
        """Return whose variable a name is: a function's, a comprehension's, None the module's."""
        inside = self.parent(name)
        while isinstance(inside, (ast.expr, ast.comprehension)):
            if isinstance(inside, _COMPREHENSIONS) and name.id in _targets(inside):
                return inside
            inside = self.parent(inside)
        scope = self._scopes.get(name)
        return scope if scope is not None and name.id in self._locals[scope] else None

    def is_own(self, node: ast.AST, name: str) -> bool:
        """Return whether the plug-in itself defines a name that is used at this node."""
        if name in self.of_module:
            return True
        scope = self._scopes.get(node)
        return scope is not None and name in self._locals[scope]

    def is_module(self, name: str) -> bool:
        """Return whether a name is that of an imported module."""
        return name in self._modules

    def imported_from(self, module: str) -> dict[str, str]:
        """Return the names that are imported from a module, with what they are called there."""
        return {
            alias.asname or alias.name: alias.name
            for node in self.nodes
            if isinstance(node, ast.ImportFrom) and node.module == module
            for alias in node.names
        }

    def is_written(self, node: ast.AST) -> bool:
        """Return whether an expression is what a file's `write` gets."""
        return any(node is argument for _, argument in self._written)

    def written_to(self, file: str) -> list[ast.expr]:
        """Return what the methods `write` of all files with this name get."""
        return [argument for owner, argument in self._written if owner == file]

    def _find_scopes(self, node: ast.AST, scope: Function | None) -> None:
        self._scopes[node] = scope
        inner = scope
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            self._locals[scope].add(node.name)
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            inner = node
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            self._locals[node] = {argument.arg for argument in arguments}
            if isinstance(node, ast.FunctionDef):
                self.functions.setdefault(node.name, []).append(node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            self._locals[scope].add(node.id)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._locals[scope] |= {alias.asname or alias.name for alias in node.names}
        for child in ast.iter_child_nodes(node):
            self._find_scopes(child, inner)

    def _passed_around(self) -> set[str]:
        """Return the names of functions that something else may call, with any arguments."""
        called = {id(node.func) for node in self.nodes if isinstance(node, ast.Call)}
        by_register = {id(node) for call in self.nodes for node in registered(call).callbacks}
        names = set()
        for node in self.nodes:
            if id(node) in called or id(node) in by_register:
                continue
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                names.add(node.id)
            elif isinstance(node, ast.Attribute):
                names.add(node.attr)
        return names


def _targets(node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> set[str]:
    """Return the variables of a comprehension."""
    return {
        part.id
        for generator in node.generators
        for part in ast.walk(generator.target)
        if isinstance(part, ast.Name)
    }


def name_of(call: ast.Call) -> str:
    """Return the name of the function that is called, without its object."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
