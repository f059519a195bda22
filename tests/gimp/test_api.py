"""What comes out of gimpfu's functions and objects is what GIMP 2.10's own Python gave.

The table is `api.txt`; it also says what differs.
"""

from __future__ import annotations

import re
from pathlib import Path

import api_rows
import pytest
from gimpfu import functions
from gimpfu.colours import CMYK, HSL, HSV, RGB
from gimpfu.objects.images import Display, Image
from gimpfu.objects.items import Channel, Drawable, GroupLayer, Item, Layer
from gimpfu.objects.parasites import Parasite
from gimpfu.objects.regions import PixelFetcher, PixelRgn, Tile
from gimpfu.objects.vectors import Vectors, VectorsBezierStroke
from hosts import GimpHost
from inside import run_inside

KINDS = (
    *(Image, Display, Item, Drawable, Layer, GroupLayer, Channel, Parasite, PixelRgn, Tile),
    *(PixelFetcher, Vectors, VectorsBezierStroke, RGB, HSV, HSL, CMYK),
)
OUR_OWN = (
    *("backend", "native", "reference", "space", "read_pixels", "write_pixels", "selected_layers"),
    *("selection_bounds", "item_position", "is_valid", "is_group", "selected_part", "masked_layer"),
    *("add_vectors", "insert_vectors", "remove_vectors", "delete", "parts", "of", "vectors"),
    *("VectorsStroke", "is_generated", "read_own", "replace_selected"),
)
"""What GIMP 2.10's own Python does not have."""


@pytest.mark.parametrize("kind", [*KINDS, functions], ids=lambda kind: kind.__name__)
def test_every_name_is_in_the_table(kind: type) -> None:
    names = functions.__all__ if kind is functions else dir(kind)
    calls = "\n".join(f"{row.call} {row.result}" for row in api_rows.rows())
    missing = [
        name for name in names if name not in OUR_OWN and not re.search(rf"\b{name}\b", calls)
    ]
    assert [name for name in missing if kind is functions or not name.startswith("_")] == []


@pytest.mark.usually_in("2.10")
def test_every_row_comes_out_as_the_table_says(gimp: GimpHost, tmp_path: Path) -> None:
    told, _ = run_inside(gimp, tmp_path, "api.py")
    assert told == {}
