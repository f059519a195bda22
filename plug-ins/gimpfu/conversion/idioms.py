"""Names and calls of Python 2 that Python 3 lacks, and that fissix leaves alone."""

from __future__ import annotations

import ast
from collections.abc import Callable

from gimpfu.conversion import bytestrings
from gimpfu.conversion.edits import Findings
from gimpfu.conversion.kinds import Kinds
from gimpfu.conversion.known import TEXT_CODECS

_STRING_NAMES = {
    "letters": "ascii_letters",
    "lowercase": "ascii_lowercase",
    "uppercase": "ascii_uppercase",
}
_STRING_FUNCTIONS = {"atoi": "int", "atol": "int", "atof": "float"}
_STRING_METHODS = (
    *("capitalize", "center", "count", "expandtabs", "find", "index", "ljust", "lower", "lstrip"),
    *("replace", "rfind", "rindex", "rjust", "rsplit", "rstrip", "split", "strip", "swapcase"),
    *("translate", "upper", "zfill"),
)
_GONE_FROM_STRING = ("join", "joinfields", "maketrans", *_STRING_FUNCTIONS, *_STRING_METHODS)
_NOTHING = ("'', ''", '"", ""')


def examine(tree: ast.Module, kinds: Kinds, findings: Findings) -> None:
    """Rewrite what has one equivalent in Python 3."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for rewrite in _REWRITES:
                rewrite(node, kinds, findings)
        elif isinstance(node, ast.Attribute) and _is_module(node.value, "string", kinds):
            if node.attr in _STRING_NAMES:
                findings.replace(node, f"string.{_STRING_NAMES[node.attr]}")
        elif isinstance(node, ast.ImportFrom) and node.module == "string":
            _string_import(node, tree, findings)
        elif isinstance(node, ast.Raise) and node.exc is not None:
            if kinds.is_text(node.exc):
                findings.wrap(node.exc, "RuntimeError(", ")")
        elif isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Constant):
            findings.note(node, "This catches a text, which cannot be raised. Catch RuntimeError.")
    _remove_default_encoding(tree, findings)


def _file(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    function = call.func
    if not isinstance(function, ast.Name) or function.id != "file":
        return
    if not kinds.scopes.is_own(function, "file"):
        findings.replace(function, "open")


def _compare(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    if not isinstance(call.func, ast.Name) or call.func.id != "cmp" or len(call.args) != 2:
        return
    if not kinds.scopes.is_own(call.func, "cmp"):
        first, second = (_owner(argument, findings) for argument in call.args)
        findings.replace(call, f"(({first} > {second}) - ({first} < {second}))")


def _sort(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    """Turn a comparing function into a key."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "sort":
        rest = call.args
    elif isinstance(call.func, ast.Name) and call.func.id == "sorted":
        rest = call.args[1:]
    else:
        return
    named = [keyword for keyword in call.keywords if keyword.arg == "cmp"]
    for node, value in [*((a, a) for a in rest[:1]), *((k, k.value) for k in named)]:
        if isinstance(value, ast.Constant) and value.value is None:
            findings.replace(node, "key=None")
            continue
        source = findings.source(value)
        if source == "cmp" and not kinds.scopes.is_own(value, "cmp"):
            findings.replace(node, "key=None")
        else:
            findings.replace(node, f'key=__import__("functools").cmp_to_key({source})')
    for node in rest[1:2]:
        findings.replace(node, f"key={findings.source(node)}")


