"""The window that installs, updates and removes the engine, without a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from deepdream_core.shared.durations import spoken
from deepdream_core.shared.paths import install_log
from deepdream_plugin.dialog.failure import show_log
from deepdream_plugin.dialog.gtk import SPACE, WIDE_SPACE, GLib, Gtk, hint, settle
from deepdream_plugin.engine_installation import INSTALL, PLAN, REMOVE, Installation
from deepdream_plugin.texts import _, translated

_INSTALL, _REMOVE, _LOG = 1, 2, 3
_PULSE_MILLISECONDS = 150
_SPEED_SECONDS = 3.0
"""Over how long the speed of a download is measured at least."""


def manage_engine(parent: Gtk.Window, before_removal: Callable[[], None]) -> bool:
    """Let the artist install, update or remove the engine; return whether anything changed.

    `before_removal` is called before the engine's files are removed.
    """
    window = _EngineWindow(parent, before_removal)
    try:
        return window.run()
    finally:
        window.destroy()


class _EngineWindow:
    def __init__(self, parent: Gtk.Window, before_removal: Callable[[], None]) -> None:
        self._before_removal = before_removal
        self._work: Installation | None = None
        self._wanted: tuple[str, ...] = PLAN
        self._plan: Mapping[str, Any] = {}
        self._speed = _Speed()
        self._changed = self._closed = False
        self._is_measured = False
        """Whether the bar shows how far the installer has come, and not only that it works."""
        self._window = Gtk.Dialog(
            title=_("DeepDream: Engine"), transient_for=parent, modal=True, resizable=False
        )
        self._window.set_border_width(WIDE_SPACE)
        self._text = Gtk.Label(xalign=0.0, wrap=True, width_chars=60, max_width_chars=60)
        self._facts = Gtk.Grid(column_spacing=WIDE_SPACE, row_spacing=SPACE)
        self._bar = Gtk.ProgressBar(no_show_all=True)
        self._status = hint()
        self._status.set_max_width_chars(60)
        self._status.set_no_show_all(True)
        self._log = self._window.add_button(_("Show lo_g"), _LOG)
        self._remove = self._window.add_button(_("_Remove…"), _REMOVE)
        self._close = self._window.add_button(_("_Close"), Gtk.ResponseType.CLOSE)
        self._install = self._window.add_button(_("_Install the engine"), _INSTALL)
        content = self._window.get_content_area()
        content.set_spacing(WIDE_SPACE)
        for widget in (self._text, self._facts, self._bar, self._status):
            content.pack_start(widget, False, False, 0)

    def run(self) -> bool:
        """Wait until the window is closed, or the engine is installed."""
        self._start(PLAN)
        GLib.timeout_add(_PULSE_MILLISECONDS, self._pulse)
        self._window.show_all()
        for button in (self._install, self._remove, self._log):
            button.hide()
        while True:
            answer = self._window.run()
            if answer == _INSTALL:
                self._start(INSTALL)
            elif answer == _REMOVE:
                if self._is_sure():
                    self._before_removal()
                    self._start(REMOVE)
            elif answer == _LOG:
                show_log(self._window, self._status.get_text(), install_log())
            elif answer == Gtk.ResponseType.OK:
                return True
            elif self._work and self._wanted != PLAN:
                self._cancel(self._work)
            else:
                return self._changed

    def destroy(self) -> None:
        self._closed = True
        if self._work:
            self._work.cancel()
        self._window.destroy()
        settle()

    def _start(self, wanted: tuple[str, ...]) -> None:
        self._wanted, self._speed = wanted, _Speed()
        self._work = Installation(
            wanted,
            lambda told: self._later(self._reported, told),
            lambda *end: self._later(self._ended, *end),
        )
        for button in (self._install, self._remove, self._log):
            button.hide()
        self._status.hide()
        self._bar.show()
        self._is_measured = False
        if wanted == PLAN:
            self._text.set_text(_("Looking at this computer…"))
            return
        self._close.set_label(_("_Cancel"))
        removing = _("Removing the engine…")
        self._text.set_text(removing if wanted == REMOVE else _("Installing the engine…"))

    def _cancel(self, work: Installation) -> None:
        self._close.set_sensitive(False)
        self._text.set_text(_("Stopping…"))
        work.cancel()

    def _later(self, function: Callable[..., None], *arguments: object) -> None:
        def call() -> bool:
            if not self._closed:
                function(*arguments)
            return False

        GLib.idle_add(call)

    def _reported(self, told: Mapping[str, Any]) -> None:
        kind = told.get("kind")
        if kind == "plan" and self._wanted == PLAN:
            self._plan = told
        elif kind == "progress":
            self._show_progress(str(told["phase"]), int(told["done"]), int(told["total"]))
        elif kind == "said" and self._wanted != PLAN:
            self._say(told["text"])
            self._is_measured = False

    def _show_progress(self, phase: str, done: int, total: int) -> None:
        if not total:
            return
        self._is_measured = True
        self._bar.set_fraction(min(1.0, done / total))
        known = {"done": _size(done), "total": _size(total)}
        if phase == "unpack":
            self._say(_("Unpacking: {done} of about {total}").format(**known))
            return
        speed = self._speed.measured(done)
        text = _("Downloading: {done} of about {total}").format(**known)
        if speed:
            left = translated(spoken((total - done) / speed))
            rate = _("{size} per second, {time} left").format(size=_size(speed), time=left)
            text = f"{text}, {rate}"
        self._say(text)

    def _pulse(self) -> bool:
        if not (self._closed or self._is_measured):
            self._bar.pulse()
        return not self._closed

    def _say(self, text: str) -> None:
        self._status.set_text(text)
        self._status.set_visible(bool(text))

    def _ended(self, finished: bool, problem: str) -> None:
        wanted, self._work = self._wanted, None
        self._changed = self._changed or (finished and wanted != PLAN)
        self._close.set_label(_("_Close"))
        self._close.set_sensitive(True)
        self._bar.hide()
        self._bar.set_fraction(0.0)
        self._say("")
        if finished and wanted == INSTALL:
            self._window.response(Gtk.ResponseType.OK)
        elif finished and wanted == REMOVE:
            self._start(PLAN)
        elif finished:
            self._show_plan()
        else:
            self._show_failure(wanted, problem)

    def _show_failure(self, wanted: tuple[str, ...], problem: str) -> None:
        cancelled = _("Cancelled. What was downloaded is kept for the next time.")
        self._text.set_text(problem or cancelled)
        self._log.show()
        if wanted != REMOVE:
            self._install.set_label(_("_Try again"))
            self._install.show()
            self._window.set_default_response(_INSTALL)

    def _show_plan(self) -> None:
        plan, state = self._plan, str(self._plan.get("state"))
        for child in self._facts.get_children():
            child.destroy()
        texts = {
            "missing": _(
                "DeepDream dreams in a program of its own, the engine, which is not installed yet. "
                "All GIMPs on this computer can use it."
            ),
            "current": _("The engine is installed."),
            "outdated": _("The engine is older than the plug-in; its update downloads nothing."),
            "other-packages": _("The engine needs newer packages, which are downloaded."),
        }
        self._text.set_text(texts.get(state, ""))
        rows = [(_("Folder"), str(plan.get("folder", "")))]
        if plan.get("build"):
            rows.append((_("Made for"), _made_for(str(plan["build"]))))
        if plan.get("download"):
            rows.append((_("Download"), _("about {size}").format(size=_size(plan["download"]))))
            rows.append((_("On the disk"), _room(plan)))
        elif plan.get("occupied"):
            rows.append((_("On the disk"), _size(plan["occupied"])))
        for top, (name, value) in enumerate(rows):
            self._facts.attach(Gtk.Label(label=name, xalign=0.0, yalign=0.0), 0, top, 1, 1)
            label = Gtk.Label(label=value, xalign=0.0, wrap=True, selectable=True)
            label.set_can_focus(False)
            label.set_max_width_chars(50)
            self._facts.attach(label, 1, top, 1, 1)
        self._facts.show_all()
        self._remove.set_visible(state != "missing")
        self._install.set_visible(state != "current")
        install = _("_Install the engine")
        self._install.set_label(install if state == "missing" else _("_Update the engine"))
        self._window.set_default_response(
            Gtk.ResponseType.CLOSE if state == "current" else _INSTALL
        )

    def _is_sure(self) -> bool:
        window = Gtk.MessageDialog(
            transient_for=self._window,
            modal=True,
            message_type=Gtk.MessageType.QUESTION,
            text=_("Remove the engine?"),
        )
        window.set_title(_("DeepDream: Engine"))
        window.format_secondary_text(
            _("{size} become free. Your presets, settings and networks stay, and so does DeepDream "
              "in GIMP's menu, which can install the engine again.")
            .format(size=_size(self._plan.get("occupied", 0)))
        )  # fmt: skip
        window.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        window.add_button(_("_Remove the engine"), _REMOVE)
        window.set_default_response(Gtk.ResponseType.CANCEL)
        answer = window.run()
        window.destroy()
        return answer == _REMOVE


class _Speed:
    """The speed of a download, in bytes per second."""

    def __init__(self) -> None:
        self._begin: tuple[float, int] | None = None

    def measured(self, done: int) -> float:
        """Return the speed, given the bytes downloaded by now; 0 until it is known."""
        now = time.monotonic()
        if self._begin is None:
            self._begin = now, done
        seconds, begun = now - self._begin[0], self._begin[1]
        return (done - begun) / seconds if seconds >= _SPEED_SECONDS else 0.0


def _size(bytes: float) -> str:
    if bytes >= 1e9:
        return _("{number:.1f} GB").format(number=bytes / 1e9)
    return _("{number:.0f} MB").format(number=bytes / 1e6)


def _made_for(build: str) -> str:
    return {
        "cuda": _("NVIDIA graphics cards"),
        "rocm": _("AMD graphics cards"),
        "apple": _("Apple's processors and their graphics"),
        "cpu": _("the processor; there is no graphics card that it could use"),
        "borrowed": _("what your own PyTorch was made for"),
    }.get(build, build)


def _room(plan: Mapping[str, Any]) -> str:
    """Say how much room the engine takes, and whether there is enough."""
    installed, needed, free = (_size(plan[name]) for name in ("installed", "needed", "free"))
    text = _("about {installed}; {free} are free").format(installed=installed, free=free)
    if plan["free"] >= plan["needed"]:
        return text
    return _("{text}, but {needed} are needed while it is being installed").format(
        text=text, needed=needed
    )
