"""GIMP's procedure database, which plug-ins know as `pdb`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gimpfu.enums import INTERNAL, RUN_NONINTERACTIVE
from gimpfu.errors import UnknownProcedure, WrongArguments, error

Declared = tuple[Any, str, str]
"""An argument or return value: its type, its name, its description."""


_before_the_next_call: list[Callable[[], None]] = []


def before_the_next_call(act: Callable[[], None]) -> None:
    """Do something before the next procedure runs, or at the end."""
    _before_the_next_call.append(act)


def hand_over() -> None:
    """Do what waits for the next procedure: GIMP gets the pixels that were written."""
    while _before_the_next_call:
        _before_the_next_call.pop()()


@dataclass(frozen=True)
class About:
    """What GIMP says about a procedure."""

    blurb: str = ""
    help: str = ""
    author: str = ""
    copyright: str = ""
    date: str = ""
    type: int = INTERNAL


@dataclass(frozen=True)
class PDBFunction:
    """A PDB procedure. It runs non-interactively unless the caller passes `run_mode=`."""

    proc_name: str
    params: tuple[Declared, ...]
    return_vals: tuple[Declared, ...]
    run: Callable[[Sequence[Any]], Sequence[Any]]
    """Take every argument, including the run mode; return every value. Raises `error`."""
    about: Callable[[], About] = About
    hands_over: bool = True
    """Whether GIMP must first get the pixels that were written."""

    def __repr__(self) -> str:
        return f"<pdb function {self.proc_name!r}>"

    @property
    def proc_blurb(self) -> str:
        return self.about().blurb

    @property
    def proc_help(self) -> str:
        return self.about().help

    @property
    def proc_author(self) -> str:
        return self.about().author

    @property
    def proc_copyright(self) -> str:
        return self.about().copyright

    @property
    def proc_date(self) -> str:
        return self.about().date

    @property
    def proc_type(self) -> int:
        """INTERNAL, PLUGIN, EXTENSION or TEMPORARY."""
        return self.about().type

    @property
    def nparams(self) -> int:
        return len(self.params)

    @property
    def nreturn_vals(self) -> int:
        return len(self.return_vals)

    def __call__(self, *given: Any, run_mode: int = RUN_NONINTERACTIVE) -> Any:
        """Return None, a single value, or a tuple. Raises `error` with GIMP's own message."""
        if self.hands_over:
            hand_over()
        has_run_mode = bool(self.params) and self.params[0][1] == "run-mode"
        wanted = self.nparams - has_run_mode
        if len(given) != wanted:
            numbers = f"{wanted} arguments, not {len(given)}"
            raise WrongArguments(f"{self.proc_name} takes {numbers}.")
        results = self.run([run_mode, *given] if has_run_mode else given)
        if not results:
            return None
        return results[0] if len(results) == 1 else tuple(results)


class PDB:
    """GIMP's procedures by name: `pdb.gimp_image_flatten(image)`, `pdb["gimp-image-flatten"]`."""

    def __init__(self, find: Callable[[str], PDBFunction | None]) -> None:
        self._find = find
        self._found: dict[str, PDBFunction] = {}

    def __repr__(self) -> str:
        return "<gimp procedural database>"

    def __getitem__(self, name: str) -> PDBFunction:
        name = name.replace("_", "-")
        if name not in self._found:
            found = self._find(name)
            if found is None:
                raise UnknownProcedure(f"GIMP has no procedure named {name}.")
            self._found[name] = found
        return self._found[name]

    def __getattr__(self, name: str) -> PDBFunction:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.has_key(name)

    def has_key(self, name: str) -> bool:
        """Return whether GIMP has a procedure with this name."""
        try:
            self[name]
        except error:
            return False
        return True

    def query(
        self,
        name: str = "",
        blurb: str = "",
        help: str = "",
        author: str = "",
        copyright: str = "",
        date: str = "",
        proc_type: str = "",
    ) -> list[str]:
        """Return the names of the procedures that match regular expressions."""
        words = (name, blurb, help, author, copyright, date, proc_type)
        return list(self["gimp-procedural-db-query"](*words)[1])
