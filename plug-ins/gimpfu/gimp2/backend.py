"""`gimpfu.objects.handles.Backend` for GIMP 2.10."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gimpfu.gimp2.database import pdb
from gimpfu.gimp2.pixels import (  # noqa: F401
    bytes_per_pixel,
    open_numbers,
    read_own,
    read_pixels,
    write_own,
    write_pixels,
)
from gimpfu.objects.handles import Handle
from gimpfu.objects.lookup import item_from

item = item_from


def call(name: str, *values: Any) -> Any:
    return pdb[name](*values)


def native(handle: Handle) -> int:
    return handle.ID


def is_generated(drawable: Handle) -> bool:
    """Return whether GIMP makes the pixels from text or from the layers of a group."""
    return any(call(f"gimp-item-is-{kind}", drawable) for kind in ("text-layer", "group"))


def selected_layers(image: Handle) -> Sequence[int]:
    layer = call("gimp-image-get-active-layer", image)
    return [layer.ID] if layer else []


def select_layers(image: Handle, layers: Sequence[Handle]) -> None:
    """Select the last of `layers`: in GIMP 2.10 exactly one layer is always selected."""
    if layers:
        call("gimp-image-set-active-layer", image, layers[-1])
