"""Handles: Python's references to objects in GIMP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from gimpfu.errors import error
from gimpfu.objects.parasites import Parasite

Native = Any
"""An object of the version of GIMP in use, with the methods of GIMP 3's own binding."""

Answer = TypeVar("Answer")
AnyHandle = TypeVar("AnyHandle", bound="Handle")


class Backend(Protocol):
    """What handles need from a version of GIMP, beyond the methods of its native objects."""

    def last_error(self) -> str:
        """Return GIMP's reason for the last failure, or an empty string."""
        ...

    def new_image(self, width: int, height: int, type: int, precision: int) -> Native: ...

    def new_layer(
        self,
        image: Native,
        name: str,
        width: int,
        height: int,
        type: int,
        opacity: float,
        mode: int,
    ) -> Native: ...

    def new_group(self, image: Native, name: str | None) -> Native: ...

    def new_display(self, image: Native) -> Native: ...

    def images(self) -> Sequence[Native]: ...

    def image(self, identifier: int) -> Native | None:
        """Return the image with this number, or None."""
        ...

    def item(self, identifier: int) -> Native | None:
        """Return the item with this number, or None."""
        ...

    def layer_of_mask(self, mask: Native) -> Native | None: ...

    def file_name(self, image: Native) -> str:
        """Return the path of an image's file, or an empty string."""
        ...

    def palette(self, image: Native) -> bytes:
        """Return the palette of an indexed image as red, green and blue bytes."""
        ...

    def selection_bounds(self, image: Native) -> tuple[int, int, int, int] | None: ...

    def bytes_per_pixel(self, drawable: Native, format: str) -> int:
        """Return the size of a pixel in a babl format. Raises `error` for an unknown format."""
        ...

    def read_pixels(
        self, drawable: Native, format: str, area: tuple[int, int, int, int], with_filters: bool
    ) -> bytes | bytearray: ...

    def write_pixels(
        self, drawable: Native, format: str, area: tuple[int, int, int, int], data: memoryview
    ) -> None: ...

    def parasite_from(self, native: Native | None) -> Parasite | None: ...

    def native_parasite(self, parasite: Parasite) -> Native: ...


class Handle:
    """A reference to an object in GIMP. Handles to the same object are equal."""

    backend: ClassVar[Backend]
    """Set once, by the host module."""

    _space: ClassVar[str] = ""
    """The kind of object within which an ID is unique."""

    def __init__(self, native: Native) -> None:
        self.native = native

    @classmethod
    def from_native(cls: type[AnyHandle], native: Native) -> AnyHandle:
        """Return a handle to an existing object."""
        handle = cls.__new__(cls)
        Handle.__init__(handle, native)
        return handle

    @property
    def ID(self) -> int:
        return self.native.get_id()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and self._space == other._space and self.ID == other.ID

    def __hash__(self) -> int:
        return hash((self._space, self.ID))

    def __repr__(self) -> str:
        return f"<gimp.{type(self).__name__} {getattr(self, 'name', self.ID)!r}>"


class ParasiteHolder(Handle):
    """An object that parasites can be attached to."""

    def parasite_find(self, name: str) -> Parasite | None:
        return self.backend.parasite_from(self.native.get_parasite(name))

    def parasite_attach(self, parasite: Parasite) -> None:
        checked(self.native.attach_parasite(self.backend.native_parasite(parasite)))

    def parasite_detach(self, name: str) -> None:
        checked(self.native.detach_parasite(name))

    def attach_new_parasite(self, name: str, flags: int, data: bytes | str) -> None:
        self.parasite_attach(Parasite(name, flags, data))


def checked(answer: Answer | None) -> Answer:
    """Return GIMP's answer. Raises `error` with GIMP's reason if it is false or empty."""
    if not answer:
        raise error(Handle.backend.last_error() or "GIMP reported a failure without a reason.")
    return answer


def natives_of(handles: Sequence[Handle]) -> list[Native]:
    return [handle.native for handle in handles]
