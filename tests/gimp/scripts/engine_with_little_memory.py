"""The engine with just enough memory to start; the operating system enforces the limit.

Arguments: the engine's own.
"""

from __future__ import annotations

import resource
import runpy
from pathlib import Path

import numpy as np

from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.recipe import Recipe

_MORE = 48 << 20

dream(np.zeros((64, 64, 3), np.uint8), Recipe(octaves=1, steps=1))
used = int(Path("/proc/self/statm").read_text("utf-8").split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + _MORE, used + _MORE))
runpy.run_module("deepdream_core.engine", run_name="__main__", alter_sys=True)
