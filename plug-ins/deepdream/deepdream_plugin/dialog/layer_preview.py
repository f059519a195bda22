"""Keeps the preview up to date with the choice: plans it, requests it and shows it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from gimpfu import GRAY
from gimpfu.objects.images import Image
from gimpfu.objects.items import Layer

from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Region
from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.gtk import Debounce, GdkPixbuf, GLib
from deepdream_plugin.dialog.plan import (
    FIRST_GUESS,
    Plan,
    plan_preview,
    recipe_at_full_size,
    region_around,
)
from deepdream_plugin.dialog.preview_view import PreviewView
from deepdream_plugin.dialog.previewer import Previewer, PreviewEvent, WantedPreview
from deepdream_plugin.dialog.state import State
from deepdream_plugin.engine import Engine
from deepdream_plugin.progress import progress_text
from deepdream_plugin.texts import _, translated

_PAUSE = 0.15
"""Seconds without a change before the preview restarts."""
_MOMENT = 0.03
"""The same, for a change that needs no new dream."""
_PREVIEW_SECONDS = 8.0
"""How long a preview may take once the machine's speed is known."""
_PATIENCE = 30.0
"""How long it may take to add octaves that the first preview left out."""


@dataclass(frozen=True)
class _Limit:
    """What limits the dream: the selection within the layer, the layer's mask, or both."""

    grades: GdkPixbuf.Pixbuf
    box: Region | None


