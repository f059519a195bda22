"""`import gimp`: what GIMP 2.10's own Python module of this name offered."""

import sys
from types import ModuleType
from typing import cast

import gimpfu

sys.modules[__name__] = cast("ModuleType", gimpfu.gimp)
