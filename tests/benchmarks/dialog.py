"""Response times of the dialog in real windows: the first dream, a change, Cancel.

    python tests/benchmarks/dialog.py [--rounds 3] [--gimps 2.10 3.0 3.2]

The screen is captured repeatedly. No time is more precise than the interval between two captures,
which is reported as "screen capture". The first dialog in each GIMP has to start the engine. After
a change, the preview restarts after 0.15 s (`stage.py`); the time measured here ends when the
change is visible.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "gimp"))

from hosts import NAMES, available_hosts, desktop
from visit import DIALOG, Visit

_BARS = {
    "cold engine: dialog to dream": 5.0,
    "warm engine: dialog to dream": 1.0,
    "Cancel to no window": 0.3,
}
_DREAMED, _BLANK = 0.3, 25.0
"""Mean differences from the photo (0..255): a dream is above the first, no picture the second."""


def seconds_until(what: Callable[[], bool], limit: float = 60.0) -> float:
    begin = time.monotonic()
    while not what():
        if time.monotonic() - begin > limit:
            raise TimeoutError
    return time.monotonic() - begin


def open_dialog(visit: Visit) -> str:
    """Choose DeepDream from the menu; return its window as soon as it opens."""
    visit.screen.activate(visit.window)
    visit.screen.keys("slash")
    time.sleep(1.0)
    visit.screen.type("deepdream")
    time.sleep(1.5)
    visit.screen.keys("Return")
    return visit.screen.wait_for_window(DIALOG)


def photo_in(visit: Visit, dialog: str) -> np.ndarray:
    """Return the preview while it shows the original photo."""
    left, top, right, bottom = visit.preview_box(dialog)
    with visit.screen.held((left + right) // 2, (top + bottom) // 2):
        photo = visit.preview(dialog)
    visit.screen.point(5, 5)
    return photo


def is_dreamed(seen: np.ndarray, photo: np.ndarray) -> bool:
    return _DREAMED < float(np.abs(seen - photo).mean()) < _BLANK


def watch(visit: Visit, times: dict[str, list[float]]) -> None:
    """Open the dialog, change a setting and cancel; add the times taken to `times`."""
    name = "warm" if visit.engines() else "cold"
    dialog = open_dialog(visit)
    begin, looks = time.monotonic(), []
    while time.monotonic() - begin < 10.0:
        looks.append((time.monotonic() - begin, visit.preview(dialog)))
    times.setdefault("screen capture", []).append(10.0 / len(looks))
    visit.screen.activate(dialog)
    visit.wait_for_standing(dialog)
    photo, dreamed = photo_in(visit, dialog), visit.preview(dialog)
    first = next(seconds for seconds, seen in looks if is_dreamed(seen, photo))
    times.setdefault(f"{name} engine: dialog to dream", []).append(first)

    visit.screen.keys("alt+a")  # another seed
    begin = time.monotonic()
    seconds_until(lambda: float(np.abs(visit.preview(dialog) - dreamed).mean()) > _DREAMED)
    times.setdefault("change to another dream", []).append(time.monotonic() - begin)
    visit.screen.keys("Escape")
    took = seconds_until(lambda: not visit.screen.windows(DIALOG))
    times.setdefault("Cancel to no window", []).append(took)
    visit.wait(lambda: not visit.plug_ins(), 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gimps", nargs="+", choices=NAMES, default=list(NAMES))
    options = parser.parse_args()
    hosts = available_hosts()
    print(f"{'GIMP':6}{'':34}{'median':>8}{'min':>8}{'max':>8}{'bar':>8}")
    for name in (name for name in options.gimps if name in hosts):
        times: dict[str, list[float]] = {}
        with tempfile.TemporaryDirectory() as folder, desktop() as screen:
            visit = Visit(hosts[name], screen, Path(folder), Path(folder) / "shots")
            try:
                for _ in range(options.rounds):
                    watch(visit, times)
            finally:
                visit.job.stop()
        for what, took in sorted(times.items()):
            numbers = (statistics.median(took), min(took), max(took))
            bar = f"{_BARS[what]:8.2f}" if what in _BARS else ""
            print(f"{name:6}{what:34}" + "".join(f"{n:8.2f}" for n in numbers) + bar, flush=True)


if __name__ == "__main__":
    main()
