"""Byte strings: their elements are numbers in Python 3, and they do not mix with text."""

from __future__ import annotations

import ast

from gimpfu.conversion import known
from gimpfu.conversion.edits import Findings
from gimpfu.conversion.kinds import Kinds
from gimpfu.conversion.known import BYTES, FILE, INT, TEXT, UNKNOWN
from gimpfu.conversion.scopes import name_of

ENCODED = ').encode("latin-1")'
"""What is written after a text that has to be bytes."""
_TAKE_BYTES = {
    **dict.fromkeys(("md5", "sha1", "sha256", "sha512"), "hashlib"),
    **dict.fromkeys(("crc32", "adler32", "compress", "decompress"), "zlib"),
    **dict.fromkeys(("a2b_hex", "unhexlify", "b2a_hex", "hexlify"), "binascii"),
}
"""Functions of whole byte strings, with their modules."""
_TEMPORARY = ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile")
_PIXEL_ACCESS = ("get_pixel_rgn", "get_tile", "get_tile2", "colormap", "PixelFetcher")


def examine(tree: ast.Module, kinds: Kinds, findings: Findings) -> None:
    """Make bytes of what is written where GIMP and files want bytes; adapt how they are read."""
    handles_pixels = any(access in findings.text for access in _PIXEL_ACCESS)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            _ord(node, kinds, findings, handles_pixels)
            _map_ord(node, kinds, findings)
            _write(node, kinds, findings)
            _pass(node, kinds, findings)
            _open_temporary(node, kinds, findings)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            if BYTES in (kinds.of(node.left), kinds.of(node.right)):
                _to_bytes(node, kinds, findings)
        elif isinstance(node, ast.Compare) and len(node.comparators) == 1:
            if BYTES in (kinds.of(node.left), kinds.of(node.comparators[0])):
                _to_bytes(node.left, kinds, findings)
                _to_bytes(node.comparators[0], kinds, findings)
        elif isinstance(node, ast.Return) and node.value and kinds.result_of(node) == BYTES:
            _to_bytes(node.value, kinds, findings)
        elif isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if kinds.is_pixel(target) or kinds.of(target) == BYTES:
                    _to_bytes(node.value, kinds, findings)


def _to_bytes(node: ast.expr, kinds: Kinds, findings: Findings) -> None:
    """Rewrite a text that stands where bytes are needed."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mult)):
        _to_bytes(node.left, kinds, findings)
        _to_bytes(node.right, kinds, findings)
    elif isinstance(node, ast.IfExp):
        _to_bytes(node.body, kinds, findings)
        _to_bytes(node.orelse, kinds, findings)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if findings.source(node)[:1] in "\"'" and node.value.isascii():
            findings.replace(node, f"b{findings.source(node)}")
        else:
            findings.replace(node, repr(node.value.encode("latin-1", "replace")))
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "chr" and node.args:
        findings.replace(node, f"bytes([{findings.source(node.args[0])}])")
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "join" and node.args:
        _join(node, node.args[0], kinds, findings)
    elif isinstance(node, ast.Subscript) and kinds.of(node.value) == BYTES:
        _one_byte(node, findings)
    elif kinds.of(node) == TEXT:
        findings.wrap(node, "(", ENCODED)


def _join(call: ast.Call, words: ast.expr, kinds: Kinds, findings: Findings) -> None:
    if not isinstance(call.func, ast.Attribute):
        return
    if known.is_map_of_chr(words) and isinstance(words, ast.Call):
        findings.replace(call, f"bytes({findings.source(words.args[1])})")
    elif isinstance(words, (ast.ListComp, ast.GeneratorExp)):
        _to_bytes(call.func.value, kinds, findings)
        _to_bytes(words.elt, kinds, findings)
    elif kinds.of(call) != BYTES:
        findings.wrap(call, "", '.encode("latin-1")')


def _ord(call: ast.Call, kinds: Kinds, findings: Findings, handles_pixels: bool) -> None:
    """An element of a byte string is its own number."""
    if not isinstance(call.func, ast.Name) or call.func.id != "ord" or len(call.args) != 1:
        return
    value = call.args[0]
    if kinds.of(value) == INT:
        findings.replace(call, findings.source(value))
    elif isinstance(value, ast.Subscript) and handles_pixels and kinds.of(value) == UNKNOWN:
        # A part of length 1 has a number whether it is text or bytes.
        _one_byte(value, findings)


def _one_byte(node: ast.Subscript, findings: Findings) -> None:
    """Read a part of length 1 instead of an element."""
    index = node.slice
    if isinstance(index, (ast.Slice, ast.Tuple)):
        return
    first = findings.source(index)
    after = f"{first} + 1"
    if isinstance(index, ast.Constant) and isinstance(index.value, int):
        after = str(index.value + 1)
    findings.replace(index, f"{first}:{after}")


def _map_ord(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    if not isinstance(call.func, ast.Name) or call.func.id != "map" or len(call.args) != 2:
        return
    function, values = call.args
    if isinstance(function, ast.Name) and function.id == "ord" and kinds.of(values) == BYTES:
        findings.replace(call, f"iter({findings.source(values)})")


def _pass(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    """Functions of Python that take only bytes where they took a Python 2 text."""
    name = name_of(call)
    module = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else name
    if (module, name) in (("struct", "pack"), ("struct", "unpack"), ("array", "array")):
        taken = call.args[1:]
    elif _TAKE_BYTES.get(name) == module:
        taken = call.args[:1]
    else:
        taken = call.args[1:] if name == "array" else []
    for value in taken:
        if kinds.is_text(value):
            _to_bytes(value, kinds, findings)


def _open_temporary(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    """Open a temporary file for texts if it gets nothing else: without a mode it takes bytes."""
    assigned = kinds.scopes.parent(call)
    if name_of(call) not in _TEMPORARY or call.args or not isinstance(assigned, ast.Assign):
        return
    if any(keyword.arg in ("mode", "encoding") for keyword in call.keywords):
        return
    written = [
        value
        for value in kinds.scopes.written_to(findings.source(assigned.targets[0]))
        if kinds.scopes.around(value) == kinds.scopes.around(call)
    ]
    if written and all(kinds.is_text(value) for value in written):
        end = findings.end(call) - 1
        findings.replace_between(end, end, f'{", " if call.keywords else ""}mode="w+"')


def _write(call: ast.Call, kinds: Kinds, findings: Findings) -> None:
    """Files that are opened for bytes take only bytes."""
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr == "write" and len(call.args) == 1:
        if kinds.of(function.value) != FILE:
            return
        if kinds.of(call.args[0]) == UNKNOWN:
            findings.note(call, "This file takes bytes. If this writes a text, add .encode().")
        else:
            _to_bytes(call.args[0], kinds, findings)
    elif known.of_call(call) == FILE and "r" in known.mode_of(call):
        findings.note(call, "Reading this file gives bytes: compare them with b'...', not '...'.")
