"""Which GIMP started this process, and whether this Python can serve it."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType

_TRIED = "GIMPFU_PYTHONS_TRIED"
_MODES = ("-query", "-init", "-run")
SYSTEM_PYTHON = "/usr/bin/python3"


def started_by(argv: Sequence[str]) -> str:
    """Return "gimp2", "gimp3" or "" for a command line.

    GIMP 2.10 passes `-gimp READ WRITE MODE TRACE`, GIMP 3 `-gimp PROTOCOL READ WRITE MODE TRACE`.
    """
    if len(argv) > 5 and argv[1] == "-gimp":
        if argv[4] in _MODES:
            return "gimp2"
        if argv[5] in _MODES:
            return "gimp3"
    return ""


def load_host() -> ModuleType | None:
    """Return the host module for the GIMP that started this process, None without a GIMP.

    Where this Python has no PyGObject, which GIMP 3 needs, the plug-in starts again under the
    system's Python; if that fails too, it says on stderr which interpreters were tried and ends.
    """
    name = started_by(sys.argv)
    if not name:
        return None
    if name == "gimp3" and not _has_gimp3():
        _start_again()
    return importlib.import_module(f"gimpfu.host_{name}")


def explanation() -> str:
    """Return the sentence for somebody who starts a plug-in by hand."""
    return f"{sys.argv[0]} is a GIMP plug-in: GIMP starts it, it does nothing on its own."


def _has_gimp3() -> bool:
    if importlib.util.find_spec("gi") is None:
        return False
    import gi

    try:
        gi.require_version("Gimp", "3.0")
        gi.require_version("Gegl", "0.4")
    except ValueError:
        return False
    return True


def _start_again() -> None:
    tried = [*filter(None, os.environ.get(_TRIED, "").split(os.pathsep)), sys.executable]
    if SYSTEM_PYTHON not in tried and os.access(SYSTEM_PYTHON, os.X_OK):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        environment[_TRIED] = os.pathsep.join(tried)
        os.execve(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv], environment)
    sys.exit(
        f"{sys.argv[0]}: no Python with PyGObject and GIMP's typelib was found, so the plug-in "
        f"cannot be offered in GIMP's menus. Tried: {', '.join(tried)}. Install PyGObject "
        "(Debian and Ubuntu: python3-gi and gir1.2-gimp-3.0)."
    )
