#!/usr/bin/env python3
"""A plug-in for tests that loads and saves files of its own format: size and RGB bytes."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "plug-ins"))

from gimpfu import PF_IMAGE, PF_STRING, RGB_IMAGE, gimp, main, register

FILE = [
    (PF_STRING, "filename", "The file", ""),
    (PF_STRING, "raw-filename", "The name entered", ""),
]


def load(filename: str, raw_filename: str):
    data = Path(filename).read_bytes()
    width, height = struct.unpack("<2H", data[4:8])
    image = gimp.Image(width, height)
    layer = gimp.Layer(image, "tiny", width, height, RGB_IMAGE)
    image.add_layer(layer, 0)
    layer.get_pixel_rgn(0, 0, width, height)[0:width, 0:height] = data[8:]
    return image


def save(image, drawable, filename: str, raw_filename: str) -> None:
    width, height = drawable.width, drawable.height
    pixels = drawable.get_pixel_rgn(0, 0, width, height, False)[0:width, 0:height]
    Path(filename).write_bytes(b"TINY" + struct.pack("<2H", width, height) + pixels)


def offer_load() -> None:
    gimp.register_magic_load_handler("file-tiny-load", "tiny", "", "0,string,TINY")


def offer_save() -> None:
    gimp.register_save_handler("file-tiny-save", "tiny", "")


ABOUT = ("For tests.", "For tests.", "DeepDream for GIMP", "GPL-3.0-or-later", "2026")
register(
    *("file-tiny-load", *ABOUT, "Tiny picture", None),
    *(FILE, [(PF_IMAGE, "image", "The image")], load),
    menu="<Load>",
    on_query=offer_load,
)
register(
    *("file-tiny-save", *ABOUT, "<Save>/Tiny picture", "RGB", [], [], save),
    on_query=offer_save,
)
main()
