"""The preview widget: the dream, and the original picture to compare it with."""

from __future__ import annotations

from typing import Protocol

from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.gtk import (
    SPACE,
    Gdk,
    GdkPixbuf,
    GLib,
    Gtk,
    scale_factor,
    sentence_label,
    show_sharp,
)
from deepdream_plugin.dialog.looking import Line
from deepdream_plugin.texts import _

_DRAG_THRESHOLD = 4
_NEAR_LINE = 12
"""How many of GTK's pixels beside the line between the original and the dream take hold of it."""
_GAP = 6
"""GTK's pixels between the original and the dream beside each other."""
_ZOOM_STEP = 1.25
_ZOOMS = {
    **dict.fromkeys((Gdk.KEY_plus, Gdk.KEY_equal, Gdk.KEY_KP_Add), _ZOOM_STEP),
    **dict.fromkeys((Gdk.KEY_minus, Gdk.KEY_KP_Subtract), 1 / _ZOOM_STEP),
}
_ARROWS = {
    **dict.fromkeys((Gdk.KEY_Left, Gdk.KEY_KP_Left), (-1, 0)),
    **dict.fromkeys((Gdk.KEY_Right, Gdk.KEY_KP_Right), (1, 0)),
    **dict.fromkeys((Gdk.KEY_Up, Gdk.KEY_KP_Up), (0, -1)),
    **dict.fromkeys((Gdk.KEY_Down, Gdk.KEY_KP_Down), (0, 1)),
}
_KEY_PIXELS, _KEY_SHARE, _KEY_DEGREES = 40, 0.05, 15
"""How far an arrow key moves the picture, and moves and turns the line of the split."""


class Looker(Protocol):
    """Decides which part of the layer is shown; all places are 0..1 in the picture."""

    def resized(self) -> None:
        """Another area is available."""
        ...

    def zoom_to_pixels(self, zoomed: bool, place: tuple[float, float] | None = None) -> None: ...

    def zoom(self, factor: float, place: tuple[float, float] = (0.5, 0.5)) -> None: ...

    def drag(self, dx: float, dy: float) -> None:
        """Move the picture by pixels of the screen."""
        ...


