"""Code shared by both sides of the process boundary: the engine, and the plug-in inside GIMP.

Uses only the standard library, runs on Python 3.9 and later, and imports nothing else from this
project. The installer copies this whole folder into the plug-in.
"""
