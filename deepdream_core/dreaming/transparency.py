"""Transparent pictures: what cannot be seen neither steers a dream nor changes."""

from __future__ import annotations

from torch import Tensor

from deepdream_core.pictures.colour import colours_of


def as_seen(picture: Tensor, visible: Tensor | None) -> Tensor:
    """Return a picture for the network, with one colour where it is transparent.

    The colour is the mean of all visible colours, which draws the least attention. `picture`:
    (1, 3, height, width); `visible`: how visible each pixel is, 0..1, (1, 1, height, width), or
    None if all are opaque.
    """
    if visible is None:
        return picture
    mean = colours_of(picture, visible).mean.to(picture.dtype)
    return mean[:, None, None].lerp(picture, visible)
