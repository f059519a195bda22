"""The command line `deepdream`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence

from deepdream_core import __version__
from deepdream_core.cli import bench as cli_bench
from deepdream_core.cli import completion as cli_completion
from deepdream_core.cli import dream as cli_dream
from deepdream_core.cli import farm as cli_farm
from deepdream_core.cli import models as cli_models
from deepdream_core.cli import presets as cli_presets
from deepdream_core.cli import video as cli_video
from deepdream_core.cli.failures import INTERRUPTED, Interrupted, UsageError, wording
from deepdream_core.cli.given_files import GivenFile, as_typed
from deepdream_core.cli.parser import Parser
from deepdream_core.cli.recipes import settings_help, show_recipe
from deepdream_core.compute.process import leave_current_folder, prepare
from deepdream_core.engine import __main__ as engine_process
from deepdream_core.shared.recipe import PARAMETERS, Recipe
from deepdream_core.shared.suggestions import nearest


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    It is 0, 1 for an error, 2 for wrong usage, or 130 if the user interrupted.
    """
    given = sys.argv[1:] if arguments is None else arguments
    parser = _parser("--json" in given)
    cli_completion.complete(parser)
    options = parser.parse_args(given)
    options.folder, options.named = leave_current_folder(), []
    prepare()
    try:
        return options.run(options) or 0
    except KeyboardInterrupt:
        return _fail("Interrupted; the output was not written.", options, INTERRUPTED)
    except Interrupted as error:
        return _fail(_shown(str(error), options), options, INTERRUPTED)
    except BrokenPipeError:
        return 1
    except Exception as error:
        return _fail(_shown(wording(error), options), options)
    finally:
        with contextlib.suppress(OSError):
            os.chdir(options.folder)


def _parser(as_json: bool) -> argparse.ArgumentParser:
    parser = Parser(as_json, prog="deepdream", description="Dream pictures.")
    parser.add_argument("--version", action="version", version=f"deepdream {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    cli_dream.add_commands(commands)
    cli_video.add_command(commands)
    cli_presets.add_command(commands)

    shown = commands.add_parser("recipe", help="show the recipe of a picture that was dreamed")
    shown.add_argument("file", type=GivenFile.parse, metavar="FILE")
    shown.set_defaults(run=show_recipe)

    cli_models.add_commands(commands)
    cli_bench.add_command(commands)
    cli_farm.add_command(commands)

    settings = commands.add_parser("settings", help="list every setting with its range")
    settings.add_argument("--markdown", action="store_true", help="print the README's table")
    settings.set_defaults(run=_settings)

    classes = commands.add_parser("classes", help="list the classes that can be dreamed")
    classes.add_argument("word", nargs="?", default="", metavar="WORD")
    classes.add_argument(
        "--model", default=PARAMETERS["model"].default, metavar="MODEL", help="a network's classes"
    )
    classes.set_defaults(run=_classes)

    engine = commands.add_parser("engine", help="dream for a GIMP, perhaps on another computer")
    engine_process.add_options(engine)
    engine.set_defaults(run=lambda options: engine_process.serve(options, options.folder))

    doctor = commands.add_parser("doctor", help="show what is installed and whether it works")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    doctor.add_argument(
        "--engine",
        metavar="COMMAND",
        help="try an engine on another computer, such as 'ssh gpu-box', and nothing else",
    )
    doctor.set_defaults(run=_doctor)

    cli_completion.add_command(commands)
    return parser


def _settings(options: argparse.Namespace) -> None:
    print(settings_table() if options.markdown else settings_help(Recipe(), "no preset"))


def settings_table() -> str:
    """Return the README's table of parameters, in Markdown."""
    lines = ["| name | what it does | allowed | default |", "|---|---|---|---|"]
    for p in PARAMETERS.values():
        allowed = f"{p.allowed()} ({p.unit})" if p.unit else p.allowed()
        default = f"`{p.default}`" if p.default != "" else "none"
        cells = (f"`{p.name}`", p.help, allowed, default)
        shown = (cell.replace("|", "\\|") for cell in cells)
        lines.append(f"| {' | '.join(shown)} |")
    return "\n".join(lines)


def _classes(options: argparse.Namespace) -> None:
    from deepdream_core.models.catalogue import entry_of
    from deepdream_core.models.labels import labels_of

    labels = labels_of(entry_of(options.model).name)
    word, known = options.word.lower(), [label.lower() for label in labels]
    found = [number for number, label in enumerate(known) if word in label]
    for number in found:
        print(f"{number:4} {labels[number]}")
    if not found:
        near = nearest(word, known, most=3)
        hint = f" Did you mean {', '.join(near)}?" if near else " `deepdream classes` lists all."
        raise UsageError(f'No class contains "{options.word}".{hint}')


def _doctor(options: argparse.Namespace) -> int:
    from deepdream_core.cli import doctor, other_engine

    if options.engine is not None:
        return other_engine.report(options.engine, options.json)
    report = doctor.report()
    print(report.as_json() if options.json else doctor.describe(report))
    return 0 if report.healthy else 1


def _shown(text: str, options: argparse.Namespace) -> str:
    """Return a message in which the files are named as the user typed them."""
    values = [*vars(options).values(), *getattr(options, "files", ())]
    given = [value for value in values if isinstance(value, GivenFile)]
    return as_typed(text, [*given, *options.named])


def _fail(text: str, options: argparse.Namespace, code: int = 1) -> int:
    print(f"deepdream: {text}", file=sys.stderr)
    if getattr(options, "json", False):
        print(json.dumps({"error": text}))
    return code


if __name__ == "__main__":
    sys.exit(main())
