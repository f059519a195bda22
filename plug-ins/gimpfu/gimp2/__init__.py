"""GIMP 2.10 for any Python 3, by ctypes.

`library` declares the C functions and `natives` makes objects of them; `backend` and `pixels` are
what the handles in `objects` ask for; `values`, `database` and `serving` are about procedures.
"""