@dataclass(frozen=True)
class _Patch:
    """Where a preview of the selected part belongs."""

    before: GdkPixbuf.Pixbuf
    """The whole layer, as it is shown."""
    place: Region
    mask: GdkPixbuf.Pixbuf

    def laid_over(self, part: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf:
        return pixbufs.placed(part, self.before, self.place, self.mask)


class LayerPreview:
    """The preview of one layer."""

    def __init__(
        self,
        image: Image,
        layer: Layer,
        state: State,
        on_failure: Callable[..., None],
        on_finished: Callable[[], None],
    ) -> None:
        """Read the layer; `on_finished` is called when the preview is as complete as it gets."""
        self._state = state
        self._on_failure, self._on_finished = on_failure, on_finished
        self.gray = image.base_type == GRAY
        self.size = (layer.width, layer.height)
        self.whole = read_layer(layer, self.gray)
        self._selection = _read_selection(image, layer)
        self._mask = read_mask(layer)
        self.seen = pixbufs.masked(self.whole, self._mask) if self._mask else self.whole
        self._limits: dict[tuple[bool, bool], _Limit | None] = {}
        self._limited_by = self._limiting()
        self._guide: Picture | None = None
        self._centre = (0.5, 0.5)
        self._numbers = itertools.count(1)
        self._current = 0
        self._plan: Plan | None = None
        self._patch: _Patch | None = None
        self._shown_octaves = 0
        self._work = 0.0
        """The pixel-steps of the current preview at most; 0 for one that has not begun."""
        self._finished_work = 0.0
        self._begun: Recipe | None = None
        """The recipe of the current preview."""
        self._awake = False
        self._notes: list[str] = []
        self._delayed_restart = Debounce(_PAUSE, self.restart)
        self._composing = Debounce(_MOMENT, self.restart)
        self.view = PreviewView(self._resized, self._zoomed, self._panned)
        self.previewer = Previewer(lambda event: GLib.idle_add(self._handle, event))
        state.listen(self._recipe_changed)
        state.listen_to_output(self._output_changed)
        self.view.say(_("Waking the engine…"), working=True)

    def set_guide(self, guide: Picture | None) -> None:
        """Change the guide picture."""
        self._guide = guide
        self._delayed_restart.call()

    def picture(self, side: int) -> GdkPixbuf.Pixbuf:
        """Return a square picture of the original layer."""
        return pixbufs.on_chequers(pixbufs.square(self.seen, side))

    def dreamed(self, side: int) -> GdkPixbuf.Pixbuf | None:
        """Return a square picture of the current preview."""
        return self.view.dreamed(side)

    def restart(self) -> None:
        """Restart the preview; if only the way to compose it has changed, as far as it has come."""
        speed = self.previewer.speed
        work = self._finished_work or self._work
        if not self._is_only_composed() or not work:
            work = speed * _PREVIEW_SECONDS if speed else FIRST_GUESS
            self._finished_work = 0.0
        self._shown_octaves = 0
        self._begin(work)

    def _recipe_changed(self) -> None:
        if self._is_only_composed() and not self._delayed_restart.is_scheduled:
            self._composing.call()
        else:
            self._composing.forget()
            self._delayed_restart.call()

    def _is_only_composed(self) -> bool:
        """Return whether the recipe differs from that of the current preview in nothing else."""
        recipe = self._state.recipe
        return self._begun is not None and self._begun.as_composed_by(recipe) == recipe

    def _begin(self, work: float) -> None:
        self._delayed_restart.forget()
        self._composing.forget()
        is_new = not self._is_only_composed()
        self._work, self._begun = work, self._state.recipe
        region = self._region()
        if region is None:
            self._plan = self._planned(work)
            region, recipe = self._plan.part, self._plan.recipe
            source = pixbufs.part_of(self.whole, region)
            source = pixbufs.resized(source, self._plan.width, self._plan.height)
            # The preview has the same size on screen, however much of the dream it covers.
            shown = pixbufs.fitted(*self.size, self.view.area)
        else:
            self._plan = None
            recipe = recipe_at_full_size(*self.size, self._state.recipe, self._box)
            source = pixbufs.part_of(self.whole, region)
            shown = source.get_width(), source.get_height()
        before = pixbufs.resized(pixbufs.part_of(self.seen, region), *shown)
        longest = max(shown)
        pictures = {"image": pixbufs.picture_from_pixbuf(source, self.gray, alpha=True)}
        self._patch = None
        limit = self._limit(*self._limiting())
        if limit is not None:
            mask = pixbufs.part_of(limit.grades, region)
            scaled = pixbufs.resized(mask, source.get_width(), source.get_height())
            pictures["mask"] = pixbufs.picture_from_pixbuf(scaled, gray=True)
            if self._plan is not None:
                before = pixbufs.resized(self.seen, *shown)
                (width, height), (shown_width, shown_height) = self.size, shown
                place = region.scaled((height, width), (shown_height, shown_width))
                self._patch, longest = _Patch(before, place, mask), max(place.size)
        self.view.show_before(before)
        if self._guide is not None:
            pictures["guide"] = self._guide
        self._notes.clear()
        self._current = next(self._numbers)
        self.previewer.dream(WantedPreview(self._current, recipe, pictures, longest))
        if is_new:
            self.view.progress(0.0)
        if is_new and self._awake:
            self._say_working()

    def close(self) -> Engine | None:
        """Stop the preview; return the engine if it is free immediately."""
        self._delayed_restart.forget()
        self._composing.forget()
        self._current = -1
        return self.previewer.stop()

    @property
    def _box(self) -> Region | None:
        """The box around the selection, if the selection limits the dream."""
        selected, shown = self._limiting()
        limit = self._limit(selected and not self._state.output.kind.beyond_selection, shown)
        return limit and limit.box

    def _limiting(self) -> tuple[bool, bool]:
        """Return whether the selection and whether the layer's mask limit the dream."""
        limited = self._state.output.limited and self._mask is not None
        return self._selection is not None, limited

    def _limit(self, selected: bool, shown: bool) -> _Limit | None:
        """Return what limits the dream if the selection or the layer's mask do."""
        if (selected, shown) not in self._limits:
            grades = self._selection if selected else None
            if shown and self._mask is not None:
                grades = pixbufs.product(grades, self._mask) if grades else self._mask
            self._limits[selected, shown] = grades and _Limit(grades, pixbufs.box_of(grades))
        return self._limits[selected, shown]

    def _output_changed(self) -> None:
        limited_by = self._limiting()
        if limited_by != self._limited_by:
            self._limited_by = limited_by
            self._delayed_restart.call()

    def _planned(self, work: float) -> Plan:
        return plan_preview(*self.size, self._state.recipe, work, self._box)

    def _region(self) -> Region | None:
        if not self.view.zoomed:
            return None
        return region_around(self._centre, self.view.area, self.size)

    def _resized(self) -> None:
        area = self.view.area
        can_zoom = self.size[0] > area[0] or self.size[1] > area[1]
        self.view.allow_zoom(can_zoom, _("The whole layer already fits at 1:1."))
        shown = pixbufs.fitted(*self.size, area)
        if not self.view.zoomed:
            self.view.show_before(pixbufs.resized(self.seen, *shown))
        if self._current:
            self._delayed_restart.call()
        else:
            self.restart()

    def _zoomed(self, x: float | None, y: float | None) -> None:
        if x is not None and y is not None:
            self._centre = (x, y)
        else:
            self.restart()

    def _panned(self, dx: int, dy: int) -> None:
        width, height = self.size
        x, y = self._centre[0] + dx / width, self._centre[1] + dy / height
        self._centre = (max(0.0, min(1.0, x)), max(0.0, min(1.0, y)))
        self.restart()

    def _handle(self, event: PreviewEvent) -> bool:
        if event.kind == "awake":
            self._awake = True
            self._say_working()
        if event.number != self._current:
            return False
        if event.kind == "picture" and event.picture:
            # Only now: hiding the bar resizes the preview, which restarts it.
            self._on_failure(None)
            if int(event.fields.get("octave", 0)) < self._shown_octaves:
                return False  # the picture already shown is further along
            shown = pixbufs.pixbuf_from_picture(event.picture)
            shown = pixbufs.grayed(shown) if self.gray else shown
            self.view.show_after(self._patch.laid_over(shown) if self._patch else shown)
        elif event.kind == "progress":
            self._show_progress(event)
        elif event.kind == "note":
            self._notes.append(translated(event.fields["text"]))
        elif event.kind == "done":
            self._finished_work = self._work
            self.view.progress(1.0)
            self.view.say(" ".join([self._summary(), *self._notes]))
            self._add_octaves()
        elif event.kind == "failed":
            self._awake = False
            self.view.say(_("No preview."))
            self._on_failure(event.error)
        return False

    def _add_octaves(self) -> None:
        """Add octaves that were left out, if this machine can do so in reasonable time."""
        if self._plan is None:
            return
        shown, work = self._plan.octaves, self.previewer.speed * _PATIENCE
        if self._plan.left_out and self._planned(work).octaves > shown:
            self._shown_octaves = shown
            self._begin(work)
        else:
            self._on_finished()

    def _say_working(self) -> None:
        self.view.say(_("Starting to dream…"), working=True)

    def _show_progress(self, event: PreviewEvent) -> None:
        fields = event.fields
        self.view.progress(float(fields["fraction"]))
        left_out = self._plan.left_out if self._plan else 0
        self.view.say(progress_text(fields, left_out), working=True)

    def _summary(self) -> str:
        if self._plan is None:
            return _("Part of the layer at 1:1, as it will look.")
        if self._plan.sketch > 1.05:
            return _(
                "A sketch: the real motifs are {times:.1f} times finer. See them at 1:1."
            ).format(times=self._plan.sketch)
        if self._plan.left_out:
            return _("{shown} of {all} octaves; the rest add finer detail. See it at 1:1.").format(
                shown=self._plan.octaves, all=self._plan.octaves + self._plan.left_out
            )
        return _("This is the dream.")


def read_layer(layer: Layer, gray: bool) -> GdkPixbuf.Pixbuf:
    """Read the layer as the artist sees it, in 8 bits: 72 MB for 24 megapixels."""
    colours = "Y'" if gray else "R'G'B'"
    if layer.has_alpha:
        # Pixbufs do not support gray with alpha.
        return pixbufs.pixbuf_from_bytes(_pixels(layer, "R'G'B'A u8"), layer.width, layer.height, 4)
    return pixbufs.pixbuf_from_bytes(
        _pixels(layer, f"{colours} u8"), layer.width, layer.height, 1 if gray else 3
    )


def _pixels(layer: Layer, format: str) -> bytes | bytearray:
    return layer.read_pixels(format, with_filters=True)


def read_mask(layer: Layer) -> GdkPixbuf.Pixbuf | None:
    """Read the layer's own mask as a gray picture; None if it has none that is enabled."""
    mask = layer.mask
    if mask is None or not layer.apply_mask:
        return None
    return pixbufs.pixbuf_from_bytes(mask.read_pixels("Y u8"), layer.width, layer.height, 1)


def _read_selection(image: Image, layer: Layer) -> GdkPixbuf.Pixbuf | None:
    if image.selection_bounds() is None:
        return None
    x, y = layer.offsets
    data = image.selection.read_pixels("Y u8", x, y, layer.width, layer.height)
    return pixbufs.pixbuf_from_bytes(data, layer.width, layer.height, 1)
