"""The DeepDream engine. It knows nothing about GIMP.

Importing this package is cheap: torch is imported only when a dream is made.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepdream_core.dreaming.dream import dream as dream

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "dream":
        return importlib.import_module("deepdream_core.dreaming.dream").dream
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
