"""Reading layers as pictures for the engine."""

from __future__ import annotations

import array
import itertools
import operator
from collections.abc import Sequence
from dataclasses import dataclass

from gimpfu import GRAY, INDEXED, error
from gimpfu.objects.images import Image
from gimpfu.objects.items import Channel, Drawable, Item, Layer

from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.quoting import shortened
from deepdream_plugin.texts import _

_FORMATS = {
    # (gray, alpha, linear): babl format
    (False, False, False): "R'G'B' float",
    (False, True, False): "R'G'B'A float",
    (False, False, True): "RGB float",
    (False, True, True): "RGBA float",
    (True, False, False): "Y' float",
    (True, True, False): "Y'A float",
    (True, False, True): "Y float",
    (True, True, True): "YA float",
}

_LEAST_GRADE = 0.5 / 255
"""What is less than this in a mask is black in 8 bits, and not dreamed."""
_BLACK_OR_WHITE = b"\0\xff" + bytes(254)

MOST_OF_A_REASON = 140
"""Characters of GIMP's own reason for a failure."""


class LayerError(Exception):
    """The layer cannot be dreamed; the message says why and what to do."""


@dataclass(frozen=True)
class Mask:
    """The pixels of a layer mask: one float for each pixel of the layer."""

    picture: Picture
    enabled: bool = True
    """Whether GIMP applies it."""


@dataclass(frozen=True, eq=False)
class SourceLayer:
    """A layer as it was when the dream started. Compared by identity."""

    layer: Layer
    name: str
    tattoo: int
    """The layer's permanent ID within the image, which is saved in the file."""
    offsets: tuple[int, int]
    picture: Picture
    format: str
    """The babl format of `picture` and of the dream."""
    selection: Picture | None
    """The selection within the layer, or None if nothing is selected."""
    palette: list[list[int]] | None
    """The colours of an indexed image."""
    layer_mask: Mask | None = None
    """The layer's own mask."""
    levels: int = 0
    """How many steps above black the image keeps of what is dreamed, if they are few; or 0."""

    def limit(self, selected: bool, shown: bool) -> Picture | None:
        """Return a mask of what is `selected`, of what the layer's own mask shows, or of both."""
        own = self.layer_mask
        grades = [
            self.selection if selected else None,
            own.picture if shown and own is not None and own.enabled else None,
        ]
        present = [picture for picture in grades if picture is not None]
        return _product(*present) if len(present) == 2 else next(iter(present), None)

    def new_mask(self) -> Mask | None:
        """Return the mask for a dream: the selection and a copy of the layer's own mask.

        A disabled mask stays disabled, but counts for nothing beside a selection.
        """
        own = self.layer_mask
        if self.selection is None and own is not None:
            return own
        both = self.limit(selected=True, shown=True)
        return None if both is None else Mask(both)


def without_grades(mask: Picture) -> Picture:
    """Return a mask of floats in black and white: white wherever it lets anything dream."""
    grades = memoryview(mask.data).cast("B").cast("f")
    dreams = bytes(map(operator.le, itertools.repeat(_LEAST_GRADE), grades))
    data = dreams.translate(_BLACK_OR_WHITE)
    return Picture(mask.width, mask.height, 1, data, sample="uint8")


def _product(one: Picture, other: Picture) -> Picture:
    """Return the product of two masks of floats."""
    factors = (memoryview(mask.data).cast("B").cast("f") for mask in (one, other))
    product = array.array("f", map(operator.mul, *factors))
    return Picture(one.width, one.height, 1, product.tobytes())


def layers_from(drawables: Sequence[Drawable]) -> list[Layer]:
    """Return the layers of `drawables`; a layer mask stands for its layer. Raises `LayerError`."""
    layers: list[Layer] = []
    for drawable in drawables:
        layer: Drawable | None = drawable
        if isinstance(drawable, Channel) and drawable.is_layer_mask:
            layer = drawable.masked_layer
        if not isinstance(layer, Layer):
            raise LayerError(
                _(
                    '"{name}" is a channel; DeepDream needs a layer. Select a layer and try again.'
                ).format(name=shortened(drawable.name))
            )
        if layer not in layers:
            layers.append(layer)
    if not layers:
        raise LayerError(_("No layer is selected. Select a layer and try again."))
    return layers


def check_dreamable(image: Image, layer: Layer) -> None:
    """Raise `LayerError` if the current state of the image prevents a dream."""
    _check_exists(image, layer)
    check_no_floating_selection(image)
    bounds = image.selection_bounds()
    if bounds is None:
        return
    x, y = layer.offsets
    x1, y1, x2, y2 = bounds
    if x2 <= x or y2 <= y or x1 >= x + layer.width or y1 >= y + layer.height:
        raise LayerError(
            _(
                'The selection does not overlap the layer "{name}". '
                "Select part of the layer, or nothing (Select > None)."
            ).format(name=shortened(layer.name))
        )


