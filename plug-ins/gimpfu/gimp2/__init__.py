"""GIMP 2.10 through ctypes, for any Python 3.

`library` declares the C functions and `natives` wraps them in objects; `backend` and `pixels`
implement the `Backend` behind the handles in `objects`; `values`, `database` and `serving` handle
procedures.
"""
