"""Parasites between Python and GIMP 2.10's C structure."""

from __future__ import annotations

import ctypes
from typing import Any

from gimpfu.gimp2.library import CParasite, libgimpbase
from gimpfu.objects.parasites import Parasite


def parasite_in(c: CParasite) -> Parasite:
    """Return a copy of a C parasite."""
    return Parasite((c.name or b"").decode(), c.flags, ctypes.string_at(c.data, c.size))


def parasite_from(native: Any) -> Parasite | None:
    """Copy the parasite that a pointer owns and free it; return None for NULL."""
    if not native:
        return None
    parasite = parasite_in(native.contents)
    libgimpbase.gimp_parasite_free(native)
    return parasite


def native_parasite(parasite: Parasite) -> CParasite:
    """Return a C parasite, valid for as long as the structure exists."""
    data = ctypes.create_string_buffer(parasite.data, max(1, len(parasite.data)))
    name, size = parasite.name.encode(), len(parasite.data)
    c = CParasite(name, parasite.flags, size, ctypes.addressof(data))
    c.kept = data  # the address alone does not keep the buffer alive
    return c
