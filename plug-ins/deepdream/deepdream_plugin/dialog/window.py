"""The dialog: the preview on the left; the pages What, How and Where on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gimpfu.host import Host
from gimpfu.objects.images import Image
from gimpfu.objects.items import Layer

from deepdream_core.shared.recipe import PARAMETERS, RecipeError
from deepdream_core.shared.sizes import Region
from deepdream_plugin.again import Again
from deepdream_plugin.atlas import Choosable, choosables
from deepdream_plugin.choice import Choice, DialogAnswer
from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.again_box import AgainBox
from deepdream_plugin.dialog.blend_box import BlendBox
from deepdream_plugin.dialog.carry_row import CarryRow
from deepdream_plugin.dialog.chips import Chips
from deepdream_plugin.dialog.computer_row import ComputerRow
from deepdream_plugin.dialog.depth_row import DepthRow
from deepdream_plugin.dialog.engine_row import EngineRow
from deepdream_plugin.dialog.engine_window import manage_engine
from deepdream_plugin.dialog.failure import FailureBar
from deepdream_plugin.dialog.film import SIDE as FRAME_SIDE
from deepdream_plugin.dialog.film import Film, StepButtons
from deepdream_plugin.dialog.full_window import FullWindow
from deepdream_plugin.dialog.gtk import (
    WIDE_SPACE,
    Gdk,
    GLib,
    Gtk,
    settle,
    start_gtk,
)
from deepdream_plugin.dialog.guide import help_button, open_guide
from deepdream_plugin.dialog.guide_row import GuideRow
from deepdream_plugin.dialog.history import Steps
from deepdream_plugin.dialog.how_page import HowPage
from deepdream_plugin.dialog.layer_preview import LayerPreview, read_mask
from deepdream_plugin.dialog.mask_box import MaskBox
from deepdream_plugin.dialog.model_row import ModelRow
from deepdream_plugin.dialog.objective_row import ObjectiveRow
from deepdream_plugin.dialog.outcome import ToDream, duration_text, outcome_text
from deepdream_plugin.dialog.picker import SIDE, Picker
from deepdream_plugin.dialog.preset_menu import PresetMenu
from deepdream_plugin.dialog.queue_box import QueueBox
from deepdream_plugin.dialog.rows import (
    Mnemonics,
    Row,
    attach,
    new_grid,
    row_for,
    share_line,
)
from deepdream_plugin.dialog.state import State
from deepdream_plugin.dialog.surprise import SurpriseWindow
from deepdream_plugin.dialog.thumbnails import Thumbnails
from deepdream_plugin.dialog.where_page import WHERE_PARAMETERS, WherePage
from deepdream_plugin.dreaming import Dreamed, Order, Place
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_installation import installer
from deepdream_plugin.in_place import why_not
from deepdream_plugin.layers import LayerError
from deepdream_plugin.texts import _

Apply = Callable[[Choice], Order]
"""Reads the layers for a dream of the choice. Raises `LayerError`."""

_FIRST = ("strength", "motif", "steps", "seed")
"""Parameters on the first page."""
_ELSEWHERE = (*_FIRST, "mask", "keep", *WHERE_PARAMETERS)
"""Parameters that are not on the second page."""
_SIZE = (1140, 640)
"""Fits a 1280 x 720 screen with desktop panels."""


def choose_in_window(
    host: Host,
    image: Image,
    layers: Sequence[Layer],
    choice: Choice,
    keep: Callable[[Choice], None] = lambda choice: None,
    again: Again | None = None,
    apply: Apply | None = None,
    frames: bool = False,
) -> DialogAnswer | None:
    """Show the dialog; return None if the artist cancels. Needs a display.

    `keep` is called with the current choice about once a second, if it has changed. `again` says
    which dreams are dreamed again, if any. `apply` takes a choice and returns what to dream of it
    while the artist goes on choosing. With `frames`, each layer of the image will be dreamed into a
    new one, so there is nothing to choose about where.
    """
    start_gtk(host)
    dialog = Dialog(host, image, layers, choice, keep, again, apply, frames)
    try:
        return dialog.run()
    finally:
        dialog.destroy()


class Dialog:
    """The window and everything in it."""

    def __init__(
        self,
        host: Host,
        image: Image,
        layers: Sequence[Layer],
        choice: Choice,
        keep: Callable[[Choice], None],
        again: Again | None = None,
        apply: Apply | None = None,
        frames: bool = False,
    ) -> None:
        self.state = State(choice)
        self._kept = self.state.choice
        self._keep = keep
        self._apply = apply
        self._frames = frames
        self._applied: Choice | None = None
        self._queue = QueueBox(host, self._computer_changed)
        self._host = host
        self._layer = layers[0]
        self._rows: list[Row] = []
        self.window = Gtk.Dialog(title="DeepDream", border_width=WIDE_SPACE)
        self.window.get_style_context().add_class("deepdream-dialog")
        self.window.set_default_size(*_SIZE)
        host.set_transient(self.window)
        self.window.connect("key-press-event", self._key_pressed)
        self._failure = FailureBar(
            self.window, self._computer_changed, self._manage_engine, self._download
        )
        self.preview = LayerPreview(image, layers[0], self.state, self._failure.say, self._finished)
        self.picker = Picker(self._chosen, self._added, self._cancel)
        self._thumbnails = Thumbnails(
            self.preview.previewer,
            self.state,
            self.preview.seen,
            self.preview.gray,
            self.picker.set_picture,
        )
        self.picker.on_shown = self._thumbnails.show
        self._chips = Chips(self.state)
        self._to_dream = [_to_dream(image, layer) for layer in layers]
        self._outcome = Gtk.Label(xalign=0.0, wrap=True, max_width_chars=44, no_show_all=True)
        self._answered = False
        self._fill(again)
        self._fill_picker()
        self.state.listen(self._refresh)
        self.state.listen_to_output(self._refresh_output)
        self._refresh()

    def run(self) -> DialogAnswer | None:
        """Wait for OK or Cancel."""
        self.window.show_all()
        self.window.present()
        self.picker.focus()
        looking = GLib.timeout_add_seconds(1, self._keep_changes)
        answer = self.window.run()
        while answer == Gtk.ResponseType.OK and self._failure.lacks_engine:
            self._manage_engine()
            answer = self.window.run()
        GLib.source_remove(looking)
        self._answered = True
        engine = self._close()
        choice = self.state.choice
        # What was applied last is not dreamed again by OK.
        wanted = answer == Gtk.ResponseType.OK and choice != self._applied
        if wanted and self._apply and self._queue.is_busy:
            wanted = not self._dream_now(self._apply)
        if self._queue.is_busy:
            self.window.hide()
            self._queue.finish()
        if wanted:
            self.picker.used()
            return DialogAnswer(choice, engine)
        if engine:
            engine.close()
        return DialogAnswer(self._applied, is_dreamed=True) if self._applied else None

    def _dream_now(self, apply: Apply) -> bool:
        """Dream the choice while the artist goes on choosing; return whether that is possible."""
        choice = self.state.choice
        try:
            order = apply(choice)
        except (LayerError, RecipeError) as problem:
            self._failure.say(problem)
            return False
        self._applied = choice
        self.picker.used()
        if choice.output.kind.is_in_place:
            order = replace(order, place=self._then_seen(order.place))
        self._queue.dream(order)
        return True

    def _then_seen(self, place: Place) -> Place:
        """Return a function that changes the layer and has the preview show it."""

        def placed(dreamed: Sequence[Dreamed]) -> list[Layer]:
            layers = place(dreamed)
            self.preview.layer_changed()
            return layers

        return placed

    def _keep_changes(self) -> bool:
        if (choice := self.state.choice) != self._kept:
            self._kept = choice
            self._keep(choice)
        return True

    def destroy(self) -> None:
        """Close the window and stop its background work."""
        if not self._answered and (engine := self._close()):
            engine.close()
        self._queue.close()
        self.window.destroy()
        settle()

    def _close(self) -> Engine | None:
        self._model.close()
        self.picker.close()
        self._thumbnails.close()
        return self.preview.close()

    def _finished(self) -> None:
        self._film.add_preview(self.preview.dreamed(FRAME_SIDE))
        self._menu.preview_finished()
        self._say_outcome()

    def _fill_picker(self) -> None:
        """Show the presets, and what the network can dream."""
        self._pictured = self.state.recipe.model
        self.picker.fill(choosables(self._pictured), self.preview.picture(SIDE))
        self._mark()

    def _fill(self, again: Again | None) -> None:
        buttons = self.window.get_action_area()
        buttons.set_border_width(0)
        reset = Gtk.Button.new_with_mnemonic(_("_Reset"))
        reset.set_tooltip_text(_("Return to the preset's own settings."))
        self._menu = PresetMenu(self.window, self.state, self.preview.dreamed, self._fill_picker)
        steps = Steps(self.state)
        self._step_buttons = StepButtons(self.window, steps.undo, steps.redo)
        self._steps = steps
        small = (self._step_buttons.undo, self._step_buttons.redo, help_button(self.window))
        for button in (self._menu.button, reset, *small):
            buttons.pack_start(button, False, False, 0)
            buttons.set_child_secondary(button, True)
        for button in small:
            buttons.set_child_non_homogeneous(button, True)
        self._duration = Gtk.Label()
        self._duration.set_tooltip_text(
            _("How long OK will take, judging by the preview, and how much memory if it is much.")
        )
        buttons.pack_start(self._duration, False, False, 0)
        buttons.set_child_non_homogeneous(self._duration, True)
        self.window.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        if apply := self._apply:
            now = Gtk.Button.new_with_mnemonic(_("Appl_y"))
            now.set_tooltip_text(_("Dream this now, and go on choosing while it is dreamed."))
            now.connect("clicked", lambda button: self._dream_now(apply))
            buttons.pack_start(now, False, False, 0)
        self.window.add_button(_("_OK"), Gtk.ResponseType.OK)
        self.window.set_default_response(Gtk.ResponseType.OK)
        reset.connect("clicked", lambda button: self.state.reset())
        self._reset = reset
        panes = Gtk.Box(spacing=WIDE_SPACE)
        self._film = Film(self.state)
        self.preview.view.pack_start(self._film, False, False, 0)
        panes.pack_start(self.preview.view, True, True, 0)
        pages = Gtk.Notebook()
        pages.get_style_context().add_class("deepdream-pages")
        pages.set_size_request(528, -1)  # five pictures in a row
        pages.set_hexpand(False)  # in a large window, the photo gets the room
        pages.append_page(self._first_page(again), _tab(_("_What")))
        pages.append_page(self._second_page(), _tab(_("_How")))
        mnemonics = Mnemonics(_used_letters())
        mask = self._mask_box(mnemonics)
        self._where = WherePage(self.state, mnemonics)
        self._rows += self._where.rows
        where = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        where.pack_start(self._where, False, False, 0)
        blend = BlendBox(self.state)
        blend.set_border_width(WIDE_SPACE)
        where.pack_start(blend, False, False, 0)
        if mask is not None:
            where.pack_start(mask, False, False, 0)
        if not self._frames:
            pages.append_page(_scrolled(where), _tab(_("Wh_ere")))
        panes.pack_start(pages, False, True, 0)
        full = FullWindow(self.window, [pages, buttons, self._film])
        self.preview.view.tools.pack_end(full.button, False, False, 0)
        self._pages = pages
        content = self.window.get_content_area()
        content.set_border_width(0)
        content.set_spacing(WIDE_SPACE)
        content.pack_start(self._failure, False, False, 0)
        content.pack_start(panes, True, True, 0)
        content.pack_start(self._queue, False, False, 0)

    def _mask_box(self, mnemonics: Mnemonics) -> Gtk.Widget | None:
        layer = self._layer
        if layer.mask is None:
            return None
        box = MaskBox(layer.apply_mask, self.state, mnemonics)
        box.set_border_width(WIDE_SPACE)
        return box

    def _first_page(self, again: Again | None) -> Gtk.Widget:
        page = Gtk.Box(
            orientation=Gtk.Orientation.VERTICAL, spacing=WIDE_SPACE, border_width=WIDE_SPACE
        )
        mnemonics = Mnemonics(_used_letters(_("_Another")), _FIRST)
        if again is not None:
            page.pack_start(AgainBox(again, self.state, mnemonics), False, False, 0)
        surprise = Gtk.Button(label=_("Surprise me…"))
        surprise.set_tooltip_text(_("Four dreams to choose from: other seeds, settings, mixes."))
        surprise.connect("clicked", lambda button: self._surprise())
        self.picker.beside_search.pack_start(surprise, False, False, 0)
        page.pack_start(self.picker, True, True, 0)
        page.pack_start(self._chips, False, False, 0)
        grid = new_grid()
        *rows, seed = [self._row(name, mnemonics) for name in _FIRST]
        for top, row in enumerate(rows):
            attach(grid, top, row)
        share_line(rows[-1], seed)
        if self._frames:
            attach(grid, len(rows), CarryRow(self.state, mnemonics))
        page.pack_start(grid, False, False, 0)
        page.pack_start(self._outcome, False, False, 0)
        return page

    def _second_page(self) -> Gtk.Widget:
        mnemonics = Mnemonics(_used_letters(_("_Download")))

        def rows(name: str) -> list[Row]:
            made = []
            if name == "objective":
                made.append(DepthRow(self.state, mnemonics))
                self._rows += made
            if name == "device":
                made.append(ComputerRow(self.state, mnemonics, self._computer_changed))
                if installer():
                    made.append(EngineRow(self.state, mnemonics, self._manage_engine))
                self._rows += made
            return [*made, self._row(name, mnemonics)]

        return _scrolled(HowPage(_ELSEWHERE, rows))

    def _computer_changed(self) -> None:
        """Preview on the computer that was just chosen."""
        self._failure.say(None)
        self._model.load_networks()
        self.preview.change_computer()

    def _download(self) -> None:
        """Download the missing network, and show how far that has come."""
        self._pages.set_current_page(1)
        self._model.download()

    def _manage_engine(self) -> None:
        """Let the artist install, update or remove the engine, and preview with what is there."""
        if manage_engine(self.window, self.preview.previewer.change_engine):
            self._computer_changed()

    def _row(self, name: str, mnemonics: Mnemonics) -> Row:
        if name == "model":
            row: Row = ModelRow(PARAMETERS[name], self.state, mnemonics, self.preview.restart)
            self._model = row
        elif name == "objective":
            row = ObjectiveRow(self.state, mnemonics, self.picker.found)
        elif name == "guide":
            on_guide = self.preview.set_guide
            row = GuideRow(self._host, PARAMETERS[name], self.state, mnemonics, on_guide)
        else:
            row = row_for(name, self.state, mnemonics)
        self._rows.append(row)
        return row

    def _refresh(self) -> None:
        for row in self._rows:
            row.refresh()
        self._reset.set_sensitive(self.state.is_changed)
        self._enable_steps()
        if self.state.recipe.model != self._pictured:
            self._fill_picker()
        self._mark()
        self._chips.refresh()
        self._say_outcome()

    def _refresh_output(self) -> None:
        self._where.refresh()
        self._enable_steps()
        self._say_outcome()

    def _enable_steps(self) -> None:
        self._step_buttons.undo.set_sensitive(self._steps.can_undo)
        self._step_buttons.redo.set_sensitive(self._steps.can_redo)

    def _say_outcome(self) -> None:
        text = outcome_text(self.state.choice, self._to_dream)
        self._outcome.set_text(text)
        self._outcome.set_visible(bool(text))
        engine = self.preview.previewer
        text = duration_text(self.state.choice, self._to_dream, engine.speed, engine.device)
        self._duration.set_text(text)

    def _mark(self) -> None:
        own = self.state.choice.has_own_objective
        self.picker.mark(
            "" if own else self.state.preset, self.state.recipe.objective if own else ""
        )

    def _chosen(self, choosable: Choosable) -> None:
        if choosable.preset:
            self.state.choose_preset(choosable.preset)
        else:
            self.state.choose_feature(choosable.objective)

    def _surprise(self) -> None:
        pictures = self.picker.mixable
        SurpriseWindow(self.window, self.state, self.preview, pictures).run()

    def _added(self, choosable: Choosable) -> None:
        """Add a picture to the objective, or take it out again."""
        if choosable.objective:
            self.state.toggle_feature(choosable.objective)

    def _key_pressed(self, window: Gtk.Window, event: Gdk.EventKey) -> bool:
        """Open the guide with F1, and go to the search with Ctrl+F, from every page."""
        if event.keyval == Gdk.KEY_F1:
            open_guide(window)
            return True
        if event.state & Gdk.ModifierType.CONTROL_MASK and event.keyval == Gdk.KEY_f:
            self._pages.set_current_page(0)
            self.picker.focus()
            return True
        return False

    def _cancel(self) -> None:
        self.window.response(Gtk.ResponseType.CANCEL)


def _to_dream(image: Image, layer: Layer) -> ToDream:
    width, height = layer.width, layer.height
    mask = read_mask(layer)
    shown = mask and pixbufs.box_of(mask)
    bounds, reason = image.selection_bounds(), why_not(layer)
    if bounds is None:
        return ToDream((height, width), None, shown, reason)
    (x, y), (left, top, right, bottom) = layer.offsets, bounds
    left, right = max(left - x, 0), min(right - x, width)
    top, bottom = max(top - y, 0), min(bottom - y, height)
    return ToDream((height, width), Region(left, top, right - left, bottom - top), shown, reason)


def _used_letters(*more: str) -> str:
    """Return the mnemonic letters of the buttons and tabs, and of the labels `more`."""
    labels = (
        _("_What"),
        _("_How"),
        _("Wh_ere"),
        _("_Before"),
        _("Sp_lit"),
        _("S_ide by side"),
        _("_1:1"),
        *more,
    )
    labels += (_("_Presets"), _("_Reset"), _("_Cancel"), _("_OK"), _("Show lo_g"), _("Appl_y"))
    return "".join(label[label.index("_") + 1].lower() for label in labels)


def _tab(text: str) -> Gtk.Widget:
    return Gtk.Label.new_with_mnemonic(text)


def _scrolled(page: Gtk.Widget) -> Gtk.Widget:
    scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER)
    scrolled.add(page)
    return scrolled
