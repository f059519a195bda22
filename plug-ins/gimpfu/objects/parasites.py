"""Parasites: named data attached to an image, an item or GIMP itself."""

from __future__ import annotations

from gimpfu.enums import PARASITE_PERSISTENT, PARASITE_UNDOABLE


class Parasite:
    """A named piece of data, with GIMP's PARASITE_ flags."""

    __slots__ = ("data", "flags", "name")

    def __init__(self, name: str, flags: int = 0, data: bytes | str = b"") -> None:
        self.name = name
        self.flags = flags
        self.data = data.encode() if isinstance(data, str) else bytes(data)

    @property
    def is_persistent(self) -> bool:
        return self.has_flag(PARASITE_PERSISTENT)

    @property
    def is_undoable(self) -> bool:
        return self.has_flag(PARASITE_UNDOABLE)

    def has_flag(self, flag: int) -> bool:
        return bool(self.flags & flag)

    def is_type(self, name: str) -> bool:
        return self.name == name

    def copy(self) -> Parasite:
        return Parasite(self.name, self.flags, self.data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Parasite):
            return False
        mine, its = (self.name, self.flags, self.data), (other.name, other.flags, other.data)
        return mine == its

    def __hash__(self) -> int:
        return hash((self.name, self.flags, self.data))

    def __repr__(self) -> str:
        return f"<gimp.Parasite {self.name!r}>"
