"""Resizing, and processing large pictures in bands of rows."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor
from torch.nn import functional as F

from deepdream_core.shared.sizes import Size

_BAND_PIXELS = 1 << 20


def picture_size(x: Tensor) -> Size:
    """Return the height and width of (…, height, width)."""
    return x.shape[-2], x.shape[-1]


def resize(x: Tensor, size: Size) -> Tensor:
    """Resize (n, channels, height, width) to `size` (height, width), without aliasing."""
    if picture_size(x) == size:
        return x
    # Enlarging cannot alias, and is faster without the filter.
    shrinks = size[0] < x.shape[-2] or size[1] < x.shape[-1]
    return F.interpolate(x, size, mode="bilinear", antialias=shrinks, align_corners=False)


def in_bands(height: int, width: int) -> Iterator[slice]:
    """Yield slices of rows, each about a megapixel, which keeps temporary arrays small."""
    rows = max(1, _BAND_PIXELS // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(height, top + rows))
