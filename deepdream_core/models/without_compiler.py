"""Importing torchvision without torch's compiler, which takes as long to import as torch itself.

torchvision imports it for a single function, which only its object detectors call.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_ASKED = "torch._dynamo.utils"


@contextmanager
def without_compiler() -> Iterator[None]:
    """Provide a stand-in for that function, which loads the compiler only when called."""
    if _ASKED in sys.modules:
        yield
        return
    stand_in = _StandIn(_ASKED)
    sys.modules[_ASKED] = stand_in
    try:
        yield
    finally:
        if sys.modules.get(_ASKED) is stand_in:
            del sys.modules[_ASKED]


class _StandIn(ModuleType):
    def is_compile_supported(self, device_type: str) -> bool:
        return import_module(_ASKED).is_compile_supported(device_type)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(_ASKED) is self:
            del sys.modules[_ASKED]
        return getattr(import_module(_ASKED), name)
