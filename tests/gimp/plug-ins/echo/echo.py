#!/usr/bin/env python3
"""A plug-in to test the shim: procedures that return their arguments, or fail."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "plug-ins"))

from gimpfu import (
    PF_CHANNEL,
    PF_COLOR,
    PF_DRAWABLE,
    PF_FILE,
    PF_FLOAT,
    PF_FLOATARRAY,
    PF_IMAGE,
    PF_INT,
    PF_INT8ARRAY,
    PF_INT32ARRAY,
    PF_ITEM,
    PF_LAYER,
    PF_LAYERS,
    PF_OPTION,
    PF_RADIO,
    PF_SLIDER,
    PF_SPINNER,
    PF_STRING,
    PF_STRINGARRAY,
    PF_TOGGLE,
    CancelError,
    error,
    main,
    register,
)


def offer(name: str, params: list, results: list, function) -> None:
    about = ("For tests.", "For tests.", "DeepDream for GIMP", "GPL-3.0-or-later", "2026")
    register(f"python-fu-{name}", *about, None, None, params, results, function)


def colours(colour, other) -> str:
    return repr([round(part, 4) for part in (*colour.parts(), *other.parts())])


def arrays(*counted) -> str:
    return repr(counted)


def layers(image, count: int, before: str) -> tuple:
    return f"{before} {count}", image.layers[:count]


def fail(how: str) -> None:
    if how == "on purpose":
        raise error("A deliberate failure.")
    if how == "cancelled":
        raise CancelError
    if how == "exit":
        sys.exit("Exiting.")
    raise ValueError("An unexpected failure.")


ARRAYS = [
    row
    for kind in (PF_INT32ARRAY, PF_FLOATARRAY, PF_STRINGARRAY, PF_INT8ARRAY)
    for row in ((PF_INT, f"count{kind}", "Count", 0), (kind, f"array{kind}", "Array", None))
]
NUMBERS = [
    (PF_INT, "whole", "Whole", 1),
    (PF_FLOAT, "broken", "Broken", 0.5),
    (PF_SLIDER, "slider", "Slider", 0.25, (0, 1, 0.05)),
    (PF_SPINNER, "spinner", "Spinner", 3, (1, 9, 1)),
    (PF_OPTION, "option", "Option", 1, ("none", "some", "all")),
    (PF_TOGGLE, "toggle", "Toggle", True),
]
TEXTS = [
    (PF_STRING, "text", "Text", "ä"),
    (PF_RADIO, "radio", "Radio", "b", (("A", "a"), ("B", "b"))),
    (PF_FILE, "file", "File", ""),
]
THINGS = [
    (PF_IMAGE, "image", "Image", None),
    (PF_LAYER, "layer", "Layer", None),
    (PF_CHANNEL, "channel", "Channel", None),
    (PF_DRAWABLE, "drawable", "Drawable", None),
    (PF_ITEM, "item", "Item", None),
]

offer("echo-numbers", NUMBERS, [row[:3] for row in NUMBERS], lambda *given: given)
offer("echo-texts", TEXTS, [row[:3] for row in TEXTS], lambda *given: given)
offer("echo-arrays", ARRAYS, [(PF_STRING, "told", "Told")], arrays)
offer("echo-things", THINGS, [row[:3] for row in THINGS], lambda *given: given)
offer(
    "echo-colours",
    [(PF_COLOR, "colour", "Colour", (1, 0, 0)), (PF_COLOR, "other", "Other", (0, 0, 0, 0.5))],
    [(PF_STRING, "told", "Told")],
    colours,
)
offer(
    "echo-layers",
    [
        (PF_IMAGE, "image", "Image", None),
        (PF_INT, "count", "Count", 1),
        (PF_STRING, "before", "Before", ""),
    ],
    [(PF_STRING, "told", "Told"), (PF_LAYERS, "layers", "Layers")],
    layers,
)
offer("echo-failure", [(PF_STRING, "how", "How", "")], [], fail)
offer(
    "echo-failing-array",
    [(PF_STRING, "how", "How", "")],
    [(PF_INT, "count", "Count"), (PF_STRINGARRAY, "texts", "Texts")],
    fail,
)
main()
