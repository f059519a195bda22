"""Requests about networks: listing them and downloading their weights."""

from __future__ import annotations

import threading
import time

from deepdream_core.engine.jobs import Answers
from deepdream_core.models.catalogue import all_entries
from deepdream_core.models.weights import WeightsMissing, find_weights
from deepdream_core.shared.messages import Message
from deepdream_core.shared.protocol import Frame
from deepdream_core.shared.recipe import RecipeError

_PAUSE = 0.1
"""Minimum seconds between reports about a download."""


def network_list() -> list[dict[str, object]]:
    """Return all networks: name, whether the weights are here, their size in MiB, the licence."""
    return [
        {
            "name": entry.name,
            "here": find_weights(entry) is not None,
            "mib": entry.mib,
            "licence": entry.licence,
        }
        for entry in all_entries()
    ]


class WeightsDownload:
    """A requested download, which runs on its own thread alongside the dreams."""

    def __init__(self, request: Frame, answers: Answers) -> None:
        self.id = request.fields.get("id")
        self._name = str(request.fields.get("name", ""))
        self._answers = answers
        self._cancelled = threading.Event()
        self._last_report = 0.0

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def control(self, command: str) -> None:
        """Carry out a command; only cancel has an effect."""
        if command == "cancel":
            self._cancelled.set()

    def _run(self) -> None:
        from deepdream_core.models.downloads import DownloadCancelled, fetch

        try:
            fetch(self._name, self._report, self._cancelled.is_set)
        except DownloadCancelled:
            self._fail("cancelled", Message("download-cancelled"))
        except RecipeError as problem:
            self._fail("bad-recipe", problem.message)
        except WeightsMissing as problem:
            self._fail("no-weights", problem.message)
        else:
            self._answers.send("fetched", id=self.id, name=self._name)

    def _report(self, done: int, total: int | None) -> None:
        if time.monotonic() - self._last_report > _PAUSE:
            self._answers.send("fetching", id=self.id, done=done, total=total)
            self._last_report = time.monotonic()

    def _fail(self, code: str, message: Message) -> None:
        self._answers.send("error", id=self.id, code=code, message=message, hint="")
