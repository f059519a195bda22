"""The row for choosing a guide: a layer of any open image, or a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gimpfu.host import Host
from gimpfu.objects.items import GroupLayer, Layer

from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.quoting import shortened
from deepdream_core.shared.recipe import Parameter, Value
from deepdream_plugin.dialog.gtk import Gtk, Pango, leave_wheel_to_page
from deepdream_plugin.dialog.rows import Mnemonics, Row
from deepdream_plugin.dialog.state import State
from deepdream_plugin.layers import LayerError, guide_picture
from deepdream_plugin.texts import _

_NONE, _FILE = "none", "file"


class GuideRow(Row):
    """A list with no guide, every layer, and a file."""

    def __init__(
        self,
        host: Host,
        parameter: Parameter,
        state: State,
        mnemonics: Mnemonics,
        on_guide: Callable[[Picture | None], None],
    ) -> None:
        """Create the row; `on_guide` receives the guide layer's picture, or None."""
        self._host = host
        self._on_guide = on_guide
        super().__init__(parameter, state, mnemonics)
        self._take_layer(state.output.guide_layer)

    @property
    def tip(self) -> str:
        """The help for `settings` speaks of a file's name, but this is a list."""
        return _("A layer or a picture file whose features steer the dream.")

    def _make(self) -> Gtk.Widget:
        self._combo = Gtk.ComboBoxText(hexpand=True)
        for cell in self._combo.get_cells():
            cell.set_property("ellipsize", Pango.EllipsizeMode.MIDDLE)
        self._combo.append(_NONE, _("None"))
        for image in self._host.image_list():
            for layer in _all(image.layers):
                self._combo.append(str(layer.ID), f"{image.name}: {layer.name}")
        self._combo.append(_FILE, _("Choose file…"))
        self._combo.connect("changed", self._chosen)
        leave_wheel_to_page(self._combo)
        self.label.set_mnemonic_widget(self._combo)
        return self._combo

    def _show(self, value: Value) -> None:
        layer = self._state.output.guide_layer
        if value:
            self._combo.remove(self._combo.get_model().iter_n_children(None) - 1)
            self._combo.append(
                _FILE, _("File: {name}").format(name=shortened(Path(str(value)).name))
            )
            self._combo.set_active_id(_FILE)
        else:
            self._combo.set_active_id(str(layer) if layer else _NONE)

    def _chosen(self, combo: Gtk.ComboBoxText) -> None:
        chosen = combo.get_active_id()
        if self._quiet or chosen is None:
            return
        if chosen == _FILE:
            path = self._ask_file()
            if path:
                self._take_layer(0)
                self._tell(path)
            else:
                self.refresh()
            return
        self._tell("")
        self._take_layer(0 if chosen == _NONE else int(chosen))

    def _take_layer(self, identifier: int) -> None:
        try:
            picture = guide_picture(identifier)
        except LayerError:
            identifier, picture = 0, None
        if identifier or self._state.output.guide_layer:
            self._state.set_guide_layer(identifier)
            self._on_guide(picture)
        self.refresh()

    def _ask_file(self) -> str | None:
        dialog = Gtk.FileChooserDialog(
            title=_("Choose a guide picture"),
            transient_for=self._combo.get_toplevel(),
            action=Gtk.FileChooserAction.OPEN,
        )
        dialog.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        dialog.add_button(_("_Open"), Gtk.ResponseType.OK)
        dialog.set_default_response(Gtk.ResponseType.OK)
        pictures = Gtk.FileFilter()
        pictures.set_name(_("Pictures"))
        pictures.add_pixbuf_formats()
        dialog.add_filter(pictures)
        answer = dialog.run()
        path = dialog.get_filename()
        dialog.destroy()
        return path if answer == Gtk.ResponseType.OK else None


def _all(layers: Sequence[Layer]) -> Iterator[Layer]:
    for layer in layers:
        yield layer
        if isinstance(layer, GroupLayer):
            yield from _all(layer.layers)
