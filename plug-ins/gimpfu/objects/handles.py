"""Handles: Python's references to objects in GIMP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar, overload

from gimpfu.errors import error
from gimpfu.objects.parasites import Parasite

Answer = TypeVar("Answer")
AnyHandle = TypeVar("AnyHandle", bound="Handle")
Value = TypeVar("Value")
Area = tuple[int, int, int, int]
"""x, y, width, height."""


class Numbers(Protocol):
    """The pixels of a drawable as numbers with 8 bits each, whatever colours they stand for."""

    def read(self, area: Area) -> bytes | bytearray: ...

    def write(self, area: Area, data: bytes) -> None: ...

    def close(self) -> None:
        """Hand over what was written. The next access must open the pixels again."""


class Backend(Protocol):
    """What handles need from a version of GIMP, beyond the procedures of GIMP 2.10."""

    def call(self, name: str, *values: Any) -> Any:
        """Run a procedure of GIMP 2.10; see `gimpfu.database.PDBFunction`. Raises `error`."""
        ...

    def item(self, identifier: int) -> Any:
        """Return the item with this number as an instance of the class for its kind, or None."""
        ...

    def native(self, handle: Handle) -> Any:
        """Return the object of GIMP's own binding. Raises `error` if it does not exist any more."""
        ...

    def selected_layers(self, image: Handle) -> Sequence[int]:
        """Return the IDs of the selected layers."""
        ...

    def select_layers(self, image: Handle, layers: Sequence[Handle]) -> None:
        """Select layers. In GIMP 2.10, this selects the last of them."""

    def bytes_per_pixel(self, drawable: Handle, format: str) -> int:
        """Return the size of a pixel in a babl format. Raises `error` for an unknown format."""
        ...

    def read_pixels(
        self, drawable: Handle, format: str, area: Area, with_filters: bool
    ) -> bytes | bytearray: ...

    def write_pixels(self, drawable: Handle, format: str, area: Area, data: memoryview) -> None: ...

    def read_own(self, drawable: Handle, area: Area) -> bytes | bytearray:
        """Return pixels in the drawable's own format, whatever it is."""
        ...

    def write_own(
        self, drawable: Handle, area: Area, data: bytes | bytearray, *, shadow: bool = False
    ) -> None:
        """Replace pixels, or the shadow's, by data in the drawable's own format."""

    def is_generated(self, drawable: Handle) -> bool:
        """Return whether GIMP makes the pixels from something else."""
        ...

    def open_numbers(self, drawable: Handle, shadow: bool) -> Numbers:
        """Open the pixels of a drawable or of its shadow as 8-bit numbers."""
        ...


class Handle:
    """A reference to an object in GIMP. Handles to the same object are equal."""

    __slots__ = ("ID",)

    backend: ClassVar[Backend]
    """Set once, by the host module."""

    _space: ClassVar[str] = ""
    """The kind of object within which an ID is unique."""

    def __init__(self, identifier: int) -> None:
        self.ID = identifier

    @classmethod
    def reference(cls: type[AnyHandle], identifier: int) -> AnyHandle:
        """Return a handle to an existing object."""
        handle = cls.__new__(cls)
        handle.ID = identifier
        return handle

    @property
    def native(self) -> Any:
        """Return the object of GIMP's own binding; in GIMP 2.10, its number."""
        return self.backend.native(self)

    @property
    def space(self) -> str:
        """Return the kind of object: image, item or display."""
        return self._space

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and self._space == other._space and self.ID == other.ID

    def __hash__(self) -> int:
        return hash((self._space, self.ID))

    def __repr__(self) -> str:
        return f"<gimp.{type(self).__name__} {getattr(self, 'name', self.ID)!r}>"


def call(name: str, *values: Any) -> Any:
    """Run a procedure of GIMP 2.10 in any GIMP. Raises `error` with GIMP's reason."""
    return Handle.backend.call(name, *values)


def items_of(kind: type[AnyHandle], identifiers: Sequence[int]) -> list[AnyHandle]:
    """Return the items of a kind among those with these numbers."""
    items = map(Handle.backend.item, identifiers)
    return [item for item in items if isinstance(item, kind)]


class Attribute(Generic[Value]):
    """A property of an object that two procedures of GIMP 2.10 read and set."""

    def __init__(
        self, getter: str, setter: str = "", convert: Callable[[Any], Value] | None = None
    ) -> None:
        self._getter, self._setter, self._convert = getter, setter, convert
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, handle: None, owner: type) -> Attribute[Value]: ...
    @overload
    def __get__(self, handle: Handle, owner: type) -> Value: ...
    def __get__(self, handle: Handle | None, owner: type) -> Attribute[Value] | Value:
        if handle is None:
            return self
        value = call(self._getter, handle)
        return self._convert(value) if self._convert else value

    def __set__(self, handle: Handle, value: Any) -> None:
        if not self._setter:
            raise AttributeError(f"{self._name} of {handle!r} cannot be set.")
        call(self._setter, handle, value)


class ParasiteHolder(Handle):
    """An object that parasites can be attached to."""

    __slots__ = ()

    def parasite_find(self, name: str) -> Parasite | None:
        """Return the parasite with this name, or None."""
        if name not in self.parasite_list():
            return None
        return call(f"gimp-{self._space}-get-parasite", self, name)

    def parasite_attach(self, parasite: Parasite) -> None:
        call(f"gimp-{self._space}-attach-parasite", self, parasite)

    def parasite_detach(self, name: str) -> None:
        call(f"gimp-{self._space}-detach-parasite", self, name)

    def parasite_list(self) -> tuple[str, ...]:
        """Return the names of all parasites."""
        return call(f"gimp-{self._space}-get-parasite-list", self)[1]

    def attach_new_parasite(self, name: str, flags: int, data: bytes | str) -> None:
        self.parasite_attach(Parasite(name, flags, data))


def checked(answer: Answer | None) -> Answer:
    """Return GIMP's answer. Raises `error` if it is false or empty."""
    if not answer:
        raise error("GIMP reported a failure without a reason.")
    return answer
