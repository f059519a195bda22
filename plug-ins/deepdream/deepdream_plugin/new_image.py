"""Opening a dream as an image of its own."""

from __future__ import annotations

from collections.abc import Sequence

from gimpfu import INDEXED, gimp
from gimpfu.objects.images import Image
from gimpfu.objects.items import Layer

from deepdream_core.shared.protocol import Picture

_COLOUR_PROFILE = "icc-profile"
"""The parasite in which GIMP keeps an image's colour profile."""


def image_like(image: Image, picture: Picture) -> Image:
    """Create an empty image of a picture's size that is otherwise like another one.

    It has the same colours, precision, colour profile and resolution.
    """
    new = Image(picture.width, picture.height, image.base_type, image.precision)
    if image.base_type == INDEXED:
        new.colormap = image.colormap
    profile = image.parasite_find(_COLOUR_PROFILE)
    if profile is not None:
        new.attach_new_parasite(_COLOUR_PROFILE, profile.flags, profile.data)
    new.resolution, new.unit = image.resolution, image.unit
    return new


def open_image(image: Image, layers: Sequence[Layer], shown: bool) -> None:
    """Complete a new image with its layers, from the lowest; show it unless a script made it."""
    # There is nothing to undo, but something to save.
    image.disable_undo()
    for layer in layers:
        image.insert_layer(layer, None, 0)
    image.enable_undo()
    if shown:
        gimp.Display(image)
        gimp.displays_flush()
