"""The numbers of enumerations that mean something else in GIMP 3.

Written by docs/make_gimpfu_data.py.
"""

from __future__ import annotations

CHANGED_NUMBERS: dict[str, dict[int, int]] = {
    "GimpConvertPaletteType": {2: 1, 3: 2, 4: 3},
    "GimpFillType": {2: 3, 3: 4, 4: 5},
    "GimpForegroundExtractMode": {1: 0},
    "GimpLayerColorSpace": {2: 4},
    "GimpRepeatMode": {1: 2, 2: 3, 3: 1},
}
"""By enumeration: the number in GIMP 2.10, and the one in GIMP 3."""
