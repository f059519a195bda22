"""The window "Surprise me": four dreams side by side, to take one and to ask for more around it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from deepdream_core.shared.objective import Expression
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import Recipe
from deepdream_plugin.atlas import title_of
from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.aside import Aside
from deepdream_plugin.dialog.gtk import SPACE, WIDE_SPACE, GLib, Gtk, Pango, hint
from deepdream_plugin.dialog.layer_preview import LayerPreview
from deepdream_plugin.dialog.plan import recipe_for_choosing
from deepdream_plugin.dialog.state import State
from deepdream_plugin.surprises import COUNT, MIX, SEED, SETTINGS, Surprise, surprises
from deepdream_plugin.texts import _

_KEY = "surprise/"
_SIDE = 240
"""The longest side of the dreams, in pixels."""


class SurpriseWindow:
    """Shows four dreams; what is taken goes into the dialog's state at once."""

    def __init__(
        self,
        parent: Gtk.Window,
        state: State,
        preview: LayerPreview,
        pictures: Sequence[str],
        chance: random.Random | None = None,
    ) -> None:
        """`pictures` are the objectives that can be mixed in."""
        self._state, self._preview, self._pictures = state, preview, pictures
        self._chance = chance or random.Random()
        self._before = state.choice
        self._round = 0
        self._surprises: list[Surprise] = []
        size = pixbufs.fitted(*preview.size, (_SIDE, _SIDE))
        self._source = pixbufs.resized(preview.whole, *size)
        self._seen = pixbufs.on_chequers(pixbufs.resized(preview.seen, *size))
        self._window = Gtk.Dialog(
            title=_("DeepDream: Surprise me"), transient_for=parent, modal=True, resizable=False
        )
        self._window.set_border_width(WIDE_SPACE)
        self._window.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        self._window.add_button(_("_Keep this"), Gtk.ResponseType.OK)
        self._window.set_default_response(Gtk.ResponseType.OK)
        self._tiles = [self._tile(number) for number in range(COUNT)]
        self._fill()

    def run(self) -> None:
        """Show dreams until the window is closed; cancelling returns to what was there before."""
        self._ask()
        self._window.show_all()
        answer = self._window.run()
        self._round = -1
        self._preview.previewer.forget(_KEY)
        self._window.destroy()
        if answer != Gtk.ResponseType.OK and self._state.choice != self._before:
            self._state.become(self._before.recipe, self._before.preset)

    def _fill(self) -> None:
        row = Gtk.Box(spacing=SPACE, homogeneous=True)
        for button, *_rest in self._tiles:
            row.pack_start(button, True, True, 0)
        again = Gtk.Button.new_with_mnemonic(_("_Four more around it"))
        again.set_tooltip_text(_("Dream four others near the one that was taken last."))
        again.set_halign(Gtk.Align.START)
        again.connect("clicked", lambda button: self._ask())
        content = self._window.get_content_area()
        content.set_spacing(WIDE_SPACE)
        content.pack_start(hint(_("Click a dream to take it.")), False, False, 0)
        content.pack_start(row, True, True, 0)
        content.pack_start(again, False, False, 0)

    def _tile(self, number: int) -> tuple[Gtk.ToggleButton, Gtk.Image, Gtk.Label]:
        picture, title = Gtk.Image(), Gtk.Label(ellipsize=Pango.EllipsizeMode.END)
        title.set_max_width_chars(24)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        box.pack_start(picture, True, True, 0)
        box.pack_start(title, False, False, 0)
        button = Gtk.ToggleButton()
        button.add(box)
        button.connect("toggled", self._taken, number)
        return button, picture, title

    def _ask(self) -> None:
        """Dream four others around what is chosen now."""
        self._round += 1
        self._surprises = surprises(self._state.recipe, self._pictures, self._chance)
        image = pixbufs.picture_from_pixbuf(self._source, self._preview.gray)
        wishes = []
        for number, surprise in enumerate(self._surprises):
            button, picture, title = self._tiles[number]
            button.set_active(False)
            picture.set_from_pixbuf(pixbufs.grayed(self._seen))
            title.set_text(_said(surprise))
            button.set_tooltip_text(_title(surprise.recipe.expression, surprise.recipe))
            small = recipe_for_choosing(surprise.recipe)
            wishes.append(Aside(f"{_KEY}{number}", small, image, self._shower(number)))
        self._preview.previewer.wish(wishes)

    def _shower(self, number: int) -> Callable[[Picture], None]:
        asked = self._round

        def show(picture: Picture) -> None:
            GLib.idle_add(self._show, asked, number, picture)

        return show

    def _show(self, asked: int, number: int, dream: Picture) -> bool:
        if asked == self._round:
            shown = pixbufs.pixbuf_from_picture(dream)
            shown = pixbufs.with_alpha_of(shown, self._source)
            self._tiles[number][1].set_from_pixbuf(shown)
        return False

    def _taken(self, button: Gtk.ToggleButton, number: int) -> None:
        if not button.get_active():
            return
        for other, *_rest in self._tiles:
            if other is not button:
                other.set_active(False)
        self._state.become(self._surprises[number].recipe, self._state.preset)


def _said(surprise: Surprise) -> str:
    """Return what is new about a surprise."""
    recipe = surprise.recipe
    if surprise.kind == SEED:
        return _("Seed {number}").format(number=recipe.seed)
    if surprise.kind == SETTINGS:
        return _("Other settings")
    if surprise.kind == MIX:
        return _title(recipe.expression, recipe)
    last = replace(recipe.expression.terms[-1], weight=1.0)
    picture = _title(Expression(str(last.target), (last,)), recipe)
    return _("With {picture}").format(picture=picture)


def _title(objective: Expression, recipe: Recipe) -> str:
    return title_of(objective, recipe.model)
