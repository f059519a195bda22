"""The procedures of GIMP 2.10 that GIMP 3 has no equivalent of, and what to use instead."""

from __future__ import annotations

GONE: dict[str, str] = {
    "gimp-brush-get-pixels": "Read the brush with Gimp.Brush.get_buffer.",
    "gimp-brushes-get-brush-data": "Read the brush with Gimp.Brush.get_buffer.",
    "gimp-drawable-set-image": "Use gimp-layer-new-from-drawable.",
    "gimp-floating-sel-relax": "It was for GIMP's own use.",
    "gimp-floating-sel-rigor": "It was for GIMP's own use.",
    "gimp-pattern-get-pixels": "Read the pattern with Gimp.Pattern.get_buffer.",
    "gimp-patterns-get-pattern-data": "Read the pattern with Gimp.Pattern.get_buffer.",
    "gimp-plugin-icon-register": "GIMP 3 takes an icon when the procedure is declared.",
    "gimp-unit-get-number-of-units": "Use the units that GIMP 3 has: pixels, inches and the like.",
}
