"""The commands `deepdream dream` and `deepdream noise`."""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from deepdream_core.cli import farm as cli_farm
from deepdream_core.cli.failures import INTERRUPTED, Interrupted, UsageError, wording
from deepdream_core.cli.given_files import GivenFile, as_typed
from deepdream_core.cli.recipes import (
    add_recipe_options,
    add_start_options,
    changed_recipe,
    preset_of,
    starting_recipe,
    usual_settings_help,
)
from deepdream_core.shared.durations import spoken
from deepdream_core.shared.messages import Message
from deepdream_core.shared.presets import NOISE_SETTINGS
from deepdream_core.shared.recipe import Recipe, recipe_from
from deepdream_core.shared.recipe_files import with_absolute_files
from deepdream_core.shared.recipe_notes import note_of
from deepdream_core.shared.sizes import parse_size

if TYPE_CHECKING:
    from deepdream_core.cli.plan import Job
    from deepdream_core.cli.terminal import ProgressBar
    from deepdream_core.dreaming.progress import Progress
    from deepdream_core.farm.plain import Result
    from deepdream_core.pictures.files import PictureFile
    from deepdream_core.pictures.picture import Pixels
    from deepdream_core.pictures.profiles import Profiled

_STANDARD = "-"
"""What stands for standard input and output."""
_MOST_VARIANTS = 1000
_FRAMES = ("first", "all")
_BESIDE = GivenFile(Path(), Path())
"""Stands for a contact sheet whose name was not given."""


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add the commands to the command line."""
    dream = commands.add_parser(
        "dream",
        help="dream pictures",
        usage="%(prog)s [options] IN OUT\n       %(prog)s [options] IN... -o FOLDER",
        ending=usual_settings_help,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    dream.add_argument(
        "files",
        nargs="+",
        type=GivenFile.parse,
        metavar="FILE",
        help="a picture and its dream; with -o, pictures, folders and patterns such as '*.jpg'; "
        "- is standard input or output",
    )
    dream.add_argument(
        "-o",
        "--output",
        type=GivenFile.parse,
        metavar="FOLDER",
        help="where dreams go under their pictures' names, or a pattern such as "
        "'dreams/{name}-{preset}-{seed}.png'; what is there already is skipped",
    )
    add_start_options(dream)
    dream.add_argument("--mask", metavar="FILE", help="white dreams, black stays")
    dream.add_argument(
        "--frames",
        choices=_FRAMES,
        default=_FRAMES[0],
        help="which pictures of an animation, or pages of a TIFF file; default: first",
    )
    _add_common_options(dream)
    cli_farm.add_farm_options(dream)
    dream.set_defaults(run=_dream)

    noise = commands.add_parser(
        "noise",
        help="dream without a picture: what excites the network most",
        ending=lambda: usual_settings_help(recipe_from(NOISE_SETTINGS)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    noise.add_argument("output", type=GivenFile.parse, metavar="OUT")
    noise.add_argument("--size", type=parse_size, default=(512, 512), metavar="WxH")
    _add_common_options(noise)
    noise.set_defaults(run=_noise, frames=_FRAMES[0], farm=None)


def _add_common_options(parser: argparse.ArgumentParser) -> None:
    add_recipe_options(parser)
    parser.add_argument(
        "--variants",
        type=_variants,
        default=1,
        metavar="N",
        help="dream each picture with N seeds; names end with -seed1 and so on",
    )
    parser.add_argument(
        "--contact-sheet",
        nargs="?",
        const=_BESIDE,
        type=GivenFile.parse,
        metavar="SHEET",
        help="also lay all dreams out in one picture; default: contact-sheet.png beside them",
    )
    parser.add_argument(
        "--keep", action="store_true", help="on Ctrl-C, write what has been dreamed so far"
    )
    parser.add_argument("--force", action="store_true", help="replace files that exist already")
    parser.add_argument(
        "--format", metavar="F", help="the format for standard output, such as png; default: IN's"
    )
    parser.add_argument(
        "--json", action="store_true", help="print a JSON object for each dream, in one line"
    )


def _variants(text: str) -> int:
    """Read a number of variants, for argparse."""
    with contextlib.suppress(ValueError):
        if 1 <= int(text) <= _MOST_VARIANTS:
            return int(text)
    raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {_MOST_VARIANTS}")


def _dream(options: argparse.Namespace) -> int:
    from deepdream_core.cli.destinations import is_one_picture
    from deepdream_core.cli.plan import is_pattern, plan, sources_in

    recipe = changed_recipe(options, starting_recipe(options))
    preset = "recipe" if options.recipe else preset_of(options)
    if options.farm:
        cli_farm.check_farm_options(options)
    with _standard_streams(options) as (given, output):
        if output is not None:
            folder = output.path.parent if is_pattern(output) else output.path
            sources = list(sources_in(given, folder))
            if is_one_picture(output):
                if len(sources) == 1:
                    return _carry_out_one(sources[0].file, output, recipe, options)
                raise UsageError(
                    f"{output.typed} is one picture; name a folder after -o, or a pattern such as "
                    f"'{{name}}{output.typed.suffix}'."
                )
            return _carry_out(plan(sources, output, preset, recipe, options.variants), options)
        if len(given) != 2:
            raise UsageError("Name a picture and its dream, or pictures and -o FOLDER.")
        source, made = given
        if source.path.is_dir() or made.path.is_dir():
            raise UsageError("To dream into a folder, name it after -o.")
        return _carry_out_one(source, made, recipe, options)


def _noise(options: argparse.Namespace) -> int:
    recipe = changed_recipe(options, recipe_from(NOISE_SETTINGS)).changed(source="noise")
    options.files, output = [], options.output
    if str(output.typed) == _STANDARD:
        raise UsageError("A dream from noise needs a file name.")
    return _carry_out_one(None, output, recipe, options)


@contextlib.contextmanager
def _standard_streams(
    options: argparse.Namespace,
) -> Iterator[tuple[list[GivenFile], GivenFile | None]]:
    """Yield the files to read, and the folder, with files in place of standard streams."""
    given, to_stdout = list(options.files), False
    if all(str(file.typed) != _STANDARD for file in given):
        yield given, options.output
        return
    with tempfile.TemporaryDirectory() as folder:
        if str(given[0].typed) == _STANDARD:
            given[0] = GivenFile(Path("stdin"), Path(folder) / "standard input")
            options.named.append(given[0])
            with given[0].path.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        if str(given[-1].typed) == _STANDARD and options.output is None and len(given) == 2:
            from deepdream_core.pictures.files import usual_suffix

            if options.json:
                raise UsageError("The picture and --json would both go to standard output.")
            suffix = f".{options.format}" if options.format else usual_suffix(given[0].path)
            made = Path(folder) / f"standard output{suffix}"
            given[-1], to_stdout = GivenFile(Path(made.name), made), True
            options.named.append(given[-1])
        if any(str(file.typed) == _STANDARD for file in given):
            raise UsageError("Only the first file can be standard input.")
        yield given, options.output
        if to_stdout and given[-1].path.exists():
            with given[-1].path.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()


def _carry_out_one(
    source: GivenFile | None, made: GivenFile, recipe: Recipe, options: argparse.Namespace
) -> int:
    """Dream one picture, perhaps with several seeds; nothing is skipped."""
    from deepdream_core.cli.destinations import check_folder
    from deepdream_core.cli.plan import Job, variants_of, with_seed
    from deepdream_core.pictures.formats import check_format

    check_folder(made)
    check_format(made.path)
    jobs = [Job(source, made, recipe)]
    if options.variants > 1:
        jobs = [
            Job(source, with_seed(made, one.seed), one)
            for one in variants_of(recipe, options.variants)
        ]
    for job in jobs:
        if job.existing and not options.force:
            raise UsageError(f"{job.existing[0].typed} exists already. Add --force to replace it.")
    return _carry_out(jobs, options)


@dataclass
class _Outcome:
    """What became of the jobs."""

    dreamed: int = 0
    skipped: int = 0
    failed: int = 0
    started: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        parts = [f"Dreamed {self.dreamed} in {spoken(time.monotonic() - self.started)}"]
        parts += [f"skipped {self.skipped} that exist already"] if self.skipped else []
        parts += [f"{self.failed} failed"] if self.failed else []
        return ", ".join(parts) + "."


class Interruption:
    """Ctrl-C. A dream ends early with what is there if the user wants to keep that."""

    def __init__(self, keep: bool) -> None:
        self._keep = keep
        self.asked = False

    def __enter__(self) -> Interruption:
        self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def check(self) -> None:
        """Raise `KeyboardInterrupt` once more: libraries lose it where Python calls them back."""
        if self.asked and not self._keep:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        asked_before, self.asked = self.asked, True
        if asked_before or not self._keep:
            raise KeyboardInterrupt


def _carry_out(jobs: Sequence[Job], options: argparse.Namespace) -> int:
    from deepdream_core.cli.destinations import make_folders
    from deepdream_core.cli.terminal import ProgressBar

    outcome, sheet = _Outcome(), _sheet_for(jobs, options)
    make_folders(job.output for job in jobs if options.force or not job.existing)
    with ProgressBar(len(jobs)) as bar, Interruption(options.keep) as interruption:
        if options.farm:
            _carry_out_on_farm(jobs, options, outcome, bar)
        for job in () if options.farm else jobs:
            if interruption.asked:
                break
            _carry_out_job(job, _Dreamer(job, options, bar, interruption), outcome, len(jobs) == 1)
            bar.finish_pictures(1)
        if sheet is not None and not interruption.asked:
            _lay_out(jobs, sheet, options.variants, bar)
        if len(jobs) > 1:
            bar.tell(str(outcome))
    if options.json and len(jobs) > 1:
        counts = {name: getattr(outcome, name) for name in ("dreamed", "skipped", "failed")}
        print(json.dumps(counts))
    return INTERRUPTED if interruption.asked else int(outcome.failed > 0)


def _carry_out_on_farm(
    jobs: Sequence[Job], options: argparse.Namespace, outcome: _Outcome, bar: ProgressBar
) -> None:
    """Let workers dream what is missing."""
    missing = [job for job in jobs if options.force or not job.existing]
    outcome.skipped = len(jobs) - len(missing)
    bar.finish_pictures(outcome.skipped)
    results = cli_farm.dreamed_on_farm(missing, options, bar.tell) if missing else ()
    try:
        for job, result in results:
            _tell_result(job, result, outcome, bar, options.json)
            bar.finish_pictures(1)
    except KeyboardInterrupt:
        raise Interrupted(f"Interrupted; what was dreamed is there. {outcome}") from None


def _tell_result(
    job: Job, result: Result, outcome: _Outcome, bar: ProgressBar, as_json: bool
) -> None:
    for text in result.get("told", ()):
        bar.tell(text)
    if error := result.get("error"):
        _tell_failure(job, str(error), outcome, bar, as_json)
        return
    outcome.dreamed += 1
    if as_json:
        print(json.dumps({"output": str(job.output.typed), **result}), flush=True)


def _tell_failure(job: Job, words: str, outcome: _Outcome, bar: ProgressBar, as_json: bool) -> None:
    outcome.failed += 1
    name = job.source.typed if job.source else job.output.typed
    told = as_typed(words, [job.output, *([job.source] if job.source else [])])
    bar.tell(told if str(name) in told else f"{name}: {told}")
    if as_json:
        print(json.dumps({"input": str(name), "error": told}), flush=True)


def _carry_out_job(job: Job, dreamer: _Dreamer, outcome: _Outcome, alone: bool) -> None:
    """Dream a job's picture; the failure of one among others is told, and does not stop them."""
    if job.existing and not dreamer.options.force:
        outcome.skipped += 1
        return
    try:
        dreamer.run()
        outcome.dreamed += 1
    except KeyboardInterrupt:
        kept = f" {_listed(dreamer.kept)} had been written." if dreamer.kept else ""
        others = "" if alone else f" {outcome}"
        raise Interrupted(
            f"Interrupted: {job.output.typed} was not written.{kept}{others}"
        ) from None
    except Exception as error:
        if alone:
            raise
        _tell_failure(job, wording(error), outcome, dreamer.bar, dreamer.options.json)


