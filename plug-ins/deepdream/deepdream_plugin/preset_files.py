"""The artist's own presets: JSON files in the data folder, in the format of shared `presets`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deepdream_core.shared.paths import presets_folder
from deepdream_core.shared.preset_files import preset_name, preset_path, write_preset
from deepdream_core.shared.presets import SHIPPED, presets, read_preset_file
from deepdream_core.shared.quoting import shortened
from deepdream_core.shared.recipe import RecipeError, Value
from deepdream_plugin.texts import _, sentence


class PresetError(Exception):
    """A preset cannot be saved or read; the message says why."""


def picture_path(name: str) -> Path:
    """Return the picture of one of the artist's own presets."""
    return presets_folder() / f"{name}.png"


def is_own(name: str) -> bool:
    """Return whether a preset is the artist's own, so that it can be renamed and deleted."""
    return name not in {preset.name for preset in SHIPPED} and preset_path(name).is_file()


def is_taken(title: str, present: str = "") -> bool:
    """Return whether saving under `title` would replace one of the artist's own presets.

    `present` is the name of one that may be replaced.
    """
    name = preset_name(title.strip())
    return name != present and preset_path(name).is_file()


def save_preset(title: str, settings: Mapping[str, Value], description: str = "") -> str:
    """Save settings as a preset, replacing the artist's own with the same title; return its name.

    Raises `PresetError`.
    """
    title = title.strip()
    if not title:
        raise PresetError(_("A preset needs a name."))
    name = preset_name(title)
    with _told():
        write_preset(preset_path(name), title, description, settings)
    return name


def rename_preset(name: str, title: str) -> str:
    """Change the title of one of the artist's own presets; return its new name."""
    old = presets()[name]
    new = save_preset(title, old.settings, old.description)
    if new != name:
        if picture_path(name).is_file():
            picture_path(name).replace(picture_path(new))
        preset_path(name).unlink(missing_ok=True)
    return new


def delete_preset(name: str) -> None:
    """Delete one of the artist's own presets."""
    for path in (preset_path(name), picture_path(name)):
        path.unlink(missing_ok=True)


def export_preset(name: str, path: Path) -> None:
    """Export any preset to a file. Raises `PresetError`."""
    preset = presets()[name]
    with _told():
        write_preset(path, preset.title, preset.description, preset.settings, private=False)


def read_preset(path: Path) -> tuple[str, dict[str, Value], str]:
    """Return the title, settings and description in a preset file. Raises `PresetError`."""
    try:
        found = read_preset_file(path)
    except (OSError, RecipeError) as problem:
        reason = problem.strerror or "" if isinstance(problem, OSError) else sentence(problem)
        text = _("{file} is not a preset. {reason}")
        raise PresetError(text.format(file=shortened(path.name, 40), reason=reason)) from None
    return found.title, dict(found.settings), found.description


@contextmanager
def _told() -> Iterator[None]:
    """Raise `PresetError` for an `OSError`."""
    try:
        yield
    except OSError as problem:
        text = _("The preset could not be saved: {reason}.")
        raise PresetError(text.format(reason=problem.strerror)) from None
