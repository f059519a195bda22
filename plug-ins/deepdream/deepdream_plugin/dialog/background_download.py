"""Having a network's weights fetched while the dialog stays usable."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from deepdream_plugin.dialog.gtk import GLib
from deepdream_plugin.engine import Engine, Request
from deepdream_plugin.engine_errors import Cancelled, EngineError
from deepdream_plugin.texts import _


class BackgroundDownload:
    """A download that runs on a thread of its own, and tells the dialog on the dialog's."""

    def __init__(
        self,
        name: str,
        on_progress: Callable[[int, int | None], None],
        on_end: Callable[[str], None],
    ) -> None:
        """`on_progress` gets bytes here and bytes in all, `on_end` what went wrong, if anything."""
        self.name = name
        self._on_progress, self._on_end = on_progress, on_end
        self._request: Request | None = None
        self._called_off = self._silent = False
        threading.Thread(target=self._run, daemon=True, name="fetch").start()

    def cancel(self) -> None:
        """Call it off; the next one goes on from what is here already."""
        self._called_off = True
        if request := self._request:
            with contextlib.suppress(EngineError):
                request.cancel()

    def abandon(self) -> None:
        """Call it off without a word: the dialog closes."""
        self._silent = True
        self.cancel()

    def _run(self) -> None:
        problem = ""
        try:
            with Engine.warm() as engine:
                self._request = engine.fetch(self.name)
                if self._called_off:
                    self.cancel()
                for frame in self._request.events():
                    if frame.kind == "fetching":
                        fields = frame.fields
                        self._tell(lambda f=fields: self._on_progress(f["done"], f["total"]))
        except Cancelled:
            problem = _("The download was cancelled; what is here already is kept.")
        except EngineError as error:
            problem = str(error)
        self._tell(lambda: self._on_end(problem))

    def _tell(self, what: Callable[[], None]) -> None:
        def tell() -> bool:
            if not self._silent:
                what()
            return False

        GLib.idle_add(tell)
