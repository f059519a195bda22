"""GIMP's procedure database, which plug-ins know as `pdb`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gimpfu.enums import RUN_NONINTERACTIVE
from gimpfu.errors import error

Declared = tuple[Any, str, str]
"""An argument or return value: its type in this version of GIMP, its name, its description."""


@dataclass(frozen=True)
class PDBFunction:
    """A PDB procedure. It runs non-interactively unless the caller passes `run_mode=`."""

    proc_name: str
    proc_blurb: str
    params: Sequence[Declared]
    return_vals: Sequence[Declared]
    run: Callable[[Sequence[Any]], Sequence[Any]]
    """Take every argument, including the run mode; return every value. Raises `error`."""

    @property
    def nparams(self) -> int:
        return len(self.params)

    def __call__(self, *given: Any, run_mode: int = RUN_NONINTERACTIVE) -> Any:
        """Return None, a single value, or a tuple. Raises `error` with GIMP's own message."""
        has_run_mode = bool(self.params) and self.params[0][1] == "run-mode"
        wanted = self.nparams - has_run_mode
        if len(given) != wanted:
            raise error(f"{self.proc_name} takes {wanted} arguments, not {len(given)}.")
        results = self.run([run_mode, *given] if has_run_mode else given)
        if not results:
            return None
        return results[0] if len(results) == 1 else tuple(results)


class PDB:
    """GIMP's procedures by name: `pdb.gimp_image_flatten(image)`, `pdb["gimp-image-flatten"]`."""

    def __init__(self, find: Callable[[str], PDBFunction | None]) -> None:
        self._find = find

    def __getitem__(self, name: str) -> PDBFunction:
        name = name.replace("_", "-")
        found = self._find(name)
        if found is None:
            raise error(f"GIMP has no procedure named {name}.")
        return found

    def __getattr__(self, name: str) -> PDBFunction:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]
