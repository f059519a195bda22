"""The row for choosing the network and downloading its weights if they are missing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from deepdream_core.shared.recipe import Parameter, Value
from deepdream_plugin.dialog.background_download import BackgroundDownload
from deepdream_plugin.dialog.gtk import SPACE, GLib, Gtk, Pango, leave_wheel_to_page
from deepdream_plugin.dialog.rows import Mnemonics, Row
from deepdream_plugin.dialog.state import State
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineError
from deepdream_plugin.texts import _

_NAME, _LABEL, _HERE = range(3)


class ModelRow(Row):
    """A list of networks, with a button to download those that are missing."""

    def __init__(
        self,
        parameter: Parameter,
        state: State,
        mnemonics: Mnemonics,
        on_downloaded: Callable[[], None],
    ) -> None:
        self._on_downloaded = on_downloaded
        self._download: BackgroundDownload | None = None
        self._closed = False
        super().__init__(parameter, state, mnemonics)
        threading.Thread(target=self._load_networks, daemon=True, name="networks").start()

    def close(self) -> None:
        """Stop a download in progress."""
        self._closed = True
        if self._download:
            self._download.abandon()

    def _make(self) -> Gtk.Widget:
        self._store = Gtk.ListStore(str, str, bool)
        self._combo = Gtk.ComboBox(model=self._store, hexpand=True)
        # A long name would make the page wider and the preview smaller.
        cell = Gtk.CellRendererText(ellipsize=Pango.EllipsizeMode.END)
        self._combo.pack_start(cell, True)
        self._combo.add_attribute(cell, "text", _LABEL)
        self._combo.set_id_column(_NAME)
        self._combo.connect("changed", self._chosen)
        leave_wheel_to_page(self._combo)
        self.label.set_mnemonic_widget(self._combo)
        self._button = Gtk.Button.new_with_mnemonic(_("_Download"))
        self._button.set_no_show_all(True)
        self._button.connect("clicked", lambda button: self._start_or_cancel())
        self._bar = Gtk.ProgressBar(no_show_all=True, show_text=True)
        self._status = Gtk.Label(no_show_all=True, wrap=True, xalign=0.0, max_width_chars=30)
        self._status.get_style_context().add_class("deepdream-hint")
        row = Gtk.Box(spacing=SPACE)
        row.pack_start(self._combo, True, True, 0)
        row.pack_start(self._button, False, False, 0)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        for widget in (row, self._bar, self._status):
            box.pack_start(widget, False, False, 0)
        return box

    def _show(self, value: Value) -> None:
        if self._download:
            return
        if not any(row[_NAME] == value for row in self._store):
            self._store.append([str(value), str(value), True])
        self._combo.set_active_id(str(value))
        self._update_button()

    def _chosen(self, combo: Gtk.ComboBox) -> None:
        name = combo.get_active_id()
        if name and not self._quiet:
            self._update_button()
            if self._is_here(name):
                self._tell(name)

    def _is_here(self, name: str) -> bool:
        return any(row[_NAME] == name and row[_HERE] for row in self._store)

    def _update_button(self) -> None:
        """Show the button for a missing network, and which network is used until then."""
        name, present = self._combo.get_active_id(), self._state.recipe.model
        missing = bool(name) and not self._is_here(name)
        self._button.set_visible(missing)
        if missing and name != present:
            self._say(_("{name} is used until the download finishes.").format(name=present))
        else:
            self._say("")

    def _say(self, text: str) -> None:
        self._status.set_text(text)
        self._status.set_visible(bool(text))

    def _load_networks(self) -> None:
        try:
            with Engine.warm() as engine:
                networks = engine.networks()
        except EngineError:
            return  # the preview shows what is wrong with the engine
        GLib.idle_add(self._fill, networks)

    def _fill(self, networks: list[dict[str, Any]]) -> bool:
        if self._closed:
            return False
        self._quiet = True
        wanted = self._combo.get_active_id()
        self._store.clear()
        networks.sort(key=lambda network: not network["here"])
        for network in networks:
            name, here = network["name"], network["here"]
            label = name if here else _("{name} ({mib} MiB download)").format(**network)
            self._store.append([name, label, here])
        self._combo.set_active_id(wanted)
        self._quiet = False
        self._update_button()
        return False

    def _start_or_cancel(self) -> None:
        if self._download:
            self._download.cancel()
            return
        name = self._combo.get_active_id()
        self._combo.set_sensitive(False)
        self._button.set_label(_("Stop _download"))
        self._say("")
        self._bar.set_fraction(0.0)
        self._bar.set_text(_("Downloading {name}…").format(name=name))
        self._bar.show()
        self._download = BackgroundDownload(
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
        self._download = None
        self._bar.hide()
        self._combo.set_sensitive(True)
        self._button.set_label(_("_Download"))
        if problem:
            self._say(problem)
            return
        for row in self._store:
            if row[_NAME] == name:
                row[_LABEL], row[_HERE] = name, True
        self._tell(name)
        self._show(name)
        self._on_downloaded()
