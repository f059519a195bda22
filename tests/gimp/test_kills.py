"""Engines that fail and plug-ins that are cancelled, at random moments, in a GIMP without windows.

The image stays as it was, and the next dream works. The short versions draw a few faults. The long
ones (`-m slow`) draw as many as DEEPDREAM_FAULTS says, 300 by default; DEEPDREAM_SEED repeats them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from disturbed import KINDS, Outcome, check_outcomes
from hosts import GimpHost
from inside import run_inside
from saboteur import (
    FAULTS,
    LONG,
    PLUG_IN,
    QUICK,
    SEED,
    Saboteur,
    engine_that_ends_soon,
    left_files,
)

_ALL = tuple(KINDS)
_IDLE_SECONDS = 8.0
"""Longer than it takes until a plug-in has started and connects."""
_MANY_IDLE_SECONDS = 30.0
"""The same for hundreds of dreams, during which the machine may be busy for a while."""


def check_faults(
    gimp: GimpHost,
    folder: Path,
    failures: Sequence[str],
    faults: int,
    kinds: Sequence[str],
    *,
    warm: bool,
    idle_seconds: float = _IDLE_SECONDS,
) -> Saboteur:
    """Let one GIMP dream until there were so many faults, and check how each dream ended."""
    engine = "warm" if warm else "private"
    draw = random.Random(f"{SEED} {gimp.name} {engine} {failures}")
    home, enough = folder / "data", folder / "enough"
    home.mkdir()
    dreams = draw.choices(kinds, k=2 * faults + 10)
    plan = {
        "kinds": {
            name: {
                "settings": kind.as_settings,
                "remembered": kind.remembered,
                "selected": kind.selected,
                "alpha": kind.alpha,
            }
            for name, kind in KINDS.items()
        },
        "dreams": dreams,
        "warm": warm,
        "last-settings": str(home / "last-settings.json"),
        "enough": str(enough),
        "socket": str(home / "run" / "engine.sock"),
    }
    saboteur = Saboteur(home, draw, failures, faults, warm=warm, enough=enough)
    saboteur.start()
    try:
        report, result = run_inside(
            gimp,
            folder,
            "many_dreams.py",
            env={"DEEPDREAM_PYTHON": str(engine_that_ends_soon(folder, idle_seconds))},
            files={"plan.json": json.dumps(plan)},
            timeout=60 + 30 * faults,
        )
    finally:
        saboteur.stop()
    outcomes = [Outcome(**told) for told in report["outcomes"]]
    failed = [outcome for outcome in outcomes if outcome.errors]
    print(
        f"DEEPDREAM_SEED={SEED} GIMP {gimp.name}, {engine}: {dict(saboteur.done)}; "
        f"{len(failed)} of {len(outcomes)} dreams failed in {result.seconds:.0f} s, "
        f"{sum(bool(one.dreamed) for one in failed)} after the dream had been inserted; "
        f"stopped engines noticed after {saboteur.noticed:.1f} s; "
        f"{saboteur.served_again} warm engines served again"
    )
    check_outcomes(outcomes, plug_in_killed=failures is PLUG_IN)
    assert not outcomes[-1].errors, outcomes[-1]
    assert failed or faults < 10, "Nothing failed."
    assert saboteur.problems == []
    assert result.left_behind == ()
    assert left_files(home) == []
    assert list((folder / "tmp").glob("deepdream*")) == []
    return saboteur


@pytest.mark.usually_in("3.0")
def test_a_failing_engine_harms_nothing(gimp: GimpHost, tmp_path: Path) -> None:
    check_faults(gimp, tmp_path, QUICK, 1, ["group"], warm=False)


@pytest.mark.usually_in("3.0")
@pytest.mark.parametrize(
    "warm", [pytest.param(False, marks=pytest.mark.slow), True], ids=["private", "warm"]
)
def test_a_cancelled_plug_in_harms_nothing(gimp: GimpHost, warm: bool, tmp_path: Path) -> None:
    check_faults(gimp, tmp_path, PLUG_IN, 1, ["group"], warm=warm)


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
def test_engines_that_fail_again_and_again_harm_nothing(gimp: GimpHost, tmp_path: Path) -> None:
    check_faults(gimp, tmp_path, LONG, FAULTS, _ALL, warm=False)


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("warm", [False, True], ids=["private", "warm"])
def test_plug_ins_that_are_cancelled_again_and_again_harm_nothing(
    gimp: GimpHost, warm: bool, tmp_path: Path
) -> None:
    saboteur = check_faults(
        gimp, tmp_path, PLUG_IN, FAULTS, _ALL, warm=warm, idle_seconds=_MANY_IDLE_SECONDS
    )
    assert saboteur.served_again > 0 or not warm
