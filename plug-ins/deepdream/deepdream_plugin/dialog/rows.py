"""The rows of the dialog, one for each parameter in the recipe's table."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence

from deepdream_core.shared.recipe import PARAMETERS, Parameter, RecipeError, Value
from deepdream_plugin.dialog.gtk import SPACE, WIDE_SPACE, Gtk, leave_wheel_to_page
from deepdream_plugin.dialog.state import State
from deepdream_plugin.texts import _, sentence

_USUAL_LIMIT = {
    "steps": 50,
    "step_size": 6.0,
    "jitter": 128,
    "random_turn": 30.0,
    "random_zoom": 0.5,
    "keep_every": 50,
    "passes": 50,
    "tv": 0.2,
    "smooth": 4.0,
}
"""The upper limit of a slider whose parameter has a range too wide to aim in."""

_WITHOUT_SLIDER = ("seed", "steps")
"""Parameters that share a line, so that there is more room for the pictures."""


class Mnemonics:
    """Assigns a different mnemonic letter to each label, for as long as there are any left."""

    def __init__(self, taken: str, names: Sequence[str] = ()) -> None:
        """Reserve the letters `taken`; assign letters to the labels of `names` in advance.

        Labels with the fewest free letters come first.
        """
        self._taken = set(taken)
        self._chosen: dict[str, str] = {}
        labels = [_(PARAMETERS[name].label) for name in names]
        for label in sorted(labels, key=lambda label: len(set(label.lower()) - self._taken)):
            self._chosen[label] = self._mark(label)

    def mark(self, label: str) -> str:
        """Return the label with an underscore before its mnemonic letter."""
        return self._chosen.get(label) or self._mark(label)

    def _mark(self, label: str) -> str:
        for position, letter in enumerate(label):
            if letter.isalnum() and letter.lower() not in self._taken:
                self._taken.add(letter.lower())
                return f"{label[:position]}_{label[position:]}"
        return label


class Row(ABC):
    """The widgets of a parameter, `label` and `field`, kept in sync with the state."""

    def __init__(self, parameter: Parameter, state: State, mnemonics: Mnemonics) -> None:
        self.parameter = parameter
        self._state = state
        self._quiet = False
        self.label = Gtk.Label(xalign=0.0)
        label, unit = _(parameter.label), _(parameter.unit) if parameter.unit else ""
        is_said = unit.lower() in label.lower()
        self.label.set_text_with_mnemonic(mnemonics.mark(label) + ("" if is_said else f" ({unit})"))
        self.field = self._make()
        for widget in self._spoken():
            widget.get_accessible().set_name(label)
        for widget in (self.label, self.field):
            widget.set_tooltip_text(self.tip)
        self.refresh()

    @property
    def tip(self) -> str:
        """What the parameter does and what the field calls it, in the artist's language."""
        parameter = self.parameter
        if not parameter.term:
            return _(parameter.help)
        called = _("Experts call it “{term}”.").format(term=_(parameter.term))
        return f"{_(parameter.help)} {called}"

    def refresh(self) -> None:
        """Show the value from the state."""
        self._quiet = True
        self._show(getattr(self._state.recipe, self.parameter.name))
        self._quiet = False

    def _spoken(self) -> Sequence[Gtk.Widget]:
        """Return the widgets that a screen reader calls by the parameter's name."""
        return [self.label.get_mnemonic_widget()]

    @abstractmethod
    def _make(self) -> Gtk.Widget:
        """Create the widget for showing and changing the value."""

    @abstractmethod
    def _show(self, value: Value) -> None:
        """Show a value."""

    def _tell(self, value: Value) -> None:
        if not self._quiet:
            self._state.set(self.parameter.name, value)


