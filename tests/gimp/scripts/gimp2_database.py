"""Runs inside GIMP 2.10: reports its enumerations and the signatures of its procedures."""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint

from gimpfu.gimp2.library import libgimp, libglib, libgobject


class EnumValue(ctypes.Structure):
    _fields_ = (("value", c_int), ("name", c_char_p), ("nick", c_char_p))


class EnumClass(ctypes.Structure):
    _fields_ = (
        ("type", c_size_t),
        *(("minimum", c_int), ("maximum", c_int), ("count", c_uint)),
        ("values", POINTER(EnumValue)),
    )


libgobject.g_type_from_name.restype = c_size_t
libgobject.g_type_class_ref.restype = POINTER(EnumClass)
libgobject.g_type_class_ref.argtypes = [c_size_t]
libgobject.g_type_get_qdata.restype = c_size_t
libgobject.g_type_get_qdata.argtypes = [c_size_t, ctypes.c_uint32]
libgimp.gimp_enums_get_type_names.restype = POINTER(c_char_p)


def values_of(kind: int) -> list:
    members = libgobject.g_type_class_ref(kind).contents
    found = (members.values[i] for i in range(members.count))
    return [(value.name.decode(), value.value, value.nick.decode()) for value in found]


libgimp.gimp_enums_init()
old_names = libglib.g_quark_from_static_string(b"gimp-compat-enum")
count = c_int()
names = libgimp.gimp_enums_get_type_names(byref(count))
report["enums"] = {}
for i in range(count.value):
    kind = libgobject.g_type_from_name(names[i])
    older = libgobject.g_type_get_qdata(kind, old_names)
    report["enums"][names[i].decode()] = values_of(kind) + (values_of(older) if older else [])

_, found = pdb.gimp_procedural_db_query("", "", "", "", "", "", "")
report["procedures"] = {}
for name in found:
    procedure = pdb[name]
    report["procedures"][name] = [
        [row[:2] for row in rows] for rows in (procedure.params, procedure.return_vals)
    ]
