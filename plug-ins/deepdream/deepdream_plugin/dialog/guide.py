"""The user guide, which is installed with the plug-in, in the artist's web browser."""

from __future__ import annotations

from pathlib import Path

from deepdream_plugin.dialog.gtk import Gdk, Gio, GLib, Gtk, icon_button
from deepdream_plugin.texts import _

_SANDBOX = Path("/.flatpak-info")
PAGE = Path(__file__).resolve().parents[2] / "guide" / "index.html"


def help_button(window: Gtk.Window) -> Gtk.Button:
    """Return a button that opens the guide."""
    button = icon_button("help-browser", _("User guide (F1)"))
    button.connect("clicked", lambda button: open_guide(window))
    return button


def open_guide(window: Gtk.Window) -> None:
    """Open the guide, or say where it is if no browser can be opened."""
    if _opened(window):
        return
    text = _("No web browser could be opened. The user guide is the file {path}.")
    message = Gtk.MessageDialog(
        transient_for=window,
        modal=True,
        message_type=Gtk.MessageType.INFO,
        buttons=Gtk.ButtonsType.CLOSE,
        text=text.format(path=PAGE),
    )
    message.set_title(_("DeepDream: User guide"))
    message.get_message_area().foreach(lambda label: label.set_selectable(True))
    message.run()
    message.destroy()


def _opened(window: Gtk.Window) -> bool:
    # What opens HTML files may be an editor.
    browser = Gio.AppInfo.get_default_for_uri_scheme("https")
    try:
        if browser is not None:
            context = window.get_display().get_app_launch_context()
            return browser.launch_uris([PAGE.as_uri()], context)
        # In a sandbox, no programs can be seen, but the desktop can be asked to open something.
        return _SANDBOX.exists() and Gtk.show_uri_on_window(window, PAGE.as_uri(), Gdk.CURRENT_TIME)
    except GLib.Error:
        return False
