"""Making the picture that the artist sees from a dream: the result and every preview."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepdream_core.compute.devices import to_cpu
from deepdream_core.dreaming.canvas import Canvas
from deepdream_core.dreaming.mask import Mask
from deepdream_core.pictures.colour import Colours, recolour
from deepdream_core.pictures.palette import dither
from deepdream_core.pictures.picture import Pixels, SourcePicture, lay_over, luminance
from deepdream_core.pictures.resize import resize
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size

_ALL_ROWS = slice(None)


@dataclass(frozen=True)
class Start:
    """What a pass starts with. All are (1, 3, height, width), sRGB in 0..1, on the CPU."""

    base: Tensor
    """The artist's picture."""
    underlay: Tensor
    """What `strength` mixes the dream with: `base`, or the moved result of the previous pass."""
    initial: Tensor
    """What the dream changes: the same as `underlay`, or gray for a dream from noise."""
    seen: Tensor
    """`initial` as the network sees it: the same, but for transparent areas."""

    @property
    def size(self) -> Size:
        """Height and width in pixels."""
        return self.base.shape[-2], self.base.shape[-1]

    def at(self, size: Size) -> Start:
        """Return it resized."""
        pictures = (self.base, self.underlay, self.initial, self.seen)
        return Start(*(resize(picture, size) for picture in pictures))


class Composer:
    """Adds a dream to the artist's picture, with the recipe's colours, strength and palette."""

    def __init__(
        self,
        canvas: Canvas,
        source: SourcePicture,
        start: Start,
        mask: Mask,
        recipe: Callable[[], Recipe],
        palette: Sequence[Sequence[int]] | None,
        guide_colours: Colours | None,
    ) -> None:
        """Compose the dream of `source`, the part of the canvas that `start` begins with.

        `recipe` returns the current one. `palette`: the only colours (0..255) that the result may
        use; None allows any.
        """
        self._canvas = canvas
        self._source = source
        self._start = start
        self._mask = mask
        self._recipe = recipe
        self._palette = palette
        self._guide_colours = guide_colours
        self._small: Start | None = None

    def result(self, detail: Tensor) -> Pixels:
        """Return the whole picture with `detail` added, in its original type and encoding.

        `detail`: the change to `initial`, (1, 3, height, width), of any size.
        """
        change = self._change(self._start, detail)
        result = lay_over(self._source, self._start.base, change)
        if self._palette is not None:
            result = dither(result, self._source.pixels, self._palette)
        return self._canvas.put(result)

    def preview(self, detail: Tensor, longest: int) -> NDArray[np.uint8]:
        """Return a small version of the result: uint8 RGB, with sides up to `longest` pixels."""
        picture, place = self._canvas.small(longest)
        if self._small is None or self._small.size != place.size:
            self._small = self._start.at(place.size)
        change = self._change(self._small, detail)(_ALL_ROWS)
        if self._source.colours == 1:
            change = luminance(change)
        shown = picture.clone()
        shown[..., place.rows, place.columns] += change
        return (shown.clamp_(0, 1)[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()

    def _change(self, start: Start, detail: Tensor) -> Callable[[slice], Tensor]:
        """Return a function that computes the change to the artist's picture for some rows."""
        recipe = self._recipe()
        detail = self._mask.limit(to_cpu(resize(detail, start.size)))
        dreamed = detail
        if detail.any():
            # Without a dream, matching colours would still round them.
            dreamed = recolour(recipe.colour, start.seen, detail, self._guide_colours)
        if recipe.colour in ("histogram", "guide"):
            # Matching changes values that are not, or hardly, dreamed as well.
            dreamed = self._mask.mix(detail, dreamed)

        def change(rows: slice) -> Tensor:
            base, underlay = start.base[:, :, rows], start.underlay[:, :, rows]
            dream = (start.initial[:, :, rows] - underlay).add_(dreamed[:, :, rows])
            return dream.mul_(recipe.strength).add_(underlay - base)

        return change
