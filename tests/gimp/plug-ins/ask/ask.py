#!/usr/bin/env python3
"""A plug-in for tests that asks for every kind of argument, and writes what it got to a file.

ASK_FOLDER is the folder for the arguments that are files.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "plug-ins"))

from gimpfu import (
    PF_BRUSH,
    PF_CHANNEL,
    PF_COLOR,
    PF_DIRNAME,
    PF_DISPLAY,
    PF_DRAWABLE,
    PF_FILE,
    PF_FILENAME,
    PF_FLOAT,
    PF_FONT,
    PF_GRADIENT,
    PF_IMAGE,
    PF_INT,
    PF_INT8,
    PF_INT16,
    PF_LAYER,
    PF_OPTION,
    PF_PALETTE,
    PF_PATTERN,
    PF_RADIO,
    PF_SLIDER,
    PF_SPINNER,
    PF_STRING,
    PF_TEXT,
    PF_TOGGLE,
    PF_VECTORS,
    main,
    register,
)

FOLDER = os.environ.get("ASK_FOLDER", "/tmp")
KINDS = [
    (PF_INT, "int", "_Int", 1),
    (PF_INT16, "int16", "Int 16:", 2),
    (PF_INT8, "int8", "Int 8", 3),
    (PF_FLOAT, "float", "Float", 0.000125),
    (PF_SLIDER, "slider", "Slider", 0.25, (0, 1, 0.05)),
    (PF_SPINNER, "spinner", "Spinner", 3, (1, 9, 1)),
    (PF_SPINNER, "broken", "Spinner with halves", 3, (1, 9, 0.5)),
    (PF_TOGGLE, "toggle", "Toggle", True),
    (PF_OPTION, "option", "Option", 1, ("none", "some", "all")),
    (PF_RADIO, "radio", "Radio", "b", (("First", "a"), ("Second", "b"), ("Third", 3))),
    (PF_STRING, "string", "String", "ä "),
    (PF_TEXT, "text", "Text", "one\ntwo"),
    (PF_COLOR, "colour", "Colour", (1.0, 0.5, 0.0)),
    (PF_FILE, "file", "File", f"{FOLDER}/à b.txt"),
    (PF_FILENAME, "filename", "File to write", f"{FOLDER}/new"),
    (PF_DIRNAME, "dirname", "Folder", FOLDER),
    (PF_FONT, "font", "Font", "Sans"),
    (PF_BRUSH, "brush", "Brush", "2. Hardness 050"),
    (PF_PATTERN, "pattern", "Pattern", "Pine"),
    (PF_GRADIENT, "gradient", "Gradient", "Golden"),
    (PF_PALETTE, "palette", "Palette", "Web"),
]
THINGS = [
    (PF_IMAGE, "other", "Another image", None),
    (PF_DRAWABLE, "surface", "Drawable", None),
    (PF_LAYER, "layer", "Layer", None),
    (PF_CHANNEL, "channel", "Channel", None),
    (PF_VECTORS, "path", "Path", None),
    (PF_DISPLAY, "display", "Display", None),
]
LONG = "A setting with a label as long as only a programmer can write it, number"
MANY = [(PF_SLIDER, f"s{i}", f"{LONG} {i}", i, (0, 100, 1)) for i in range(20)]
MANY += [
    (PF_OPTION, "option", "Option", 0, (f"{LONG} one", f"{LONG} two")),
    (PF_RADIO, "radio", "Radio", 1, ((f"{LONG} one", 1), (f"{LONG} two", 2))),
    *((PF_STRING, f"t{i}", f"Text {i}", str(i)) for i in range(8)),
]


def plain(value):
    """Return a value as JSON can hold it: colours as their parts, objects as kind and name."""
    if hasattr(value, "parts"):
        return [round(part, 3) for part in value.parts()]
    return [type(value).__name__, getattr(value, "name", value.ID > 0)]


def tell(image, chosen, *given) -> None:
    """Write the name of the chosen item and the other values to the file ASK_FILE."""
    file = Path(os.environ["ASK_FILE"])
    part = file.with_suffix(".part")
    part.write_text(json.dumps([chosen.name, *given], default=plain), "utf-8")
    part.rename(file)


def offer(name: str, label: str, params: list, menu: str = "<Image>/Filters") -> None:
    hint = f"Ask {label}. {LONG} of parameters."
    register(
        *(f"python-fu-ask-{name}", hint, "For tests.", "DeepDream for GIMP"),
        *("GPL-3.0-or-later", "2026", f"Ask {label}...", "*", params, [], tell),
        menu=menu,
    )


START = [(PF_IMAGE, "image", "Image", None), (PF_DRAWABLE, "drawable", "Drawable", None)]
offer("kinds", "for every _kind", [*START, *KINDS])
offer("things", "for things", [*START, *THINGS])
offer("many", "many questions", [*START, *MANY])
PATH = [START[0], (PF_VECTORS, "path", "Path", None), (PF_INT, "number", "Number", 3)]
offer("path", "about a path", PATH, "<Vectors>")
main()
