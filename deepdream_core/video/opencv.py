"""OpenCV, without what importing it does to the environment.

It puts its own folder into LD_LIBRARY_PATH, followed by an empty entry, which stands for the
current folder: every program that this process starts would load libraries from there.
"""

from __future__ import annotations

import os

_NAME = "LD_LIBRARY_PATH"

_before = os.environ.get(_NAME)
import cv2 as cv2  # noqa: E402

if _before is None:
    os.environ.pop(_NAME, None)
else:
    os.environ[_NAME] = _before
