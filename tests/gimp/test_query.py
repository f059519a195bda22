"""The query that GIMP runs for every new or updated plug-in: it must be fast and must not fail."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hosts import GimpHost
from inside import script_fu_line

pytestmark = pytest.mark.usually_in("2.10", "3.2")

_IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+(\d+) \|\s+(\S+)$", re.MULTILINE)
HEAVY = ("torch", "numpy", "PIL", "gi.overrides.Gtk", "gi.overrides.Gdk", "gimpfu.gimp2.gtk")


def test_query_imports_nothing_heavy(gimp: GimpHost, tmp_path: Path) -> None:
    result = gimp.batch([], tmp_path, env={"PYTHONPROFILEIMPORTTIME": "1"}, query=True, timeout=60)
    imported = {name: int(microseconds) for microseconds, name in _IMPORTED.findall(result.stderr)}
    assert "deepdream_plugin.plugin" in imported, result.output
    assert [name for name in imported if name.startswith(HEAVY)] == []


@pytest.mark.parametrize("again", ["", "1"], ids=["system Python has it", "nothing has it"])
def test_python_without_pygobject(gimp: GimpHost, again: str, tmp_path: Path) -> None:
    """If `env python3` cannot serve GIMP 3, the plug-in tries the system's Python and says so."""
    own = Path(sys.executable).parent
    env = {"PATH": f"{own}:/usr/sbin:/usr/bin:/sbin:/bin", "GIMPFU_STARTED_AGAIN": again}
    result = gimp.batch(
        script_fu_line(gimp, "nonsense"), tmp_path, env=env, query=True, timeout=120
    )
    if gimp.is_gimp2 or not again:
        assert "There is no preset" in result.stdout + result.stderr, result.output
    else:
        tried = f"Tried {own}/python3 and /usr/bin/python3. Install PyGObject"
        assert tried in result.stderr, result.output