def _string_module(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    function = call.func
    if isinstance(function, ast.Name):
        name = kinds.scopes.imported_from("string").get(function.id, "")
    elif isinstance(function, ast.Attribute) and _is_module(function.value, "string", kinds):
        name = function.attr
    else:
        return
    if name in _STRING_FUNCTIONS:
        findings.replace(function, _STRING_FUNCTIONS[name])
    elif name == "maketrans" and len(call.args) == 2:
        # In Python 2 the table is a text of 256 letters, which some plug-ins also read.
        pair = ", ".join(findings.source(argument) for argument in call.args)
        table = '"".join(map(chr, range(256)))'
        findings.replace(
            call, table if pair in _NOTHING else f"{table}.translate(str.maketrans({pair}))"
        )
    elif name in ("join", "joinfields") and call.args:
        words = findings.source(call.args[0])
        between = _owner(call.args[1], findings) if len(call.args) > 1 else '" "'
        findings.replace(call, f"{between}.join({words})")
    elif name in _STRING_METHODS and call.args and not call.keywords:
        rest = ", ".join(findings.source(argument) for argument in call.args[1:])
        findings.replace(call, f"{_owner(call.args[0], findings)}.{name}({rest})")


def _owner(node: ast.expr, findings: Findings) -> str:
    """Return the text of an expression whose method is called."""
    text = findings.source(node)
    simple = (ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.Subscript)
    return text if isinstance(node, simple) else f"({text})"


def _string_import(node: ast.ImportFrom, tree: ast.Module, findings: Findings) -> None:
    """Import from `string` only what it still has, once no call needs the rest."""
    called = {
        call.func.id
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }
    kept = []
    for alias in node.names:
        own = alias.asname or alias.name
        if alias.name in _STRING_NAMES:
            kept.append(f"{_STRING_NAMES[alias.name]} as {own}")
        elif alias.name not in _GONE_FROM_STRING or own in called:
            kept.append(ast.unparse(alias))
    if kept != [ast.unparse(alias) for alias in node.names]:
        findings.replace(node, f"from string import {', '.join(kept)}" if kept else "pass")


def _gettext(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    """Remove gettext.install's argument `unicode`, which fissix has renamed to `str`."""
    if getattr(call.func, "attr", "") != "install":
        return
    previous = call.args[-1] if call.args else None
    for keyword in call.keywords:
        if keyword.arg in ("unicode", "str") and previous is not None:
            findings.replace_between(findings.end(previous), findings.end(keyword), "")
        previous = keyword.value


def _codec(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    """Remove conversions of what is text in Python 3 already."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in ("decode", "encode"):
        return
    codec = findings.source(call.args[0]).strip("\"'").lower() if call.args else "utf-8"
    if call.args and isinstance(call.args[0], ast.Name):
        codec = "utf-8"  # names of codecs in variables are those of texts
    if not codec.startswith(TEXT_CODECS) or kinds.scopes.is_written(call):
        if not codec.startswith(TEXT_CODECS) and kinds.is_text(function.value):
            findings.note(call, f"Text cannot be changed with {codec!r} in Python 3: use a module.")
        return
    encodes_text = function.attr == "encode" and _is_asked_for("str", call, kinds, findings)
    if kinds.is_text(function.value) or encodes_text:
        dot = findings.find(".", findings.end(function.value))
        if findings.between(dot - 1, findings.end(call)) != bytestrings.ENCODED:
            findings.replace_between(dot, findings.end(call), "")
    elif any(_is_asked_for(kind, call, kinds, findings) for kind in ("str", "bytes")):
        return
    elif function.attr == "decode":
        findings.note(call, "If this value is text, remove .decode(...): only bytes have it.")
    else:
        findings.note(call, "This gives bytes. If GIMP or a text gets them, remove .encode(...).")


def _translate(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    """Delete letters with a table of their own: a text's `translate` takes only one argument."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr != "translate":
        return
    if len(call.args) == 2 and kinds.is_text(call.args[1]):
        table, deleted = map(findings.source, call.args)
        then = "" if table == "None" else f".translate({table})"
        text = findings.source(function)
        findings.replace(call, f'{text}(str.maketrans("", "", {deleted})){then}')


def _is_bytes(test: ast.Call, kinds: Kinds, findings: Findings) -> None:
    """Ask for bytes where `str` meant them: where the value is then decoded."""
    around = kinds.scopes.parent(test)
    if not isinstance(around, ast.If) or around.test is not test:
        return
    if getattr(test.func, "id", "") != "isinstance" or len(test.args) != 2:
        return
    value, kind = map(findings.source, test.args)
    decoded = f"{value}.decode("
    if kind == "str" and any(decoded in findings.source(line) for line in around.body):
        findings.replace(test.args[1], "bytes")


def _is_asked_for(kind: str, call: ast.Call, kinds: Kinds, findings: Findings) -> bool:
    """Return whether a method is called only if its object is of a kind."""
    if not isinstance(call.func, ast.Attribute):
        return False
    wanted = f"isinstance({findings.source(call.func.value)}, {kind})"
    inside = kinds.scopes.parent(call)
    while inside is not None:
        if isinstance(inside, ast.If) and findings.source(inside.test) == wanted:
            return True
        inside = kinds.scopes.parent(inside)
    return False


def _array(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    function = call.func
    if not isinstance(function, ast.Attribute):
        return
    owner = findings.source(function.value)
    if function.attr == "tostring" and not call.args and not call.keywords:
        findings.replace(call, f"{owner}.tobytes()")
    elif function.attr == "fromstring" and owner in ("numpy", "np"):
        findings.replace(function, f"{owner}.frombuffer")
    elif (
        function.attr == "fromstring" and len(call.args) == 1 and not kinds.scopes.is_module(owner)
    ):
        findings.replace(function, f"{owner}.frombytes")


def _remove_default_encoding(tree: ast.Module, findings: Findings) -> None:
    """Remove `reload(sys)` and `sys.setdefaultencoding(...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = findings.source(node.value)
            if called.startswith("sys.setdefaultencoding(") or called == "reload(sys)":
                findings.replace(node, "pass")


def _is_module(node: ast.AST, name: str, kinds: Kinds) -> bool:
    return isinstance(node, ast.Name) and node.id == name and kinds.scopes.is_module(name)


_REWRITES: tuple[Callable[[ast.Call, Kinds, Findings], None], ...] = (
    _file,
    _compare,
    _sort,
    _string_module,
    _gettext,
    _codec,
    _translate,
    _is_bytes,
    _array,
)