def check_no_floating_selection(image: Image) -> None:
    """Raise `LayerError` if the image has a floating selection."""
    if image.floating_selection is not None:
        raise LayerError(
            _(
                "The image has a floating selection. "
                "Anchor it or turn it into a layer, then try again."
            )
        )


def _check_exists(image: Image, layer: Layer) -> None:
    if not image.is_valid():
        raise LayerError(_("The image has been closed, so there is nothing left to dream."))
    if not layer.is_valid() or layer.image != image:
        raise LayerError(_("The layer no longer exists. Select a layer and try again."))


def take_source(image: Image, layer: Layer) -> SourceLayer:
    """Read a layer as the user sees it, but without its layer mask. Raises `LayerError`."""
    try:
        check_dreamable(image, layer)
        source = _read(image, layer)
    except (LayerError, error) as problem:
        _check_exists(image, layer)
        if isinstance(problem, LayerError):
            raise
        raise LayerError(
            _("GIMP could not read the layer ({reason}). Try again.").format(
                reason=shortened(str(problem), MOST_OF_A_REASON)
            )
        ) from problem
    # What was read of a layer that has just been deleted may be empty.
    _check_exists(image, layer)
    return source


def has_changed(image: Image, source: SourceLayer, limited: bool) -> bool:
    """Return whether a layer's pixels, or what of them is dreamed, changed since they were read."""
    now = _read(image, source.layer)
    before, after = (
        (one.picture, one.format, one.limit(selected=True, shown=limited)) for one in (source, now)
    )
    return before != after


_8_BIT = (100, 150)
"""GIMP's numbers of 8 bits per channel, in linear light and as sRGB: the formats here fit them."""


def format_for(image: Image, has_alpha: bool) -> str:
    """Return the babl format in which layers of an image are dreamed."""
    linear = image.base_type != INDEXED and image.precision % 100 == 0
    return _FORMATS[image.base_type == GRAY, has_alpha, linear]


def picture_in(layer: Layer, format: str) -> Picture:
    """Read a layer as the user sees it, in one of the formats in which layers are dreamed."""
    return Picture(
        layer.width,
        layer.height,
        (1 if format.startswith("Y") else 3) + ("A" in format),
        layer.read_pixels(format, with_filters=True),
        encoding="srgb" if "'" in format else "linear",
    )


def _read(image: Image, layer: Layer) -> SourceLayer:
    # Only the format is asked for: the artist may convert the image at any moment.
    format = format_for(image, layer.has_alpha)
    picture = picture_in(layer, format)
    return SourceLayer(
        layer,
        layer.name,
        layer.tattoo,
        layer.offsets,
        picture,
        format,
        _selection(image, layer),
        palette_of(image),
        mask_of(layer),
        levels_of(image),
    )


def levels_of(image: Image) -> int:
    """Return how many steps above black an image keeps, or 0 if they are many, or uneven."""
    return 255 if image.base_type != INDEXED and image.precision in _8_BIT else 0


def mask_of(layer: Layer) -> Mask | None:
    """Return a layer's own mask, or None if it has none."""
    mask = layer.mask
    if mask is None:
        return None
    picture = Picture(layer.width, layer.height, 1, mask.read_pixels("Y float"))
    return Mask(picture, layer.apply_mask)


def guide_picture(identifier: int) -> Picture | None:
    """Return the layer with this ID, in any open image, as a guide; None for 0.

    Raises `LayerError` if it no longer exists.
    """
    if not identifier:
        return None
    layer = Item.from_id(identifier)
    if not isinstance(layer, Layer):
        raise LayerError(_("The guide layer no longer exists. Choose another guide."))
    data = layer.read_pixels("R'G'B'A u8", with_filters=True)
    return Picture(layer.width, layer.height, 4, data, sample="uint8")


def _selection(image: Image, layer: Layer) -> Picture | None:
    if image.selection_bounds() is None:
        return None
    x, y = layer.offsets
    width, height = layer.width, layer.height
    data = image.selection.read_pixels("Y float", x, y, width, height)
    return Picture(width, height, 1, data)


def palette_of(image: Image) -> list[list[int]] | None:
    """Return the colours of an indexed image, None for another."""
    if image.base_type != INDEXED:
        return None
    colours = image.colormap
    return [list(colours[i : i + 3]) for i in range(0, len(colours), 3)]
