"""Files named by a recipe that came with an image: they are not opened, nor looked for, unasked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from deepdream_core.shared.quoting import shortened
from deepdream_core.shared.recipe_files import files_named, without_files
from deepdream_plugin.choice import Choice
from deepdream_plugin.layers import LayerError
from deepdream_plugin.texts import _

_IN_A_WINDOW = 400
_NAME, _ALL_FILES = 40, 80
"""Characters in a sentence, which must stay short."""


def shown(files: Iterable[str], most: int = _IN_A_WINDOW) -> list[str]:
    """Return file names for the artist to judge, without characters that hide what they are.

    Names with more than `most` characters lose their middle.
    """
    return [shortened(file, most) for file in files]


def agreed(choice: Choice, ask: Callable[[Sequence[str]], bool]) -> Choice:
    """Return the choice without its files if the artist does not want them opened.

    `ask` is called with their names, if there are any, and returns whether to open them.
    """
    files = files_named(choice.recipe.as_dict())
    if not files or ask(shown(files.values())):
        return choice
    return replace(choice, recipe=without_files(choice.recipe))


def refuse_files(name: str, choice: Choice, given: Iterable[str] = ()) -> None:
    """Raise `LayerError` if the recipe of the layer `name` names files that the caller did not.

    `given` are the names of the caller's own settings.
    """
    files = {n: f for n, f in files_named(choice.recipe.as_dict()).items() if n not in set(given)}
    if files:
        raise LayerError(
            _(
                'The recipe of "{name}" names {files}, but files that an image names are not '
                "opened unasked: set {settings} to a file of your own, or to nothing."
            ).format(
                name=shortened(name, _NAME),
                files=", ".join(shown(files.values(), _ALL_FILES // len(files))),
                settings=", ".join(files),
            )
        )
