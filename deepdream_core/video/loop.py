"""Films that can be shown again and again without a jump."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from deepdream_core.video.clip import Frame

_FADE = 0.25
"""The share of a loop during which its end fades into its beginning."""


def frames_needed(count: int) -> int:
    """Return how many frames of a film make a loop of `count` frames."""
    return count + _fading(count)


def looped(frames: Iterable[Frame], count: int) -> Iterator[Frame]:
    """Yield `count` frames that make a loop from `frames_needed(count)` that do not.

    The surplus at the end fades into the beginning, so that the last frame leads to the first.
    """
    fading = _fading(count)
    rest = iter(frames)
    beginning = [next(rest) for _ in range(fading)]
    body = [next(rest) for _ in range(count - fading)]
    for number, (old, new) in enumerate(zip(rest, beginning, strict=True)):
        share = np.float32((number + 1) / (fading + 1))
        mixed = old + (new.astype(np.float32) - old) * share
        yield mixed.round().astype(np.uint8)
    yield from body


def _fading(count: int) -> int:
    return max(1, round(count * _FADE)) if count > 1 else 0
