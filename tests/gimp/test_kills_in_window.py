"""Engines that fail and plug-ins that are cancelled, at random moments, in a GIMP with windows.

The artist sees one error, the image stays as it was, and the next dream works. The short versions
draw a few faults. The long ones (`-m slow`) draw as many as DEEPDREAM_FAULTS says, 300 by default;
DEEPDREAM_SEED repeats them.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from disturbed import KINDS, check_outcomes
from disturbed_window import CHOSEN, REPEATED, DisturbedVisit, nothing_runs
from hosts import Desktop, GimpHost
from saboteur import (
    FAULTS,
    LONG,
    PLUG_IN,
    SEED,
    Saboteur,
    engine_that_ends_soon,
    left_files,
)
from visit import Visit

SIZE = (96, 72)
_ALL = [f"{how} {kind}" for how in (REPEATED, REPEATED, CHOSEN) for kind in KINDS]
_FEW = [f"{REPEATED} group"]
_IDLE_SECONDS = 20.0
"""Longer than the test takes between two dreams, even on a busy machine."""
_TOO_LONG = "a data folder whose path is too long for the address of a socket " * 2
"""In such a folder no warm engine can run, and dreams have engines of their own."""


def check_faults(
    gimp: GimpHost,
    screen: Desktop,
    folder: Path,
    shots: Path,
    failures: Sequence[str],
    faults: int,
    kinds: Sequence[str],
    *,
    warm: bool,
) -> None:
    """Dream in one GIMP until there were so many faults, and check how each dream ended."""
    engine = "warm" if warm else "private"
    draw = random.Random(f"{SEED} {gimp.name} window {engine} {failures}")
    home = folder / "data" if warm else folder / _TOO_LONG.strip()
    home.mkdir()
    # Only a dream that was chosen can be repeated.
    dreams = [f"{CHOSEN} group", *draw.choices(kinds, k=3 * faults + 20)]
    ways = [name.split()[0] for name in dreams]
    saboteur = Saboteur(home, draw, failures, faults, warm=warm, ways=ways)
    python = engine_that_ends_soon(folder, _IDLE_SECONDS)
    env = {"DEEPDREAM_PYTHON": str(python), "DEEPDREAM_HOME": str(home)}
    visit = Visit(gimp, screen, folder, shots, env=env, size=SIZE)
    began = time.monotonic()
    saboteur.start()
    outcomes = []
    try:
        session = DisturbedVisit(visit, home, saboteur, draw, f"60-{engine}-{failures[0]}")
        for name in itertools.cycle(dreams):
            last = saboteur.has_enough()
            outcomes.append(session.dream(name))
            if last:
                break
        saboteur.stop()
        failed = [outcome for outcome in outcomes if outcome.errors]
        print(
            f"DEEPDREAM_SEED={SEED} GIMP {gimp.name}, windows, {engine}: {dict(saboteur.done)}; "
            f"{len(failed)} of {len(outcomes)} dreams failed in {time.monotonic() - began:.0f} s, "
            f"{sum(bool(one.dreamed) for one in failed)} after the dream had been inserted; "
            f"{session.windows_seen} progress windows; "
            f"stopped engines noticed after {saboteur.noticed:.1f} s; "
            f"{saboteur.served_again} warm engines served again"
        )
        visit.wait(lambda: nothing_runs(home), 60)
        assert not screen.windows("DeepDream")
        assert visit.job.process.poll() is None
    finally:
        saboteur.stop()
        visit.job.stop()
    check_outcomes(outcomes, plug_in_killed=failures is PLUG_IN)
    assert not outcomes[-1].errors, outcomes[-1]
    assert failed or faults < 10, "Nothing failed."
    assert session.windows_seen
    assert saboteur.problems == []
    assert left_files(home) == []
    assert list((folder / "tmp").glob("deepdream*")) == []


@pytest.mark.slow
def test_a_cancelled_plug_in_harms_nothing(
    gimp: GimpHost, screen: Desktop, tmp_path: Path, shots: Path
) -> None:
    check_faults(gimp, screen, tmp_path, shots, PLUG_IN, 1, _FEW, warm=True)


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
def test_engines_that_fail_again_and_again_harm_nothing(
    gimp: GimpHost, screen: Desktop, tmp_path: Path, shots: Path
) -> None:
    check_faults(gimp, screen, tmp_path, shots, LONG, FAULTS, _ALL, warm=True)


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("warm", [False, True], ids=["private", "warm"])
def test_plug_ins_that_are_cancelled_again_and_again_harm_nothing(
    gimp: GimpHost, screen: Desktop, warm: bool, tmp_path: Path, shots: Path
) -> None:
    check_faults(gimp, screen, tmp_path, shots, PLUG_IN, FAULTS, _ALL, warm=warm)
