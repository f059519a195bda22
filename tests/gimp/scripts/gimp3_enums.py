"""Runs inside GIMP 3: reports the numbers of its enumerations' values by their short names."""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

from gi.repository import Gimp, GObject


def values_of(kind) -> dict:
    # PyGObject 3.52 and later make enumerations of Python's own kind.
    members = kind.__enum_values__.values() if hasattr(kind, "__enum_values__") else kind
    return {member.value_nick: int(member) for member in members}


report["enums"] = {}
for name in dir(Gimp):
    kind = getattr(Gimp, name)
    if isinstance(kind, type) and issubclass(kind, GObject.GEnum):
        report["enums"][kind.__gtype__.name] = values_of(kind)
