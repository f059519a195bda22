"""The engine with two networks, one of which is downloaded from the test's own server.

Arguments: URL and SHA-256 of its weights, followed by the engine's own arguments.
"""

from __future__ import annotations

import runpy
import sys
from dataclasses import replace

from deepdream_core.models.catalogue import CATALOGUE

url, sha256, *rest = sys.argv[1:]
default, missing = CATALOGUE["efficientnet_lite0"], CATALOGUE["squeezenet1_1"]
missing = replace(missing, url=url, sha256=sha256)
CATALOGUE.clear()
CATALOGUE.update({network.name: network for network in (default, missing)})
sys.argv[1:] = rest
runpy.run_module("deepdream_core.engine", run_name="__main__", alter_sys=True)
