"""The part of the dialog that asks what becomes of the layer's own mask."""

from __future__ import annotations

from deepdream_core.shared.outputs import OUTPUT_PARAMETERS
from deepdream_plugin.dialog.gtk import SPACE, WIDE_SPACE, Gtk, heading, hint
from deepdream_plugin.dialog.rows import Mnemonics
from deepdream_plugin.dialog.state import State
from deepdream_plugin.texts import _


class MaskBox(Gtk.Box):
    """A choice between a copy of the mask and a dream of only what it shows."""

    def __init__(self, enabled: bool, state: State, mnemonics: Mnemonics) -> None:
        """`enabled`: whether GIMP applies the mask; a disabled one is only copied."""
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        parameter = OUTPUT_PARAMETERS["layer_mask"]
        self.pack_start(heading(_(parameter.label)), False, False, 0)
        if not enabled:
            self.pack_start(hint(_("It is disabled, and so will its copy be.")), False, False, 0)
            return
        copy = Gtk.RadioButton.new_with_mnemonic(None, mnemonics.mark(_(parameter.choices["copy"])))
        limit = Gtk.RadioButton.new_with_mnemonic_from_widget(
            copy, mnemonics.mark(_(parameter.choices["limit"]))
        )
        (limit if state.output.limited else copy).set_active(True)
        limit.connect("toggled", lambda button: state.set_limited(button.get_active()))
        state.listen_to_output(lambda: (limit if state.output.limited else copy).set_active(True))
        row = Gtk.Box(spacing=WIDE_SPACE)
        for button in (copy, limit):
            button.set_tooltip_text(_(parameter.help))
            row.pack_start(button, False, False, 0)
        self.pack_start(row, False, False, 0)
