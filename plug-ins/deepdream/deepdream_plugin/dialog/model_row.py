"""The row that chooses the network, and has its weights fetched if they are not here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from deepdream_core.shared.recipe import Parameter, Value
from deepdream_plugin.dialog.background_download import BackgroundDownload
from deepdream_plugin.dialog.gtk import SPACE, GLib, Gtk, Pango
from deepdream_plugin.dialog.rows import Mnemonics, Row
from deepdream_plugin.dialog.state import State
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineError
from deepdream_plugin.texts import _

_NAME, _LABEL, _HERE = range(3)


class ModelRow(Row):
    """A list of networks; those that are not here are marked, and fetched at a press."""

    def __init__(
        self,
        parameter: Parameter,
        state: State,
        mnemonics: Mnemonics,
        on_fetched: Callable[[], None],
    ) -> None:
        self._on_fetched = on_fetched
        self._fetching: BackgroundDownload | None = None
        self._closed = False
        super().__init__(parameter, state, mnemonics)
        threading.Thread(target=self._list, daemon=True, name="networks").start()

    def close(self) -> None:
        """Stop what still runs."""
        self._closed = True
        if self._fetching:
            self._fetching.abandon()

    def _make(self) -> Gtk.Widget:
        self._store = Gtk.ListStore(str, str, bool)
        self._combo = Gtk.ComboBox(model=self._store, hexpand=True)
        # A long name must not make the page wider, and the preview smaller.
        cell = Gtk.CellRendererText(ellipsize=Pango.EllipsizeMode.END)
        self._combo.pack_start(cell, True)
        self._combo.add_attribute(cell, "text", _LABEL)
        self._combo.set_id_column(_NAME)
        self._combo.connect("changed", self._chosen)
        self.label.set_mnemonic_widget(self._combo)
        self._fetch = Gtk.Button.new_with_mnemonic(_("_Fetch"))
        self._fetch.set_no_show_all(True)
        self._fetch.connect("clicked", lambda button: self._fetch_or_cancel())
        self._bar = Gtk.ProgressBar(no_show_all=True, show_text=True)
        self._said = Gtk.Label(no_show_all=True, wrap=True, xalign=0.0, max_width_chars=30)
        self._said.get_style_context().add_class("deepdream-hint")
        row = Gtk.Box(spacing=SPACE)
        row.pack_start(self._combo, True, True, 0)
        row.pack_start(self._fetch, False, False, 0)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        for widget in (row, self._bar, self._said):
            box.pack_start(widget, False, False, 0)
        return box

    def _show(self, value: Value) -> None:
        if self._fetching:
            return
        if not any(row[_NAME] == value for row in self._store):
            self._store.append([str(value), str(value), True])
        self._combo.set_active_id(str(value))
        self._offer()

    def _chosen(self, combo: Gtk.ComboBox) -> None:
        name = combo.get_active_id()
        if name and not self._quiet:
            self._offer()
            if self._is_here(name):
                self._tell(name)

    def _is_here(self, name: str) -> bool:
        return any(row[_NAME] == name and row[_HERE] for row in self._store)

    def _offer(self) -> None:
        """Show the button where there is something to fetch, and what is dreamed until then."""
        name, present = self._combo.get_active_id(), self._state.recipe.model
        missing = bool(name) and not self._is_here(name)
        self._fetch.set_visible(missing)
        if missing and name != present:
            self._say(_("Until it is fetched, {name} dreams.").format(name=present))
        else:
            self._say("")

    def _say(self, text: str) -> None:
        self._said.set_text(text)
        self._said.set_visible(bool(text))

    def _list(self) -> None:
        try:
            with Engine.warm() as engine:
                networks = engine.networks()
        except EngineError:
            return  # the preview says what is wrong with the engine
        GLib.idle_add(self._take_list, networks)

    def _take_list(self, networks: list[dict[str, Any]]) -> bool:
        if self._closed:
            return False
        self._quiet = True
        wanted = self._combo.get_active_id()
        self._store.clear()
        networks.sort(key=lambda network: not network["here"])
        for network in networks:
            name, here = network["name"], network["here"]
            label = name if here else _("{name} (not here yet, {mib} MiB)").format(**network)
            self._store.append([name, label, here])
        self._combo.set_active_id(wanted)
        self._quiet = False
        self._offer()
        return False

    def _fetch_or_cancel(self) -> None:
        if self._fetching:
            self._fetching.cancel()
            return
        name = self._combo.get_active_id()
        self._combo.set_sensitive(False)
        self._fetch.set_label(_("Stop _fetching"))
        self._say("")
        self._bar.set_fraction(0.0)
        self._bar.set_text(_("Fetching {name}…").format(name=name))
        self._bar.show()
        self._fetching = BackgroundDownload(
            name, self._progress, lambda problem: self._ended(name, problem)
        )

    def _progress(self, done: int, total: int | None) -> None:
        if total:
            self._bar.set_fraction(done / total)
            text = _("{done:.0f} of {total:.0f} MiB")
            self._bar.set_text(text.format(done=done / 2**20, total=total / 2**20))
        else:
            self._bar.pulse()

    def _ended(self, name: str, problem: str) -> None:
        self._fetching = None
        self._bar.hide()
        self._combo.set_sensitive(True)
        self._fetch.set_label(_("_Fetch"))
        if problem:
            self._say(problem)
            return
        for row in self._store:
            if row[_NAME] == name:
                row[_LABEL], row[_HERE] = name, True
        self._tell(name)
        self._show(name)
        self._on_fetched()
