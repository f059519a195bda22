"""The dialog that asks for a procedure's arguments."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

from gimpfu.errors import error
from gimpfu.host import Host
from gimpfu.objects.images import Image
from gimpfu.params import PF_CHANNEL, PF_IMAGE, PF_LAYER, PF_VECTORS, Param


def ask_values(
    host: Host,
    title: str,
    blurb: str,
    params: Sequence[Param],
    values: Sequence[Any],
    image: Image | None = None,
) -> list[Any] | None:
    """Show a dialog filled with `values`; return what the user entered, or None on Cancel.

    Where an object is asked for but none is given, the dialog starts with what is selected in
    `image`. Arguments that cannot be asked for keep their values. Raises `error` if there is
    nothing to choose from, or no display.
    """
    answers = list(values)
    asked = [i for i, param in enumerate(params) if param.is_asked]
    if not asked:
        return answers
    for i in asked:
        if params[i].is_object and answers[i] is None:
            answers[i] = _suggested(host, params[i], image)
    if host.version[0] == 2:
        from gimpfu.gimp2 import dialog as toolkit
    else:
        from gimpfu.gimp3 import dialog as toolkit
    rows = [(params[i], answers[i]) for i in asked]
    entered = toolkit.ask(title, blurb, rows)
    if entered is None:
        return None
    for i, value in zip(asked, entered):
        answers[i] = value
    return answers


def has_gtk3() -> bool:
    """Return whether this Python can show GTK 3 windows."""
    if importlib.util.find_spec("gi") is None:
        return False
    import gi

    try:
        gi.require_version("Gtk", "3.0")
    except ValueError:
        return False
    return True


def _suggested(host: Host, param: Param, image: Image | None) -> Any:
    """Return what the dialog shows first. Raises `error` if there is nothing."""
    images = host.image_list()
    if image:
        images.insert(0, image)
    for candidate in images:
        found = _selected(param, candidate)
        if found:
            return found
    kind = {PF_VECTORS: "path"}.get(param.kind, param.stored)
    raise error(f"{param.text}: no image has a {kind} to choose. Create one first.")


def _selected(param: Param, image: Image) -> Any:
    """Return the selected item of the kind, or the first one, or None."""
    if param.kind == PF_IMAGE:
        return image
    if param.kind == PF_CHANNEL:
        chosen, items = image.active_channel, image.channels
    elif param.kind == PF_VECTORS:
        chosen, items = image.active_vectors, image.vectors
    elif param.kind == PF_LAYER:
        chosen, items = image.active_layer, image.layers
    else:
        chosen, items = image.active_drawable, [*image.layers, *image.channels]
    return chosen or next(iter(items), None)
