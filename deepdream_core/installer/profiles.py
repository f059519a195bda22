"""GIMPs that were never started: they have to make their settings before we add to them."""

from __future__ import annotations

from collections.abc import Sequence

from deepdream_core.installer import gimps
from deepdream_core.installer.running import outcome_of
from deepdream_core.installer.words import say

_SECONDS = 180.0


def let_gimp_make(profile: gimps.Profile, programs: Sequence[gimps.Program]) -> None:
    """Start a GIMP that has no configuration folder, without a window, and end it at once.

    A folder that is there tells GIMP that it was started before: it then takes over nothing from
    an older version, and misses the folders that it wants to save to.
    """
    if profile.folder.exists():
        return
    program = next((p for p in programs if p.series == profile.series), None)
    if program is None:
        return
    say(f"  {profile.series}: never started; letting GIMP {program.version} make its settings")
    quitting = ["-b", "(gimp-quit 0)"] if program.series.startswith("2.") else ["--quit"]
    outcome_of([*program.console, "-i", "-d", "-f", *quitting], _SECONDS)
