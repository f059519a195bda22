"""Keeps the preview up to date with the choice: plans it, requests it and shows it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from gimpfu import GRAY
from gimpfu.objects.images import Image
from gimpfu.objects.items import Layer

from deepdream_core.shared.outputs import Output
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Region, whole
from deepdream_plugin.blending import blended
from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.gtk import Debounce, GdkPixbuf, GLib
from deepdream_plugin.dialog.looking import Look, View
from deepdream_plugin.dialog.plan import (
    FIRST_GUESS,
    Plan,
    plan_preview,
    recipe_at_full_size,
)
from deepdream_plugin.dialog.preview_view import PreviewView
from deepdream_plugin.dialog.previewer import Previewer, PreviewEvent, WantedPreview
from deepdream_plugin.dialog.state import State
from deepdream_plugin.engine import Engine
from deepdream_plugin.in_place import gets_a_mask
from deepdream_plugin.pictures_in_files import file_pictures
from deepdream_plugin.progress import progress_text
from deepdream_plugin.texts import _, translated

_PAUSE = 0.15
"""Seconds without a change before the preview restarts."""
_MOMENT = 0.03
"""The same, for a change that needs no new dream."""
_PREVIEW_SECONDS = 8.0
"""How long a preview may take once the machine's speed is known."""
_WHOLE_SIDE = 512
"""The longest side of the whole layer as the engine sees it beside a part, in pixels."""
_PATIENCE = 30.0
"""How long it may take to add octaves that the first preview left out."""


@dataclass(frozen=True)
class _Limit:
    """What limits the dream: the selection within the layer, the layer's mask, or both."""

    grades: GdkPixbuf.Pixbuf
    box: Region | None


