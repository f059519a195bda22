"""The pictures that the artist starred, those used last, and whether small ones are dreamed.

Kept between sessions and upgrades.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Sequence

from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.paths import favourites_file
from deepdream_core.shared.recipe import read_json_object

_MOST_RECENT = 24


class Favourites:
    """The keys of pictures (see `Choosable.key`), in a file that every change is written to."""

    def __init__(self) -> None:
        """Read the file; a missing or damaged one counts as empty."""
        try:
            kept = read_json_object(favourites_file().read_text("utf-8"))
        except (OSError, ValueError):
            kept = {}
        self._kept = kept
        self.starred = _keys(kept.get("starred"))
        """Newest last."""
        self.recent = _keys(kept.get("recent"))
        """Newest first."""
        self.dreams_thumbnails = kept.get("thumbnails") is not False
        """Whether the engine dreams small pictures for the grid while it has nothing else to do."""

    def dream_thumbnails(self, wanted: bool) -> None:
        """Choose whether small pictures are dreamed for the grid."""
        self.dreams_thumbnails = wanted
        self._save()

    def star(self, key: str) -> None:
        """Star a picture, or no longer."""
        if key in self.starred:
            self.starred.remove(key)
        else:
            self.starred.append(key)
        self._save()

    def use(self, keys: Iterable[str]) -> None:
        """Remember that these pictures were used just now."""
        used = list(keys)
        rest = [key for key in self.recent if key not in used]
        self.recent = [*used, *rest][:_MOST_RECENT]
        self._save()

    def _save(self) -> None:
        """Write the file. A full or read-only disk must not stop a dream."""
        # What another version may keep there stays.
        kept = {
            **self._kept,
            "starred": self.starred,
            "recent": self.recent,
            "thumbnails": self.dreams_thumbnails,
        }
        with contextlib.suppress(OSError):
            favourites_file().parent.mkdir(parents=True, exist_ok=True)
            write_text(favourites_file(), json.dumps(kept, indent=2))


def _keys(kept: object) -> list[str]:
    if not isinstance(kept, Sequence) or isinstance(kept, str):
        return []
    return list(dict.fromkeys(key for key in kept if isinstance(key, str)))
