"""Parasites between Python and GIMP 2.10's C structure."""

from __future__ import annotations

import ctypes

from gimpfu.gimp2.library import CParasite
from gimpfu.objects.parasites import Parasite


def parasite_in(c: CParasite) -> Parasite:
    """Return a copy of a C parasite."""
    return Parasite((c.name or b"").decode(), c.flags, ctypes.string_at(c.data, c.size))


def native_parasite(parasite: Parasite) -> CParasite:
    """Return a C parasite, valid for as long as the structure exists."""
    data = ctypes.create_string_buffer(parasite.data, max(1, len(parasite.data)))
    name, size = parasite.name.encode(), len(parasite.data)
    c = CParasite(name, parasite.flags, size, ctypes.addressof(data))
    c.kept = data  # the address alone does not keep the buffer alive
    return c
