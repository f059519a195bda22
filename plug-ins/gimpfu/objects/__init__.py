"""GIMP's objects as plug-ins see them, the same for every version of GIMP.

`handles` defines the `Backend` that they need; `gimp2.backend` and `gimp3.backend` implement it.
"""
