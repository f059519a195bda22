"""Parasites as GIMP 2.10's C has them."""

from __future__ import annotations

import ctypes
from typing import Any

from gimpfu.gimp2.library import CParasite, libgimpbase
from gimpfu.objects.parasites import Parasite


def parasite_in(c: CParasite) -> Parasite:
    """Return what a C structure holds, as a copy."""
    return Parasite((c.name or b"").decode(), c.flags, ctypes.string_at(c.data, c.size))


def parasite_from(native: Any) -> Parasite | None:
    """Return what a pointer to a parasite of our own points to, and free it; None for NULL."""
    if not native:
        return None
    parasite = parasite_in(native.contents)
    libgimpbase.gimp_parasite_free(native)
    return parasite


def native_parasite(parasite: Parasite) -> CParasite:
    """Return a parasite for C, to be read while the structure lives."""
    data = ctypes.create_string_buffer(parasite.data, max(1, len(parasite.data)))
    name, size = parasite.name.encode(), len(parasite.data)
    c = CParasite(name, parasite.flags, size, ctypes.addressof(data))
    c.kept = data  # an address alone keeps nothing alive
    return c
