"""The row for choosing the network and downloading its weights if they are missing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from deepdream_core.shared.recipe import Parameter, Value
from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.background_download import BackgroundDownload
from deepdream_plugin.dialog.gtk import SPACE, GLib, Gtk
from deepdream_plugin.dialog.network_list import Face, NetworkList
from deepdream_plugin.dialog.rows import Mnemonics, Row
from deepdream_plugin.dialog.state import State
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineError
from deepdream_plugin.texts import _

_SIDE = 40


class ModelRow(Row):
    """The chosen network, a list to choose another, and a button to download a missing one."""

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
        self._wanted = ""
        """The network that is shown: the one in use, or one that is to be downloaded."""
        self._missing: dict[str, int] = {}
        """The size in MiB of each network that is not here."""
        self._names: list[str] = []
        super().__init__(parameter, state, mnemonics)
        self.load_networks()

    def load_networks(self) -> None:
        """Ask the engine again which networks it has."""
        threading.Thread(target=self._load_networks, daemon=True, name="networks").start()

    def download(self) -> None:
        """Download the network that is in use, unless a download is going on."""
        if not self._download:
            self._want(self._state.recipe.model)
            self._start_or_cancel()

    def close(self) -> None:
        """Stop a download in progress."""
        self._closed = True
        if self._download:
            self._download.abandon()

    def _make(self) -> Gtk.Widget:
        sheets = pixbufs.Sheets()
        self._face = Face(_SIDE, sheets)
        arrow = Gtk.Image.new_from_icon_name("pan-down-symbolic", Gtk.IconSize.MENU)
        self._face.pack_end(arrow, False, False, 0)
        self._list = NetworkList(sheets, self._choose)
        self._chooser = Gtk.MenuButton(popover=self._list, hexpand=True)
        self._chooser.add(self._face)
        self._chooser.connect("toggled", self._opened)
        self.label.set_mnemonic_widget(self._chooser)
        self._button = Gtk.Button.new_with_mnemonic(_("_Download"))
        self._button.set_no_show_all(True)
        self._button.connect("clicked", lambda button: self._start_or_cancel())
        self._bar = Gtk.ProgressBar(no_show_all=True, show_text=True)
        self._status = Gtk.Label(no_show_all=True, wrap=True, xalign=0.0, max_width_chars=30)
        self._status.get_style_context().add_class("deepdream-hint")
        row = Gtk.Box(spacing=SPACE)
        row.pack_start(self._chooser, True, True, 0)
        row.pack_start(self._button, False, False, 0)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        for widget in (row, self._bar, self._status):
            box.pack_start(widget, False, False, 0)
        return box

    def _show(self, value: Value) -> None:
        if not self._download:
            self._want(str(value))

    def _want(self, name: str) -> None:
        self._wanted = name
        network = self._list.network(name)
        self._face.show_network(network)
        said = f"{_(self.parameter.label)}: {network.title}"
        self._chooser.get_accessible().set_name(said)
        self._chooser.set_tooltip_text(" ".join(filter(None, (network.sentence, self.tip))))
        self._update_button()

    def _opened(self, chooser: Gtk.MenuButton) -> None:
        if chooser.get_active():
            sizes = {
                name: _("{mib} MiB download").format(mib=mib) for name, mib in self._missing.items()
            }
            self._list.fill(self._names, sizes, self._wanted)

    def _choose(self, name: str) -> None:
        self._want(name)
        if name not in self._missing:
            self._tell(name)

    def _update_button(self) -> None:
        """Show the button for a missing network, and which network is used until then."""
        present = self._state.recipe.model
        missing = self._wanted in self._missing
        self._button.set_visible(missing)
        if missing and self._wanted != present:
            used = self._list.network(present).title
            self._say(_("{name} is used until the download finishes.").format(name=used))
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
        networks.sort(key=lambda network: not network["here"])
        self._names = [network["name"] for network in networks]
        self._missing = {row["name"]: row["mib"] for row in networks if not row["here"]}
        self._update_button()
        self._opened(self._chooser)
        return False

    def _start_or_cancel(self) -> None:
        if self._download:
            self._download.cancel()
            return
        name = self._wanted
        self._chooser.set_sensitive(False)
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
        self._chooser.set_sensitive(True)
        self._button.set_label(_("_Download"))
        if problem:
            self._say(problem)
            return
        self._missing.pop(name, None)
        self._tell(name)
        self._show(name)
        self._on_downloaded()
