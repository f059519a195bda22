"""The part of the dialog that says which dream is dreamed again, and asks what becomes of it."""

from __future__ import annotations

from deepdream_core.shared.outputs import OUTPUT_PARAMETERS
from deepdream_core.shared.quoting import shortened
from deepdream_plugin.again import Again
from deepdream_plugin.dialog.gtk import WIDE_SPACE, Gtk, Pango, heading, hint
from deepdream_plugin.dialog.rows import Mnemonics
from deepdream_plugin.dialog.state import State
from deepdream_plugin.texts import _

_MOST_OF_A_NAME = 40


class AgainBox(Gtk.Box):
    """A heading with the old dream's name, and the choice between its place and a new layer."""

    def __init__(self, again: Again, state: State, mnemonics: Mnemonics) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL)
        title = heading(again_text(again))
        title.set_ellipsize(Pango.EllipsizeMode.MIDDLE)
        self.pack_start(title, False, False, 0)
        if again.why_kept:
            self.pack_start(hint(again.why_kept), False, False, 0)
            return
        labels = [mnemonics.mark(label) for label in _choices(len(again.names))]
        replace = Gtk.RadioButton.new_with_mnemonic(None, labels[0])
        above = Gtk.RadioButton.new_with_mnemonic_from_widget(replace, labels[1])
        (replace if state.output.replaces else above).set_active(True)
        replace.connect("toggled", lambda button: state.set_replaces(button.get_active()))
        state.listen_to_output(
            lambda: (replace if state.output.replaces else above).set_active(True)
        )
        row = Gtk.Box(spacing=WIDE_SPACE)
        row.pack_start(replace, False, False, 0)
        row.pack_start(above, False, False, 0)
        self.pack_start(row, False, False, 0)


def _choices(count: int) -> tuple[str, str]:
    """Return what can become of this number of old dreams."""
    if count > 1:
        return _("Replace these dreams"), _("New layers right above them")
    labels = OUTPUT_PARAMETERS["again"].choices
    return _(labels["replace"]), _(labels["above"])


def again_text(again: Again) -> str:
    """Return which dreams are dreamed again."""
    if len(again.names) == 1:
        name = shortened(again.names[0], _MOST_OF_A_NAME)
        return _('"{name}" is dreamed again.').format(name=name)
    return _("{count} dreams are dreamed again.").format(count=len(again.names))
