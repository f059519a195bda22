"""GIMP's objects as plug-ins know them, the same on every GIMP.

`handles` says what they ask of the GIMP underneath; `gimp2.backend` and `gimp3.backend` give it.
"""
