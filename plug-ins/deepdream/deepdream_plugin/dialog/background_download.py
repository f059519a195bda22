"""Downloading a network's weights in the background while the dialog stays usable."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from deepdream_plugin.dialog.gtk import GLib
from deepdream_plugin.engine import Engine, Request
from deepdream_plugin.engine_errors import Cancelled, EngineError
from deepdream_plugin.texts import _


class BackgroundDownload:
    """A download in its own thread, which calls the dialog back in the dialog's thread."""

    def __init__(
        self,
        name: str,
        on_progress: Callable[[int, int | None], None],
        on_end: Callable[[str], None],
    ) -> None:
        """Start the download.

        `on_progress` receives the bytes downloaded and the total, `on_end` an error message or an
        empty string.
        """
        self.name = name
        self._on_progress, self._on_end = on_progress, on_end
        self._request: Request | None = None
        self._cancelled = self._silent = False
        threading.Thread(target=self._run, daemon=True, name="fetch").start()

    def cancel(self) -> None:
        """Cancel the download; the next one resumes from the part already downloaded."""
        self._cancelled = True
        if request := self._request:
            with contextlib.suppress(EngineError):
                request.cancel()

    def abandon(self) -> None:
        """Cancel the download without calling back, because the dialog is closing."""
        self._silent = True
        self.cancel()

    def _run(self) -> None:
        problem = ""
        try:
            with Engine.warm() as engine:
                self._request = engine.fetch(self.name)
                if self._cancelled:
                    self.cancel()
                for frame in self._request.events():
                    if frame.kind == "fetching":
                        fields = frame.fields
                        self._call_back(lambda f=fields: self._on_progress(f["done"], f["total"]))
        except Cancelled:
            problem = _("Download cancelled. The next attempt will resume it.")
        except EngineError as error:
            problem = str(error)
        self._call_back(lambda: self._on_end(problem))

    def _call_back(self, callback: Callable[[], None]) -> None:
        def call() -> bool:
            if not self._silent:
                callback()
            return False

        GLib.idle_add(call)
