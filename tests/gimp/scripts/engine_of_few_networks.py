"""The engine with three networks: one is here, two are on the test's own server.

Arguments: URL and SHA-256 of the weights of the last one, followed by the engine's own arguments.
"""

from __future__ import annotations

import runpy
import sys
from dataclasses import replace

from deepdream_core.models.catalogue import CATALOGUE

url, sha256, *rest = sys.argv[1:]
kept = {name: CATALOGUE[name] for name in ("efficientnet_lite0", "googlenet", "squeezenet1_1")}
kept["googlenet"] = replace(kept["googlenet"], url=url)
kept["squeezenet1_1"] = replace(kept["squeezenet1_1"], url=url, sha256=sha256)
CATALOGUE.clear()
CATALOGUE.update(kept)
sys.argv[1:] = rest
runpy.run_module("deepdream_core.engine", run_name="__main__", alter_sys=True)
