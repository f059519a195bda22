"""The row for typing what to dream, which offers pictures for words that are no objectives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deepdream_core.shared.recipe import PARAMETERS
from deepdream_plugin.atlas import Choosable
from deepdream_plugin.dialog.gtk import SPACE, Gtk, Pango
from deepdream_plugin.dialog.rows import Mnemonics, TextRow
from deepdream_plugin.dialog.state import State
from deepdream_plugin.suggested import Unknown, unknown_words
from deepdream_plugin.texts import _

_MOST, _LETTERS = 3, 3
"""How many suggestions there are at most, and of how many letters a word is one to judge."""


class ObjectiveRow(TextRow):
    """A text field, below which are suggestions while it contains everyday words."""

    def __init__(
        self, state: State, mnemonics: Mnemonics, find: Callable[[str], Sequence[Choosable]]
    ) -> None:
        """Create the row; `find` returns the objectives that a word could mean, best first."""
        self._find = find
        super().__init__(PARAMETERS["objective"], state, mnemonics)

    def _make(self) -> Gtk.Widget:
        entry = super()._make()
        self._entry.connect("activate", self._take_first)
        self._first = ""
        """The text with the first suggestion in it, if there is one."""
        self._asked = Gtk.Label(label=_("Did you mean:"), xalign=0.0, no_show_all=True)
        self._offers = Gtk.Box(spacing=SPACE, no_show_all=True)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        box.pack_start(entry, False, False, 0)
        for below in (self._asked, self._offers):
            box.pack_start(below, False, False, 0)
        return box

    def _typed(self, entry: Gtk.Entry) -> None:
        self._offer()
        if self._is_begun or self._first:
            self._show_warning(_("Not an objective yet: choose what you mean, or press Enter."))
        else:
            super()._typed(entry)

    @property
    def _is_begun(self) -> bool:
        """Whether the text ends with the first letters of a word that may become known."""
        unknown = unknown_words(self._entry.get_text())
        return unknown is not None and len(unknown.words) < _LETTERS

    def _offer(self) -> None:
        """Show what the first unknown words could mean."""
        for child in self._offers.get_children():
            self._offers.remove(child)
        text = self._entry.get_text()
        unknown = unknown_words(text)
        found = [item for item in self._find(unknown.words) if item.objective] if unknown else []
        self._first = unknown.replaced(text, found[0].objective) if unknown and found else ""
        if unknown and found:
            for item in found[:_MOST]:
                self._offers.pack_start(self._offered(item, unknown, text), False, True, 0)
        for child in self._offers.get_children():
            child.show_all()
        for below in (self._asked, self._offers):
            below.set_visible(bool(self._first))

    def _offered(self, item: Choosable, unknown: Unknown, text: str) -> Gtk.Widget:
        # Long titles must not widen the page.
        button = Gtk.Button()
        button.add(Gtk.Label(label=item.title, ellipsize=Pango.EllipsizeMode.END))
        button.get_accessible().set_name(item.title)
        button.get_style_context().add_class("deepdream-offer")
        button.set_tooltip_text(f"{item.title}: {item.objective}")
        button.connect("clicked", lambda b: self._take(unknown.replaced(text, item.objective)))
        return button

    def _take_first(self, entry: Gtk.Entry) -> None:
        """Take the first suggestion; without one, Enter means OK."""
        if self._first:
            entry.stop_emission_by_name("activate")
            self._take(self._first)

    def _take(self, text: str) -> None:
        self._entry.set_text(text)
        self._entry.grab_focus()
        self._entry.set_position(-1)
