"""Planning dreams of many pictures: which files, and what each becomes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deepdream_core.cli.failures import UsageError
from deepdream_core.cli.given_files import GivenFile
from deepdream_core.pictures.files import numbered_like, readable_suffixes, usual_suffix
from deepdream_core.pictures.formats import can_write, check_format
from deepdream_core.shared.recipe import PARAMETERS, Recipe

_MAGIC = re.compile(r"[*?\[]")
_GAP = re.compile(r"\{(\w*)\}")
_GAPS = ("name", "preset", "seed")


@dataclass(frozen=True)
class Job:
    """A picture to dream; a dream from noise has no source."""

    source: GivenFile | None
    output: GivenFile
    recipe: Recipe

    @property
    def existing(self) -> list[GivenFile]:
        """The files that are there already and would be replaced."""
        there = [self.output.path] if self.output.path.exists() else []
        keeps = self.recipe.passes > 1 or self.recipe.keep != "result"
        if keeps and self.output.path.parent.is_dir():
            there += numbered_like(self.output.path)
        return [self.output.beside(path.name) for path in there]


@dataclass(frozen=True)
class Source:
    """A picture file, and the folders below the given one in which it was found."""

    file: GivenFile
    below: Path = Path()


def sources_in(given: Sequence[GivenFile], leave_out: Path) -> Iterator[Source]:
    """Return the pictures that files, folders and patterns such as `*.png` name.

    What is in the folder `leave_out` is not searched. Raises `UsageError`.
    """
    for file in given:
        if file.path.is_dir():
            found = list(_pictures_below(file, leave_out))
            if not found:
                raise UsageError(f"The folder {file.typed} holds no pictures.")
            yield from found
        elif not file.path.exists() and _MAGIC.search(str(file.typed)):
            root = Path(file.path.anchor)
            matches = sorted(root.glob(str(file.path.relative_to(root))))
            if not matches:
                raise UsageError(f"No file is named like {file.typed}.")
            for match in matches:
                yield Source(GivenFile(match, match))
        else:
            yield Source(file)


def _pictures_below(folder: GivenFile, leave_out: Path) -> Iterator[Source]:
    known = readable_suffixes()
    for path in sorted(folder.path.rglob("*")):
        is_own = leave_out != folder.path and path.is_relative_to(leave_out)
        hidden = any(part.startswith(".") for part in path.relative_to(folder.path).parts)
        if path.suffix.lower() in known and path.is_file() and not hidden and not is_own:
            below = path.relative_to(folder.path)
            yield Source(GivenFile(folder.typed / below, path), below.parent)


def plan(
    sources: Sequence[Source], output: GivenFile, preset: str, recipe: Recipe, variants: int
) -> list[Job]:
    """Return a job for each picture and variant; `output` is a folder or a pattern.

    Raises `UsageError`.
    """
    jobs: dict[Path, Job] = {}
    recipes = variants_of(recipe, variants)
    seen: set[Path] = set()
    for source in sources:
        if source.file.path in seen:
            continue  # a folder and a pattern may name the same picture
        seen.add(source.file.path)
        for one in recipes:
            made = output_for(source, output, preset, one, variants > 1)
            if other := jobs.get(made.path):
                name = other.source.typed if other.source else "another seed"
                raise UsageError(
                    f"Both {name} and {source.file.typed} would become {made.typed}; "
                    "use {name} and {seed} in the pattern, or dream them into different folders."
                )
            jobs[made.path] = Job(source.file, made, one)
    return list(jobs.values())


def variants_of(recipe: Recipe, variants: int) -> list[Recipe]:
    """Return the recipe with as many seeds, counting up from its own."""
    seeds = int(PARAMETERS["seed"].high or 0) + 1
    return [recipe.changed(seed=(recipe.seed + number) % seeds) for number in range(variants)]


def is_pattern(output: GivenFile) -> bool:
    """Return whether an output has gaps such as `{name}`. Raises `UsageError` for unknown ones."""
    gaps = _GAP.findall(str(output.typed))
    if unknown := [gap for gap in gaps if gap not in _GAPS]:
        known = ", ".join(f"{{{gap}}}" for gap in _GAPS)
        raise UsageError(f"There is no {{{unknown[0]}}} in patterns, but {known}.")
    return bool(gaps)


def output_for(
    source: Source, output: GivenFile, preset: str, recipe: Recipe, several: bool
) -> GivenFile:
    """Return the file that a picture becomes, in a folder or by a pattern."""
    name, suffix = source.file.typed.stem, _suffix_for(source.file)
    if is_pattern(output):
        values = {"name": name, "preset": preset, "seed": str(recipe.seed)}
        made = output.changed(lambda text: _GAP.sub(lambda gap: values[gap[1]], text))
        ending = output.typed.suffix
        if ending and not _GAP.search(ending):
            check_format(made.path)
            return made
        return made.changed(lambda text: text + suffix)
    made = output.inside(source.below / f"{name}{suffix}")
    return with_seed(made, recipe.seed) if several else made


def with_seed(output: GivenFile, seed: int) -> GivenFile:
    """Return the name of a variant: `out.png`, 7 gives `out-seed7.png`."""
    return output.beside(f"{output.typed.stem}-seed{seed}{output.typed.suffix}")


def _suffix_for(source: GivenFile) -> str:
    """Return the ending of the source's name, or that of a format that can be written."""
    return source.typed.suffix if can_write(source.path) else usual_suffix(source.path)
