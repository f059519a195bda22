"""The page that says where the dream goes."""

from __future__ import annotations

from deepdream_plugin.dialog.gtk import SPACE, WIDE_SPACE, Gtk, Pango, heading, hint
from deepdream_plugin.dialog.pictures import name_of
from deepdream_plugin.dialog.rows import Mnemonics, Row, attach, new_grid, row_for
from deepdream_plugin.dialog.state import State
from deepdream_plugin.outputs import EXPLAINED, OUTPUTS, kind_of
from deepdream_plugin.texts import _

_ROWS = {
    "steps": ("keep_every",),
    "frames": ("passes", "zoom", "rotate", "shift_x", "shift_y"),
}
"""The parameters of the recipe that matter for an output."""
MINE = tuple(name for names in _ROWS.values() for name in names)


class WherePage(Gtk.Box):
    """One choice of six, each with what it needs to know."""

    def __init__(self, state: State, mnemonics: Mnemonics) -> None:
        super().__init__(
            orientation=Gtk.Orientation.VERTICAL, spacing=WIDE_SPACE, border_width=WIDE_SPACE
        )
        self.rows: list[Row] = []
        self._state = state
        self._list = Gtk.ListBox(selection_mode=Gtk.SelectionMode.NONE)
        self._buttons: dict[str, Gtk.RadioButton] = {}
        self._details: dict[str, Gtk.Revealer] = {}
        self.pack_start(heading(_("The dream becomes")), False, False, 0)
        first = None
        for kind, label in OUTPUTS["output"].choices.items():
            button = Gtk.RadioButton.new_with_mnemonic_from_widget(first, mnemonics.mark(_(label)))
            first = first or button
            button.connect("toggled", self._toggled, kind)
            self._buttons[kind] = button
            self._details[kind] = self._detail(kind, mnemonics)
            box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
            box.pack_start(button, False, False, 0)
            box.pack_start(self._details[kind], False, False, 0)
            self.pack_start(box, False, False, 0)
        self.refresh()

    def refresh(self) -> None:
        """Show what the state says."""
        kind = kind_of(self._state.output)
        self._buttons[kind].set_active(True)
        for name, detail in self._details.items():
            detail.set_reveal_child(name == kind)
        for row in self.rows:
            row.refresh()
        self._list_features()

    def _toggled(self, button: Gtk.RadioButton, kind: str) -> None:
        if not button.get_active():
            return
        self._state.set_output("output", kind)
        if kind == "frames" and self._state.recipe.passes == 1:
            self._state.set("passes", 8)
            self._state.set("zoom", 1.05)
        elif kind != "frames" and self._state.recipe.passes != 1:
            self._state.set("passes", 1)
        self.refresh()

    def _detail(self, kind: str, mnemonics: Mnemonics) -> Gtk.Revealer:
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        box.set_margin_start(2 * WIDE_SPACE)
        box.pack_start(hint(_(EXPLAINED[kind])), False, False, 0)
        if kind in _ROWS:
            grid = new_grid()
            for top, name in enumerate(_ROWS[kind]):
                row = row_for(name, self._state, mnemonics)
                attach(grid, top, row)
                self.rows.append(row)
            box.pack_start(grid, False, False, 0)
        if kind == "features":
            add = Gtk.Button.new_with_mnemonic(_("Add the feature that is chosen _now"))
            add.set_halign(Gtk.Align.START)
            add.connect("clicked", lambda button: self._add())
            scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN, min_content_height=110)
            scrolled.add(self._list)
            box.pack_start(add, False, False, 0)
            box.pack_start(scrolled, True, True, 0)
        revealer = Gtk.Revealer(transition_type=Gtk.RevealerTransitionType.NONE)
        revealer.add(box)
        return revealer

    def _add(self) -> None:
        objective = self._state.recipe.objective
        if objective not in self._state.features:
            self._set_features([*self._state.features, objective])

    def _remove(self, objective: str) -> None:
        self._set_features([f for f in self._state.features if f != objective])

    def _set_features(self, features: list[str]) -> None:
        self._state.set_output("features", "|".join(features))
        self._list_features()

    def _list_features(self) -> None:
        for child in self._list.get_children():
            self._list.remove(child)
        for objective in self._state.features:
            row = Gtk.Box(spacing=SPACE)
            name = Gtk.Label(
                label=name_of(objective), xalign=0.0, ellipsize=Pango.EllipsizeMode.END
            )
            remove = Gtk.Button.new_from_icon_name("list-remove-symbolic", Gtk.IconSize.BUTTON)
            remove.set_relief(Gtk.ReliefStyle.NONE)
            remove.set_tooltip_text(_("Take it out"))
            remove.connect("clicked", lambda button, o=objective: self._remove(o))
            row.pack_start(name, True, True, SPACE)
            row.pack_start(remove, False, False, 0)
            self._list.add(row)
        self._list.show_all()
