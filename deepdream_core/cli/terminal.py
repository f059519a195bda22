"""Progress on a terminal."""

from __future__ import annotations

import shutil
import sys

from tqdm import tqdm

from deepdream_core.dreaming.progress import Progress
from deepdream_core.shared.durations import spoken

tqdm.monitor_interval = 0  # its thread would redraw bars that stand still


class ProgressBar:
    """Draws a bar on stderr if that is a terminal, and prints sentences there in any case."""

    def __init__(self, pictures: int = 1) -> None:
        """`pictures`: how many will be dreamed."""
        self._pictures = pictures
        self._done = 0
        self._told: set[str] = set()
        self._bar = tqdm(
            total=float(pictures),
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
            leave=False,
            # By itself, tqdm shows nothing on terminals that do not know their size.
            ncols=shutil.get_terminal_size().columns - 1,
            nrows=2,
            bar_format="{percentage:3.0f}% {bar:24} {desc}",
        )

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def show(self, progress: Progress, begun: int = 0, frames: int = 1) -> None:
        """Draw the progress of the current picture, of which `begun` frames are finished."""
        share = (begun + progress.fraction) / frames
        octave, step = progress.octave + 1, progress.step + 1
        where = f"octave {octave}/{progress.octaves} step {step}/{progress.steps}"
        if progress.passes > 1:
            where = f"pass {progress.number + 1}/{progress.passes} {where}"
        if frames > 1:
            where = f"frame {begun + 1}/{frames} {where}"
        left = progress.seconds_left if self._pictures * frames == 1 else self._left(share)
        if self._pictures > 1:
            where = f"picture {self._done + 1}/{self._pictures} {where}"
        self._bar.set_description_str(where + _spoken_left(left), refresh=False)
        self._bar.update(self._done + share - self._bar.n)

    def show_share(self, share: float, where: str) -> None:
        """Draw which share of the only job is done, 0..1, and where it is."""
        self._bar.set_description_str(where, refresh=False)
        self._bar.update(share - self._bar.n)

    def finish_pictures(self, count: int) -> None:
        """Count pictures that are finished, failed or left out."""
        self._done += count
        self._bar.set_description_str(f"{self._done}/{self._pictures}", refresh=False)
        self._bar.update(self._done - self._bar.n)

    def tell(self, text: str) -> None:
        """Print a sentence for the user, unless it was printed before."""
        if text not in self._told:
            self._told.add(text)
            self._bar.clear()
            print(f"deepdream: {text}", file=sys.stderr, flush=True)

    def _left(self, share: float) -> float | None:
        """Return the seconds that all remaining pictures will take, if that can be told."""
        done = self._done + share
        elapsed = self._bar.format_dict["elapsed"]
        return elapsed / done * (self._pictures - done) if done > 0 else None


def _spoken_left(seconds: float | None) -> str:
    return "" if seconds is None else f", {spoken(seconds)} left"
