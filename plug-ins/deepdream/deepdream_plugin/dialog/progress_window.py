"""The window that shows the real dream growing: pause it, keep the dream so far, or cancel it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence

from gimpfu import error
from gimpfu.host import Host
from gimpfu.objects.items import Layer

from deepdream_core.shared.protocol import Frame, Picture
from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.gtk import (
    SPACE,
    WIDE_SPACE,
    GdkPixbuf,
    GLib,
    Gtk,
    hint,
    scale_factor,
    sentence_label,
    settle,
    show_sharp,
    start_gtk,
)
from deepdream_plugin.dialog.layer_preview import read_layer
from deepdream_plugin.dreaming import Dreamed, Dreaming, Task
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import Cancelled
from deepdream_plugin.progress import frame_text, progress_text
from deepdream_plugin.texts import _, translated

_PREVIEW_SIDE = 520


def dream_in_window(
    host: Host, wake: Callable[[], Engine], tasks: Sequence[Task], title: str
) -> list[Dreamed] | None:
    """Dream the tasks while a window shows them growing; return None if the artist cancels.

    `wake` returns the engine, which is closed at the end. Raises `EngineError`.
    """
    start_gtk(host)
    return _Window(host, wake, tasks, title).run()


def _small(layer: Layer, gray: bool, side: int) -> GdkPixbuf.Pixbuf | None:
    """Return a layer with at most `side` pixels along a side; None if it has been deleted."""
    with contextlib.suppress(error):
        whole = read_layer(layer, gray)
        size = pixbufs.fitted(whole.get_width(), whole.get_height(), (side, side), largest=1.0)
        return pixbufs.resized(whole, *size)
    return None


def _seen_through(task: Task, side: int) -> tuple[GdkPixbuf.Pixbuf, GdkPixbuf.Pixbuf] | None:
    """Return the source and the soft mask through which its dream will be seen, if it has one."""
    limit = task.limit if task.is_masked else None
    mask = limit and pixbufs.soft_mask_of(limit, side)
    below = mask and _small(task.source.layer, task.source.picture.channels <= 2, side)
    return (below, mask) if below and mask else None


class _Window:
    def __init__(
        self, host: Host, wake: Callable[[], Engine], tasks: Sequence[Task], title: str
    ) -> None:
        self._wake = wake
        self._tasks = tasks
        self._engine: Engine | None = None
        self._dreaming: Dreaming | None = None
        self._result: list[Dreamed] = []
        self._error: BaseException | None = None
        self._closed = threading.Event()
        self._image = Gtk.Image()
        self._scale_factor = scale_factor(self._image)
        self._side = _PREVIEW_SIDE * self._scale_factor
        """How many pixels the longer side of the picture has at most."""
        pictures = [task.source.picture for task in tasks]
        self._gray = [picture.channels <= 2 for picture in pictures]
        self._alpha = [pixbufs.alpha_of(picture, self._side) for picture in pictures]
        self._seen_through = [_seen_through(task, self._side) for task in tasks]
        self._text = sentence_label()
        self._note = hint()
        self._note.set_no_show_all(True)
        self._bar = Gtk.ProgressBar()
        self._pause = Gtk.ToggleButton.new_with_mnemonic(_("_Pause"))
        self._window = self._make(title)
        self._show_source(tasks[0].source.layer, self._gray[0])
        host.set_transient(self._window)

    def run(self) -> list[Dreamed] | None:
        self._text.set_text(_("Waking the engine…"))
        self._window.show_all()
        self._window.present()
        thread = threading.Thread(target=self._work, daemon=True, name="dream")
        thread.start()
        cancelled = True
        try:
            cancelled = not self._wait()
        finally:
            self._window.destroy()
            settle()
            # Nothing may keep running after the window closes.
            self._closed.set()
            if self._engine:
                self._engine.close()
        if cancelled or isinstance(self._error, Cancelled):
            return None
        if self._error:
            raise self._error
        return self._result

    def _wait(self) -> bool:
        """Return whether the dream ended without being cancelled."""
        while True:
            answer = self._window.run()
            if answer == _KEEP and self._dreaming:
                self._keep(self._dreaming)
            elif answer != _KEEP:
                return answer == Gtk.ResponseType.OK

    def _keep(self, dreaming: Dreaming) -> None:
        self._pause.set_active(False)
        self._pause.set_sensitive(False)
        self._window.set_response_sensitive(_KEEP, False)
        self._text.set_text(_("Finishing this step…"))
        dreaming.finish()

    def _work(self) -> None:
        """Run in the thread; update the window only through `GLib.idle_add`."""
        try:
            engine = self._wake()
            if self._closed.is_set():
                engine.close()
                return
            self._engine = engine
            self._dreaming = Dreaming(engine, self._tasks, self._side)
            self._result = self._dreaming.run(self._watch)
        except BaseException as problem:
            self._error = problem
        GLib.idle_add(self._end)

    def _watch(self, number: int, frame: Frame) -> None:
        if not self._closed.is_set() and frame.kind in ("progress", "preview", "note"):
            GLib.idle_add(self._show, number, frame)

    def _end(self) -> bool:
        if not self._closed.is_set():
            self._window.response(Gtk.ResponseType.OK)
        return False

    def _show(self, number: int, frame: Frame) -> bool:
        if self._closed.is_set():
            return False
        if frame.kind == "preview":
            self._show_picture(frame.pictures["preview"], number)
        elif frame.kind == "note":
            self._note.set_text(translated(frame.fields["text"]))
            self._note.show()
        elif frame.kind == "progress":
            count = len(self._tasks)
            text = progress_text(frame.fields)
            if self._tasks[number].film:
                text = frame_text(number, count, text)
            elif count > 1:
                text = _("Dream {number} of {count}: {progress}").format(
                    number=number + 1, count=count, progress=text
                )
            if not self._pause.get_active():
                self._text.set_text(text)
            self._bar.set_fraction((number + float(frame.fields["fraction"])) / count)
            self._window.set_response_sensitive(_KEEP, True)
            self._pause.set_sensitive(True)
        return False

    def _show_picture(self, picture: Picture, number: int) -> None:
        shown = pixbufs.pixbuf_from_picture(picture)
        shown = pixbufs.grayed(shown) if self._gray[number] else shown
        if there := self._seen_through[number]:
            size = shown.get_width(), shown.get_height()
            below, mask = (pixbufs.resized(one, *size) for one in there)
            shown = pixbufs.laid_over(shown, below, mask)
        show_sharp(self._image, pixbufs.with_alpha_of(shown, self._alpha[number]))

    def _show_source(self, layer: Layer, gray: bool) -> None:
        """Show the layer, until the first picture of its dream comes."""
        if small := _small(layer, gray, self._side):
            show_sharp(self._image, pixbufs.on_chequers(small))

    def _make(self, title: str) -> Gtk.Dialog:
        window = Gtk.Dialog(title=_("{title}: dreaming").format(title=title), border_width=SPACE)
        window.set_resizable(False)
        keep = window.add_button(_("_Keep dream so far"), _KEEP)
        keep.set_tooltip_text(_("Stop now and use the dream as it is."))
        window.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        window.set_response_sensitive(_KEEP, False)
        window.get_widget_for_response(Gtk.ResponseType.CANCEL).set_tooltip_text(
            _("Discard the dream and leave the image unchanged.")
        )
        buttons = window.get_action_area()
        self._pause.set_tooltip_text(_("Let the computer rest. Press again to resume."))
        self._pause.set_sensitive(False)
        self._pause.connect("toggled", self._paused)
        buttons.pack_start(self._pause, False, False, 0)
        buttons.set_child_secondary(self._pause, True)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=WIDE_SPACE, border_width=SPACE)
        ground = Gtk.EventBox()
        ground.get_style_context().add_class("deepdream-preview")
        ground.set_size_request(*self._size())
        # Otherwise Enter would press the first button that can be pressed: Cancel.
        ground.set_can_focus(True)
        ground.add(self._image)
        for widget in (ground, self._bar, self._text, self._note):
            box.pack_start(widget, False, False, 0)
        window.get_content_area().pack_start(box, True, True, 0)
        window.set_focus(ground)
        return window

    def _size(self) -> tuple[int, int]:
        picture = self._tasks[0].source.picture
        scale = min(1.0, self._side / max(picture.width, picture.height)) / self._scale_factor
        return max(420, round(picture.width * scale)), max(60, round(picture.height * scale))

    def _paused(self, button: Gtk.ToggleButton) -> None:
        button.set_label(_("_Go on") if button.get_active() else _("_Pause"))
        if not self._dreaming:
            return
        (self._dreaming.pause if button.get_active() else self._dreaming.resume)()
        if button.get_active():
            self._text.set_text(_("Paused."))


_KEEP = 1
