"""The command line `deepdream`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deepdream_core import __version__
from deepdream_core.cli import bench as cli_bench
from deepdream_core.cli import models as cli_models
from deepdream_core.cli.given_files import GivenFile, as_typed
from deepdream_core.compute.process import leave_current_folder, prepare
from deepdream_core.models.weights import WeightsMissing
from deepdream_core.shared.objective import ObjectiveError
from deepdream_core.shared.presets import DEFAULT_PRESET, NOISE_SETTINGS, make_recipe, presets
from deepdream_core.shared.recipe import (
    PARAMETERS,
    Recipe,
    RecipeError,
    parse_settings,
    read_json_object,
    recipe_from,
)
from deepdream_core.shared.recipe_files import files_named, with_absolute_files, without_files
from deepdream_core.shared.recipe_notes import note_of, recipe_in
from deepdream_core.shared.sizes import parse_size
from deepdream_core.shared.suggestions import nearest

if TYPE_CHECKING:
    from deepdream_core.pictures.files import PictureFile


class UsageError(Exception):
    """The command cannot be carried out as given; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0, 1 for an error, 2 for wrong usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    options.folder, options.named = leave_current_folder(), []
    prepare()
    try:
        return options.run(options) or 0
    except (UsageError, RecipeError, ObjectiveError, WeightsMissing) as error:
        return _fail(_shown(error, options), options)
    except KeyboardInterrupt:
        return _fail("Interrupted; the output was not written.", options)
    except BrokenPipeError:
        return 1
    except Exception as error:
        return _fail_with(error, options)
    finally:
        with contextlib.suppress(OSError):
            os.chdir(options.folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deepdream", description="Dream a picture.")
    parser.add_argument("--version", action="version", version=f"deepdream {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    dream = commands.add_parser(
        "dream",
        help="dream a picture file",
        epilog=_settings_help(make_recipe(DEFAULT_PRESET), f"preset {DEFAULT_PRESET}"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    dream.add_argument("input", type=GivenFile.parse, metavar="IN")
    start = dream.add_mutually_exclusive_group()
    start.add_argument(
        "--preset",
        default=DEFAULT_PRESET,
        metavar="P",
        help=f"see `presets`; default: {DEFAULT_PRESET}",
    )
    start.add_argument(
        "--recipe",
        type=GivenFile.parse,
        metavar="FILE",
        help="a picture that was dreamed, or a JSON file: the same recipe",
    )
    _add_recipe_options(dream)
    dream.add_argument("--mask", metavar="FILE", help="white dreams, black stays")
    dream.set_defaults(run=_dream)

    noise = commands.add_parser(
        "noise",
        help="dream without a picture: what excites the network most",
        epilog=_settings_help(recipe_from(NOISE_SETTINGS), "noise"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    noise.add_argument("--size", type=parse_size, default=(512, 512), metavar="WxH")
    _add_recipe_options(noise)
    noise.set_defaults(run=_noise)

    listing = commands.add_parser("presets", help="list the presets, or show one's settings")
    listing.add_argument("name", nargs="?", default="", metavar="NAME")
    listing.set_defaults(run=_presets)

    shown = commands.add_parser("recipe", help="show the recipe of a picture that was dreamed")
    shown.add_argument("file", type=GivenFile.parse, metavar="FILE")
    shown.set_defaults(run=_show_recipe)

    cli_models.add_commands(commands)
    cli_bench.add_command(commands)

    settings = commands.add_parser("settings", help="list every setting with its range")
    settings.add_argument("--markdown", action="store_true", help="print the README's table")
    settings.set_defaults(run=_settings)

    classes = commands.add_parser("classes", help="list the classes that can be dreamed")
    classes.add_argument("word", nargs="?", default="", metavar="WORD")
    classes.set_defaults(run=_classes)

    doctor = commands.add_parser("doctor", help="show what is installed and whether it works")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    doctor.set_defaults(run=_doctor)
    return parser


def _add_recipe_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "output",
        type=GivenFile.parse,
        metavar="OUT",
        help="intermediate pictures (settings keep, passes) are numbered: OUT-0001, …",
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="change a setting"
    )
    parser.add_argument("--guide", metavar="FILE", help="a picture whose features steer the dream")
    parser.add_argument("--seed", metavar="N", help="the same as --set seed=N")
    parser.add_argument("--device", metavar="D", help="the same as --set device=D")
    parser.add_argument("--force", action="store_true", help="replace files that exist already")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")


def _settings_help(recipe: Recipe, name: str) -> str:
    """Return a description of all settings, with the values that `recipe` has."""
    values = recipe.as_dict()
    rows = [
        f"  {p.name:15} {p.help}\n{'':18}{p.allowed()}; here: {values[p.name]!r}"
        for p in PARAMETERS.values()
    ]
    return f"settings, with their values for {name}:\n" + "\n".join(rows)


def _recipe(options: argparse.Namespace, base: Recipe) -> Recipe:
    settings = parse_settings(";".join(options.set))
    for name in ("seed", "device", "guide", "mask"):
        if getattr(options, name, None) is not None:
            settings[name] = getattr(options, name)
    recipe = recipe_from(settings, base)
    files = files_named(recipe.as_dict()).values()
    options.named = [GivenFile(Path(file), options.folder / file) for file in files]
    _check_output(options.output, recipe, options.force)
    return recipe


def _check_output(output: GivenFile, recipe: Recipe, force: bool) -> None:
    """Find out before the dream whether it can be written, and would replace anything."""
    from deepdream_core.pictures.files import check_format, numbered_like

    if not output.path.parent.is_dir():
        raise UsageError(f"The folder {output.typed.parent} does not exist.")
    check_format(output.path)
    there = [output.path] if output.path.exists() else []
    if recipe.passes > 1 or recipe.keep != "result":
        there += numbered_like(output.path)
    if there and not force:
        name = output.typed.with_name(there[0].name)
        raise UsageError(f"{name} exists already. Add --force to replace it.")


def _dream(options: argparse.Namespace) -> None:
    base = _recipe_of(options.recipe) if options.recipe else make_recipe(options.preset)
    if files := files_named(base.as_dict()):
        # Nothing is opened that only a file from somebody else names.
        options_for = " and ".join(f"--{name} {file}" for name, file in files.items())
        told = f"the recipe names files, which are not opened; add {options_for} to use them"
        print(f"deepdream: {told}", file=sys.stderr)
    recipe = _recipe(options, without_files(base))
    from deepdream_core.pictures.files import read_picture

    _dream_to_files(read_picture(options.input.path), recipe, options)


def _recipe_of(file: GivenFile) -> Recipe:
    """Return the recipe of a picture that was dreamed, or in a JSON file."""
    from deepdream_core.pictures.files import read_note

    if file.path.suffix.lower() == ".json":
        try:
            return recipe_in(read_json_object(file.path.read_bytes()))
        except OSError as error:
            raise UsageError(f"{file.typed} cannot be read ({error.strerror}).") from None
    note = read_note(file.path)
    if note is None:
        raise UsageError(f"{file.typed} has no recipe: DeepDream did not write it.")
    return recipe_in(read_json_object(note))


def _show_recipe(options: argparse.Namespace) -> None:
    recipe = _recipe_of(options.file)
    print(json.dumps(json.loads(note_of(recipe)), indent=2))


def _noise(options: argparse.Namespace) -> None:
    recipe = _recipe(options, recipe_from(NOISE_SETTINGS)).changed(source="noise")
    import numpy as np

    from deepdream_core.pictures.files import PictureFile

    _dream_to_files(PictureFile(np.zeros((*options.size, 3), np.uint8)), recipe, options)


def _dream_to_files(picture: PictureFile, recipe: Recipe, options: argparse.Namespace) -> None:
    from deepdream_core.cli.terminal import ProgressBar
    from deepdream_core.compute.devices import choose_device, peak_mib
    from deepdream_core.dreaming.dream import dream
    from deepdream_core.pictures.files import numbered, write_picture
    from deepdream_core.pictures.picture import Pixels

    output: GivenFile = options.output
    kept: list[Path] = []

    def keep(name: str, pixels: Pixels) -> None:
        number = len(kept) + 1
        write_picture(numbered(output.path, number), pixels, picture.kept, note_of(recipe))
        kept.append(numbered(output.typed, number))

    started = time.monotonic()
    here = with_absolute_files(recipe, options.folder)
    with ProgressBar() as bar:
        result = dream(picture.pixels, here, watch=bar.show, on_frame=keep, note=bar.note)
    seconds = time.monotonic() - started
    write_picture(output.path, result, picture.kept, note_of(recipe))
    if options.json:
        device = choose_device(recipe.device)
        report = {
            "seconds": round(seconds, 3),
            "device": str(device),
            "seed": recipe.seed,
            "size": [result.shape[1], result.shape[0]],
            "peak_mib": round(peak_mib(device), 1),
            "output": str(output.typed),
            "kept": [str(path) for path in kept],
            "recipe": recipe.as_dict(),
        }
        print(json.dumps(report))


def _presets(options: argparse.Namespace) -> None:
    if options.name:
        usual = Recipe().as_dict()
        for name, value in make_recipe(options.name).as_dict().items():
            unusual = f"   (usually {usual[name]})" if value != usual[name] else ""
            print(f"{name}={value}{unusual}")
        return
    for preset in presets().values():
        print(f"{preset.name:20} {preset.title}: {preset.description}")


def _settings(options: argparse.Namespace) -> None:
    print(settings_table() if options.markdown else _settings_help(Recipe(), "no preset"))


def settings_table() -> str:
    """Return the README's table of parameters, in Markdown."""
    lines = ["| name | what it does | allowed | default |", "|---|---|---|---|"]
    for p in PARAMETERS.values():
        allowed = f"{p.allowed()} ({p.unit})" if p.unit else p.allowed()
        default = f"`{p.default}`" if p.default != "" else "none"
        lines.append(f"| `{p.name}` | {p.help} | {allowed} | {default} |")
    return "\n".join(lines)


def _classes(options: argparse.Namespace) -> None:
    from deepdream_core.models.labels import labels

    word, known = options.word.lower(), [label.lower() for label in labels()]
    found = [number for number, label in enumerate(known) if word in label]
    for number in found:
        print(f"{number:4} {labels()[number]}")
    if not found:
        near = nearest(word, known, most=3)
        hint = f" Did you mean {', '.join(near)}?" if near else " `deepdream classes` lists all."
        raise UsageError(f'No class contains "{options.word}".{hint}')


def _doctor(options: argparse.Namespace) -> int:
    from deepdream_core.cli import doctor

    report = doctor.report()
    print(report.as_json() if options.json else doctor.describe(report))
    return 0 if report.healthy else 1


def _shown(problem: Exception | str, options: argparse.Namespace) -> str:
    """Return a message in which the files are named as the user typed them."""
    given = [value for value in vars(options).values() if isinstance(value, GivenFile)]
    return as_typed(str(problem), [*given, *options.named])


def _fail_with(error: Exception, options: argparse.Namespace) -> int:
    from deepdream_core.engine.errors import explain

    failure = explain(error)
    if failure.code == "internal":
        import traceback

        traceback.print_exc()
    return _fail(_shown(f"{failure.message} {failure.hint}".strip(), options), options)


def _fail(text: str, options: argparse.Namespace) -> int:
    print(f"deepdream: {text}", file=sys.stderr)
    if getattr(options, "json", False):
        print(json.dumps({"error": text}))
    return 1


if __name__ == "__main__":
    sys.exit(main())
