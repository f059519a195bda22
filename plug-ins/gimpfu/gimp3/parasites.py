"""Parasites between Python and GIMP 3's binding."""

from __future__ import annotations

from gi.repository import Gimp

from gimpfu.objects.parasites import Parasite


def parasite_from(native: Gimp.Parasite) -> Parasite:
    """Return a copy of a parasite."""
    data = bytes(byte & 255 for byte in native.get_data())
    return Parasite(native.get_name(), int(native.get_flags()), data)


def native_parasite(parasite: Parasite) -> Gimp.Parasite:
    # GIMP's typelib declares a parasite's bytes as signed.
    signed = memoryview(parasite.data).cast("b").tolist()
    return Gimp.Parasite.new(parasite.name, parasite.flags, signed)
