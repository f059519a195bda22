"""The command `deepdream video`."""

from __future__ import annotations

import argparse
import math
import shutil
import textwrap
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from deepdream_core.cli.dream import Interruption
from deepdream_core.cli.failures import Interrupted, UsageError
from deepdream_core.cli.farm import add_farm_options, on_farm
from deepdream_core.cli.film_preview import FilmPreview, preview_in
from deepdream_core.cli.given_files import GivenFile
from deepdream_core.cli.recipes import (
    add_recipe_options,
    add_start_options,
    changed_recipe,
    starting_recipe,
    usual_settings_help,
)
from deepdream_core.shared.durations import spoken
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.recipe_files import with_absolute_files
from deepdream_core.shared.recipe_notes import note_of
from deepdream_core.shared.sizes import parse_size

if TYPE_CHECKING:
    from deepdream_core.cli.terminal import ProgressBar
    from deepdream_core.dreaming.feedback import Passed
    from deepdream_core.dreaming.progress import Progress
    from deepdream_core.video.clip import Clip, Cut
    from deepdream_core.video.unfinished import Workplace

_FASTEST = 240
"""The most frames per second."""
_COPIES = 4
"""How often Pillow holds all frames of an animation while it writes them, at most: measured."""
_DESCRIPTION = (
    "Dream a film (MP4, MOV, MKV …), an animated GIF, WebP or PNG, or a folder of pictures. The "
    "dream moves with the film. From a single picture, several passes make a film that dreams ever "
    "deeper, such as --set 'passes=100;zoom=1.02 -> 1.05'. OUT is one of these as well: .mp4 and "
    ".mov hold H.264, .mkv loses nothing, a name without an ending is a folder of PNG files. An "
    "interrupted film goes on where it was when the command is given again."
)


