"""The grid of pictures to choose from, with a search field."""

from __future__ import annotations

from collections.abc import Callable

from deepdream_plugin.atlas import Choosable
from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.gtk import SPACE, Gdk, GdkPixbuf, GLib, Gtk, Pango
from deepdream_plugin.texts import _

SIDE = 88
_CELL, _MARGIN, _SPACING = SIDE + 16, 2, 2
"""The width of a picture with its padding, the grid's margin, and the least space between."""
_PIXBUF, _TITLE, _INDEX, _TIP = range(4)


class Picker(Gtk.Box):
    """A searchable grid; calls `on_chosen(choosable)` when the artist picks a picture."""

    def __init__(
        self, on_chosen: Callable[[Choosable], None], on_escape: Callable[[], None]
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        self._on_chosen = on_chosen
        self._items: list[Choosable] = []
        self._marked: int | None = None
        self._quiet = False
        self._sheets = pixbufs.Sheets()
        self._search = Gtk.SearchEntry(placeholder_text=_("Search: eyes, castle, scales…"))
        self._search.set_tooltip_text(_("What should grow in the picture? Type a word."))
        self._search.connect("activate", self._take_first)
        self._search.connect("search-changed", lambda entry: self._find())
        self._search.connect("stop-search", self._stop, on_escape)
        self._store = Gtk.ListStore(GdkPixbuf.Pixbuf, str, int, str)
        self._filter = self._store.filter_new()
        self._filter.set_visible_func(self._is_wanted)
        self._grid = self._make_grid()
        self._nothing = Gtk.Label(label=_("Nothing by that name."), no_show_all=True)
        self._filter.connect("row-deleted", lambda *_args: self._note_emptiness())
        self._filter.connect("row-inserted", lambda *_args: self._note_emptiness())
        scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN, vexpand=True)
        scrolled.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        scrolled.set_min_content_height(SIDE + 48)
        scrolled.add(self._grid)
        overlay = Gtk.Overlay()
        overlay.add(scrolled)
        overlay.add_overlay(self._nothing)
        self.pack_start(self._search, False, False, 0)
        self.pack_start(overlay, True, True, 0)

    def fill(
        self, items: list[Choosable], placeholder: GdkPixbuf.Pixbuf | None, kept: int = 0
    ) -> None:
        """Show `items`; the first `kept` are shown already and stay as they are.

        `placeholder` is used for missing pictures.
        """
        self._quiet = True
        self._items = items
        while len(self._store) > kept:
            self._store.remove(self._store.iter_nth_child(None, kept))
        for index, item in enumerate(items[kept:], kept):
            picture = self._sheets.thumbnail(item.picture, item.box, SIDE) if item.picture else None
            self._store.append([picture or placeholder, _short(item.title), index, _tip(item)])
        self._quiet = False

    def mark(self, preset: str, objective: str) -> None:
        """Select the picture of a preset or an objective, either of which may be empty."""
        by_objective = [
            i for i, c in enumerate(self._items) if objective and c.objective == objective
        ]
        by_preset = [i for i, c in enumerate(self._items) if preset and c.preset == preset]
        self._marked = next(iter(by_preset + by_objective), None)
        self._show_mark()

    def _find(self) -> None:
        """Show what matches the search; a marked picture that was hidden is marked again."""
        self._filter.refilter()
        self._show_mark()

    def _show_mark(self) -> None:
        self._quiet = True
        self._grid.unselect_all()
        for row in self._filter:
            if row[_INDEX] == self._marked:
                self._grid.select_path(row.path)
                self._grid.scroll_to_path(row.path, False, 0.0, 0.0)
        self._quiet = False

    def focus(self) -> None:
        """Focus the search field."""
        self._search.grab_focus()

    def _make_grid(self) -> Gtk.IconView:
        grid = Gtk.IconView(model=self._filter, item_width=SIDE + 8, margin=_MARGIN)
        grid.get_style_context().add_class("deepdream-pictures")
        grid.set_item_padding(4)
        grid.set_row_spacing(_SPACING)
        grid.set_column_spacing(_SPACING)
        grid.set_tooltip_column(_TIP)
        picture = Gtk.CellRendererPixbuf()
        title = Gtk.CellRendererText(
            xalign=0.5,
            alignment=Pango.Alignment.CENTER,
            wrap_mode=Pango.WrapMode.WORD_CHAR,
            wrap_width=SIDE,
            scale=0.85,
        )
        grid.pack_start(picture, False)
        grid.pack_start(title, False)
        grid.add_attribute(picture, "pixbuf", _PIXBUF)
        grid.add_attribute(title, "text", _TITLE)
        grid.connect("selection-changed", self._selected)
        grid.connect("size-allocate", self._spread)
        return grid

    def _spread(self, grid: Gtk.IconView, area: Gdk.Rectangle) -> None:
        """Spread the pictures over the whole width."""
        width = area.width - 2 * _MARGIN
        columns = max(2, (width + _SPACING) // (_CELL + _SPACING))
        spacing = max(_SPACING, (width - columns * _CELL) // (columns - 1))
        if spacing != grid.get_column_spacing():
            GLib.idle_add(grid.set_column_spacing, spacing)

    def _is_wanted(self, model: Gtk.TreeModel, place: Gtk.TreeIter, _data: object) -> bool:
        return self._items[model[place][_INDEX]].matches(self._search.get_text())

    def _note_emptiness(self) -> None:
        self._nothing.set_visible(len(self._filter) == 0)

    def _selected(self, grid: Gtk.IconView) -> None:
        paths = grid.get_selected_items()
        if paths and not self._quiet:
            self._on_chosen(self._items[self._filter[paths[0]][_INDEX]])

    def _take_first(self, entry: Gtk.SearchEntry) -> None:
        """Choose the first picture found. Without a search, Enter means what it means elsewhere."""
        if not entry.get_text().strip():
            entry.get_toplevel().activate_default()
            return
        self._find()  # "search-changed" comes only after a pause in typing
        if len(self._filter) and self._filter[0][_INDEX] != self._marked:
            self._grid.unselect_all()
            self._grid.select_path(self._filter[0].path)

    def _stop(self, entry: Gtk.SearchEntry, on_escape: Callable[[], None]) -> None:
        if entry.get_text():
            entry.set_text("")
        else:
            on_escape()


def _tip(item: Choosable) -> str:
    title, more = map(GLib.markup_escape_text, (item.title, item.description))
    return f"<b>{title}</b>\n{more}" if more and more != title else f"<b>{title}</b>"


def _short(title: str) -> str:
    return title if len(title) <= 28 else f"{title[:27]}…"
