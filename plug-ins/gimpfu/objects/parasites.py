"""Parasites: named data attached to an image, an item or GIMP itself."""

from __future__ import annotations

from gimpfu.enums import PARASITE_PERSISTENT, PARASITE_UNDOABLE


class Parasite:
    """A named piece of data, with GIMP's PARASITE_ flags."""

    __slots__ = ("_data", "_flags", "_name")

    def __init__(self, name: str, flags: int, data: bytes | str) -> None:
        self._name, self._flags = name, flags
        self._data = data.encode() if isinstance(data, str) else bytes(data)

    @property
    def name(self) -> str:
        return self._name

    @property
    def flags(self) -> int:
        return self._flags

    @property
    def data(self) -> bytes:
        return self._data

    @property
    def is_persistent(self) -> bool:
        return bool(self.flags & PARASITE_PERSISTENT)

    @property
    def is_undoable(self) -> bool:
        return bool(self.flags & PARASITE_UNDOABLE)

    def has_flag(self, flag: int) -> int:
        return int(bool(self.flags & flag))

    def is_type(self, name: str) -> int:
        return int(self.name == name)

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
        return f"<parasite {self.name}>"

    def __str__(self) -> str:
        return self.data.decode("utf-8", "replace")
