"""The `gimp` module for GIMP 3.x, through GObject introspection."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from gimpfu.gimp3 import backend, serving  # first: it sets the typelib versions

from gi.repository import Gimp, GLib  # isort: skip

from gimpfu.database import hand_over
from gimpfu.functions import *  # noqa: F403
from gimpfu.gimp3.classic import pdb  # noqa: F401
from gimpfu.host import Host
from gimpfu.objects.handles import Handle
from gimpfu.objects.images import Display
from gimpfu.registry import Procedure

Handle.backend = backend
version = (Gimp.MAJOR_VERSION, Gimp.MINOR_VERSION, Gimp.MICRO_VERSION)
directory = Gimp.directory()
data_directory = Gimp.data_directory()
plug_in_directory = directory
locale_directory = Gimp.locale_directory()
sysconf_directory = Gimp.sysconf_directory()


def serve(procedures: Mapping[str, Procedure]) -> int:
    """Serve GIMP's requests until it ends the process; return the exit code."""
    return serving.serve(procedures, cast("Host", sys.modules[__name__]))


def default_display() -> Display | None:
    """Return the display that the plug-in was called for, or None."""
    native = Gimp.default_display()
    return Display.reference(native.get_id()) if native else None


def message(text: str) -> None:
    """Show a message to the user (on stderr in batch mode)."""
    Gimp.message(str(text))


def displays_flush() -> None:
    hand_over()
    Gimp.displays_flush()


def progress_init(text: str = "") -> None:
    Gimp.progress_init(text)


def progress_set_text(text: str) -> None:
    Gimp.progress_set_text(text)


def progress_update(fraction: float) -> None:
    Gimp.progress_update(fraction)


def progress_end() -> None:
    Gimp.progress_end()


_FOLDERS = ("DESKTOP", "DOCUMENTS", "DOWNLOAD", "MUSIC", "PICTURES")
_FOLDERS += ("PUBLIC_SHARE", "TEMPLATES", "VIDEOS")


def user_directory(type: int) -> str | None:
    """Return one of the user's folders, such as USER_DIRECTORY_PICTURES, or None."""
    folder = getattr(GLib.UserDirectory, f"DIRECTORY_{_FOLDERS[type]}")
    return GLib.get_user_special_dir(folder)


def personal_rc_file(basename: str) -> str:
    """Return the path of a file in the user's folder."""
    return str(Path(directory, basename))


def gtkrc() -> str:
    """Return where GIMP 2.10 keeps the settings of its windows."""
    return str(Path(data_directory, "themes", "System", "gtkrc"))


def init_ui(name: str) -> None:
    """Make GTK follow GIMP's theme. Call before creating the first window."""
    import gi

    gi.require_version("GimpUi", "3.0")
    from gi.repository import GimpUi

    GimpUi.init(name)


def set_transient(window: Any) -> None:
    """Keep a GTK window above GIMP's windows."""
    from gi.repository import GimpUi

    GimpUi.window_set_transient(window)
