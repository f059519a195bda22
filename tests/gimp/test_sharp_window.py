"""HiDPI screens, on which GTK draws everything at twice the size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hosts import GimpHost, desktop
from PIL import Image
from visit import Visit, unlike

_LOOK_FOR_CAIRO = """
import gi
try:
    gi.require_foreign("cairo")
except ImportError as error:
    answer["missing"] = str(error)
"""


@pytest.mark.usually_in("3.2")
@pytest.mark.usefixtures("screen")
def test_the_preview_uses_every_pixel_of_the_screen(
    gimp: GimpHost, tmp_path: Path, shots: Path
) -> None:
    """A picture that GTK enlarges is what is left of it at half the size."""
    with desktop("2700x1800") as screen:
        visit = Visit(gimp, screen, tmp_path, shots, env={"GDK_SCALE": "2"}, size=(1500, 1125))
        try:
            if missing := visit.inside(_LOOK_FOR_CAIRO).get("missing"):
                pytest.skip(f"GIMP's Python has no pycairo: {missing}")
            visit.remember({"octaves": 1, "steps": 1})
            dialog = visit.choose("deepdream")
            visit.wait_for_standing(dialog)
            visit.shot("60-sharp")
            x, y, width, height = screen.geometry(dialog)
            middle = (x + width // 4 - 200, y + height // 3 - 150)
            seen = screen.seen((*middle, middle[0] + 400, middle[1] + 300))
            lost = unlike(_halved(seen), seen)
            print(f"GIMP {gimp.name}: {lost:.2f} of 255 are lost at half the size")
            assert lost > 3.5  # 2.3 of an enlarged one
        finally:
            visit.job.stop()


def _halved(seen: np.ndarray) -> np.ndarray:
    """Return a picture at half its size, enlarged again."""
    picture = Image.fromarray(seen.astype(np.uint8))
    half = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)
    return np.array(half.resize(picture.size, Image.Resampling.BILINEAR)).astype(float)
