"""The interface of the `gimp` module, the same for every version of GIMP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from gimpfu.database import PDB
from gimpfu.objects import images, items, parasites
from gimpfu.registry import Procedure


class Host(Protocol):
    """What `host_gimp2` and `host_gimp3` both provide."""

    @property
    def version(self) -> tuple[int, int, int]: ...
    @property
    def directory(self) -> str:
        """The folder with the user's GIMP settings and plug-ins."""
        ...

    @property
    def data_directory(self) -> str: ...
    @property
    def locale_directory(self) -> str: ...
    @property
    def pdb(self) -> PDB: ...
    @property
    def Image(self) -> type[images.Image]: ...
    @property
    def Item(self) -> type[items.Item]: ...
    @property
    def Drawable(self) -> type[items.Drawable]: ...
    @property
    def Layer(self) -> type[items.Layer]: ...
    @property
    def GroupLayer(self) -> type[items.GroupLayer]: ...
    @property
    def Channel(self) -> type[items.Channel]: ...
    @property
    def Display(self) -> type[images.Display]: ...
    @property
    def Parasite(self) -> type[parasites.Parasite]: ...

    def image_list(self) -> list[images.Image]: ...

    def default_display(self) -> images.Display | None:
        """Return the display that the plug-in was called for, or None."""
        ...

    def delete(self, thing: object) -> None:
        """Delete an image or an item that is not in use, or close a display."""

    def serve(self, procedures: Mapping[str, Procedure]) -> int:
        """Serve GIMP's requests until it ends the process; return the exit code."""
        ...

    def message(self, text: str) -> None:
        """Show a message to the user (on stderr in batch mode)."""

    def displays_flush(self) -> None: ...

    def progress_init(self, text: str = "") -> None: ...

    def progress_set_text(self, text: str) -> None: ...

    def progress_update(self, fraction: float) -> None: ...

    def progress_end(self) -> None: ...

    def get_data(self, name: str) -> bytes:
        """Return the data stored under a name in this session. Raises `error` if there is none."""
        ...

    def set_data(self, name: str, data: bytes | str) -> None:
        """Store data under a name until GIMP quits."""

    def init_ui(self, name: str) -> None:
        """Make GTK follow GIMP's theme. Call before creating the first window."""

    def set_transient(self, window: Any) -> None:
        """Keep a GTK window above GIMP's windows."""
