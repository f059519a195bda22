"""The part of the dialog that asks how the dream is laid over what is below it."""

from __future__ import annotations

from deepdream_core.shared.outputs import OUTPUT_PARAMETERS
from deepdream_plugin.dialog.gtk import SPACE, WIDE_SPACE, Gtk, heading, leave_wheel_to_page
from deepdream_plugin.dialog.rows import new_grid
from deepdream_plugin.dialog.state import State
from deepdream_plugin.texts import _


class BlendBox(Gtk.Box):
    """The new layer's mode and opacity."""

    def __init__(self, state: State) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        self._state = state
        mode, opacity = (OUTPUT_PARAMETERS[name] for name in ("layer_mode", "opacity"))
        self._mode = Gtk.ComboBoxText(hexpand=True)
        for name, label in mode.choices.items():
            self._mode.append(name, _(label))
        self._opacity = Gtk.SpinButton.new_with_range(opacity.low, opacity.high, 1.0)
        self.pack_start(heading(_("The new layer")), False, False, 0)
        grid = new_grid()
        grid.set_margin_start(WIDE_SPACE)
        for top, (row, field) in enumerate(((mode, self._mode), (opacity, self._opacity))):
            text = _(row.label) + (f" ({row.unit})" if row.unit else "")
            label = Gtk.Label(label=text, xalign=0.0)
            for widget in (label, field):
                widget.set_tooltip_text(_(row.help))
            field.get_accessible().set_name(_(row.label))
            leave_wheel_to_page(field)
            grid.attach(label, 0, top, 1, 1)
            grid.attach(field, 1, top, 1, 1)
        self.pack_start(grid, False, False, 0)
        self._grid = grid
        self._show()
        self._mode.connect("changed", lambda field: self._tell())
        self._opacity.connect("value-changed", lambda field: self._tell())
        state.listen_to_output(self._show)

    def _show(self) -> None:
        output = self._state.output
        self._grid.set_sensitive(output.kind.is_beside_source)
        if (output.mode, output.opacity) != self._chosen():
            self._mode.set_active_id(output.mode)
            self._opacity.set_value(output.opacity)

    def _chosen(self) -> tuple[str, float]:
        return self._mode.get_active_id() or "", self._opacity.get_value()

    def _tell(self) -> None:
        self._state.set_blend(*self._chosen())
