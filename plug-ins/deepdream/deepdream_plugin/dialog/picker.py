"""The grid of pictures to choose from, with a search field and groups."""

from __future__ import annotations

from collections.abc import Callable

from deepdream_plugin.atlas import TEXTURES, UNNAMED, Choosable, search_of
from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.groups_bar import ALL, RECENT, STARRED, GroupsBar
from deepdream_plugin.dialog.gtk import SPACE, Debounce, Gdk, GdkPixbuf, GLib, Gtk, Pango
from deepdream_plugin.favourites import Favourites
from deepdream_plugin.hyphens import breakable
from deepdream_plugin.search import Found, Search
from deepdream_plugin.texts import _

SIDE = 80
_WIDTH = SIDE + 4
"""The width of a picture with its title."""
_PADDING, _MARGIN, _SPACING = 4, 2, 1
"""The space around them in a cell, around the grid, and the least space between cells."""
_CELL = _WIDTH + 2 * _PADDING
_MOST_FOUND = 150
"""More pictures than anybody looks through."""
_PIXBUF, _TITLE, _INDEX, _TIP = range(4)


class Picker(Gtk.Box):
    """A searchable grid of pictures."""

    def __init__(
        self,
        on_chosen: Callable[[Choosable], None],
        on_added: Callable[[Choosable], None],
        on_escape: Callable[[], None],
    ) -> None:
        """Create an empty grid.

        `on_chosen` is called when the artist picks a picture, `on_added` when one is to be added to
        what is chosen, `on_escape` when Escape is pressed in the empty search field.
        """
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        self._on_chosen, self._on_added = on_chosen, on_added
        self.on_shown: Callable[[list[Choosable], bool], None] = lambda items, may_dream: None
        """Called with what is shown now, and whether pictures may be dreamed for it."""
        self._items: list[Choosable] = []
        self._finder: Search | None = None
        self._placeholder: GdkPixbuf.Pixbuf | None = None
        self._dreamed: dict[str, GdkPixbuf.Pixbuf] = {}
        """Small pictures that were dreamed for this dialog, by key."""
        self._marked: int | None = None
        self._quiet = False
        self._favourites = Favourites()
        self._sheets = pixbufs.Sheets()
        self._blank = pixbufs.plain(SIDE)
        self._search = Gtk.SearchEntry(placeholder_text=_("Search: eyes, castle, scales…"))
        self._search.set_tooltip_text(_("What should grow in the picture? Type a word."))
        self._search.connect("activate", self._take_first)
        self._search.connect("search-changed", lambda entry: self._show())
        self._search.connect("key-press-event", self._go_down)
        self._search.connect("stop-search", self._stop, on_escape)
        self._groups = GroupsBar(self._show)
        self._store = _new_store()
        self._grid = self._make_grid()
        self._nothing = Gtk.Label(no_show_all=True, wrap=True, max_width_chars=30)
        self._nothing.set_justify(Gtk.Justification.CENTER)
        self._instead = Gtk.Label(xalign=0.0, no_show_all=True)
        self._instead.set_ellipsize(Pango.EllipsizeMode.END)
        self._later = Debounce(0.0, self._show)
        self._scrolled = scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN, vexpand=True)
        scrolled.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        scrolled.set_min_content_height(SIDE + 48)
        scrolled.add(self._grid)
        overlay = Gtk.Overlay()
        overlay.add(scrolled)
        overlay.add_overlay(self._nothing)
        self.beside_search = Gtk.Box(spacing=SPACE)
        """The row with the search, for further widgets."""
        self.beside_search.pack_start(self._search, True, True, 0)
        self.pack_start(self.beside_search, False, False, 0)
        self.pack_start(self._groups, False, False, 0)
        self.pack_start(self._instead, False, False, 0)
        self.pack_start(overlay, True, True, 0)

    def fill(self, items: list[Choosable], placeholder: GdkPixbuf.Pixbuf | None) -> None:
        """Offer `items`. `placeholder` is shown for missing pictures."""
        marked = self._items[self._marked] if self._marked is not None else None
        self._items, self._finder, self._placeholder = items, None, placeholder
        self._marked = items.index(marked) if marked in items else None
        if len(self._store):
            # Later: GTK still needs the old pictures' places if one of them was just chosen.
            self._later.call()
        else:
            self._show()

    def mark(self, preset: str, objective: str) -> None:
        """Select the picture of a preset or an objective, either of which may be empty."""
        by_objective = [
            i for i, c in enumerate(self._items) if objective and c.objective == objective
        ]
        by_preset = [i for i, c in enumerate(self._items) if preset and c.preset == preset]
        self._marked = next(iter(by_preset + by_objective), None)
        self._show_mark()

    @property
    def mixable(self) -> list[str]:
        """The objectives that have a picture and a name."""
        named = (item for item in self._items if item.picture and item.group != UNNAMED)
        return [item.objective for item in named if item.objective]

    def found(self, words: str) -> list[Choosable]:
        """Return what these words find, best first."""
        return [self._items[place] for place in self._find(words).places]

    def used(self) -> None:
        """Remember that the marked picture was dreamed with."""
        if self._marked is not None:
            self._favourites.use([self._items[self._marked].key])

    def close(self) -> None:
        """Stop what is still to be done."""
        self._later.forget()
        self._quiet = True  # the grid's end is no choice

    def _show(self) -> None:
        """Show the pictures of the group, or what the search finds in it or else anywhere."""
        places, instead = self._wanted()
        store = _new_store()
        for place in places:
            item = self._items[place]
            store.append([self._picture(item), self._label(item), place, _tip(item)])
        self._quiet = True
        self._store = store
        self._grid.set_model(store)
        self._scrolled.get_vadjustment().set_value(0.0)
        self._quiet = False
        typed = self._search.get_text().strip()
        self._instead.set_text(
            _("Nothing is called “{typed}”. Near it: {word}").format(typed=typed, word=instead)
        )
        self._instead.set_visible(bool(instead))
        self._nothing.set_text(self._why_nothing(typed))
        self._nothing.set_visible(not places)
        self._show_mark()
        self.on_shown([self._items[p] for p in places], self._favourites.dreams_thumbnails)

    def set_picture(self, key: str, picture: GdkPixbuf.Pixbuf) -> None:
        """Show a picture that was dreamed for an item."""
        self._dreamed[key] = small = pixbufs.square(picture, SIDE)
        for row in self._store:
            if self._items[row[_INDEX]].key == key:
                row[_PIXBUF] = small

    def _wanted(self) -> tuple[list[int], str]:
        """Return the places of the items to show, and what was looked for instead, if anything."""
        typed, group = self._search.get_text(), self._groups.chosen
        if not typed.strip():
            return self._of_group(group), ""
        found = self._find(typed)
        inside = [place for place in found.places if self._belongs(self._items[place], group)]
        return (inside or list(found.places))[:_MOST_FOUND], found.instead

    def _find(self, typed: str) -> Found:
        if self._finder is None:
            self._finder = search_of(self._items)
        return self._finder.find(typed)

    def _of_group(self, group: str) -> list[int]:
        if group in (STARRED, RECENT):
            starred = [*reversed(self._favourites.starred)]
            keys = starred if group == STARRED else self._favourites.recent
            places = {item.key: place for place, item in enumerate(self._items)}
            return [places[key] for key in keys if key in places]
        return [
            place
            for place, item in enumerate(self._items)
            if not item.is_found_only and self._belongs(item, group)
        ]

    def _belongs(self, item: Choosable, group: str) -> bool:
        if group == STARRED:
            return item.key in self._favourites.starred
        if group == RECENT:
            return item.key in self._favourites.recent
        return group in (ALL, item.group) or (group == TEXTURES and item.group == UNNAMED)

    def _why_nothing(self, typed: str) -> str:
        if typed:
            return _("Nothing by that name. Try a thing, an animal or a pattern.")
        if self._groups.chosen == STARRED:
            return _("No picture is starred yet. Right-click one to star it.")
        return _("Nothing was dreamed yet.")

    def _picture(self, item: Choosable) -> GdkPixbuf.Pixbuf | None:
        if item.key in self._dreamed:
            return self._dreamed[item.key]
        if not item.picture and not item.preset:
            return self._blank
        picture = self._sheets.thumbnail(item.picture, item.box, SIDE) if item.picture else None
        return picture or self._placeholder

    def _label(self, item: Choosable) -> str:
        star = "★ " if item.key in self._favourites.starred else ""
        return star + breakable(_short(item.title))

    def _show_mark(self) -> None:
        self._quiet = True
        self._grid.unselect_all()
        for row in self._store:
            if row[_INDEX] == self._marked:
                self._grid.select_path(row.path)
                self._grid.scroll_to_path(row.path, False, 0.0, 0.0)
        self._quiet = False

    def focus(self) -> None:
        """Focus the search field and select what is in it."""
        self._search.grab_focus()
        self._search.select_region(0, -1)

    def _make_grid(self) -> Gtk.IconView:
        grid = Gtk.IconView(model=self._store, item_width=_WIDTH, margin=_MARGIN)
        grid.get_style_context().add_class("deepdream-pictures")
        grid.get_accessible().set_name(_("Pictures"))
        grid.set_item_padding(_PADDING)
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
        grid.connect("button-press-event", self._pressed)
        grid.connect("popup-menu", self._menu_asked)
        return grid

    def _spread(self, grid: Gtk.IconView, area: Gdk.Rectangle) -> None:
        """Spread the pictures over the whole width."""
        width = area.width - 2 * _MARGIN
        columns = max(2, (width + _SPACING) // (_CELL + _SPACING))
        spacing = max(_SPACING, (width - columns * _CELL) // (columns - 1))
        if spacing != grid.get_column_spacing():
            GLib.idle_add(grid.set_column_spacing, spacing)

    def _selected(self, grid: Gtk.IconView) -> None:
        if self._quiet:
            return
        if paths := grid.get_selected_items():
            self._on_chosen(self._items[self._store[paths[0]][_INDEX]])
        else:  # a click between the pictures
            GLib.idle_add(self._show_mark)

    def _pressed(self, grid: Gtk.IconView, event: Gdk.EventButton) -> bool:
        """Add a picture with Ctrl+click, or open its menu with the right button."""
        path = grid.get_path_at_pos(int(event.x), int(event.y))
        if path is None or event.type != Gdk.EventType.BUTTON_PRESS:
            return False
        item = self._items[self._store[path][_INDEX]]
        if event.button == Gdk.BUTTON_PRIMARY and event.state & Gdk.ModifierType.CONTROL_MASK:
            self._on_added(item)
            return True
        if event.button == Gdk.BUTTON_SECONDARY:
            self._menu_of(item).popup_at_pointer(event)
            return True
        return False

    def _menu_asked(self, grid: Gtk.IconView) -> bool:
        """Open the menu of the picture that the keyboard is at."""
        there, path, _cell = grid.get_cursor()
        if not there or path is None:
            return False
        found, area = grid.get_cell_rect(path, None)
        menu = self._menu_of(self._items[self._store[path][_INDEX]])
        if found:
            gravity = Gdk.Gravity.CENTER, Gdk.Gravity.NORTH_WEST
            menu.popup_at_rect(grid.get_window(), area, *gravity, None)
        return found

    def _menu_of(self, item: Choosable) -> Gtk.Menu:
        menu = Gtk.Menu()
        star = Gtk.CheckMenuItem.new_with_mnemonic(_("_Star"))
        star.set_active(item.key in self._favourites.starred)
        star.connect("toggled", lambda entry: self._star(item))
        menu.append(star)
        if not item.preset:
            add = Gtk.MenuItem.new_with_mnemonic(_("_Add to the mix"))
            add.connect("activate", lambda entry: self._on_added(item))
            menu.append(add)
        menu.append(Gtk.SeparatorMenuItem())
        own = Gtk.CheckMenuItem.new_with_mnemonic(_("_Dream pictures for this list"))
        own.set_active(self._favourites.dreams_thumbnails)
        own.connect("toggled", self._own_toggled)
        menu.append(own)
        menu.attach_to_widget(self._grid)
        menu.show_all()
        return menu

    def _star(self, item: Choosable) -> None:
        self._favourites.star(item.key)
        self._show()

    def _own_toggled(self, entry: Gtk.CheckMenuItem) -> None:
        self._favourites.dream_thumbnails(entry.get_active())
        if not entry.get_active():
            self._dreamed = {k: p for k, p in self._dreamed.items() if not k.startswith("preset/")}
        self._show()

    def _take_first(self, entry: Gtk.SearchEntry) -> None:
        """Choose the first picture found. Without a search, Enter means what it means elsewhere."""
        if not entry.get_text().strip():
            entry.get_toplevel().activate_default()
            return
        self._show()  # "search-changed" comes only after a pause in typing
        if len(self._store) and self._store[0][_INDEX] != self._marked:
            self._grid.unselect_all()
            self._grid.select_path(self._store[0].path)

    def _go_down(self, entry: Gtk.SearchEntry, event: Gdk.EventKey) -> bool:
        """Go from the search to the pictures with the arrow key."""
        if event.keyval == Gdk.KEY_Down:
            self._grid.grab_focus()
            return True
        return False

    def _stop(self, entry: Gtk.SearchEntry, on_escape: Callable[[], None]) -> None:
        if entry.get_text():
            entry.set_text("")
        else:
            on_escape()


def _new_store() -> Gtk.ListStore:
    return Gtk.ListStore(GdkPixbuf.Pixbuf, str, int, str)


def _tip(item: Choosable) -> str:
    title, more = map(GLib.markup_escape_text, (item.title, item.description))
    return f"<b>{title}</b>\n{more}" if more and more != title else f"<b>{title}</b>"


def _short(title: str) -> str:
    return title if len(title) <= 28 else f"{title[:27]}…"
