"""Recipes on the command line: options for settings, and recipes kept in files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from deepdream_core.cli.configuration import Configuration, configuration, configuration_file
from deepdream_core.cli.failures import UsageError
from deepdream_core.cli.given_files import GivenFile
from deepdream_core.shared.presets import DEFAULT_PRESET, make_recipe
from deepdream_core.shared.recipe import (
    PARAMETERS,
    Recipe,
    RecipeError,
    parse_settings,
    read_json_object,
    recipe_from,
)
from deepdream_core.shared.recipe_files import files_named, without_files
from deepdream_core.shared.recipe_notes import note_of, recipe_in

_SHORT_FORMS = ("seed", "device", "guide", "mask")
"""The settings that have an option of their own."""


def add_settings_option(parser: argparse.ArgumentParser) -> None:
    """Add `--set`."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change a setting, or several: NAME=VALUE;… or a JSON object; may be repeated",
    )


def add_recipe_options(parser: argparse.ArgumentParser) -> None:
    """Add the options with which settings are changed."""
    add_settings_option(parser)
    parser.add_argument("--guide", metavar="FILE", help="a picture whose features steer the dream")
    parser.add_argument("--seed", metavar="N", help="the same as --set seed=N")
    parser.add_argument(
        "--device",
        metavar="D",
        help=f"the same as --set device=D: {', '.join(PARAMETERS['device'].choices)}",
    )


def add_start_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the recipe to start from: a preset or a kept recipe."""
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--preset", metavar="P", help=f"see `presets`; default: {DEFAULT_PRESET}")
    start.add_argument(
        "--recipe",
        type=GivenFile.parse,
        metavar="FILE",
        help="a picture that was dreamed, or a JSON file: the same recipe",
    )


def starting_recipe(options: argparse.Namespace) -> Recipe:
    """Return the recipe that the options start from; one from a file opens no other files."""
    if not options.recipe:
        return make_recipe(preset_of(options))
    base = read_recipe(options.recipe)
    if files := files_named(base.as_dict()):
        # Nothing is opened that only a file from somebody else names.
        options_for = " and ".join(f"--{name} {file}" for name, file in files.items())
        told = f"the recipe names files, which are not opened; add {options_for} to use them"
        print(f"deepdream: {told}", file=sys.stderr)
    return without_files(base)


def preset_of(options: argparse.Namespace) -> str:
    """Return the name of the preset that the options, or the configuration, choose."""
    return options.preset or configuration().preset or DEFAULT_PRESET


def changed_recipe(options: argparse.Namespace, base: Recipe) -> Recipe:
    """Return a recipe with the options' settings, and note the files that it names."""
    # A kept recipe is dreamed again as it was.
    usual = {} if getattr(options, "recipe", None) else configuration().settings
    settings = {**usual, **settings_of(options.set)}
    for name in _SHORT_FORMS:
        if getattr(options, name, None) is not None:
            settings[name] = getattr(options, name)
    recipe = recipe_from(settings, base)
    files = files_named(recipe.as_dict()).values()
    options.named += [GivenFile(Path(file), options.folder / file) for file in files]
    return recipe


def settings_of(texts: Sequence[str]) -> dict[str, object]:
    """Return the settings of all `--set` options; later ones win. Raises `RecipeError`."""
    settings: dict[str, object] = {}
    for text in texts:
        settings.update(parse_settings(text))
    return settings


def read_recipe(file: GivenFile) -> Recipe:
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


def show_recipe(options: argparse.Namespace) -> None:
    """Carry out `deepdream recipe FILE`."""
    print(json.dumps(json.loads(note_of(read_recipe(options.file))), indent=2))


def usual_settings_help(noise: Recipe | None = None) -> str:
    """Return a description of all settings, with the values that count unless others are given.

    `noise`: what dreams from noise start from; otherwise, it is a preset.
    """
    try:
        chosen = configuration()
        preset = chosen.preset or DEFAULT_PRESET
        recipe = recipe_from(chosen.settings, noise or make_recipe(preset))
    except (UsageError, RecipeError):
        # The command itself will say what is wrong with the configuration.
        chosen, preset, recipe = Configuration(), DEFAULT_PRESET, noise or make_recipe("")
    name = "noise" if noise else f"preset {preset}"
    return settings_help(recipe, f"{name} and {configuration_file()}" if chosen.settings else name)


def settings_help(recipe: Recipe, name: str) -> str:
    """Return a description of all settings, with the values that `recipe` has."""
    values = recipe.as_dict()
    rows = [
        f"  {p.name:15} {p.help}\n{'':18}{p.allowed()}; here: {values[p.name]!r}"
        for p in PARAMETERS.values()
    ]
    return f"settings, with their values for {name}:\n" + "\n".join(rows)
