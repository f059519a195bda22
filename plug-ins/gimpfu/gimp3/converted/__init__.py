"""The procedures of GIMP 2.10 that work differently in GIMP 3.

Each module has a function for each procedure, with the procedure's name and its old arguments
(without the run mode and with arrays after their lengths), which returns its old results.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from gimpfu.gimp3.converted import (
    adjusting,
    export,
    filling,
    flattening,
    images,
    information,
    painting,
    paths,
    rendering,
    resources,
    scripts,
    selecting,
    text,
    transforming,
)
from gimpfu.gimp3.converted.filters import FILTERS
from gimpfu.gimp3.converted.gone import GONE

__all__ = ["CONVERTED", "GONE"]


def functions_of(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """Return a module's functions by the names of their procedures."""
    return {
        name.replace("_", "-"): function
        for name, function in vars(module).items()
        if name.startswith(("gimp_", "plug_in_", "file_", "script_")) and callable(function)
    }


CONVERTED: dict[str, Callable[..., Any]] = {
    **functions_of(adjusting),
    **functions_of(export),
    **functions_of(filling),
    **functions_of(flattening),
    **functions_of(images),
    **functions_of(information),
    **functions_of(painting),
    **functions_of(paths),
    **functions_of(rendering),
    **functions_of(resources),
    **functions_of(scripts),
    **functions_of(selecting),
    **functions_of(text),
    **functions_of(transforming),
    **export.LOADERS,
    **FILTERS,
}
"""By old name: the function that does the same in GIMP 3."""
