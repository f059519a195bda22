"""The kinds of what Python and GIMP themselves provide."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import Any

Kind = str
INT: Kind = "int"
FLOAT: Kind = "float"
TEXT: Kind = "text"
LOOSE: Kind = "loose"
"""A literal or what chr() gives: it can become text or bytes, as its surroundings need it."""
BYTES: Kind = "bytes"
INTS: Kind = "ints"
"""A sequence of whole numbers."""
REGION: Kind = "region"
"""A pixel region or a tile: its parts are byte strings."""
FILE: Kind = "file"
"""A file opened for bytes."""
UNKNOWN: Kind = "unknown"

TEXT_CODECS = ("utf", "ascii", "latin", "iso", "cp", "mbcs", "locale", "sys.", "us-", "idna")
"""How names of codecs begin that make texts of texts in Python 2."""
LIKE_THEIR_ARGUMENTS = ("min", "max", "abs", "sum")

ATTRIBUTES: dict[str, Kind] = {
    **dict.fromkeys(("width", "height", "bpp", "ID", "base_type", "tattoo"), INT),
    **dict.fromkeys(("offsets", "mask_bounds"), INTS),
    **dict.fromkeys(("name", "filename"), TEXT),
    "opacity": FLOAT,
    "colormap": BYTES,
}
"""Attributes of GIMP's objects."""

MODULE_VALUES: dict[str, Kind] = {
    "math.pi": FLOAT,
    "math.e": FLOAT,
    "sys.maxsize": INT,
    "os.sep": TEXT,
    "os.linesep": TEXT,
    "sys.platform": TEXT,
}

_FUNCTIONS: dict[str, Kind] = {
    **dict.fromkeys(("len", "int", "ord", "id", "hash", "cmp", "bool"), INT),
    # In Python 2, round() and the functions of math return floats, whole ones included.
    **dict.fromkeys(("float", "round", "pow"), FLOAT),
    **dict.fromkeys(("str", "repr", "hex", "oct", "_", "N_", "input"), TEXT),
    "bytes": BYTES,
    "bytearray": INTS,
    "chr": LOOSE,
    "range": INTS,
}
_MATH = {name for name in dir(math) if not name.startswith("_")}
"""Plug-ins often import them all. No plug-in gives another function such a name."""
_METHODS: dict[str, Kind] = {
    **dict.fromkeys(("count", "index", "find", "rfind", "toordinal", "fileno", "tell"), INT),
    **dict.fromkeys(("format", "strip", "lstrip", "rstrip", "upper", "lower", "title"), TEXT),
    **dict.fromkeys(("replace", "capitalize", "zfill", "ljust", "rjust", "center"), UNKNOWN),
    **dict.fromkeys(("tobytes", "encode"), BYTES),
    "decode": TEXT,
    **dict.fromkeys(("get_pixel_rgn", "get_tile", "get_tile2"), REGION),
}
_MODULE_FUNCTIONS: dict[str, Kind] = {
    **dict.fromkeys(("random.randint", "random.randrange", "random.getrandbits"), INT),
    **dict.fromkeys(("random.random", "random.uniform", "random.gauss", "time.time"), FLOAT),
    **dict.fromkeys(("os.getcwd", "os.path.join", "os.path.basename", "os.path.dirname"), TEXT),
    **dict.fromkeys(("os.path.abspath", "os.path.expanduser", "os.path.normpath"), TEXT),
    **dict.fromkeys(("gimp.tile_width", "gimp.tile_height"), INT),
    "re.sub": TEXT,
    "struct.pack": BYTES,
    "struct.calcsize": INT,
    "os.path.getsize": INT,
}
_PROCEDURES: dict[str, Kind] = {
    **dict.fromkeys(("gimp_image_width", "gimp_image_height", "gimp_image_base_type"), INT),
    **dict.fromkeys(("gimp_drawable_width", "gimp_drawable_height", "gimp_drawable_bpp"), INT),
    **dict.fromkeys(("gimp_drawable_offsets", "gimp_drawable_mask_bounds"), INTS),
    **dict.fromkeys(("gimp_selection_bounds", "gimp_text_get_extents_fontname"), INTS),
    "gimp_palette_get_info": INT,
    "gimp_vectors_export_to_string": TEXT,
    "gimp_context_get_opacity": FLOAT,
    "gimp_layer_get_opacity": FLOAT,
}


def of_constant(value: Any) -> Kind:
    """Return the kind of a literal."""
    kinds: dict[type, Kind] = {bool: INT, int: INT, float: FLOAT, str: LOOSE, bytes: BYTES}
    return kinds.get(type(value), UNKNOWN)


def of_global(name: str) -> Kind:
    """Return the kind of a name that the plug-in does not define, such as RGB_IMAGE or pi."""
    if name in ("pi", "e"):
        return FLOAT
    return INT if name.isupper() and len(name) > 2 and not name.startswith("PF_") else UNKNOWN


def of_call(node: ast.Call) -> Kind:
    """Return the kind of what a function of Python or GIMP returns."""
    function = node.func
    if isinstance(function, ast.Name):
        if function.id == "array":
            return _of_array(node)
        if function.id in ("open", "file"):
            return FILE if "b" in mode_of(node) else UNKNOWN
        return FLOAT if function.id in _MATH else _FUNCTIONS.get(function.id, UNKNOWN)
    if not isinstance(function, ast.Attribute):
        return UNKNOWN
    owner = ast.unparse(function.value)
    if owner == "math":
        return FLOAT
    if (owner, function.attr) == ("array", "array"):
        return _of_array(node)
    if owner in ("pdb", "gimp.pdb", "gimpfu.pdb"):
        return _PROCEDURES.get(function.attr, UNKNOWN)
    found = _MODULE_FUNCTIONS.get(f"{owner}.{function.attr}")
    return found or _METHODS.get(function.attr, UNKNOWN)


def is_range(node: ast.AST) -> bool:
    """Return whether an expression is a range, or a list made of one."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    if node.func.id == "list" and len(node.args) == 1:
        return is_range(node.args[0])
    return node.func.id == "range"


def mode_of(opening: ast.Call) -> str:
    """Return how `open` opens a file."""
    named = [keyword.value for keyword in opening.keywords if keyword.arg == "mode"]
    mode = [*opening.args[1:2], *named][:1]
    return str(mode[0].value) if mode and isinstance(mode[0], ast.Constant) else "r"


def _of_array(node: ast.Call) -> Kind:
    letter = node.args[0] if node.args else None
    whole = isinstance(letter, ast.Constant) and letter.value in tuple("bBhHiIlLqQ")
    return INTS if whole else UNKNOWN


def is_text_codec(arguments: Sequence[ast.expr]) -> bool:
    """Return whether `encode` with these arguments makes what was a text in Python 2 as well.

    Latin-1 is what the converter itself writes to make bytes.
    """
    if not arguments or isinstance(arguments[0], ast.Name):
        return True
    codec = ast.unparse(arguments[0]).strip("'").lower()
    return codec.startswith(TEXT_CODECS) and codec != "latin-1"


def is_map_of_chr(node: ast.AST) -> bool:
    """Return whether an expression is `map(chr, numbers)`."""
    if not isinstance(node, ast.Call) or len(node.args) != 2:
        return False
    names = [getattr(part, "id", "") for part in (node.func, node.args[0])]
    return names == ["map", "chr"]