def add_command(commands: argparse._SubParsersAction) -> None:
    """Add the command to the command line."""
    video = commands.add_parser(
        "video",
        help="dream films, animations and folders of frames without flicker",
        description=textwrap.fill(_DESCRIPTION),
        ending=usual_settings_help,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    video.add_argument("input", type=GivenFile.parse, metavar="IN")
    video.add_argument("output", type=GivenFile.parse, metavar="OUT")
    add_start_options(video)
    add_recipe_options(video)
    video.add_argument(
        "--carry",
        type=_share,
        default=1.0,
        metavar="SHARE",
        help="how much of a frame's dream moves on to the next, 0 to 1; 0 dreams each frame by "
        "itself; default: 1",
    )
    video.add_argument(
        "--from", dest="start", type=_seconds, default=0.0, metavar="TIME", help="seconds, or 1:20"
    )
    video.add_argument("--to", dest="end", type=_seconds, metavar="TIME")
    video.add_argument(
        "--every", type=_count, default=1, metavar="N", help="dream only every Nth frame"
    )
    video.add_argument(
        "--fps", type=_rate, metavar="N", help="frames per second of OUT; drops a film's sound"
    )
    video.add_argument("--size", type=parse_size, metavar="WxH", help="fit the frames into this")
    video.add_argument(
        "--loop", action="store_true", help="let the end of a film of a picture lead to its start"
    )
    video.add_argument(
        "--preview",
        type=GivenFile.parse,
        metavar="FILE.png",
        help="a picture that always shows the newest frame, to look at meanwhile",
    )
    add_farm_options(video)
    video.add_argument("--force", action="store_true", help="replace what exists")
    video.set_defaults(run=_video)


def _video(options: argparse.Namespace) -> None:
    from deepdream_core.cli.destinations import check_folder
    from deepdream_core.cli.terminal import ProgressBar
    from deepdream_core.models.precision import with_precision
    from deepdream_core.video.clip import open_clip
    from deepdream_core.video.loop import frames_needed, looped
    from deepdream_core.video.unfinished import Workplace
    from deepdream_core.video.writing import check_name, write_clip

    recipe = with_absolute_files(changed_recipe(options, starting_recipe(options)), options.folder)
    output = options.output
    to_folder = not output.path.suffix
    check_folder(output)
    if not to_folder:
        check_name(output.path)
        if output.path.exists() and not options.force:
            raise UsageError(f"{output.typed} exists. Add --force to replace it.")
    preview = preview_in(options.preview)
    cut = _cut(options)
    clip = open_clip(options.input.path, cut)
    _check_kind(recipe, clip, options.loop, options.farm)
    recipe = with_precision(recipe)
    wanted = frames_needed(recipe.passes) if options.loop else recipe.passes
    _check_room(output.path, clip, max(wanted, clip.count))
    place = output if to_folder else output.beside(f"{output.path.name}.frames")
    workplace = Workplace(place.path, _request(options, recipe, cut))
    with ProgressBar() as bar, Interruption(keep=False) as interruption:
        if not to_folder:
            bar.tell(f"Until the film is complete, its frames are in {place.typed}.")
        one_by_one = _dream_on_farm if options.farm else _dream_frames
        dream = _dream_passes if recipe.passes > 1 else one_by_one
        count = dream(_Work(clip, recipe, workplace, options, bar, interruption, preview))
        if options.loop and to_folder:
            workplace.close_loop(recipe.passes, count)
        elif not to_folder:
            frames = workplace.frames(count)
            if options.loop:
                frames = looped(frames, recipe.passes)
            for lost in write_clip(output.path, frames, clip, cut, note_of(recipe)):
                bar.tell(lost)
        workplace.finish(keep=to_folder)


@dataclass(frozen=True)
class _Work:
    """A film to dream into a workplace, and who hears of it."""

    clip: Clip
    recipe: Recipe
    workplace: Workplace
    options: argparse.Namespace
    bar: ProgressBar
    interruption: Interruption
    preview: FilmPreview | None


def _dream_frames(work: _Work) -> int:
    """Dream a clip's frames, or what is left of them; return how many there are."""
    from deepdream_core.video.film_dream import FilmDream

    bar, frames = work.bar, work.clip.count
    work.workplace.begin(anew=work.options.force)
    state = work.workplace.film_so_far()
    done = state.number
    if done:
        bar.tell(f"Going on after frame {done} of about {frames}.")
    watch = _Watch(work, frames, done)
    film = FilmDream(work.recipe, work.options.carry, watch, bar.tell)
    try:
        for done in work.workplace.dream(work.clip, film, state):
            watch.frame_finished(done)
    except KeyboardInterrupt:
        raise Interrupted(_interrupted(done, f"about {frames}")) from None
    return done


def _dream_on_farm(work: _Work) -> int:
    """Dream a clip's scenes on many computers; return how many frames that makes."""
    from deepdream_core.farm.films import DREAM_SCENE, scenes, task_for
    from deepdream_core.farm.pictures import remove_leftovers

    clip, options, place = work.clip, work.options, work.workplace
    place.begin(anew=options.force)
    parts = list(scenes(clip, options.carry))
    tasks = [
        task_for(clip.path, place.folder, _cut(options), work.recipe, options.carry, scene)
        for scene in parts
    ]
    count, done, problems = parts[-1][1], 0, []
    for number, result in on_farm(DREAM_SCENE, tasks, options, work.bar.tell):
        work.interruption.check()
        done += parts[number][1] - parts[number][0]
        work.bar.show_share(done / count, f"frame {done}/{count}")
        if work.preview and "error" not in result:
            work.preview.show_finished(place.frame(parts[number][1]))
        for text in result.get("told", ()):
            work.bar.tell(text)
        if "error" in result:
            problems.append(result["error"])
    remove_leftovers(place.frame(number) for number in range(1, count + 1))
    if problems:
        raise UsageError(f"{problems[0]} Give the same command again to dream what is missing.")
    return count


def _dream_passes(work: _Work) -> int:
    """Dream a picture again and again, or what is left of it; return how many frames that makes."""
    from deepdream_core.dreaming.dream import dream
    from deepdream_core.video.loop import frames_needed

    place, passes = work.workplace, work.recipe.passes
    count = frames_needed(passes) if work.options.loop else passes
    place.begin(anew=work.options.force)
    # What a mix was balanced by in the first pass is not known any more.
    passed = place.passes_so_far() if work.recipe.balance != "start" else None
    done = passed.count if passed else 0
    if done:
        work.bar.tell(f"Going on after frame {done} of {count}.")
    watch = _Watch(work, count, done)

    def keep(passed: Passed) -> None:
        nonlocal done
        done = passed.count
        place.keep_pass(passed)
        watch.frame_finished(done)

    picture, recipe = next(work.clip.frames()), work.recipe.changed(passes=count)
    try:
        dream(picture, recipe, watch=watch, note=work.bar.tell, passed=passed, on_pass=keep)
    except KeyboardInterrupt:
        raise Interrupted(_interrupted(done, str(count))) from None
    return count


def _interrupted(done: int, count: str) -> str:
    return f"Interrupted after frame {done} of {count}. Give the same command again to go on."


class _Watch:
    """Shows the progress of a film, and ends it on Ctrl-C."""

    def __init__(self, work: _Work, frames: int, done: int) -> None:
        self._work, self._frames = work, frames
        self._begun_with = self._done = done
        self._started = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        self._work.interruption.check()
        dreamed = self._done - self._begun_with
        left = ""
        if dreamed:
            pace = (time.monotonic() - self._started) / dreamed
            left = f", {spoken(pace * max(0, self._frames - self._done))} left"
        where = f"frame {self._done + 1}/{max(self._frames, self._done + 1)}{left}"
        self._work.bar.show_share(self._done / max(1, self._frames), where)
        if self._work.preview:
            self._work.preview.show_growing(progress)

    def frame_finished(self, done: int) -> None:
        """Count frames whose files are there."""
        self._done = done
        if self._work.preview:
            self._work.preview.show_finished(self._work.workplace.frame(done))


def _cut(options: argparse.Namespace) -> Cut:
    from deepdream_core.video.clip import Cut

    if options.end is not None and options.end <= options.start:
        raise UsageError("--to must be later than --from.")
    return Cut(options.start, options.end, options.every, options.size, options.fps)


def _request(options: argparse.Namespace, recipe: Recipe, cut: Cut) -> dict[str, object]:
    """Return all that the frames depend on, as plain data."""
    path: Path = options.input.path
    about = path.stat()
    return {
        "input": [str(path), about.st_size, about.st_mtime_ns],
        "cut": [cut.start, cut.end, cut.every, cut.room, str(cut.rate)],
        "carry": options.carry,
        "loop": options.loop,
        "recipe": recipe.as_dict(),
    }


def _check_kind(recipe: Recipe, clip: Clip, loop: bool, farm: str | None) -> None:
    if recipe.source == "noise":
        raise UsageError("A film is dreamed from its own frames, not from noise.")
    if recipe.passes > 1 and clip.count > 1:
        raise UsageError("A film is dreamed in one pass; several passes make a film of a picture.")
    if clip.count == 1 and recipe.passes == 1:
        raise UsageError(
            "This is a single picture. Add --set passes=100 --set zoom=1.03 to dream into it."
        )
    if loop and recipe.passes == 1:
        raise UsageError("--loop is for films of a picture, which several passes make.")
    if farm and recipe.passes > 1:
        raise UsageError("A farm cannot dream several passes, as each begins with the one before.")


def _check_room(path: Path, clip: Clip, count: int) -> None:
    """Refuse a film that would fill the disk, or an animation that would fill the memory."""
    from deepdream_core.compute.machine_memory import free_memory
    from deepdream_core.video.writing import is_film

    first = next(clip.frames(), None)
    if first is None:
        raise UsageError("There are no frames between --from and --to.")
    needed = count * first.nbytes
    free = shutil.disk_usage(path.parent).free
    if needed > free:
        raise UsageError(
            f"The frames may need {needed / 1e9:.1f} GB, but only {free / 1e9:.1f} GB are free. "
            "Dream a part with --from and --to, or smaller frames with --size."
        )
    if path.suffix and not is_film(path) and needed * _COPIES > (free := free_memory()):
        raise UsageError(
            f"An animation of {count} such frames needs about {needed * _COPIES / 1e9:.1f} GB of "
            f"memory, but only {free / 1e9:.1f} GB are free. Choose .mp4, or smaller frames with "
            "--size."
        )


def _seconds(text: str) -> float:
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + _number(part)
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no time, such as 80 or 1:20")
    return seconds


def _share(text: str) -> float:
    share = _number(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 to 1")
    return share


def _count(text: str) -> int:
    count = _number(text)
    if not (count >= 1 and count.is_integer()):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1")
    return int(count)


def _rate(text: str) -> Fraction:
    rate = _number(text)
    if not 0 < rate <= _FASTEST:
        raise argparse.ArgumentTypeError(f"{text} is not a number up to {_FASTEST}")
    return Fraction(rate).limit_denominator(1001)


def _number(text: str) -> float:
    """Return a number; anything else is not a number, which no range contains."""
    try:
        return float(text)
    except ValueError:
        return math.nan