class _Dreamer:
    """Dreams a job's picture, or all its frames, and writes the result."""

    def __init__(
        self,
        job: Job,
        options: argparse.Namespace,
        bar: ProgressBar,
        interruption: Interruption,
    ) -> None:
        self.job = job
        self.options = options
        self.bar = bar
        self.kept: list[GivenFile] = []
        """The intermediate pictures written so far."""
        self._interruption = interruption
        self._frame, self._frames = 0, 1

    def run(self) -> None:
        """Dream, write, and report."""
        from deepdream_core.pictures.files import write_pictures
        from deepdream_core.pictures.formats import losses
        from deepdream_core.pictures.profiles import Profiled

        started = time.monotonic()
        results: list[Pixels] = []
        kept: dict = {}
        times: list[object] = []
        for picture in self._pictures():
            profiled = Profiled(picture, self.job.output.path)
            for told in profiled.told:
                self.bar.tell(told)
            kept = kept or profiled.kept
            times.append(picture.kept.get("duration"))
            results.append(self._dream(profiled))
            self._frame += 1
            if self._interruption.asked:
                break
        if len(results) > 1 and all(times):
            kept = {**kept, "duration": times}
        output = self.job.output
        for loss in losses(output.path, results[0], len(results)):
            self.bar.tell(loss)
        write_pictures(output.path, results, kept, self._note())
        if self.kept:
            self.bar.tell(f"{_listed(self.kept)} are the steps on the way to {output.typed}.")
        if self._interruption.asked:
            self.bar.tell(f"Interrupted: {output.typed} is what was there.")
        if self.options.json:
            print(json.dumps(self._report(results[0], time.monotonic() - started)), flush=True)

    def _pictures(self) -> Iterator[PictureFile]:
        import numpy as np

        from deepdream_core.pictures.files import PictureFile, read_picture, read_pictures
        from deepdream_core.pictures.formats import holds_several

        source, output = self.job.source, self.job.output
        if source is None:
            width, height = self.options.size[1], self.options.size[0]
            yield PictureFile(np.zeros((height, width, 3), np.uint8))
            return
        picture = read_picture(source.path)
        for told in picture.told:
            self.bar.tell(told)
        if picture.pictures > 1 and self.options.frames == "all":
            if not holds_several(output.path):
                raise UsageError(
                    f"{output.typed} can hold only one of the {picture.pictures} pictures in "
                    f"{source.typed}; choose a name that ends with .gif, .webp, .png or .tif."
                )
            self._frames = picture.pictures
            yield from read_pictures(source.path, picture)
            return
        if picture.pictures > 1:
            self.bar.tell(Message("one-of-several", path=str(source.typed), count=picture.pictures))
        yield picture

    def _dream(self, picture: Profiled) -> Pixels:
        from deepdream_core.dreaming.dream import dream
        from deepdream_core.dreaming.progress import StopHere
        from deepdream_core.pictures.files import numbered, write_picture

        output = self.job.output

        def keep(name: str, pixels: Pixels) -> None:
            file = output.beside(numbered(output.path, len(self.kept) + 1).name)
            write_picture(file.path, picture.dreamed(pixels), picture.kept, self._note())
            self.kept.append(file)

        def watch(progress: Progress) -> None:
            self.bar.show(progress, self._frame, self._frames)
            self._interruption.check()
            if self._interruption.asked:
                raise StopHere

        here = with_absolute_files(self.job.recipe, self.options.folder)
        check = self._interruption.check
        result = dream(
            picture.seen, here, watch=watch, on_frame=keep, note=self.bar.tell, check=check
        )
        return picture.dreamed(result)

    def _note(self) -> str:
        from deepdream_core.models.precision import with_precision

        return note_of(with_precision(self.job.recipe))

    def _report(self, result: Pixels, seconds: float) -> dict[str, object]:
        from deepdream_core.compute.devices import choose_device
        from deepdream_core.compute.machine_memory import peak_mib

        recipe, device = self.job.recipe, choose_device(self.job.recipe.device)
        return {
            "seconds": round(seconds, 3),
            "device": str(device),
            "seed": recipe.seed,
            "size": [result.shape[1], result.shape[0]],
            "peak_mib": round(peak_mib(device), 1),
            "output": str(self.job.output.typed),
            "kept": [str(file.typed) for file in self.kept],
            "recipe": recipe.as_dict(),
        }


