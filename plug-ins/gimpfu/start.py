"""Which GIMP started this process, and whether this Python can serve it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gimpfu.host import Host

_STARTED_AGAIN = "GIMPFU_STARTED_AGAIN"
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


def load_host() -> Host | None:
    """Return the host module for the GIMP that started this process, None without a GIMP.

    Where this Python lacks what the GIMP needs (PyGObject and the typelibs; GIMP 2.10 needs them
    for a good dialog only), the plug-in starts again under the system's Python if that has it. A
    GIMP 3 without any such Python gets a line on stderr that says which ones were tried.
    """
    name = started_by(sys.argv)
    if not name:
        return None
    needed = "Gimp" if name == "gimp3" else "Gtk"
    if (name == "gimp3" or _MODES[2] in sys.argv) and not _has_typelib(needed):
        _start_again_under_system_python(needed)
        if name == "gimp3":
            sys.exit(
                f"{sys.argv[0]}: no Python with PyGObject and GIMP's typelib was found, so this "
                f"plug-in cannot run. Tried: {sys.executable}, {SYSTEM_PYTHON}. Install PyGObject "
                "(Debian and Ubuntu: python3-gi and gir1.2-gimp-3.0)."
            )
    if name == "gimp3":
        from gimpfu import host_gimp3 as host
    else:
        from gimpfu import host_gimp2 as host
    return host


def explanation() -> str:
    """Return the sentence for somebody who starts a plug-in by hand."""
    return f"{sys.argv[0]} is a GIMP plug-in: GIMP starts it, it does nothing on its own."


def _has_typelib(name: str) -> bool:
    if importlib.util.find_spec("gi") is None:
        return False
    import gi

    try:
        gi.require_version(name, "3.0")
    except ValueError:
        return False
    return True


def _start_again_under_system_python(needed: str) -> None:
    """Replace this process; return if that would not help."""
    if os.environ.get(_STARTED_AGAIN) or not os.access(SYSTEM_PYTHON, os.X_OK):
        return
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment[_STARTED_AGAIN] = "1"
    test = (
        f"import sys, gi; gi.require_version('{needed}', '3.0'); assert sys.version_info >= (3, 9)"
    )
    tried = subprocess.run([SYSTEM_PYTHON, "-c", test], env=environment, capture_output=True)
    if tried.returncode == 0:
        os.execve(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv], environment)
