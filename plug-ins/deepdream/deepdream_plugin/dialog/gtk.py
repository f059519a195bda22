"""GTK 3 through PyGObject, imported in one place, and helpers that the widgets share."""

from __future__ import annotations

from collections.abc import Callable

import gi
from gimpfu.errors import error
from gimpfu.host import Host

from deepdream_plugin.texts import _

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
gi.require_version("GdkPixbuf", "2.0")
from gi.repository import Gdk, GdkPixbuf, Gio, GLib, Gtk, Pango  # noqa: E402

try:
    gi.require_foreign("cairo")
except ImportError:
    _HAS_CAIRO = False
else:
    _HAS_CAIRO = True

__all__ = [
    "SPACE",
    "WIDE_SPACE",
    "Debounce",
    "GLib",
    "Gdk",
    "GdkPixbuf",
    "Gio",
    "Gtk",
    "Pango",
    "heading",
    "hint",
    "icon_button",
    "leave_wheel_to_page",
    "scale_factor",
    "sentence_label",
    "settle",
    "show_sharp",
    "start_gtk",
]

SPACE = 6
WIDE_SPACE = 12

_STYLE = b"""
.deepdream-preview { background-color: #303030; }
.deepdream-preview.deepdream-focused { border-color: @theme_selected_bg_color; }
.deepdream-preview viewport, .deepdream-preview box { background-color: transparent; }
.deepdream-hint { font-size: smaller; }
.deepdream-pages tab { padding: 2px 12px; min-height: 24px; }
.deepdream-pages entry, .deepdream-pages spinbutton, .deepdream-pages button {
  min-height: 24px;
  padding-top: 1px;
  padding-bottom: 1px;
}
.deepdream-pages scale { padding-top: 0; padding-bottom: 0; min-height: 28px; }
.deepdream-pages spinbutton entry, .deepdream-pages spinbutton button { min-height: 0; }
.deepdream-dialog .dialog-action-box, .deepdream-dialog .dialog-action-area {
  margin: 0;
  padding: 0;
}
.deepdream-pictures.cell:hover { background-color: alpha(currentColor, 0.12); }
.deepdream-network box { background-color: transparent; }
.deepdream-dialog button:disabled image { opacity: 0.5; }
.deepdream-offer { padding: 0 6px; min-height: 24px; }
.deepdream-groups button { padding: 2px 5px; font-size: smaller; min-width: 0; }
button.deepdream-frame { padding: 3px; min-height: 0; min-width: 0; border-width: 0; }
button.deepdream-current { background: @theme_selected_bg_color; }
button.deepdream-star { padding: 0 2px; min-height: 0; min-width: 0; border-width: 0; }
.deepdream-pictures.cell:selected {
  border: 3px solid mix(@theme_selected_bg_color, currentColor, 0.3);
  border-radius: 5px;
}
"""


def start_gtk(host: Host) -> None:
    """Initialise GTK; `host` is the module `gimp`. Raises `error` without a display."""
    if not Gtk.init_check(None)[0]:
        raise error(_("No display to show a dialog on; run the procedure non-interactively."))
    host.init_ui("deepdream")
    if host.version[0] == 2:
        # GTK 3 does not follow GIMP 2.10's theme, which is dark by default.
        settings = Gtk.Settings.get_default()
        settings.set_property("gtk-application-prefer-dark-theme", _is_dark(host))
    provider = Gtk.CssProvider()
    provider.load_from_data(_STYLE)
    screen = Gdk.Screen.get_default()
    priority = Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION
    Gtk.StyleContext.add_provider_for_screen(screen, provider, priority)


def _is_dark(host: Host) -> bool:
    try:
        theme = host.pdb["gimp-gimprc-query"]("theme")
    except error:
        theme = ""
    return not theme or "dark" in theme.lower()


def heading(text: str) -> Gtk.Label:
    """Return a bold label."""
    label = Gtk.Label(xalign=0.0)
    label.set_markup(f"<b>{GLib.markup_escape_text(text)}</b>")
    return label


def hint(text: str = "") -> Gtk.Label:
    """Return a small label that wraps, for explanations."""
    label = Gtk.Label(label=text, xalign=0.0, wrap=True, max_width_chars=44)
    label.get_style_context().add_class("deepdream-hint")
    label.get_style_context().add_class("dim-label")
    return label


def icon_button(icon: str, text: str) -> Gtk.Button:
    """Return a button that shows a themed icon; `text` is its tooltip and accessible name."""
    button = Gtk.Button.new_from_icon_name(icon, Gtk.IconSize.BUTTON)
    button.set_tooltip_text(text)
    button.get_accessible().set_name(text)
    return button


def scale_factor(widget: Gtk.Widget) -> int:
    """Return how many pixels of the screen `show_sharp` uses, along a side, for one of GTK's.

    Without pycairo, it is always 1, and pictures look blurred on HiDPI screens.
    """
    return widget.get_scale_factor() if _HAS_CAIRO else 1


def show_sharp(image: Gtk.Image, picture: GdkPixbuf.Pixbuf) -> None:
    """Show a picture whose pixels are those of the screen, as far as `scale_factor` allows."""
    scale = scale_factor(image)
    if scale == 1:
        image.set_from_pixbuf(picture)
    else:
        image.set_from_surface(Gdk.cairo_surface_create_from_pixbuf(picture, scale, None))


def sentence_label() -> Gtk.Label:
    """Return a two-line label of constant size for changing texts.

    If it grew with its text, it would resize the preview, which would then restart.
    """
    label = Gtk.Label(xalign=0.0, yalign=0.0, wrap=True, ellipsize=Pango.EllipsizeMode.END)
    label.set_lines(2)
    label.set_width_chars(1)
    label.set_max_width_chars(1)
    _width, height = label.create_pango_layout("X\nX").get_pixel_size()
    label.set_size_request(-1, height)
    return label


def leave_wheel_to_page(widget: Gtk.Widget, focused: Gtk.Widget | None = None) -> None:
    """Have the mouse wheel scroll the page, and not change `widget`, unless it has the focus.

    `focused` is the widget whose focus counts, if it is not `widget` itself.
    """
    widget.connect("scroll-event", _leave_wheel, focused or widget)


def _leave_wheel(widget: Gtk.Widget, event: Gdk.EventScroll, focused: Gtk.Widget) -> bool:
    focus = widget.get_toplevel().get_focus()
    # The focus of a combo box is in the button inside it.
    if focus is None or not (focus == focused or focus.is_ancestor(focused)):
        widget.stop_emission_by_name("scroll-event")
    return False  # unhandled, so that it reaches the page


def settle() -> None:
    """Process pending events, so that closed windows disappear."""
    while Gtk.events_pending():
        Gtk.main_iteration()


class Debounce:
    """Calls a function once there have been no further calls for some time."""

    def __init__(self, seconds: float, function: Callable[[], None]) -> None:
        self._milliseconds = round(seconds * 1000)
        self._function = function
        self._source = 0

    @property
    def is_scheduled(self) -> bool:
        return bool(self._source)

    def call(self) -> None:
        """Schedule the call; restart the waiting time if it is already scheduled."""
        self.forget()
        self._source = GLib.timeout_add(self._milliseconds, self._now)

    def forget(self) -> None:
        """Cancel the scheduled call."""
        if self._source:
            GLib.source_remove(self._source)
            self._source = 0

    def _now(self) -> bool:
        self._source = 0
        self._function()
        return False
