"""Make the pictures of the presets, and measure them.

    PYTHONPATH=. python docs/make_pictures.py     (about ten minutes of one processor core)

Writes `docs/presets/NAME.webp` for each preset (six pictures, before and after), the table of
figures `docs/presets.md`, and the README's pictures `docs/presets.webp` and `docs/raccoon.webp`.
What is finished lies in `build/pictures` and is not made again while its recipe stays the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

# A busy machine makes several threads wait for each other; these pictures are too small for it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps
from samples import NAMES, photograph
from skimage.color import rgb2lab
from skimage.metrics import structural_similarity

from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.presets import SHIPPED, Preset, make_recipe

DOCS = Path(__file__).parent
UNFINISHED = DOCS.parent / "build" / "pictures"

Size = tuple[int, int]
SMALL: Size = (400, 300)
LARGE: Size = (640, 480)
LARGE_NAMES = ("raccoon", "sky")
HERO: Size = (800, 600)

_GAP = 6
_CAPTION = 22
_TOP = (0.5, 0.08)
"""Where pictures are cropped to 4:3: heads are rather above."""

_BEFORE = "<!-- made by docs/make_pictures.py -->"


@dataclass(frozen=True)
class Figures:
    """What a preset does to a picture."""

    clipped: float
    """Percent of the pixels that have a channel at 0 or 255 and had none in the source."""
    colour: float
    """Distance of the mean colours in CIELAB; 2 is just visible side by side."""
    similarity: float
    """Structural similarity to the source (Wang et al., 2004), 1 for the same picture."""


def sample(name: str, size: Size) -> Image.Image:
    """Return a picture cropped to a size."""
    picture = photograph(name, 1024)
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=_TOP)


def dreamed(preset: str, name: str, size: Size) -> Image.Image:
    """Return a sample as a preset dreams it."""
    recipe = make_recipe(preset, "device=cpu")
    key = hashlib.sha256(json.dumps([recipe.as_dict(), size]).encode()).hexdigest()[:12]
    finished = UNFINISHED / f"{preset}-{name}-{key}.png"
    if not finished.exists():
        print(f"\r{preset} {name:20}", end="", file=sys.stderr)
        result = dream(np.asarray(sample(name, size)), recipe)
        finished.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(result).save(finished)
    return Image.open(finished)


def measure(before: Image.Image, after: Image.Image) -> Figures:
    """Compare two 8-bit RGB pictures of one size."""
    a, b = np.asarray(before), np.asarray(after)
    new = _at_limit(b) & ~_at_limit(a)
    means = [rgb2lab(x / 255.0).mean((0, 1)) for x in (a, b)]
    return Figures(
        100 * float(new.mean()),
        float(np.linalg.norm(means[1] - means[0])),
        float(structural_similarity(a, b, channel_axis=-1)),
    )


def _at_limit(picture: np.ndarray) -> np.ndarray:
    return ((picture == 0) | (picture == 255)).any(-1)


def write_contact_sheet(preset: Preset) -> None:
    """Write the six pictures above their dreams."""
    width, height = 320, 240
    size = len(NAMES) * (width + _GAP) - _GAP, 2 * height + _GAP
    sheet = Image.new("RGB", size, "white")
    for column, name in enumerate(NAMES):
        for row, picture in enumerate((sample(name, SMALL), dreamed(preset.name, name, SMALL))):
            small = picture.resize((width, height), Image.Resampling.LANCZOS)
            sheet.paste(small, (column * (width + _GAP), row * (height + _GAP)))
    (DOCS / "presets").mkdir(exist_ok=True)
    sheet.save(DOCS / "presets" / f"{preset.name}.webp", quality=76, method=6)


def write_grid() -> None:
    """Write the raccoon in every preset, with the presets' titles."""
    columns, width, height = 4, 276, 207
    rows = -(-len(SHIPPED) // columns)
    step = width + _GAP, height + _CAPTION + _GAP
    grid = Image.new("RGB", (columns * step[0] - _GAP, rows * step[1] - _GAP), "white")
    draw, font = ImageDraw.Draw(grid), ImageFont.load_default(15)
    for index, preset in enumerate(SHIPPED):
        left, top = index % columns * step[0], index // columns * step[1]
        picture = dreamed(preset.name, "raccoon", SMALL)
        grid.paste(picture.resize((width, height), Image.Resampling.LANCZOS), (left, top))
        draw.text((left + 2, top + height + 1), preset.title, "black", font)
    grid.save(DOCS / "presets.webp", quality=72, method=6)


def write_hero() -> None:
    """Write the raccoon before and after the classic dream."""
    width, height = 600, 450
    hero = Image.new("RGB", (2 * width + _GAP, height), "white")
    for column, picture in enumerate(
        (sample("raccoon", HERO), dreamed("classic", "raccoon", HERO))
    ):
        small = picture.resize((width, height), Image.Resampling.LANCZOS)
        hero.paste(small, (column * (width + _GAP), 0))
    hero.save(DOCS / "raccoon.webp", quality=84, method=6)


def figures(preset: Preset) -> tuple[list[Figures], list[Figures]]:
    """Return the figures of the six small pictures, and those of the large ones."""
    small = [measure(sample(n, SMALL), dreamed(preset.name, n, SMALL)) for n in NAMES]
    large = [measure(sample(n, LARGE), dreamed(preset.name, n, LARGE)) for n in LARGE_NAMES]
    return small, large


def write_table() -> None:
    """Write the presets, their contact sheets and their figures as Markdown."""
    lines = [
        _BEFORE,
        "# The presets",
        "",
        "Six pictures each, above as they were, below as they were dreamed. The figures are means",
        f"over the six at {SMALL[0]} x {SMALL[1]}, and behind the stroke over {len(LARGE_NAMES)} "
        f"of them at {LARGE[0]} x {LARGE[1]}.",
        "",
        "- *Clipped*: pixels driven to black or white in some channel that were not so before;",
        "  in brackets the worst picture.",
        "- *Colour shift*: distance of the mean colours in CIELAB; 2 is just visible side by side.",
        "- *Similarity*: structural similarity (SSIM) to the source; 1 is the same picture.",
        "",
        "| preset | clipped, % | colour shift | similarity |",
        "|---|---|---|---|",
    ]
    for preset in SHIPPED:
        small, large = figures(preset)
        worst = max(f.clipped for f in small + large)
        cells = (
            f"[`{preset.name}`](#{_anchor(preset.title)})",
            f"{_mean(small, 'clipped'):.2f} / {_mean(large, 'clipped'):.2f} ({worst:.1f})",
            f"{_mean(small, 'colour'):.1f} / {_mean(large, 'colour'):.1f}",
            f"{_mean(small, 'similarity'):.2f} / {_mean(large, 'similarity'):.2f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    for preset in SHIPPED:
        settings = "; ".join(f"{name}={value}" for name, value in preset.settings.items())
        lines += ["", f"## {preset.title}", "", preset.description, ""]
        lines += [f"![{preset.title}](presets/{preset.name}.webp)", "", f"`{settings}`"]
    (DOCS / "presets.md").write_text("\n".join(lines) + "\n", "utf-8")


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _mean(all_figures: list[Figures], name: str) -> float:
    return float(np.mean([getattr(figures, name) for figures in all_figures]))


def main() -> None:
    """Make everything."""
    for preset in SHIPPED:
        write_contact_sheet(preset)
    write_grid()
    write_hero()
    write_table()


if __name__ == "__main__":
    main()
