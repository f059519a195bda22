"""Make the README's moving dream from its photo: `python docs/make_film.py`.

It is the same as `deepdream video photo.jpg moving.webp --loop --set '…'` with the settings below,
in stronger compression.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from deepdream_core.dreaming.dream import dream
from deepdream_core.pictures.picture import Pixels
from deepdream_core.shared.presets import make_recipe
from deepdream_core.video.loop import frames_needed, looped

DOCS = Path(__file__).parent
SIZE = (330, 220)
FRAMES, MILLISECONDS = 48, 100
QUALITY = 30
MOST_BYTES = 300_000
SETTINGS = {
    "zoom": "1.02 -> 1.05",
    "rotate": "0 -> 1.5",
    "objective": "block8 -> block10 + 0.7*block12 -> block10 + block13",
    "steps": 4,
}


def main() -> None:
    photo = Image.open(DOCS / "photo.jpg").convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    recipe = make_recipe("classic", SETTINGS).changed(passes=frames_needed(FRAMES))
    frames: list[Pixels] = []
    dream(np.array(photo), recipe, on_frame=lambda name, frame: frames.append(frame))
    first, *others = (Image.fromarray(frame) for frame in looped(frames, FRAMES))
    path = DOCS / "moving.webp"
    first.save(
        path,
        save_all=True,
        append_images=others,
        duration=MILLISECONDS,
        loop=0,
        quality=QUALITY,
        method=6,
    )
    size = path.stat().st_size
    print(f"{path.name}: {FRAMES} frames, {size / 1e3:.0f} kB")
    assert size < MOST_BYTES


if __name__ == "__main__":
    main()
