"""Showing an artist what went wrong: a short message, and the log for those who want it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gimpfu.host import Host

from deepdream_core.shared.paths import engine_log
from deepdream_plugin.computer import stay_here
from deepdream_plugin.dialog.gtk import SPACE, Gdk, Gtk, settle, start_gtk
from deepdream_plugin.engine_errors import (
    EngineElsewhere,
    EngineError,
    EngineMismatch,
    EngineMissing,
)
from deepdream_plugin.engine_installation import installer
from deepdream_plugin.texts import _, sentence

if TYPE_CHECKING:
    from typing import TypeGuard  # since Python 3.10

_SHOW_LOG = 1
_HERE = 2
_ENGINE = 3
_DOWNLOAD = 4
_LINES = 200


def _advised(problem: Exception) -> str:
    """Return the message, with a pointer to the control in the dialog that helps."""
    if _lacks_weights(problem):
        return f"{sentence(problem)} {_('The dialog can do it too: How > Network > Download.')}"
    return sentence(problem)


def show_failure(host: Host, problem: Exception) -> None:
    """Show the problem in its own window."""
    start_gtk(host)
    window = Gtk.MessageDialog(message_type=Gtk.MessageType.ERROR, text=_("No dream this time."))
    window.set_title(_("DeepDream: Error"))
    window.set_border_width(SPACE)
    window.format_secondary_text(_advised(problem))
    window.add_button(_("Show lo_g"), _SHOW_LOG)
    window.add_button(_("_Close"), Gtk.ResponseType.CLOSE)
    window.set_default_response(Gtk.ResponseType.CLOSE)
    host.set_transient(window)
    while window.run() == _SHOW_LOG:
        show_log(window, sentence(problem))
    window.destroy()
    settle()


def may_dream_here(host: Host, problem: EngineElsewhere, parent: Gtk.Window | None = None) -> bool:
    """Ask whether this computer should dream, as the other one cannot.

    `parent`: the window of ours that the question belongs to, if there is one.
    """
    start_gtk(host)
    window = Gtk.MessageDialog(
        message_type=Gtk.MessageType.QUESTION, text=_("Dream on this computer?")
    )
    window.set_title(_("DeepDream: Other computer"))
    window.set_border_width(SPACE)
    window.format_secondary_text(_advised(problem))
    window.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
    window.add_button(_("Dream on this computer"), _HERE)
    window.set_default_response(_HERE)
    if parent:
        window.set_transient_for(parent)
        window.set_modal(True)
    else:
        host.set_transient(window)
    answer = window.run()
    window.destroy()
    settle()
    return answer == _HERE


def show_log(parent: Gtk.Window, problem: str = "", log: Path | None = None) -> None:
    """Show the end of a log, by default the engine's, for reading or copying."""
    text = f"{problem}\n\n{_last_lines(log or engine_log())}".strip()
    window = Gtk.Dialog(title=_("DeepDream: Log"), transient_for=parent, modal=True)
    window.set_default_size(720, 420)
    window.set_border_width(SPACE)
    window.add_button(_("C_opy"), _SHOW_LOG)
    window.add_button(_("_Close"), Gtk.ResponseType.CLOSE)
    window.set_default_response(Gtk.ResponseType.CLOSE)
    view = Gtk.TextView(editable=False, monospace=True, wrap_mode=Gtk.WrapMode.WORD_CHAR)
    for set_margin in (view.set_left_margin, view.set_right_margin):
        set_margin(SPACE)
    view.get_buffer().set_text(text)
    scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN)
    scrolled.add(view)
    window.get_content_area().pack_start(scrolled, True, True, 0)
    window.show_all()
    while window.run() == _SHOW_LOG:
        clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
        clipboard.set_text(text, -1)
        clipboard.store()
    window.destroy()


def _last_lines(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", "replace").splitlines()
    except OSError:
        return _("There is no log at {path} yet.").format(path=log)
    return "\n".join([str(log), "", *lines[-_LINES:]])


def _lacks_engine(problem: Exception | None) -> TypeGuard[EngineError]:
    return isinstance(problem, (EngineMissing, EngineMismatch)) and bool(installer())


def _lacks_weights(problem: Exception | None) -> TypeGuard[EngineError]:
    return isinstance(problem, EngineError) and problem.code == "no-weights"


class FailureBar(Gtk.InfoBar):
    """A bar in the dialog that shows what is wrong with the preview."""

    def __init__(
        self,
        window: Gtk.Window,
        on_stay: Callable[[], None],
        manage_engine: Callable[[], None],
        on_download: Callable[[], None],
    ) -> None:
        """`on_stay` is called when the artist lets this computer dream instead of another.

        `manage_engine` lets the artist install or update the engine. `on_download` is called when
        the artist wants the weights that are missing.
        """
        super().__init__(message_type=Gtk.MessageType.WARNING, no_show_all=True)
        self._label = Gtk.Label(wrap=True, xalign=0.0, max_width_chars=60, selectable=True)
        self._label.set_can_focus(False)
        self._label.show()
        self.get_content_area().pack_start(self._label, True, True, 0)
        self._window, self._on_stay, self._manage_engine = window, on_stay, manage_engine
        self._on_download = on_download
        self._problem: Exception | None = None
        self._here = self.add_button(_("Dream on this computer"), _HERE)
        self._here.set_tooltip_text(_("Let this computer dream until the dialog is closed."))
        self._engine = self.add_button(_("Install the engine…"), _ENGINE)
        self._download = self.add_button(_("Download it"), _DOWNLOAD)
        self.add_button(_("Show lo_g"), _SHOW_LOG)
        self.connect("response", self._answered)

    @property
    def lacks_engine(self) -> bool:
        """Whether the engine must be installed or updated, which the dialog can do."""
        return _lacks_engine(self._problem)

    def say(self, problem: Exception | None) -> None:
        """Show a problem, or hide the bar."""
        self._problem = problem
        if problem is None:
            self.hide()
        else:
            self._label.set_text(self._said(problem))
            self._label.set_tooltip_text(sentence(problem) if _lacks_weights(problem) else None)
            self._here.set_visible(isinstance(problem, EngineElsewhere))
            old = isinstance(problem, EngineMismatch)
            self._engine.set_label(_("Update the engine…") if old else _("Install the engine…"))
            self._engine.set_visible(_lacks_engine(problem))
            self._download.set_visible(_lacks_weights(problem))
            self.show()

    def _said(self, problem: Exception) -> str:
        """Return the message; where a button does what it advises, only what happened."""
        if _lacks_engine(problem):
            return problem.message
        if _lacks_weights(problem):
            return _(
                "The network of this dream is not on this computer yet, or damaged. "
                "Download it, or choose another picture."
            )
        return _advised(problem)

    def _answered(self, bar: Gtk.InfoBar, response: int) -> None:
        if response == _HERE:
            stay_here()
            self._on_stay()
        elif response == _ENGINE:
            self._manage_engine()
        elif response == _DOWNLOAD:
            self._on_download()
        else:
            show_log(self._window, sentence(self._problem) if self._problem else "")
