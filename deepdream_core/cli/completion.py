"""Completion of the command line in bash, zsh and fish."""

from __future__ import annotations

import argparse
import os

from deepdream_core.models.catalogue import CATALOGUE
from deepdream_core.shared.presets import presets
from deepdream_core.shared.recipe import PARAMETERS

_SHELLS = ("bash", "zsh", "fish")
_NAMES = {"preset": presets, "set": PARAMETERS.keys, "what": CATALOGUE.keys, "words": presets}
"""What completes the arguments that take a name, by where argparse stores them."""


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks for completions, and exit; do nothing otherwise."""
    if "_ARGCOMPLETE" not in os.environ:
        return
    import argcomplete

    _offer_names(parser)
    argcomplete.autocomplete(parser)


def _offer_names(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                _offer_names(below)
        elif names := _NAMES.get(action.dest):
            end = "=" if action.dest == "set" else ""
            action.completer = _Completer([f"{name}{end}" for name in names()])  # pyright: ignore


class _Completer:
    """Offers names to argcomplete."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def __call__(self, **_: object) -> list[str]:
        return self._names


def add_command(commands: argparse._SubParsersAction) -> None:
    """Add `completion` to the command line."""
    completion = commands.add_parser(
        "completion",
        help="print what makes a shell complete deepdream's arguments",
        description='For bash and zsh: eval "$(deepdream completion bash)" in their start-up '
        "files; for fish: deepdream completion fish | source.",
    )
    completion.add_argument("shell", choices=_SHELLS, metavar="SHELL", help=", ".join(_SHELLS))
    completion.set_defaults(run=_print)


def _print(options: argparse.Namespace) -> None:
    from argcomplete.shell_integration import shellcode

    print(shellcode(["deepdream"], shell=options.shell))
