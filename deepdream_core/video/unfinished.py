"""Dreaming a clip into a folder, so that an interrupted dream goes on with the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from deepdream_core.dreaming.feedback import Passed
from deepdream_core.pictures.picture import PictureError, Pixels
from deepdream_core.shared.atomic_files import replacing, write_text
from deepdream_core.video.clip import Clip, Frame
from deepdream_core.video.film_dream import FilmDream, FilmState, in_type
from deepdream_core.video.loop import looped

_REQUEST, _STATE = "dream.json", "last-frame.npz"
"""What is dreamed, and what its next frame needs to know."""


@dataclass(frozen=True)
class Workplace:
    """A folder with the frames that have been dreamed, and what the next one needs to know."""

    folder: Path
    request: Mapping[str, object]
    """What is dreamed, as plain data: another request does not go on here."""

    def begin(self, anew: bool = False) -> None:
        """Prepare the folder. Raises `PictureError` if another dream is there.

        `anew`: begin with the first frame, whatever is there.
        """
        kept = self.folder / _REQUEST
        asked = json.dumps(self.request, indent=1, sort_keys=True)
        if anew and kept.exists():
            self.remove_frames()
        if kept.exists():
            if kept.read_text("utf-8") != asked:
                raise PictureError("other-frames", path=str(self.folder))
            return
        if self.folder.exists() and any(self.folder.iterdir()):
            raise PictureError("folder-in-use", path=str(self.folder))
        write_text(kept, asked, private=False)

    def film_so_far(self) -> FilmState:
        """Return the state of a film to go on from."""
        kept = self._kept()
        if kept is None:
            return FilmState()
        return FilmState(
            int(kept["number"]),
            kept["frame"],
            kept["change"],
            float(kept["size"]),
            kept.get("first"),
            float(kept.get("ahead", 1.0)),
        )

    def passes_so_far(self) -> Passed | None:
        """Return the passes to go on from, if there are any, of a film that passes make."""
        kept = self._kept()
        if kept is None:
            return None
        count = int(kept["number"])
        first, last = self._read(1), self._read(count)
        return Passed(count, first, last, torch.from_numpy(kept["random_state"]))

    def keep_pass(self, passed: Passed) -> None:
        """Write a pass's frame, and what the next one needs to know."""
        self.write(passed.count, passed.last)
        self._keep(number=passed.count, random_state=passed.random_state)

    def dream(self, clip: Clip, film: FilmDream, state: FilmState) -> Iterator[int]:
        """Dream what is left of a clip; yield how many frames are there after each."""
        for frame in islice(clip.frames(), state.number, None):
            dreamed, state = film.next(frame, state)
            self.write(state.number, in_type(dreamed, frame.dtype))
            self._keep(**vars(state))
            yield state.number

    def write(self, number: int, frame: Pixels) -> None:
        """Write a frame, uint8 (height, width, 3), counted from 1."""
        with replacing(self.frame(number)) as unfinished:
            save_frame(unfinished, frame)

    def frame(self, number: int) -> Path:
        """Return the file of a frame, counted from 1."""
        return self.folder / f"{number:06}.png"

    def frames(self, count: int) -> Iterator[Frame]:
        """Read the frames that have been dreamed."""
        yield from map(self._read, range(1, count + 1))

    def _read(self, number: int) -> Frame:
        with Image.open(self.frame(number)) as image:
            return np.array(image.convert("RGB"))

    def finish(self, keep: bool) -> None:
        """Remove what only an unfinished dream needs, or all of it."""
        if keep:
            for name in (_REQUEST, _STATE):
                (self.folder / name).unlink(missing_ok=True)
        else:
            self.remove_frames()
            self.folder.rmdir()

    def remove_frames(self) -> None:
        """Remove what this module has written, and nothing else."""
        for path in [*self.folder.glob("[0-9]" * 6 + ".png"), *self.folder.glob(".*.unfinished*")]:
            path.unlink()
        for name in (_STATE, _REQUEST):
            (self.folder / name).unlink(missing_ok=True)

    def close_loop(self, wanted: int, count: int) -> None:
        """Make a loop of `wanted` of the frames, which cannot be gone on with any more."""
        (self.folder / _STATE).unlink(missing_ok=True)
        for number, frame in enumerate(looped(self.frames(count), wanted), 1):
            self.write(number, frame)
        for number in range(wanted + 1, count + 1):
            self.frame(number).unlink()

    def _keep(self, **values: Any) -> None:
        kept = {name: value for name, value in values.items() if value is not None}
        with replacing(self.folder / _STATE) as unfinished, unfinished.open("wb") as file:
            np.savez(file, allow_pickle=False, **kept)

    def _kept(self) -> dict[str, np.ndarray] | None:
        path = self.folder / _STATE
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as kept:
            return dict(kept)


def save_frame(path: Path, frame: Pixels) -> None:
    """Write a frame, uint8 (height, width, 3), as PNG, in little time rather than little space."""
    Image.fromarray(frame).save(path, compress_level=1)
