"""Dreams that are frames of a film, requested one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # so that the engine can answer hello before torch is loaded
    from deepdream_core.dreaming.progress import Progress, Watcher
    from deepdream_core.pictures.picture import Pixels
    from deepdream_core.shared.recipe import Recipe
    from deepdream_core.video.film_dream import FilmState


@dataclass
class Film:
    """The film that a client's dreams are frames of; only the last one is remembered."""

    name: object = None
    state: FilmState | None = None

    def next(
        self,
        image: Pixels,
        recipe: Recipe,
        about: Mapping[str, object],
        *,
        linear: bool,
        guide: Pixels | None,
        palette: Sequence[Sequence[int]] | None,
        watch: Watcher,
        note: Callable[[str], None],
        check: Callable[[], None],
    ) -> Pixels:
        """Dream the next frame and return it in its own form; arguments are those of `dream`.

        `about`: the name of the film and `carry`. Another name, or another size, begins anew.
        """
        import torch

        from deepdream_core.dreaming.transparency import as_seen
        from deepdream_core.pictures.palette import dither
        from deepdream_core.pictures.picture import dreamable, lay_over, take, visibility
        from deepdream_core.video.film_dream import RUN_IN, FilmDream, FilmState

        picture = take(image, linear)
        base, visible = dreamable(picture), visibility(picture)
        frame = as_seen(base, visible)[0].permute(1, 2, 0).numpy()
        state = self.state if about.get("name") == self.name else None
        if state is None or state.frame is None or state.frame.shape != frame.shape:
            state = FilmState()
        carry = min(max(float(str(about.get("carry", 1.0))), 0.0), 1.0)
        dreams = 1 + RUN_IN if carry and not state.number else 1
        film = FilmDream(recipe, carry, _in_parts(watch, dreams), note, guide, check)
        _dreamed, state = film.next(frame, state)
        self.name, self.state = about.get("name"), state
        change = torch.from_numpy(state.change).permute(2, 0, 1)[None]
        if visible is not None:
            change = change * visible
        result = lay_over(picture, base, lambda rows: change[:, :, rows])
        return dither(result, image, palette) if palette else result


def _in_parts(watch: Watcher, count: int) -> Watcher:
    """Return a watcher of several dreams that reports them as one."""
    done, last = 0, 0.0

    def watch_part(progress: Progress) -> None:
        nonlocal done, last
        if progress.fraction <= last:
            done += 1
        last = progress.fraction
        whole = min(1.0, (done + last) / count)
        left = progress.seconds_left if count == 1 else None
        watch(replace(progress, fraction=whole, seconds_left=left))

    return watch_part
