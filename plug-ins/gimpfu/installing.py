"""Procedures that plug-ins install themselves, without `register`: `gimp.install_procedure`."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

from gimpfu.errors import error
from gimpfu.registry import register

_main: list[Callable[[str, Sequence[Any]], Any]] = []
"""The function that runs every procedure of the plug-in, if it has one."""


def install_procedure(
    name: str,
    blurb: str,
    help: str,
    author: str,
    copyright: str,
    date: str,
    label: str | None,
    imagetypes: str | None,
    kind: int,
    params: Sequence[Sequence[Any]],
    results: Sequence[Sequence[Any]],
) -> None:
    """Install a procedure whose first argument is the run mode, as GIMP 2.10's module did."""
    rows = [(*row, None) for row in params]
    has_run_mode = bool(rows) and rows[0][1] in ("run-mode", "run_mode")
    menu, _, label = (label or "").rpartition("/")
    register(
        *(name, blurb, help, author, copyright, date, label, imagetypes),
        *(rows[has_run_mode:], results, functools.partial(_run, name)),
        menu=menu,
        run_mode_param=has_run_mode,
        own_dialog=True,
    )


def _run(name: str, *values: Any) -> Any:
    if not _main:
        raise error(f"The plug-in has nothing to run {name} with.")
    return _main[0](name, values)


def serve_with(query: Callable[[], None] | None, run: Callable[[str, Sequence[Any]], Any]) -> None:
    """Let `query` install the procedures, which `run` runs then."""
    _main[:] = [run]
    if query:
        query()


class PlugIn:
    """A plug-in with a method for each procedure, as `gimpplugin.plugin` was."""

    def start(self) -> None:
        """Serve the procedures. Never returns."""
        serve_with(self.query, self._run)
        sys.modules["gimpfu"].main()

    def init(self) -> None: ...

    def quit(self) -> None: ...

    def query(self) -> None:
        """Install the procedures; to be overridden."""

    def _run(self, name: str, params: Sequence[Any]) -> Any:
        method = getattr(self, name.replace("-", "_"), None)
        if method is None:
            raise error(f"The plug-in has no procedure {name}.")
        return method(*params)
