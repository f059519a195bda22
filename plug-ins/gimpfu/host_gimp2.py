"""The `gimp` module for GIMP 2.10, on any Python 3."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from gimpfu.database import hand_over
from gimpfu.functions import *  # noqa: F403
from gimpfu.gimp2 import backend, library, serving
from gimpfu.gimp2.database import pdb  # noqa: F401
from gimpfu.gimp2.library import libgimp, libgimpbase
from gimpfu.host import Host
from gimpfu.objects.handles import Handle, checked
from gimpfu.objects.images import Display
from gimpfu.registry import Procedure

Handle.backend = backend
version = library.version()
directory = os.fsdecode(libgimpbase.gimp_directory())
data_directory = os.fsdecode(libgimpbase.gimp_data_directory())
plug_in_directory = os.fsdecode(libgimpbase.gimp_plug_in_directory())
locale_directory = os.fsdecode(libgimpbase.gimp_locale_directory())
sysconf_directory = os.fsdecode(libgimpbase.gimp_sysconf_directory())


def serve(procedures: Mapping[str, Procedure]) -> int:
    """Serve GIMP's requests until it ends the process; return the exit code."""
    return serving.serve(procedures, cast("Host", sys.modules[__name__]))


def default_display() -> Display | None:
    """Return the display that the plug-in was called for, or None."""
    identifier = libgimp.gimp_default_display()
    return Display.reference(identifier) if identifier > 0 else None


def message(text: str) -> None:
    """Show a message to the user (on stderr in batch mode)."""
    libgimp.gimp_message(str(text).encode())


def displays_flush() -> None:
    hand_over()
    libgimp.gimp_displays_flush()


def progress_init(text: str = "") -> None:
    checked(libgimp.gimp_progress_init(text.encode()))


def progress_set_text(text: str) -> None:
    libgimp.gimp_progress_set_text(text.encode())


def progress_update(fraction: float) -> None:
    libgimp.gimp_progress_update(fraction)


def progress_end() -> None:
    libgimp.gimp_progress_end()


def user_directory(type: int) -> str | None:
    """Return one of the user's folders, such as USER_DIRECTORY_PICTURES, or None."""
    return os.fsdecode(libgimpbase.gimp_user_directory(type) or b"") or None


def personal_rc_file(basename: str) -> str:
    """Return the path of a file in the user's folder."""
    return str(Path(directory, basename))


def gtkrc() -> str:
    """Return where GIMP 2.10 keeps the settings of its windows."""
    return str(Path(data_directory, "themes", "System", "gtkrc"))


def init_ui(name: str) -> None:
    """Do nothing: GIMP 2.10 has no theme for a GTK 3 dialog."""


def set_transient(window: Any) -> None:
    """Do nothing: a GTK 3 window cannot be transient for GIMP 2.10's GTK 2 windows."""
