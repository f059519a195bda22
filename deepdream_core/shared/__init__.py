"""What both sides of the process boundary use: the engine, and the plug-in inside GIMP.

Standard library only, Python 3.9 and later; imports nothing else of this project. The installer
copies this folder whole into the plug-in.
"""
