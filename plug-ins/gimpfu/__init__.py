"""GIMP's old Python interface, for GIMPs that have lost it: `from gimpfu import *`.

A plug-in calls `register(…)` for each procedure and ends with `main()`; `gimp`, `pdb`, the enums
and the PF_ kinds are there as in GIMP 2.10's own gimpfu. GIMP 3.x is served through GObject
introspection (`host_gimp3`), GIMP 2.10 through ctypes and any Python 3 (`host_gimp2`). Without a
GIMP (an import in a test or an editor) the same names exist, but `gimp` and `pdb` are None.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

from gimpfu import enums, start
from gimpfu.enums import *  # noqa: F403
from gimpfu.errors import CancelError, error
from gimpfu.params import *  # noqa: F403
from gimpfu.params import __all__ as _param_names
from gimpfu.registry import procedures, register

if TYPE_CHECKING:
    from gimpfu.database import PDB
    from gimpfu.host import Host

_host = start.load_host()
# Without a GIMP no procedure ever runs, so none has to ask whether they are there.
gimp = cast("Host", _host)
pdb = cast("PDB", getattr(_host, "pdb", None))


def N_(message: str) -> str:
    """Mark a text for translation."""
    return message


def fail(message: str) -> None:
    """Tell the user why the plug-in cannot go on, and stop it."""
    raise error(message)


def main() -> None:
    """Hand the registered procedures to the GIMP that started this process; does not return."""
    if _host is None:
        print(start.explanation(), file=sys.stderr)
        sys.exit(1)
    sys.exit(_host.serve(procedures))


__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    "CancelError",
    "N_",
    "error",
    "fail",
    "gimp",
    "main",
    "pdb",
    "register",
    *enums.__all__,
    *_param_names,
]
