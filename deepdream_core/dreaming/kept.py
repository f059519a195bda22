"""Keeping what was dreamed before it was composed, so that it can be composed anew at once."""

from __future__ import annotations

import functools
import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor

from deepdream_core.compute.devices import to_cpu
from deepdream_core.pictures.picture import Pixels
from deepdream_core.shared.recipe import Recipe

_MOST_BYTES = 256 << 20


class KeptDreams:
    """The detail of the last dreams, by everything that determines it."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._details: OrderedDict[str, Tensor] = OrderedDict()

    def get(self, key: str) -> Tensor | None:
        """Return the detail of a dream, on the CPU, or None if it is not kept."""
        if key in self._details:
            self._details.move_to_end(key)
        return self._details.get(key)

    def put(self, key: str, detail: Tensor) -> None:
        """Keep the detail of a dream, and forget those used longest ago where there are many."""
        self._details[key] = to_cpu(detail)
        while sum(map(_bytes, self._details.values())) > self._most_bytes:
            self._details.popitem(last=False)

    def clear(self) -> None:
        self._details.clear()


@functools.cache
def kept_dreams() -> KeptDreams:
    """Return what this process keeps."""
    return KeptDreams()


def key_of(
    recipe: Recipe,
    linear: bool,
    pictures: Sequence[Pixels | None],
    place: Sequence[float] | None = None,
) -> str:
    """Return a text that differs for any two dreams whose details may differ.

    `pictures` stand for the files that the recipe names. `place`: see `dream`.
    """
    settings = recipe.as_composed_by(Recipe()).changed(guide="", mask="").as_dict()
    digest = hashlib.blake2b(json.dumps([settings, linear, place]).encode())
    for picture in pictures:
        if picture is None:
            digest.update(b"none")
        else:
            digest.update(f"{picture.shape} {picture.dtype.str}".encode())
            digest.update(picture.tobytes())
    return digest.hexdigest()


def _bytes(detail: Tensor) -> int:
    return detail.numel() * detail.element_size()