class NumberRow(Row):
    """A slider and a number field."""

    def _make(self) -> Gtk.Widget:
        row = self.parameter
        whole = row.kind == "int"
        step = 1.0 if whole else 0.01 if row.high - row.low <= 4 else 0.1
        digits = 0 if whole else 2 if step < 0.1 else 1
        box = Gtk.Box(spacing=SPACE)
        self._number = Gtk.SpinButton.new_with_range(row.low, row.high, step)
        self._number.set_digits(digits)
        self._number.set_activates_default(True)
        self._number.set_width_chars(4)
        self._number.connect("value-changed", self._typed)
        leave_wheel_to_page(self._number)
        self._slider: Gtk.Scale | None = None
        if row.name in _WITHOUT_SLIDER:
            self._number.set_hexpand(True)
            box.pack_start(self._number, True, True, 0)
            if row.name == "seed":
                box.pack_start(self._dice(), False, False, 0)
        else:
            high = _USUAL_LIMIT.get(row.name, row.high)
            slider = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, row.low, high, step)
            slider.set_draw_value(False)
            slider.set_hexpand(True)
            slider.set_can_focus(False)
            slider.connect("value-changed", self._dragged)
            leave_wheel_to_page(slider, self._number)
            self._slider = slider
            box.pack_start(slider, True, True, 0)
            box.pack_start(self._number, False, False, 0)
        self.label.set_mnemonic_widget(self._number)
        return box

    def _spoken(self) -> Sequence[Gtk.Widget]:
        return [self._number, *([self._slider] if self._slider else [])]

    def _dice(self) -> Gtk.Widget:
        button = Gtk.Button.new_with_mnemonic(_("_Another"))
        button.set_tooltip_text(_("Pick another seed, for another dream of the same kind."))
        button.connect("clicked", lambda b: self._number.set_value(random.randint(1, 9999)))
        return button

    def _show(self, value: Value) -> None:
        self._number.set_value(float(value))
        if self._slider:
            self._slider.set_value(float(value))

    def _typed(self, number: Gtk.SpinButton) -> None:
        value = number.get_value()
        if self._slider and not self._quiet:
            self._quiet = True
            self._slider.set_value(value)
            self._quiet = False
        self._tell(int(value) if self.parameter.kind == "int" else round(value, 6))

    def _dragged(self, slider: Gtk.Scale) -> None:
        if not self._quiet:
            self._number.set_value(slider.get_value())


class ChoiceRow(Row):
    """A list to choose from."""

    def _make(self) -> Gtk.Widget:
        combo = Gtk.ComboBoxText(hexpand=True)
        for value, label in self.parameter.choices.items():
            combo.append(value, _(label))
        combo.connect("changed", lambda c: self._tell(c.get_active_id()))
        leave_wheel_to_page(combo)
        self.label.set_mnemonic_widget(combo)
        self._combo = combo
        return combo

    def _show(self, value: Value) -> None:
        self._combo.set_active_id(str(value))


class TextRow(Row):
    """A text field. While its text is invalid, it shows a warning and the state is unchanged."""

    def _make(self) -> Gtk.Widget:
        self._entry = Gtk.Entry(hexpand=True, activates_default=True)
        self._entry.connect("changed", self._typed)
        self.label.set_mnemonic_widget(self._entry)
        return self._entry

    def _show(self, value: Value) -> None:
        if self._entry.get_text().strip() != value:
            self._entry.set_text(str(value))
        self._show_warning("")

    def _typed(self, entry: Gtk.Entry) -> None:
        try:
            self._tell(entry.get_text())
        except RecipeError as problem:
            self._show_warning(sentence(problem))
        else:
            self._show_warning("")

    def _show_warning(self, problem: str) -> None:
        side = Gtk.EntryIconPosition.SECONDARY
        self._entry.set_icon_from_icon_name(side, "dialog-warning" if problem else None)
        self._entry.set_icon_tooltip_text(side, problem or None)


_KINDS = {
    "int": NumberRow,
    "float": NumberRow,
    "choice": ChoiceRow,
    "text": TextRow,
}


def row_for(name: str, state: State, mnemonics: Mnemonics) -> Row:
    """Create the row for a parameter."""
    parameter = PARAMETERS[name]
    return _KINDS[parameter.kind](parameter, state, mnemonics)


def new_grid() -> Gtk.Grid:
    """Create a grid for rows, with the spacing used on every page."""
    return Gtk.Grid(column_spacing=WIDE_SPACE, row_spacing=SPACE)


def attach(grid: Gtk.Grid, top: int, row: Row) -> None:
    """Add a row to a grid."""
    grid.attach(row.label, 0, top, 1, 1)
    grid.attach(row.field, 1, top, 1, 1)


def share_line(row: Row, other: Row) -> None:
    """Put another row's widgets at the end of a row that has been added to a grid."""
    grid, line = row.field.get_parent(), Gtk.Box(spacing=WIDE_SPACE)
    top = grid.child_get_property(row.field, "top-attach")
    grid.remove(row.field)
    line.pack_start(row.field, True, True, 0)
    other.field.set_hexpand(False)
    for widget in (other.label, other.field):
        line.pack_start(widget, False, False, 0)
    grid.attach(line, 1, top, 1, 1)