def _listed(files: Sequence[GivenFile]) -> str:
    first, last = files[0].typed, files[-1].typed
    return str(first) if len(files) == 1 else f"{first} to {last.name}"


def _sheet_for(jobs: Sequence[Job], options: argparse.Namespace) -> GivenFile | None:
    """Return the contact sheet to write, if any. Raises `UsageError` and `PictureError`."""
    from deepdream_core.cli.contact_sheet import is_contact_sheet
    from deepdream_core.pictures.formats import check_format

    sheet = options.contact_sheet
    if sheet is _BESIDE:
        sheet = jobs[0].output.beside("contact-sheet.png")
    if sheet is not None:
        check_format(sheet.path)
        if any(sheet.path in (job.output.path, job.source and job.source.path) for job in jobs):
            raise UsageError(f"{sheet.typed} is already the name of a picture; choose another one.")
        if sheet.path.exists() and not options.force and not is_contact_sheet(sheet.path):
            raise UsageError(f"{sheet.typed} exists already. Add --force to replace it.")
    return sheet


def _lay_out(jobs: Sequence[Job], sheet: GivenFile, columns: int, bar: ProgressBar) -> None:
    from deepdream_core.cli.contact_sheet import write_contact_sheet

    if there := [job for job in jobs if job.output.path.exists()]:
        write_contact_sheet(sheet.path, there, columns)
        dreams = "one dream" if len(there) == 1 else f"{len(there)} dreams"
        bar.tell(f"{sheet.typed} shows {dreams}.")
