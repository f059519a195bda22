"""What the installer put where."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence

from deepdream_core.installer.files import write_atomically
from deepdream_core.shared.paths import data_folder


class Manifest:
    """What the installer put where. Noted before it is put, so that an interruption loses none."""

    def __init__(self) -> None:
        self.path = data_folder() / "installed.json"
        self.made: dict[str, list[str]] = {"plug_ins": [], "links": [], "folders": [], "apt": []}
        with contextlib.suppress(OSError, ValueError, TypeError):
            self.made.update(json.loads(self.path.read_text("utf-8")))

    def note(self, kind: str, *made: object) -> None:
        new = [str(thing) for thing in made if str(thing) not in self.made[kind]]
        if new:
            self.made[kind] += new
            self._write()

    def keep_only(self, kind: str, made: Sequence[object]) -> None:
        """Forget everything but these: the rest has been removed."""
        self.made = {known: [] for known in self.made}
        self.made[kind] = [str(thing) for thing in made]
        self._write()

    def _write(self) -> None:
        write_atomically(self.path, json.dumps(self.made, indent=1) + "\n")