@dataclass(frozen=True)
class _Picture:
    """A picture from the engine."""

    dream: GdkPixbuf.Pixbuf
    covered: Region
    """The part of the layer that it shows."""
    mask: _Limit | None
    """Through what it is seen, if it was dreamed for a layer with a mask."""


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
        self._layer = layer
        self.gray = image.base_type == GRAY
        self.size = (layer.width, layer.height)
        self._selection = _read_selection(image, layer)
        self._mask = read_mask(layer)
        self._read()
        self._limits: dict[tuple[bool, bool], _Limit | None] = {}
        self._limited_by = self._limiting()
        self._guide: Picture | None = None
        self._look = Look()
        self._seen_at: tuple[View, GdkPixbuf.Pixbuf] | None = None
        """The view for which the original was last scaled, and the result."""
        self._picture: _Picture | None = None
        """The last one from the engine."""
        self._everything = whole((layer.height, layer.width))
        self._covered = self._everything
        """What its next pictures show."""
        self._seen_through: _Limit | None = None
        """The mask of its next pictures."""
        self._numbers = itertools.count(1)
        self._current = 0
        self._plan: Plan | None = None
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
        self.view = PreviewView(self)
        self.previewer = Previewer(lambda event: GLib.idle_add(self._handle, event))
        state.listen(self._recipe_changed)
        state.listen_to_output(self._output_changed)
        self.view.say(_("Waking the engine…"), working=True)

    def _read(self) -> None:
        self.whole = read_layer(self._layer, self.gray)
        self.seen = pixbufs.masked(self.whole, self._mask) if self._mask else self.whole

    def layer_changed(self) -> None:
        """Show and dream the layer as it is now, after it was dreamed in place."""
        layer = self._layer
        if self._current < 0 or not layer.is_valid() or self.size != (layer.width, layer.height):
            return
        self._read()
        self._seen_at = self._picture = self._begun = None
        self.restart()

    def set_guide(self, guide: Picture | None) -> None:
        """Change the guide picture."""
        self._guide = guide
        self._delayed_restart.call()

    def change_computer(self) -> None:
        """Start anew on the computer that dreams from now on."""
        self.previewer.change_engine()
        self._picture = self._begun = None
        self._awake = False
        self.view.say(_("Waking the engine…"), working=True)
        self.restart()

    def picture(self, side: int) -> GdkPixbuf.Pixbuf:
        """Return a square picture of the original layer."""
        return pixbufs.on_chequers(pixbufs.square(self.seen, side))

    def dreamed(self, side: int) -> GdkPixbuf.Pixbuf | None:
        """Return a square picture of the current preview."""
        width, height = self.size
        shown = pixbufs.fitted(width, height, (2 * side, 2 * side))
        everything = View(self._everything, shown, shown[0] / width, True)
        if self._picture is None or self._picture.covered == self._region():
            return self.view.dreamed(side)
        before = pixbufs.resized(self.seen, *shown)
        dream = self._dream_in(everything, before)
        return dream and pixbufs.square(pixbufs.with_alpha_of(dream, before), side)

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
        else:
            self._plan = None
            recipe = recipe_at_full_size(*self.size, self._state.recipe, self._box)
            source = pixbufs.part_of(self.whole, region)
        size = source.get_width(), source.get_height()
        pictures = file_pictures(recipe)
        pictures["image"] = pixbufs.picture_from_pixbuf(source, self.gray, alpha=True)
        selected, shown, masked = self._limiting()
        limit = self._limit(selected, shown)
        if limit is not None:
            mask = pixbufs.resized(pixbufs.part_of(limit.grades, region), *size)
            mask = pixbufs.without_grades(mask) if masked else mask
            pictures["mask"] = pixbufs.picture_from_pixbuf(mask, gray=True)
        self._covered, self._seen_through = region, limit if masked else None
        # On screen, the preview has the same size, however much of the dream it covers.
        longest = min(max(size), math.ceil(max(region.size) * self._view.scale))
        self._show()
        if self._guide is not None:
            pictures["guide"] = self._guide
        place = None
        width, height = self.size
        if region.size != (height, width):
            small = pixbufs.resized(
                self.whole, *pixbufs.fitted(width, height, (_WHOLE_SIDE, _WHOLE_SIDE), 1.0)
            )
            pictures["whole"] = pixbufs.picture_from_pixbuf(small, self.gray, alpha=True)
            place = region.relative_to((height, width))
        self._notes.clear()
        self._current = next(self._numbers)
        self.previewer.dream(WantedPreview(self._current, recipe, pictures, longest, place))
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
        selected, shown, _masked = self._limiting()
        limit = self._limit(selected and not self._state.output.kind.beyond_selection, shown)
        return limit and limit.box

    def _limiting(self) -> tuple[bool, bool, bool]:
        """Return what limits the dream: the selection, the layer's mask.

        The third says whether that becomes the mask of what is dreamed.
        """
        output = self._state.output
        selected, shown = self._selection is not None, output.limited and self._mask is not None
        masked = self._layer.is_valid() and gets_a_mask(output, self._layer)
        return selected, shown, masked and (selected or shown)

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
        elif self._current:
            self._show()

    def _planned(self, work: float) -> Plan:
        return plan_preview(*self.size, self._state.recipe, work, self._box)

    @property
    def _view(self) -> View:
        return self._look.at(self.size, self.view.area)

    def _region(self) -> Region | None:
        """Return the part to dream at its real size, from 1:1 on; None for the whole layer."""
        view = self._view
        return view.region if view.scale >= 1 and not view.is_whole else None

    def resized(self) -> None:
        """Fit the picture into another area."""
        area = self.view.area
        can_zoom = self.size[0] > area[0] or self.size[1] > area[1]
        self.view.allow_zoom(can_zoom, _("The whole layer already fits at 1:1."))
        self._show()
        if self._current:
            self._delayed_restart.call()
        else:
            self.restart()

    def zoom_to_pixels(self, zoomed: bool, place: tuple[float, float] | None = None) -> None:
        """Show a part at 1:1, around a place (0..1) in the picture, or the whole layer."""
        if zoomed == (self._region() is not None):
            return
        if zoomed:
            look = replace(self._look, scale=1.0)
            if place is not None:
                region, (width, height) = self._view.region, self.size
                x, y = region.x + place[0] * region.width, region.y + place[1] * region.height
                look = replace(look, centre=(x / width, y / height))
            self._look_at(look)
        else:
            self._look_at(Look())

    def zoom(self, factor: float, place: tuple[float, float] = (0.5, 0.5)) -> None:
        """Zoom; what is at `place` (0..1) in the picture stays there."""
        self._look_at(self._look.zoomed(factor, place, self.size, self.view.area))

    def drag(self, dx: float, dy: float) -> None:
        """Move the picture by pixels of the screen."""
        self._look_at(self._look.moved(dx, dy, self.size, self.view.area))

    def _look_at(self, look: Look) -> None:
        if look == self._look:
            return
        before = self._region()
        self._look = look
        self._show()
        if before == self._region():
            self._composing.call()
        else:
            self._composing.forget()
            self._delayed_restart.call()

    def _show(self) -> None:
        """Show what there is at present."""
        view = self._view
        self.view.set_zoomed(self._region() is not None, not view.is_whole)
        if self._seen_at is None or self._seen_at[0] != view:
            place = view.region, view.shown
            before = pixbufs.looked_at(self.seen, self._everything, *place)
            self._seen_at = view, before
            shade = None
            if self._selection is not None:
                shade = pixbufs.looked_at(self._selection, self._everything, *place)
                shade = pixbufs.shade_outside(shade)
            self.view.show_before(before, shade)
        dream = self._dream_in(view, self._seen_at[1])
        if dream is not None:
            self.view.show_after(dream)

    def _dream_in(self, view: View, before: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf | None:
        """Return the last picture from the engine as part of what is seen."""
        picture = self._picture
        if picture is None or not picture.covered.overlap(view.region):
            return None
        place = view.region, view.shown
        dream = pixbufs.looked_at(picture.dream, picture.covered, *place)
        mask = pixbufs.coverage(picture.covered, *place)
        output = self._state.output
        beside = output.kind.is_beside_source
        if picture.mask is not None:
            grades = pixbufs.looked_at(picture.mask.grades, self._everything, *place)
            mask = grades if mask is None else pixbufs.product(grades, mask)
        if beside and (output.mode, output.opacity) != (Output().mode, Output().opacity):
            below, above = (pixbufs.picture_from_pixbuf(one) for one in (before, dream))
            dream = pixbufs.pixbuf_from_picture(blended(below, above, output))
        return dream if mask is None else pixbufs.laid_over(dream, before, mask)

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
            self._picture = _Picture(shown, self._covered, self._seen_through)
            self._show()
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
