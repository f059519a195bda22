"""The pictures that docs and tests dream: scikit-image's, the raccoon, and two made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage
from skimage import data

NAMES = ("raccoon", "portrait", "cat", "coffee", "sky", "rocket", "stars", "drawing")

Size = tuple[int, int]
"""Width and height, in pixels."""

_RACCOON = Path(__file__).parents[2] / "docs" / "photo.jpg"
_TOP = (0.5, 0.08)
"""Where pictures are cropped to a size: heads tend to be near the top."""

_MAKERS = {
    "raccoon": lambda: np.asarray(Image.open(_RACCOON).convert("RGB")),
    "cat": data.chelsea,
    "portrait": data.astronaut,
    "rocket": data.rocket,
    "stars": data.hubble_deep_field,
    "coffee": data.coffee,
    "sky": lambda: clouds(480, 640),
    "drawing": lambda: ink_drawing(data.camera()),
}


def photograph(name: str, longest: int) -> Image.Image:
    """Return a picture with its longer side scaled to `longest` pixels."""
    picture = Image.fromarray(_MAKERS[name]())
    scale = longest / max(picture.size)
    size = round(picture.width * scale), round(picture.height * scale)
    return picture.resize(size, Image.Resampling.LANCZOS)


def sample(name: str, size: Size) -> Image.Image:
    """Return a picture cropped to a size."""
    picture = photograph(name, 1024)
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=_TOP)


def clouds(height: int, width: int, seed: int = 8) -> np.ndarray:
    """Return white clouds on a blue sky, uint8 (height, width, 3): fractal noise, shaded."""
    random = np.random.default_rng(seed)
    frequency = np.hypot(
        1.7 * np.fft.fftfreq(height)[:, None] * height / width, np.fft.rfftfreq(width)[None]
    )
    # Below a third of the width there is no more power: several clouds rather than one.
    gain = np.maximum(frequency, 3 / width) ** -1.75
    gain[0, 0] = 0
    noise = np.fft.rfft2(random.standard_normal((height, width))) * gain
    thickness = np.fft.irfft2(noise, s=(height, width))
    thickness /= thickness.std()
    cover = 1 / (1 + np.exp(-3 * (thickness - 0.1)))[..., None]
    # The sun stands above: where a cloud is thinner above than here, it is bright.
    light = ndimage.gaussian_filter(thickness - np.roll(thickness, 9, axis=0), 2)
    bright = (0.87 + 0.13 * np.tanh(light - 0.4 * np.maximum(thickness - 0.8, 0)))[..., None]
    down = np.linspace(0, 1, height)[:, None, None]
    sky = np.array([0.20, 0.41, 0.74]) * (1 - down) + np.array([0.60, 0.76, 0.91]) * down
    picture = sky * (1 - cover) + bright * np.array([0.98, 0.97, 0.96]) * cover
    return (picture * 255).astype(np.uint8)


def ink_drawing(photo: np.ndarray) -> np.ndarray:
    """Return the contours of a gray photograph in dark ink on paper, uint8 (height, width, 3)."""
    gray = photo / 255
    contours = ndimage.gaussian_filter(gray, 1.2) - ndimage.gaussian_filter(gray, 3.0)
    ink = 1 / (1 + np.exp(250 * (contours + 0.035)))[..., None]
    ink = np.maximum(ink, 0.5 / (1 + np.exp(40 * (gray - 0.14)))[..., None])
    picture = (1 - ink) * np.array([0.94, 0.91, 0.84]) + ink * np.array([0.13, 0.11, 0.13])
    return (picture * 255).astype(np.uint8)
