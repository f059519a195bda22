"""Asking the artist whether to open files whose names came with an image or a preset."""

from __future__ import annotations

from collections.abc import Sequence

from gimpfu.host import Host

from deepdream_plugin.dialog.gtk import SPACE, Gtk, settle, start_gtk
from deepdream_plugin.texts import _


def may_open(host: Host, files: Sequence[str]) -> bool:
    """Ask in a window of its own, before there is a dialog."""
    start_gtk(host)
    window = _question(files)
    host.set_transient(window)
    return _answer(window)


def may_keep(parent: Gtk.Window, files: Sequence[str]) -> bool:
    """Ask from within the dialog."""
    window = _question(files)
    window.set_transient_for(parent)
    window.set_modal(True)
    return _answer(window)


def _question(files: Sequence[str]) -> Gtk.MessageDialog:
    window = Gtk.MessageDialog(
        message_type=Gtk.MessageType.QUESTION, text=_("Open the files that this recipe names?")
    )
    window.set_title(_("DeepDream: Question"))
    window.set_border_width(SPACE)
    names = "\n".join(files)
    why = _("The recipe may come from somebody else; open only files that you know.")
    window.format_secondary_text(f"{names}\n\n{why}")
    window.add_button(_("Dream _without them"), Gtk.ResponseType.NO)
    window.add_button(_("_Open"), Gtk.ResponseType.YES)
    window.set_default_response(Gtk.ResponseType.NO)
    return window


def _answer(window: Gtk.MessageDialog) -> bool:
    answer = window.run()
    window.destroy()
    settle()
    return answer == Gtk.ResponseType.YES
