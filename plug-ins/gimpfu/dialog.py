"""The dialog that asks for a procedure's arguments."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

from gimpfu.host import Host
from gimpfu.params import Param


def ask_values(
    host: Host, title: str, blurb: str, params: Sequence[Param], values: Sequence[Any]
) -> list[Any] | None:
    """Show a dialog filled with `values`; return what the user entered, or None on Cancel.

    The dialog uses GTK 3 through PyGObject. GIMP 2.10 can run without PyGObject; the dialog then
    uses GIMP's own GTK 2.
    """
    if has_gtk3():
        from gimpfu import dialog_gtk3 as toolkit
    else:
        from gimpfu import dialog_gtk2 as toolkit
    return toolkit.ask_values(host, title, blurb, params, values)


def has_gtk3() -> bool:
    """Return whether this Python can show GTK 3 windows."""
    if importlib.util.find_spec("gi") is None:
        return False
    import gi

    try:
        gi.require_version("Gtk", "3.0")
    except ValueError:
        return False
    return True
