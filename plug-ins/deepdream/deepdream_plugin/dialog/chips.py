"""The chosen pictures below the grid, each with its weight and a button to remove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from deepdream_core.shared.objective import Expression, Term
from deepdream_core.shared.outputs import FEATURES, LAYER
from deepdream_plugin.atlas import title_of
from deepdream_plugin.dialog.gtk import SPACE, WIDE_SPACE, Gtk, Pango, leave_wheel_to_page
from deepdream_plugin.dialog.state import State
from deepdream_plugin.texts import _

_STRONGEST = 2.0
"""The range of the sliders; larger weights can be typed into the objective."""
_STEP = 0.05
_ROWS_SHOWN = 2


class Chips(Gtk.Box):
    """What the dream is mixed from. Invisible while it is one picture or a preset's own mix."""

    def __init__(self, state: State) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE, no_show_all=True)
        self._state = state
        self._quiet = False
        self._shown: Sequence[tuple[str, str]] = ()
        """The network and targets that have chips."""
        self._sliders: list[Gtk.Scale] = []
        self._list = Gtk.Grid(column_homogeneous=True, column_spacing=WIDE_SPACE)
        self._scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER)
        self._scrolled.add(self._list)
        self._each = Gtk.CheckButton(label=_(FEATURES.label))
        self._each.set_tooltip_text(_(FEATURES.explanation))
        self._each.connect("toggled", self._each_toggled)
        self.pack_start(self._scrolled, False, False, 0)
        self.pack_start(self._each, False, False, 0)
        for child in (self._list, self._scrolled, self._each):
            child.show()
        state.listen_to_output(self.refresh)

    def refresh(self) -> None:
        """Show the objective from the state."""
        self._quiet = True
        terms = self._terms
        wanted = [(self._state.recipe.model, str(term.target)) for term in terms]
        if wanted != self._shown:
            self._shown = wanted
            self._make(terms)
        for slider, term in zip(self._sliders, terms, strict=True):
            slider.set_value(term.weight)
        self._each.set_active(self._state.output.kind.for_each_feature)
        each = self._state.output.kind.for_each_feature
        self.set_visible(len(terms) > 1 and (self._state.choice.has_own_objective or each))
        self._quiet = False

    @property
    def _terms(self) -> tuple[Term, ...]:
        return self._state.recipe.expression.terms

    def _make(self, terms: Sequence[Term]) -> None:
        for child in self._list.get_children():
            self._list.remove(child)
        self._sliders = []
        for number, term in enumerate(terms):
            self._list.attach(self._chip(number, term), number % 2, number // 2, 1, 1)
        self._list.show_all()
        # The list must not push the pictures away: more of it is scrolled to.
        rows = min(_ROWS_SHOWN, (len(terms) + 1) // 2)
        _least, natural = self._list.get_child_at(0, 0).get_preferred_height()
        self._scrolled.set_min_content_height(rows * natural)

    def _chip(self, number: int, term: Term) -> Gtk.Widget:
        single = replace(term, weight=1.0)
        title = title_of(Expression(str(term.target), (single,)), self._state.recipe.model)
        chip = Gtk.Box(spacing=SPACE)
        chip.get_style_context().add_class("deepdream-chip")
        name = Gtk.Label(label=title, xalign=0.0, ellipsize=Pango.EllipsizeMode.END)
        name.set_width_chars(7)
        name.set_tooltip_text(title)
        slider = Gtk.Scale.new_with_range(
            Gtk.Orientation.HORIZONTAL, -_STRONGEST, _STRONGEST, _STEP
        )
        slider.set_value_pos(Gtk.PositionType.RIGHT)
        slider.set_digits(2)
        slider.set_size_request(60, -1)
        slider.set_tooltip_text(
            _("How much of it: to the right more, left of the middle as little as possible.")
        )
        slider.get_accessible().set_name(title)
        slider.connect("value-changed", self._weighed, number)
        leave_wheel_to_page(slider)
        remove = Gtk.Button.new_from_icon_name("window-close-symbolic", Gtk.IconSize.MENU)
        remove.set_relief(Gtk.ReliefStyle.NONE)
        tip = _("Remove {title}").format(title=title)
        remove.set_tooltip_text(tip)
        remove.get_accessible().set_name(tip)
        remove.connect("clicked", self._removed, number)
        chip.pack_start(name, False, True, 0)
        chip.pack_start(slider, True, True, 0)
        chip.pack_start(remove, False, False, 0)
        self._sliders.append(slider)
        return chip

    def _weighed(self, slider: Gtk.Scale, number: int) -> None:
        if self._quiet:
            return
        terms = list(self._terms)
        terms[number] = replace(terms[number], weight=round(slider.get_value(), 2))
        self._state.set_terms(terms)

    def _removed(self, button: Gtk.Button, number: int) -> None:
        terms = list(self._terms)
        del terms[number]
        self._state.set_terms(terms)

    def _each_toggled(self, button: Gtk.CheckButton) -> None:
        if not self._quiet:
            self._state.choose_output(FEATURES if button.get_active() else LAYER)
