"""An engine that runs out of memory, seen in the dialog's real windows.

The dialog is the same code in every GIMP, so these tests run in GIMP 2.10; `-m slow` runs them in
the others. test_dialog.py tests in all GIMPs what differs: starting, results, undo, cancelling.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hosts import Desktop, GimpHost
from inside import stand_in
from visit import Visit

pytestmark = pytest.mark.slow

_SAID = (
    "There was not enough memory for this dream. "
    "Close other programs, or dream a smaller layer or a selection."
)


def test_running_out_of_memory_is_reported(
    gimp: GimpHost, screen: Desktop, tmp_path: Path, shots: Path
) -> None:
    engine = stand_in(tmp_path, "engine_with_little_memory.py")
    visit = Visit(gimp, screen, tmp_path, shots, env={"DEEPDREAM_PYTHON": str(engine)})
    try:
        visit.inside("pdb['gimp-image-scale'](gimp.image_list()[0], 1600, 1200)")
        before = visit.image()
        visit.choose("deepdream")
        visit.shot("40-no-preview")
        visit.press_ok()
        visit.there("^DeepDream: Error$", 120)
        visit.shot("41-no-memory")
        said = (visit.folder / "data" / "logs" / "last-error.txt").read_text("utf-8")
        assert _SAID in said
        visit.screen.keys("Escape")
        visit.wait(lambda: not visit.plug_ins(), 10)
        assert visit.image() == before
    finally:
        visit.job.stop()
