"""The dreams that wait for their turn, below the dialog's pages: progress, order and cancelling."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gimpfu.host import Host

from deepdream_plugin.computer import stay_here
from deepdream_plugin.dialog.failure import may_dream_here
from deepdream_plugin.dialog.gtk import (
    SPACE,
    WIDE_SPACE,
    GLib,
    Gtk,
    Pango,
    icon_button,
    sentence_label,
    settle,
)
from deepdream_plugin.dream_queue import DreamQueue, QueuedDream
from deepdream_plugin.dreaming import Dreamed, Order
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineElsewhere
from deepdream_plugin.layers import LayerError
from deepdream_plugin.progress import progress_text
from deepdream_plugin.texts import _, sentence, translated

_TITLE_CHARACTERS = 24
_TALL = 100
"""The largest height, in pixels; more dreams are scrolled to."""
_WIDE = 720
"""The width of the window that remains when the dialog has closed, in pixels."""


class QueueBox(Gtk.ScrolledWindow):
    """A row for each dream; a dream that ends becomes a layer, and its row disappears."""

    def __init__(self, host: Host, on_stay: Callable[[], None]) -> None:
        """`on_stay` is called when the artist lets this computer dream instead of another."""
        super().__init__(hscrollbar_policy=Gtk.PolicyType.NEVER, no_show_all=True)
        self.set_max_content_height(_TALL)
        self.set_propagate_natural_height(True)
        self._queue = DreamQueue(Engine.warm, lambda: GLib.idle_add(self._refresh))
        self._host, self._on_stay = host, on_stay
        self._asks = False
        self._answered: set[QueuedDream] = set()
        """Those that the artist's answer counts for, so that there is one question for all."""
        self._rows: dict[QueuedDream, _Row] = {}
        self._list = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        self._list.show()
        self.add(self._list)
        self._window: Gtk.Dialog | None = None
        self._end: Gtk.Button

    @property
    def is_busy(self) -> bool:
        """Whether a dream waits, is being dreamed, or has not become a layer yet."""
        return not all(dream.is_settled for dream in self._queue.dreams)

    def dream(self, order: Order) -> None:
        """Dream this after everything else."""
        self._queue.add(order)
        self._refresh()

    def close(self) -> None:
        """Cancel everything."""
        self._queue.close()

    def finish(self) -> None:
        """Show the dreams in a window of their own until all have ended or the artist cancels."""
        window = Gtk.Dialog(
            title=_("{title}: dreaming").format(title="DeepDream"), border_width=WIDE_SPACE
        )
        window.set_default_size(_WIDE, -1)
        self._end = window.add_button("", Gtk.ResponseType.CANCEL)
        self._end.set_use_underline(True)
        self.get_parent().remove(self)
        content = window.get_content_area()
        content.set_spacing(WIDE_SPACE)
        content.pack_start(self, True, True, 0)
        # Enter must not cancel.
        self.set_can_focus(True)
        window.set_focus(self)
        self._host.set_transient(window)
        self._window = window
        self._refresh()
        if self._queue.dreams:
            window.show_all()
            window.present()
            window.run()
        self._window = None
        self._queue.close()
        window.destroy()
        settle()

    def _refresh(self) -> bool:
        for dream in self._queue.dreams:
            if dream.dreamed is not None and not dream.is_settled:
                self._place(dream, dream.dreamed)
        dreams = self._queue.dreams
        for dream in set(self._rows) - set(dreams):
            self._rows.pop(dream).destroy()
        for place, dream in enumerate(dreams):
            if dream not in self._rows:
                self._rows[dream] = _Row(dream, self._queue, self._refresh)
                self._list.pack_start(self._rows[dream], False, False, 0)
            self._list.reorder_child(self._rows[dream], place)
            self._rows[dream].refresh()
        self.set_visible(bool(dreams))
        if self._window:
            self._end.set_label(_("_Cancel all") if self.is_busy else _("_Close"))
            if not dreams:
                self._window.response(Gtk.ResponseType.OK)
        self._ask_about_lost()
        return False

    def _ask_about_lost(self) -> None:
        """Ask once whether this computer should dream what another one could not."""
        problems = [problem for dream, problem in self._lost() if dream not in self._answered]
        if not problems or self._asks:
            return
        self._asks = True
        agrees = may_dream_here(self._host, problems[0], self.get_toplevel())
        self._asks = False
        self._answered.update(self._queue.dreams)
        if agrees:
            stay_here()
            for dream, _problem in self._lost():
                self._queue.try_again(dream)
            self._on_stay()
        self._refresh()

    def _lost(self) -> list[tuple[QueuedDream, EngineElsewhere]]:
        """Return the dreams that another computer could not dream, and why."""
        each = [(dream, dream.problem) for dream in self._queue.dreams]
        return [(dream, why) for dream, why in each if isinstance(why, EngineElsewhere)]

    def _place(self, dream: QueuedDream, dreamed: Sequence[Dreamed]) -> None:
        """Insert what has been dreamed into the image."""
        try:
            dream.order.place(dreamed)
            dream.is_placed = True
        except LayerError as problem:
            dream.problem = problem
        if dream.is_placed and not dream.notes:
            self._queue.take_away(dream)


class _Row(Gtk.Box):
    """A dream's title, its progress or a remark, and buttons that put it earlier and remove it."""

    def __init__(self, dream: QueuedDream, queue: DreamQueue, refresh: Callable[[], bool]) -> None:
        super().__init__(spacing=WIDE_SPACE)
        self._dream, self._queue, self._refresh_all = dream, queue, refresh
        title = Gtk.Label(label=dream.order.title, xalign=0.0)
        title.set_ellipsize(Pango.EllipsizeMode.END)
        title.set_width_chars(_TITLE_CHARACTERS)
        title.set_max_width_chars(_TITLE_CHARACTERS)
        self._bar = Gtk.ProgressBar(show_text=True, valign=Gtk.Align.CENTER)
        self._bar.set_ellipsize(Pango.EllipsizeMode.END)
        self._remark = sentence_label()
        self._earlier = icon_button("go-up-symbolic", _("Dream this earlier"))
        self._earlier.connect("clicked", lambda button: self._change(queue.put_earlier))
        self._remove = icon_button("window-close-symbolic", _("Cancel this dream"))
        self._remove.connect("clicked", lambda button: self._change(queue.take_away))
        self.pack_start(title, False, False, 0)
        for widget in (self._bar, self._remark):
            self.pack_start(widget, True, True, 0)
        for button in (self._earlier, self._remove):
            self.pack_start(button, False, False, 0)
        self.show_all()
        self._remark.hide()

    def refresh(self) -> None:
        """Show what has become of the dream."""
        dream = self._dream
        self._earlier.set_sensitive(self._queue.may_be_earlier(dream))
        if dream.is_settled:
            self._remark.set_text(_remark(dream))
            self._remark.set_tooltip_text(_remark(dream))
            self._bar.hide()
            self._remark.show()
            self._remove.set_tooltip_text(_("Remove this line"))
            self._remove.get_accessible().set_name(_("Remove this line"))
            return
        self._remark.hide()
        self._bar.show()
        text = progress_text(dream.progress) if dream.has_begun else _("Waiting")
        self._bar.set_text(text)
        self._bar.set_fraction(dream.fraction)

    def _change(self, act: Callable[[QueuedDream], None]) -> None:
        act(self._dream)
        self._refresh_all()


def _remark(dream: QueuedDream) -> str:
    """Return what the artist should know about a dream that has ended."""
    return sentence(dream.problem) if dream.problem else " ".join(map(translated, dream.notes))
