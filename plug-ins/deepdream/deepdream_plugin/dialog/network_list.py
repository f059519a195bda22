"""The list of networks that opens below the button with the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.gtk import SPACE, WIDE_SPACE, GLib, Gtk, Pango
from deepdream_plugin.networks import Network, worth_having
from deepdream_plugin.texts import _

_SIDE = 48
_WIDTH, _HEIGHT = 400, 420
"""The list's size; a popover must fit into the dialog."""


class Face(Gtk.Box):
    """A network's picture, title and sentence, and a note."""

    def __init__(self, side: int, sheets: pixbufs.Sheets, note: str = "") -> None:
        super().__init__(spacing=WIDE_SPACE)
        self.get_style_context().add_class("deepdream-network")
        self._side, self._sheets = side, sheets
        self._picture = Gtk.Image(no_show_all=True)
        self._title = Gtk.Label(xalign=0.0, ellipsize=Pango.EllipsizeMode.END)
        self._sentence = Gtk.Label(xalign=0.0, ellipsize=Pango.EllipsizeMode.END, no_show_all=True)
        noted = Gtk.Label(label=note)
        for label in (self._sentence, noted):
            for style in ("deepdream-hint", "dim-label"):
                label.get_style_context().add_class(style)
        line = Gtk.Box(spacing=WIDE_SPACE)
        line.pack_start(self._title, True, True, 0)
        line.pack_start(noted, False, False, 0)
        words = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, valign=Gtk.Align.CENTER)
        words.pack_start(line, False, False, 0)
        words.pack_start(self._sentence, False, False, 0)
        self.pack_start(self._picture, False, False, 0)
        self.pack_start(words, True, True, 0)

    def show_network(self, network: Network) -> None:
        """Show another network."""
        picture = None
        if network.picture:
            picture = self._sheets.thumbnail(network.picture, network.box, self._side)
        self._picture.set_from_pixbuf(picture)
        self._picture.set_visible(picture is not None)
        self._title.set_text(network.title)
        self._sentence.set_text(network.sentence)
        self._sentence.set_visible(bool(network.sentence))


class NetworkList(Gtk.Popover):
    """The networks worth having and those that are here; the others after a click on "More"."""

    def __init__(self, sheets: pixbufs.Sheets, on_chosen: Callable[[str], None]) -> None:
        super().__init__()
        self._on_chosen = on_chosen
        self._sheets = sheets
        self._known = worth_having()
        self._others: list[str] = []
        self._downloads: Mapping[str, str] = {}
        self._list = Gtk.ListBox(activate_on_single_click=True)
        self._list.get_accessible().set_name(_("Networks"))
        self._list.connect("row-activated", self._activated)
        scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER)
        scrolled.set_propagate_natural_height(True)
        scrolled.set_max_content_height(_HEIGHT)
        scrolled.set_size_request(_WIDTH, -1)
        scrolled.add(self._list)
        scrolled.show_all()
        self.add(scrolled)

    def network(self, name: str) -> Network:
        """Return how a network is presented."""
        return self._known.get(name) or Network(name, name)

    def fill(self, names: Sequence[str], downloads: Mapping[str, str], chosen: str) -> None:
        """Offer the networks `names`; `downloads` says how large those are that are missing.

        The row of the network `chosen` gets the focus.
        """
        for row in self._list.get_children():
            self._list.remove(row)
        self._downloads = downloads
        first = [name for name in self._known if name in names]
        first += [n for n in names if n not in first and (n not in downloads or n == chosen)]
        first += [] if chosen in first else [chosen]
        self._others = [name for name in names if name not in first]
        for name in first:
            self._add(name)
        if self._others:
            more = Gtk.Label(label=_("More networks…"), xalign=0.0, margin=SPACE)
            self._add_row("", more, _("More networks…"))
        for row in self._list.get_children():
            if row.get_name() == chosen:
                self._list.select_row(row)
                GLib.idle_add(row.grab_focus)

    def _add(self, name: str) -> Gtk.ListBoxRow:
        network, size = self.network(name), self._downloads.get(name, "")
        face = Face(_SIDE, self._sheets, size)
        face.show_network(network)
        face.set_border_width(SPACE)
        said = ". ".join(filter(None, (network.title, network.sentence.rstrip("."), size)))
        return self._add_row(name, face, said)

    def _add_row(self, name: str, content: Gtk.Widget, said: str) -> Gtk.ListBoxRow:
        row = Gtk.ListBoxRow(name=name)
        row.add(content)
        row.get_accessible().set_name(said)
        row.show_all()
        self._list.add(row)
        return row

    def _activated(self, rows: Gtk.ListBox, row: Gtk.ListBoxRow) -> None:
        if name := row.get_name():
            self.popdown()
            self._on_chosen(name)
            return
        rows.remove(row)
        added = [self._add(name) for name in self._others]
        added[0].grab_focus()
