"""Detecting which GIMP started this process, and finding a Python that can serve it."""

from __future__ import annotations

import functools
import gettext
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gimpfu.host import Host

_STARTED_AGAIN = "GIMPFU_STARTED_AGAIN"
_MODES = ("-query", "-init", "-run")
SYSTEM_PYTHON = "/usr/bin/python3"
_RUN_PLUG_IN = """
import os, runpy, sys
del sys.argv[0]
sys.path.insert(0, os.path.dirname(os.path.realpath(sys.argv[0])))
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a plug-in, which finds the modules beside it, but none in the current folder."""


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
    """Return the host module for the GIMP that started this process, or None without GIMP.

    GIMP 3 needs PyGObject and its typelibs; GIMP 2.10 needs them only for windows that a plug-in
    makes itself. If this Python lacks them and the system's Python has them, the plug-in restarts
    under that one. With GIMP 3, if neither has them, it exits with a message that lists both
    interpreters.
    """
    name = started_by(sys.argv)
    if not name:
        return None
    needed = "Gimp" if name == "gimp3" else "Gtk"
    if (name == "gimp3" or _MODES[2] in sys.argv) and not _has_typelib(needed):
        _start_again_under_system_python(needed)
        if name == "gimp3":
            sys.exit(
                f"{sys.argv[0]}: this plug-in needs a Python with PyGObject and GIMP's typelib, "
                f"but found none. Tried {sys.executable} and {SYSTEM_PYTHON}. Install PyGObject "
                "(Debian and Ubuntu: python3-gi and gir1.2-gimp-3.0)."
            )
    if name == "gimp3":
        from gimpfu import host_gimp3 as host
    else:
        from gimpfu import host_gimp2 as host
    return host


def offer_old_modules() -> None:
    """Let plug-ins import `gimp`, `gimpcolor` and the like, which stand beside this package.

    `gettext.install` takes `unicode`, too, which plug-ins for Python 2 pass.
    """
    beside = str(Path(__file__).with_name("beside"))
    if beside not in sys.path:
        sys.path.append(beside)
    # PyGObject puts a module of this name there that fails only when it is used.
    sys.modules.pop("gtk", None)
    install = gettext.install

    @functools.wraps(install)
    def tolerant(*arguments: Any, unicode: bool = True, **named: Any) -> None:
        named.pop("codeset", None)
        install(*arguments[:2], **named)

    gettext.install = tolerant


def explanation() -> str:
    """Return the message for a user who starts the plug-in from a terminal."""
    return f"{sys.argv[0]} is a GIMP plug-in; it only runs from within GIMP."


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
    """Replace this process, or return if the system's Python would not help either."""
    if os.environ.get(_STARTED_AGAIN) or not os.access(SYSTEM_PYTHON, os.X_OK):
        return
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment[_STARTED_AGAIN] = "1"
    test = (
        f"import sys, gi; gi.require_version('{needed}', '3.0'); assert sys.version_info >= (3, 9)"
    )
    isolated = [SYSTEM_PYTHON, "-I", "-c"]
    tried = subprocess.run([*isolated, test], env=environment, capture_output=True)
    if tried.returncode == 0:
        os.execve(SYSTEM_PYTHON, [*isolated, _RUN_PLUG_IN, *sys.argv], environment)
