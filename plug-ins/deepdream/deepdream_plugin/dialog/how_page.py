"""The page for how to dream: groups of settings, the rarer ones behind "More"."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from deepdream_core.shared.recipe import GROUPS, PARAMETERS
from deepdream_plugin.dialog.gtk import SPACE, WIDE_SPACE, Gtk, heading
from deepdream_plugin.dialog.rows import Row, attach, new_grid
from deepdream_plugin.texts import _


class HowPage(Gtk.Box):
    """Every setting that has no other place in the dialog."""

    def __init__(
        self, elsewhere: Container[str], make_rows: Callable[[str], Sequence[Row]]
    ) -> None:
        """Fill the page.

        `elsewhere`: the settings that are on other pages. `make_rows` creates a setting's rows.
        """
        super().__init__(
            orientation=Gtk.Orientation.VERTICAL, spacing=WIDE_SPACE, border_width=WIDE_SPACE
        )
        self._make_rows = make_rows
        self._labels = Gtk.SizeGroup(mode=Gtk.SizeGroupMode.HORIZONTAL)
        here = [row for row in PARAMETERS.values() if row.name not in elsewhere]
        for group in GROUPS:
            plain = [row.name for row in here if row.group == group and not row.expert]
            expert = [row.name for row in here if row.group == group and row.expert]
            self.pack_start(self._group(_(group), plain, expert), False, False, 0)

    def _group(self, title: str, plain: Sequence[str], expert: Sequence[str]) -> Gtk.Widget:
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        if plain:
            box.pack_start(heading(title), False, False, 0)
            box.pack_start(_indented(self._grid(plain)), False, False, 0)
        if expert:
            more, rows = Gtk.Expander(spacing=SPACE), self._grid(expert)
            more.set_label_widget(Gtk.Label(label=_("More")) if plain else heading(title))
            more.add(rows if plain else _indented(rows))
            box.pack_start(_indented(more) if plain else more, False, False, 0)
        return box

    def _grid(self, names: Sequence[str]) -> Gtk.Grid:
        grid = new_grid()
        rows = [row for name in names for row in self._make_rows(name)]
        for top, row in enumerate(rows):
            attach(grid, top, row)
            self._labels.add_widget(row.label)
        return grid


def _indented(widget: Gtk.Widget) -> Gtk.Widget:
    widget.set_margin_start(WIDE_SPACE)
    return widget
