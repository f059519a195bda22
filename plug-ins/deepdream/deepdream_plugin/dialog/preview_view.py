"""The preview widget: the dream, and the original picture to compare it with."""

from __future__ import annotations

from collections.abc import Callable

from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.gtk import SPACE, Gdk, GdkPixbuf, GLib, Gtk, sentence_label
from deepdream_plugin.texts import _

_DRAG_THRESHOLD = 4


class PreviewView(Gtk.Box):
    """Shows the pictures before and after the dream, whole or in part.

    `on_resized()` is called when the available area changes, `on_zoom(x, y)` when the artist
    chooses a position (0..1) to see at 1:1, `on_pan(dx, dy)` when the artist drags the picture, in
    pixels of the layer.
    """

    def __init__(
        self,
        on_resized: Callable[[], None],
        on_zoom: Callable[[float | None, float | None], None],
        on_pan: Callable[[int, int], None],
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        self._before: GdkPixbuf.Pixbuf | None = None
        self._after: GdkPixbuf.Pixbuf | None = None
        self._shown_before: GdkPixbuf.Pixbuf | None = None
        self._holding = False
        self._share = 0.5
        self._drag: tuple[float, float] | None = None
        self._area = (0, 0)
        self._on_resized, self._on_zoom, self._on_pan = on_resized, on_zoom, on_pan
        self._image = Gtk.Image()
        self._events = Gtk.EventBox(halign=Gtk.Align.CENTER, valign=Gtk.Align.CENTER)
        self._events.add(self._image)
        self._frame = self._make_frame()
        self.pack_start(self._frame, True, True, 0)
        self._compare = Gtk.Button.new_with_mnemonic(_("_Before"))
        self._split = Gtk.ToggleButton.new_with_mnemonic(_("Sp_lit"))
        self._zoom = Gtk.ToggleButton.new_with_mnemonic(_("_1:1"))
        self._progress = Gtk.ProgressBar(valign=Gtk.Align.CENTER, hexpand=True)
        self._status = sentence_label()
        self._spinner = Gtk.Spinner(valign=Gtk.Align.START)
        self._make_tools()

    @property
    def area(self) -> tuple[int, int]:
        """The width and height available for a picture, in pixels."""
        return max(64, self._area[0]), max(64, self._area[1])

    @property
    def zoomed(self) -> bool:
        """Whether a part is shown at 1:1."""
        return self._zoom.get_active()

    def show_before(self, before: GdkPixbuf.Pixbuf) -> None:
        """Show another original picture, already scaled to the size to show."""
        self._before = before
        self._shown_before = pixbufs.on_chequers(before)
        if self._after is not None and _size(self._after) != _size(before):
            self._after = None
        self._draw()

    def show_after(self, after: GdkPixbuf.Pixbuf) -> None:
        """Show the current state of the dream."""
        if self._before is None:
            return
        matching = pixbufs.with_alpha_of(after, self._before)
        self._after = pixbufs.resized(matching, *_size(self._before))
        self._draw()

    def dreamed(self, side: int) -> GdkPixbuf.Pixbuf | None:
        """Return the centre of the dream as a square picture, or None before there is one."""
        return None if self._after is None else pixbufs.square(self._after, side)

    def say(self, text: str, working: bool = False) -> None:
        """Show a text under the picture."""
        self._status.set_text(text)
        self._status.set_tooltip_text(text)
        self._spinner.set_visible(working)
        (self._spinner.start if working else self._spinner.stop)()

    def progress(self, fraction: float) -> None:
        """Show the progress of the preview, 0..1."""
        self._progress.set_fraction(fraction)

    def allow_zoom(self, allowed: bool, why_not: str) -> None:
        """Enable 1:1 only if it would show something different."""
        self._zoom.set_sensitive(allowed)
        tip = _("Preview part of the layer at its real size; drag to move it. "
                "Double-click the picture to choose the part.")  # fmt: skip
        self._zoom.set_tooltip_text(tip if allowed else why_not)

    def _draw(self) -> None:
        before, after = self._shown_before, self._after
        if before is None:
            return
        if after is None or self._holding:
            shown = before
        elif self._split.get_active():
            shown = pixbufs.split(before, after, self._share)
        else:
            shown = after
        self._image.set_from_pixbuf(shown)

    def _make_frame(self) -> Gtk.Widget:
        # A viewport without scrollbars lets the picture be larger or smaller than the area.
        scrolled = Gtk.ScrolledWindow(
            hscrollbar_policy=Gtk.PolicyType.EXTERNAL,
            vscrollbar_policy=Gtk.PolicyType.EXTERNAL,
            shadow_type=Gtk.ShadowType.IN,
        )
        scrolled.set_size_request(320, 240)
        scrolled.get_style_context().add_class("deepdream-preview")
        scrolled.add(self._events)
        scrolled.connect("size-allocate", self._allocated)
        self._events.add_events(
            Gdk.EventMask.BUTTON_PRESS_MASK
            | Gdk.EventMask.BUTTON_RELEASE_MASK
            | Gdk.EventMask.BUTTON1_MOTION_MASK
        )
        self._events.connect("button-press-event", self._pressed)
        self._events.connect("button-release-event", self._released)
        self._events.connect("motion-notify-event", self._moved)
        return scrolled

    def _make_tools(self) -> None:
        self._compare.set_tooltip_text(
            _("Hold to see the original. Holding the mouse button on the picture does the same.")
        )
        self._compare.connect("pressed", lambda button: self._hold(True))
        self._compare.connect("released", lambda button: self._hold(False))
        self._compare.connect("key-press-event", self._key, True)
        self._compare.connect("key-release-event", self._key, False)
        self._split.set_tooltip_text(
            _("The original on the left, the dream on the right. Drag the line to compare.")
        )
        self._split.connect("toggled", lambda button: self._draw())
        self._zoom.connect("toggled", lambda button: self._on_zoom(None, None))
        row = Gtk.Box(spacing=SPACE)
        for button in (self._compare, self._split, self._zoom):
            row.pack_start(button, False, False, 0)
        row.pack_start(self._progress, True, True, SPACE)
        self.pack_start(row, False, False, 0)
        line = Gtk.Box(spacing=SPACE)
        self._spinner.set_no_show_all(True)
        line.pack_start(self._spinner, False, False, 0)
        line.pack_start(self._status, True, True, 0)
        self.pack_start(line, False, False, 0)

    def _allocated(self, widget: Gtk.Widget, rectangle: Gdk.Rectangle) -> None:
        area = (rectangle.width - 4, rectangle.height - 4)
        if area != self._area:
            self._area = area
            GLib.idle_add(self._on_resized)

    def _hold(self, holding: bool) -> None:
        self._holding = holding
        self._draw()

    def _key(self, widget: Gtk.Widget, event: Gdk.EventKey, pressed: bool) -> bool:
        if event.keyval != Gdk.KEY_space:
            return False
        self._hold(pressed)
        return True

    def _pressed(self, widget: Gtk.Widget, event: Gdk.EventButton) -> bool:
        if event.button != 1:
            return False
        if event.type == Gdk.EventType._2BUTTON_PRESS:
            self._hold(False)
            if self._zoom.get_sensitive() and self._before is not None:
                width, height = _size(self._before)
                self._zoom_at(event.x / width, event.y / height)
        elif self._split.get_active():
            self._move_split(event)
        elif self.zoomed:
            self._drag = event.x_root, event.y_root
        else:
            self._hold(True)
        return True

    def _released(self, widget: Gtk.Widget, event: Gdk.EventButton) -> bool:
        if self._drag is not None:
            dx, dy = event.x_root - self._drag[0], event.y_root - self._drag[1]
            self._drag = None
            if max(abs(dx), abs(dy)) > _DRAG_THRESHOLD:
                self._on_pan(-round(dx), -round(dy))
        self._hold(False)
        return True

    def _moved(self, widget: Gtk.Widget, event: Gdk.EventMotion) -> bool:
        if self._split.get_active():
            self._move_split(event)
        return True

    def _move_split(self, event: Gdk.EventButton | Gdk.EventMotion) -> None:
        if self._before is not None:
            self._share = max(0.0, min(1.0, event.x / self._before.get_width()))
            self._draw()

    def _zoom_at(self, x: float, y: float) -> None:
        if not self.zoomed:
            self._on_zoom(x, y)
        self._zoom.set_active(not self.zoomed)


def _size(pixbuf: GdkPixbuf.Pixbuf) -> tuple[int, int]:
    return pixbuf.get_width(), pixbuf.get_height()
