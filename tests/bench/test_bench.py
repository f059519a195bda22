"""`deepdream bench`: every job runs and reports all figures. Speed itself is not tested."""

from __future__ import annotations

import json
import math

import pytest

from deepdream_core.bench.jobs import BENCHMARKS
from deepdream_core.bench.report import Report, Times, table
from deepdream_core.cli.main import main

MEASURED = (
    "loop_s",
    "yardstick_loop_s",
    "ratio",
    "cpu_ratio",
    "limit_s",
    "limit_share",
    "peak_mib",
    "startup_s",
)
STARTUP = {"interpreter", "torch", "model", "first_step"}


@pytest.fixture(autouse=True)
def no_substitutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drop networks with random weights when the test ends."""
    monkeypatch.setattr("deepdream_core.models._substitutes", {})


@pytest.mark.parametrize(
    "job", ["standard", pytest.param("default", marks=pytest.mark.slow), "preview"]
)
def test_a_job_is_measured(job: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`default` differs from `standard` only in its recipe."""
    main(["bench", job, "--size", "96x64", "--rounds", "1", "--device", "cpu", "--json"])
    told = json.loads(capsys.readouterr().out)
    for name in MEASURED:
        assert math.isfinite(told[name]) and told[name] > 0, name
    assert told["ratio"] == pytest.approx(told["yardstick_loop_s"] / told["loop_s"])
    assert told["startup"].keys() == STARTUP
    assert told["startup_s"] == pytest.approx(sum(told["startup"].values()))
    assert (told["job"], told["size"], told["device"]) == (job, [96, 64], "cpu")
    assert len(told["ours"]["wall"]) == len(told["yardstick"]["wall"]) == 1
    if job == "preview":
        assert 0 < told["first_frame_s"] < math.inf
    else:
        assert told["first_frame_s"] is None
    times = {who: Times(**told[who]) for who in ("ours", "yardstick")}
    described = table(Report(**{**told, **times, "size": (64, 96)}))
    assert f"ratio {told['ratio']:.2f}" in described and "measured at 96x64" in described


def test_the_help_lists_every_job(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "--help"])
    told = capsys.readouterr().out
    assert all(job in told for job in BENCHMARKS)
