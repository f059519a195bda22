"""Reading the command line."""

from __future__ import annotations

import argparse
import functools
import json
from collections.abc import Callable
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """Says as JSON, too, what is wrong with a command line that asks for JSON."""

    def __init__(
        self, as_json: bool, ending: Callable[[], str] | None = None, **options: Any
    ) -> None:
        """`ending` returns what the help ends with; it is called only for that."""
        super().__init__(**options)
        self._as_json = as_json
        self._ending = ending

    def format_help(self) -> str:
        """Return the help."""
        if self._ending:
            self.epilog = self._ending()
        return super().format_help()

    def add_subparsers(self, **options: Any) -> argparse._SubParsersAction:
        """Add commands, which are read in the same way."""
        alike = functools.partial(type(self), self._as_json)
        return super().add_subparsers(**options, parser_class=alike)  # pyright: ignore[reportArgumentType]

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and exit."""
        if self._as_json:
            print(json.dumps({"error": message}))
        super().error(message)
