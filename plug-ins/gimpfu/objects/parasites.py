"""Parasites: data that travels with an image, an item or GIMP itself."""

from __future__ import annotations

from gimpfu.objects.handles import Handle, checked


class Parasite:
    """A named piece of data that is attached to something."""

    def __init__(self, name: str, flags: int, data: bytes | str) -> None:
        self.name = name
        self.flags = flags
        self.data = data.encode() if isinstance(data, str) else bytes(data)

    def __repr__(self) -> str:
        return f"<gimp.Parasite {self.name!r}>"


class Bearer(Handle):
    """Something that parasites can be attached to."""

    def parasite_find(self, name: str) -> Parasite | None:
        return self.backend.parasite_from(self.native.get_parasite(name))

    def parasite_attach(self, parasite: Parasite) -> None:
        checked(self.native.attach_parasite(self.backend.native_parasite(parasite)))

    def parasite_detach(self, name: str) -> None:
        checked(self.native.detach_parasite(name))

    def attach_new_parasite(self, name: str, flags: int, data: bytes | str) -> None:
        self.parasite_attach(Parasite(name, flags, data))
