"""Engines that fail and plug-ins that are cancelled, at random moments, in a GIMP without windows.

The image stays as it was, and the next dream works. The short versions draw a few faults. The long
ones (`-m slow`) draw as many as DEEPDREAM_FAULTS says, 300 by default; DEEPDREAM_SEED repeats them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
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

SETTINGS = {"octaves": 1, "steps": 20}


def check_faults(
    gimp: GimpHost, folder: Path, failures: Sequence[str], faults: int, *, warm: bool
) -> Saboteur:
    """Let one GIMP dream until there were so many faults, and check how each dream ended."""
    kind = "warm" if warm else "private"
    draw = random.Random(f"{SEED} {gimp.name} {kind} {failures}")
    home, enough = folder / "data", folder / "enough"
    home.mkdir()
    last = {"preset": "classic", "settings": SETTINGS}
    (home / "last-settings.json").write_text(json.dumps(last), "utf-8")
    settings = ";".join(f"{name}={value}" for name, value in SETTINGS.items())
    plan = {"settings": settings, "warm": warm, "enough": str(enough)}
    plan["socket"] = str(home / "run" / "engine.sock")
    saboteur = Saboteur(home, draw, failures, faults, warm=warm, enough=enough)
    saboteur.start()
    try:
        report, result = run_inside(
            gimp,
            folder,
            "many_dreams.py",
            env={"DEEPDREAM_PYTHON": str(engine_that_ends_soon(folder))},
            files={"plan.json": json.dumps(plan)},
            timeout=60 + 30 * faults,
        )
    finally:
        saboteur.stop()
    outcomes = report["outcomes"]
    failed = [outcome for outcome in outcomes if outcome["said"]]
    print(
        f"DEEPDREAM_SEED={SEED} GIMP {gimp.name}, {kind}: {dict(saboteur.done)}; "
        f"{len(failed)} of {len(outcomes)} dreams failed in {result.seconds:.0f} s, "
        f"{sum(one['layers'] == 2 for one in failed)} after the layer had been inserted; "
        f"stopped engines noticed after {saboteur.noticed:.1f} s; "
        f"{saboteur.served_again} warm engines served again"
    )
    for outcome in outcomes:
        _check_outcome(outcome, failures)
    assert outcomes[-1]["said"] == "", outcomes[-1]
    assert failed, "Nothing failed."
    assert saboteur.problems == []
    assert result.left_behind == ()
    assert left_files(home) == []
    assert list((folder / "tmp").glob("deepdream*")) == []
    return saboteur


def _check_outcome(outcome: dict[str, Any], failures: Sequence[str]) -> None:
    assert outcome["same"], outcome
    if not outcome["said"]:
        assert outcome["layers"] == 2, outcome
    elif failures is PLUG_IN and outcome["layers"] == 2:
        # Killed after the layer had been inserted: the dream is whole.
        assert outcome["whole"], outcome
    else:
        assert outcome["layers"] == 1 and not outcome["dirty"], outcome
        assert "Traceback" not in outcome["said"] and len(outcome["said"]) < 400, outcome


@pytest.mark.usually_in("3.0")
def test_a_failing_engine_harms_nothing(gimp: GimpHost, tmp_path: Path) -> None:
    check_faults(gimp, tmp_path, QUICK, 3, warm=False)


@pytest.mark.usually_in("3.0")
@pytest.mark.parametrize("warm", [False, True], ids=["private", "warm"])
def test_a_cancelled_plug_in_harms_nothing(gimp: GimpHost, warm: bool, tmp_path: Path) -> None:
    check_faults(gimp, tmp_path, PLUG_IN, 3, warm=warm)


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
def test_engines_that_fail_again_and_again_harm_nothing(gimp: GimpHost, tmp_path: Path) -> None:
    check_faults(gimp, tmp_path, LONG, FAULTS, warm=False)


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("warm", [False, True], ids=["private", "warm"])
def test_plug_ins_that_are_cancelled_again_and_again_harm_nothing(
    gimp: GimpHost, warm: bool, tmp_path: Path
) -> None:
    saboteur = check_faults(gimp, tmp_path, PLUG_IN, FAULTS, warm=warm)
    assert saboteur.served_again > 0 or not warm
