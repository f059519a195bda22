"""The command `deepdream presets`: listing, showing and saving presets."""

from __future__ import annotations

import argparse

from deepdream_core.cli.failures import UsageError
from deepdream_core.cli.given_files import GivenFile
from deepdream_core.cli.recipes import add_settings_option, read_recipe, settings_of
from deepdream_core.shared.preset_files import preset_name, preset_path, write_preset
from deepdream_core.shared.presets import make_recipe, presets
from deepdream_core.shared.recipe import MACHINE, PARAMETERS, Recipe, recipe_from


def add_command(commands: argparse._SubParsersAction) -> None:
    """Add the command to the command line."""
    listing = commands.add_parser("presets", help="list the presets, show one, or save your own")
    listing.add_argument("words", nargs="*", metavar="NAME | save NAME", help="show or save it")
    saved = listing.add_argument_group("with save")
    start = saved.add_mutually_exclusive_group()
    start.add_argument("--preset", default="", metavar="P", help="the preset to start from")
    start.add_argument(
        "--recipe", type=GivenFile.parse, metavar="FILE", help="a dreamed picture, or a JSON file"
    )
    add_settings_option(saved)
    saved.add_argument("--force", action="store_true", help="replace your own preset")
    listing.set_defaults(run=_presets)


def _presets(options: argparse.Namespace) -> None:
    saves, changes = options.words[:1] == ["save"], options.set or options.preset or options.recipe
    if saves and len(options.words) == 2:
        _save(options.words[1], options)
    elif saves or len(options.words) > 1 or changes:
        raise UsageError("To save a preset, type presets save NAME --set SETTING=VALUE.")
    elif options.words:
        _show(options.words[0])
    else:
        for preset in presets().values():
            print(f"{preset.name:20} {preset.title}: {preset.description}")


def _show(name: str) -> None:
    usual = Recipe().as_dict()
    for setting, value in make_recipe(name).as_dict().items():
        unusual = f"   (usually {usual[setting]})" if value != usual[setting] else ""
        print(f"{setting}={value}{unusual}")


def _save(title: str, options: argparse.Namespace) -> None:
    base = _without_machine(options.recipe) if options.recipe else make_recipe(options.preset)
    recipe, usual = recipe_from(settings_of(options.set), base).as_dict(), Recipe().as_dict()
    name = preset_name(title)
    if preset_path(name).exists() and not options.force:
        raise UsageError(f"There is a preset {name} already. Add --force to replace it.")
    try:
        settings = {setting: value for setting, value in recipe.items() if value != usual[setting]}
        write_preset(preset_path(name), title, "", settings)
    except OSError as error:
        raise UsageError(f"{preset_path(name)} cannot be written ({error.strerror}).") from None
    print(f"Saved as {name}; use it with --preset {name}.")


def _without_machine(file: GivenFile) -> Recipe:
    """Read a dream's recipe, without the settings of the computer that dreamed it."""
    usual = Recipe().as_dict()
    of_machine = {p.name: usual[p.name] for p in PARAMETERS.values() if p.group == MACHINE}
    return read_recipe(file).changed(**of_machine)
