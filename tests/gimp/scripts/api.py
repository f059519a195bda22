"""Runs inside GIMP: tries the rows of `api.txt`; reports what came out instead."""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import ast
import re
import tempfile
from pathlib import Path
from typing import Any

import api_rows

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40">'
    '<path d="M5,5 L50,5 L50,30"/><path d="M9,9 L20,20"/></svg>'
)
BASE = bytes(value for y in range(40) for x in range(60) for value in (4 * x, 6 * y, 100))
TOP = bytes(
    value for y in range(20) for x in range(30) for value in (200, 10 * y, 8 * x, 255 * (x < 15))
)


def fresh():
    """Return a new image as it is described at the head of the table."""
    image = gimp.Image(60, 40)
    base = gimp.Layer(image, "base", 60, 40, RGB_IMAGE)
    top = gimp.Layer(image, "top", 30, 20, RGBA_IMAGE)
    for layer, format, pixels in ((base, "R'G'B' u8", BASE), (top, "R'G'B'A u8", TOP)):
        image.add_layer(layer, 0)
        layer.write_pixels(format, pixels)
    top.set_offsets(10, 5)
    mark = gimp.Channel(image, "mark", 60, 40, 50.0, (255, 0, 0))
    image.add_channel(mark, 0)
    path = gimp.Vectors(image, "path")
    pdb.gimp_image_insert_vectors(image, path, None, 0)
    stroke = gimp.VectorsBezierStroke.new_moveto(path, 10, 10)
    stroke.lineto(50, 10)
    stroke.lineto(50, 30)
    image.active_vectors = path
    image.active_layer = base
    return image


def select(image, x: int, y: int, width: int, height: int) -> None:
    pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, x, y, width, height)


def paste(image, drawable):
    """Return a new floating selection on a drawable."""
    pdb.gimp_edit_copy(drawable)
    return pdb.gimp_edit_paste(drawable, False)


def svg_file() -> str:
    """Return the path of a file with the SVG text."""
    path = Path(tempfile.mkdtemp()) / "path.svg"
    path.write_text(SVG, "utf-8")
    return str(path)


def colours(floats: list[tuple[float, ...]]) -> list[tuple[int, ...]]:
    return [tuple(round(255 * part) for part in colour) for colour in floats]


def result_of(code: str, names: dict[str, Any]) -> Any:
    """Run statements; return the value of the last one if it is an expression."""
    *before, last = ast.parse(code).body
    if not isinstance(last, ast.Expr):
        before, last = [*before, last], None
    exec(compile(ast.Module(before, []), code, "exec"), names)
    return eval(compile(ast.Expression(last.value), code, "eval"), names) if last else None


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal and of the same types; floats may differ a little."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return abs(one - other) < 1e-4 * max(1, abs(one))
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return same(one.parts(), other.parts()) if isinstance(one, gimpcolor.RGB) else one == other


def difference(call: str, result: str, names: dict[str, Any]) -> str:
    """Return what came out of a call, or an empty string if it is what was expected."""
    refusal = eval(result[7:], names) if result.startswith("raises ") else ()
    try:
        came_out = result_of(call, names)
        is_right = not refusal and same(came_out, eval(result, names))
    except refusal:
        return ""
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"
    return "" if is_right else repr(came_out)


NAMES = re.compile(r"\b(image|top|base|mark|path)\b")
"""What is in the image."""


def copies(template) -> dict[str, Any]:
    """Return a copy of the image and what is in it, which is faster than making another."""
    image = template.duplicate()
    top, base = image.layers
    names = {"image": image, "top": top, "base": base}
    return {**names, "mark": image.channels[0], "path": image.vectors[0]}


COLOURS = re.compile("ground|gradient|context")
CHANGES = re.compile(
    r"\b(add|attach|clean|combine|create|crop|cubicto|delete|disable|fill|flatten|flip|free|import|"
    r"insert|lineto|lower|merge|new|offset|paste|put|raise|register|remove|resize|rotate|scale|select|"
    r"set|to_selection|transform|translate|undo|unset)|import_from|parasite_(at|de)tach|Vectors|undo|"
    r"\.close|gauss|_set_|_convert_|_resize|reorder|[\w\]] = "
)
"""What marks rows that leave an image changed; the others share one, as copies take their time."""


host = f"{gimp.version[0]}.{gimp.version[1]}"
template = fresh()
gimp.set_foreground(230, 120, 20)
gimp.set_background(20, 60, 200)
shared = copies(template)
for row in api_rows.rows():
    changes_colours, changes_image = COLOURS.search(row.call), CHANGES.search(row.call)
    things = copies(template) if changes_image and NAMES.search(row.call) else shared
    if changes_colours:
        gimp.context_push()
    expected = row.result_in(host)
    if different := difference(row.call, expected, {**globals(), **things}):
        report[f"{row.call} -> {expected}"] = different
    if changes_colours:
        gimp.context_pop()
    if changes_image:
        for left in gimp.image_list():
            if left not in (template, shared["image"]):
                left.delete()
