"""Asking the artist whether to open files whose names came with an image or a preset."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gimpfu import CancelError
from gimpfu.host import Host

from deepdream_plugin.dialog.gtk import SPACE, Gtk, Pango, settle, start_gtk
from deepdream_plugin.texts import _

_LEFT_TO_RIGHT = "\u200e"


def may_open(host: Host, files: Sequence[str]) -> bool:
    """Ask in a window of its own, before there is a dialog. Raises `CancelError`."""
    start_gtk(host)
    window = _question(files)
    host.set_transient(window)
    answer = _answer(window)
    if answer is None:
        raise CancelError
    return answer


def may_keep(parent: Gtk.Window, files: Sequence[str]) -> bool | None:
    """Ask from within the dialog; return None if the artist cancels."""
    window = _question(files)
    window.set_transient_for(parent)
    window.set_modal(True)
    return _answer(window)


def _question(files: Sequence[str]) -> Gtk.MessageDialog:
    single = len(files) == 1
    window = Gtk.MessageDialog(
        message_type=Gtk.MessageType.QUESTION,
        text=_("Open the file that this recipe names?")
        if single
        else _("Open the files that this recipe names?"),
    )
    window.set_title(_("DeepDream: Question"))
    window.set_border_width(SPACE)
    window.format_secondary_text(
        _("The recipe may come from somebody else; open only files that you know.")
    )
    area = window.get_message_area()
    area.get_children()[-1].set_halign(Gtk.Align.START)
    for number, file in enumerate(files, 1):
        area.pack_start(_label(file), False, False, 0)
        area.reorder_child(area.get_children()[-1], number)
    window.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
    window.add_button(_("_Leave it out") if single else _("_Leave them out"), Gtk.ResponseType.NO)
    window.add_button(_("_Open"), Gtk.ResponseType.YES)
    window.set_default_response(Gtk.ResponseType.NO)
    return window


def _label(file: str) -> Gtk.Label:
    # The folders stay in their order, whichever way their names are written.
    text = _LEFT_TO_RIGHT + re.sub(r"[/\\]", rf"\g<0>{_LEFT_TO_RIGHT}", file)
    label = Gtk.Label(label=text, xalign=0.0, wrap=True, max_width_chars=60)
    label.set_line_wrap_mode(Pango.WrapMode.CHAR)
    looks = Pango.AttrList()
    looks.insert(Pango.attr_insert_hyphens_new(False))
    label.set_attributes(looks)
    label.get_style_context().add_class("monospace")
    label.show()
    return label


def _answer(window: Gtk.MessageDialog) -> bool | None:
    """Return whether to open the files, or None if the artist cancels."""
    answer = window.run()
    window.destroy()
    settle()
    return {Gtk.ResponseType.YES: True, Gtk.ResponseType.NO: False}.get(answer)
