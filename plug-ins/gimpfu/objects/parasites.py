"""Parasites: named data attached to an image, an item or GIMP itself."""

from __future__ import annotations


class Parasite:
    """A named piece of data, with GIMP's PARASITE_ flags."""

    def __init__(self, name: str, flags: int, data: bytes | str) -> None:
        self.name = name
        self.flags = flags
        self.data = data.encode() if isinstance(data, str) else bytes(data)

    def __repr__(self) -> str:
        return f"<gimp.Parasite {self.name!r}>"
