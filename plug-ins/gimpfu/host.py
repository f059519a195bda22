"""What plug-ins know as the module `gimp`, whichever GIMP is underneath."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from gimpfu.database import PDB
from gimpfu.objects import images, parasites
from gimpfu.registry import Procedure


class Host(Protocol):
    """A module that stands for one GIMP: `host_gimp2`, `host_gimp3`."""

    @property
    def version(self) -> tuple[int, int, int]: ...
    @property
    def directory(self) -> str:
        """The user's folder with GIMP's settings and plug-ins."""
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
    def Item(self) -> type[images.Item]: ...
    @property
    def Drawable(self) -> type[images.Drawable]: ...
    @property
    def Layer(self) -> type[images.Layer]: ...
    @property
    def GroupLayer(self) -> type[images.GroupLayer]: ...
    @property
    def Channel(self) -> type[images.Channel]: ...
    @property
    def Display(self) -> type[images.Display]: ...
    @property
    def Parasite(self) -> type[parasites.Parasite]: ...

    def image_list(self) -> list[images.Image]: ...

    def delete(self, thing: images.Item | images.Image | images.Display) -> None:
        """Close an image or a display, forget an item that is in no image."""

    def serve(self, procedures: Mapping[str, Procedure]) -> int:
        """Answer GIMP until it has no more questions; return the exit code."""
        ...

    def message(self, text: str) -> None:
        """Show a message to the user (in batch mode: on stderr)."""

    def displays_flush(self) -> None: ...

    def progress_init(self, text: str = "") -> None: ...

    def progress_set_text(self, text: str) -> None: ...

    def progress_update(self, fraction: float) -> None: ...

    def progress_end(self) -> None: ...

    def get_data(self, name: str) -> bytes:
        """Return what was kept under a name in this session, empty if nothing."""
        ...

    def set_data(self, name: str, data: bytes) -> None:
        """Keep data under a name until GIMP ends."""

    def init_ui(self, name: str) -> None:
        """Let GTK look like GIMP; before the first window."""

    def set_transient(self, window: Any) -> None:
        """Keep a GTK window above GIMP's."""