class PreviewView(Gtk.Box):
    """Shows the pictures before and after the dream, whole or in part."""

    def __init__(self, looker: Looker) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        self._looker = looker
        self._before: GdkPixbuf.Pixbuf | None = None
        self._after: GdkPixbuf.Pixbuf | None = None
        self._shown_before: GdkPixbuf.Pixbuf | None = None
        self._shade: GdkPixbuf.Pixbuf | None = None
        self._holding = False
        self._quiet = False
        self._is_part = False
        self._line = Line()
        self._moves_line = False
        self._drag: tuple[float, float] | None = None
        self._whole_area = (0, 0)
        self._image = Gtk.Image()
        self._image.connect("notify::scale-factor", lambda image, scale: looker.resized())
        self._events = Gtk.EventBox(
            halign=Gtk.Align.CENTER, valign=Gtk.Align.CENTER, can_focus=True
        )
        spoken = self._events.get_accessible()
        spoken.set_name(_("Preview"))
        spoken.set_description(
            _("+ and - zoom, the arrow keys move, and the space bar shows the original.")
        )
        self._events.add(self._image)
        self._frame = self._make_frame()
        self.pack_start(self._frame, True, True, 0)
        self._compare = Gtk.Button.new_with_mnemonic(_("_Before"))
        self._split = Gtk.ToggleButton.new_with_mnemonic(_("Sp_lit"))
        self._beside = Gtk.ToggleButton.new_with_mnemonic(_("S_ide by side"))
        self._zoom = Gtk.ToggleButton.new_with_mnemonic(_("_1:1"))
        self._progress = Gtk.ProgressBar(valign=Gtk.Align.CENTER, hexpand=True)
        self._status = sentence_label()
        self._spinner = Gtk.Spinner(valign=Gtk.Align.START)
        self.tools = Gtk.Box(spacing=SPACE)
        """The row of buttons under the picture."""
        self._make_tools()

    @property
    def area(self) -> tuple[int, int]:
        """The width and height available for a picture, in pixels of the screen."""
        width, height = self._whole_area
        if self._beside.get_active():
            width = (width - _GAP) // 2
        return max(64, width) * self._scale_factor, max(64, height) * self._scale_factor

    @property
    def _scale_factor(self) -> int:
        return scale_factor(self._image)

    def show_before(self, before: GdkPixbuf.Pixbuf, shade: GdkPixbuf.Pixbuf | None = None) -> None:
        """Show another original picture, already scaled to the size to show, under a shade."""
        if self._after is not None and self._before is not None:
            self._after = None if _size(self._before) != _size(before) else self._after
        self._before, self._shade = before, shade
        self._shown_before = self._under_shade(pixbufs.on_chequers(before))
        self._draw()

    def show_after(self, after: GdkPixbuf.Pixbuf) -> None:
        """Show the current state of the dream, in the size of the original."""
        if self._before is None:
            return
        self._after = pixbufs.with_alpha_of(after, self._before)
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
        tip = _("Preview part of the layer at its real size. Double-click the picture to choose "
                "the part; the wheel zooms, and dragging moves it.")  # fmt: skip
        self._zoom.set_tooltip_text(tip if allowed else why_not)

    def set_zoomed(self, to_pixels: bool, is_part: bool) -> None:
        """Say whether the picture is at 1:1 or larger, and whether it is only a part."""
        self._quiet, self._is_part = True, is_part
        self._zoom.set_active(to_pixels)
        self._quiet = False

    def _under_shade(self, picture: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf:
        return picture if self._shade is None else pixbufs.shaded(picture, self._shade)

    def _draw(self) -> None:
        before, after = self._shown_before, self._after
        if before is None:
            return
        after = before if after is None or self._holding else self._under_shade(after)
        if self._beside.get_active():
            shown = pixbufs.side_by_side(before, after, _GAP * self._scale_factor)
        elif self._split.get_active() and after is not before:
            shown = pixbufs.split(before, after, self._line)
        else:
            shown = after
        show_sharp(self._image, shown)

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
            | Gdk.EventMask.BUTTON_MOTION_MASK
            | Gdk.EventMask.SCROLL_MASK
        )
        self._events.connect("button-press-event", self._pressed)
        self._events.connect("button-release-event", self._released)
        self._events.connect("motion-notify-event", self._moved)
        self._events.connect("scroll-event", self._scrolled)
        self._events.connect("key-press-event", self._key_on_picture)
        self._events.connect("key-release-event", self._key, False)
        style = scrolled.get_style_context()
        focused = "deepdream-focused"
        self._events.connect("focus-in-event", lambda picture, event: style.add_class(focused))
        self._events.connect("focus-out-event", lambda picture, event: style.remove_class(focused))
        return scrolled

    def _make_tools(self) -> None:
        self._compare.set_tooltip_text(
            _(
                "Hold to see the original. Holding the mouse button on the picture does the same; "
                "in an enlarged picture, the right one."
            )
        )
        self._compare.connect("pressed", lambda button: self._hold(True))
        self._compare.connect("released", lambda button: self._hold(False))
        self._compare.connect("key-press-event", self._key, True)
        self._compare.connect("key-release-event", self._key, False)
        self._split.set_tooltip_text(
            _(
                "The original on the left, the dream on the right. Drag the line to compare; drag "
                "it with Shift to turn it."
            )
        )
        self._split.connect("toggled", self._compare_differently, self._beside)
        self._beside.set_tooltip_text(_("The original and the dream beside each other."))
        self._beside.connect("toggled", self._compare_differently, self._split)
        self._zoom.connect("toggled", self._zoom_toggled)
        for button in (self._compare, self._split, self._beside, self._zoom):
            self.tools.pack_start(button, False, False, 0)
        self.tools.pack_start(self._progress, True, True, SPACE)
        self.pack_start(self.tools, False, False, 0)
        line = Gtk.Box(spacing=SPACE)
        self._spinner.set_no_show_all(True)
        line.pack_start(self._spinner, False, False, 0)
        line.pack_start(self._status, True, True, 0)
        self.pack_start(line, False, False, 0)

    def _allocated(self, widget: Gtk.Widget, rectangle: Gdk.Rectangle) -> None:
        area = (rectangle.width - 4, rectangle.height - 4)
        if area != self._whole_area:
            self._whole_area = area
            GLib.idle_add(self._looker.resized)

    def _compare_differently(self, button: Gtk.ToggleButton, other: Gtk.ToggleButton) -> None:
        before = self.area
        if button.get_active():
            other.set_active(False)
        if self.area != before or button is self._beside:
            self._looker.resized()
        self._draw()

    def _zoom_toggled(self, button: Gtk.ToggleButton) -> None:
        if not self._quiet:
            self._looker.zoom_to_pixels(button.get_active())

    def _hold(self, holding: bool) -> None:
        self._holding = holding
        self._draw()

    def _key(self, widget: Gtk.Widget, event: Gdk.EventKey, pressed: bool) -> bool:
        if event.keyval != Gdk.KEY_space:
            return False
        self._hold(pressed)
        return True

    def _key_on_picture(self, widget: Gtk.Widget, event: Gdk.EventKey) -> bool:
        """Zoom with + and -, move with the arrows, and show the original with the space bar."""
        if event.state & (Gdk.ModifierType.CONTROL_MASK | Gdk.ModifierType.MOD1_MASK):
            return False
        if event.keyval in _ZOOMS:
            self._looker.zoom(_ZOOMS[event.keyval])
            return True
        arrow = _ARROWS.get(event.keyval)
        if arrow and self._is_part:
            self._looker.drag(*(-_KEY_PIXELS * self._scale_factor * way for way in arrow))
            return True
        if arrow and self._split.get_active():
            if event.state & Gdk.ModifierType.SHIFT_MASK:
                self._line = self._line.turned(_KEY_DEGREES * (arrow[0] or arrow[1]))
            else:
                self._line = self._line.moved(*(_KEY_SHARE * way for way in arrow))
            self._draw()
            return True
        return self._key(widget, event, True)

    def _place(
        self, event: Gdk.EventButton | Gdk.EventMotion | Gdk.EventScroll
    ) -> tuple[float, float]:
        """Return where an event happened in the picture, 0..1."""
        if self._before is None:
            return 0.5, 0.5
        width, height = (side / self._scale_factor for side in _size(self._before))
        x = event.x - (width + _GAP) if event.x > width + _GAP / 2 else event.x
        return max(0.0, min(1.0, x / width)), max(0.0, min(1.0, event.y / height))

    def _pressed(self, widget: Gtk.Widget, event: Gdk.EventButton) -> bool:
        if event.button not in (1, 3):
            return False
        if event.type == Gdk.EventType._2BUTTON_PRESS:
            self._hold(False)
            if self._zoom.get_sensitive():
                self._looker.zoom_to_pixels(not self._zoom.get_active(), self._place(event))
        elif event.button == 3:
            self._hold(True)
        elif self._split.get_active() and (self._is_on_line(event) or not self._is_part):
            self._moves_line = True
            widget.grab_focus()  # the arrow keys move the line, too
            self._move_split(event)
        elif self._is_part:
            self._drag = event.x_root, event.y_root
        else:
            self._hold(True)
        return True

    def _released(self, widget: Gtk.Widget, event: Gdk.EventButton) -> bool:
        self._drag, self._moves_line = None, False
        self._hold(False)
        return True

    def _moved(self, widget: Gtk.Widget, event: Gdk.EventMotion) -> bool:
        if self._moves_line:
            self._move_split(event)
        elif self._drag is not None:
            dx, dy = event.x_root - self._drag[0], event.y_root - self._drag[1]
            if max(abs(dx), abs(dy)) > _DRAG_THRESHOLD:
                self._drag = event.x_root, event.y_root
                self._looker.drag(dx * self._scale_factor, dy * self._scale_factor)
        return True

    def _scrolled(self, widget: Gtk.Widget, event: Gdk.EventScroll) -> bool:
        steps = {Gdk.ScrollDirection.UP: 1.0, Gdk.ScrollDirection.DOWN: -1.0}
        step = steps.get(event.direction, 0.0)
        if step:
            self._looker.zoom(_ZOOM_STEP**step, self._place(event))
        return True

    def _is_on_line(self, event: Gdk.EventButton) -> bool:
        if self._before is None:
            return False
        away = self._line.distance(*self._place(event), _size(self._before))
        return away <= _NEAR_LINE * self._scale_factor

    def _move_split(self, event: Gdk.EventButton | Gdk.EventMotion) -> None:
        if self._before is None:
            return
        x, y = self._place(event)
        if event.state & Gdk.ModifierType.SHIFT_MASK:
            self._line = self._line.turned_to(x, y, _size(self._before))
        else:
            self._line = self._line.moved(x - self._line.x, y - self._line.y)
        self._draw()


def _size(pixbuf: GdkPixbuf.Pixbuf) -> tuple[int, int]:
    return pixbuf.get_width(), pixbuf.get_height()
