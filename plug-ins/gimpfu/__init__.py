"""GIMP's classic Python interface, for versions that no longer ship it: `from gimpfu import *`.

A plug-in calls `register(…)` for each procedure and ends with `main()`; `gimp`, `pdb`, the enums
and the PF_ constants work as in GIMP 2.10's own gimpfu. GIMP 3.x is driven through GObject
introspection (`host_gimp3`), GIMP 2.10 through ctypes on any Python 3 (`host_gimp2`). When the
module is imported outside GIMP (in a test or an editor), `gimp` and `pdb` are None.
"""

from __future__ import annotations

import gettext
import math
import sys
from typing import TYPE_CHECKING, cast

from gimpfu import colours as gimpcolor
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
start.offer_old_modules()
# Procedures only run inside GIMP, so they need not check for None.
gimp = cast("Host", _host)
pdb = cast("PDB", getattr(_host, "pdb", None))


_ = gettext.gettext


def N_(message: str) -> str:
    """Mark a text for translation."""
    return message


def fail(message: str) -> None:
    """Stop the plug-in and show the user why it cannot continue."""
    raise error(message)


def main() -> None:
    """Serve the registered procedures to the GIMP that started this process. Never returns."""
    if _host is None:
        print(start.explanation(), file=sys.stderr)
        sys.exit(1)
    sys.exit(_host.serve(procedures))


__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    "CancelError",
    "N_",
    "_",
    "error",
    "fail",
    "gettext",
    "gimp",
    "gimpcolor",
    "main",
    "math",
    "pdb",
    "register",
    *enums.__all__,
    *_param_names,
]
