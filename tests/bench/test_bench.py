"""`deepdream bench`: every job runs and reports all figures. Speed itself is not tested."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from deepdream_core.bench.baselines import plain_dream
from deepdream_core.bench.jobs import BENCHMARKS, SMALLEST_SIDE
from deepdream_core.bench.report import Report, Times, table
from deepdream_core.cli.main import main
from deepdream_core.shared.octaves import octave_sizes

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


@pytest.mark.slow
@pytest.mark.parametrize("job", ["standard", "default", "preview"])
def test_a_job_is_measured(job: str, capsys: pytest.CaptureFixture[str]) -> None:
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


@pytest.mark.parametrize("job", [name for name in BENCHMARKS if name != "large"])
def test_the_baseline_takes_as_many_steps_as_a_dream(job: str) -> None:
    sizes: list[tuple[int, int]] = []

    class Counting(torch.nn.Module):
        def forward(self, picture: torch.Tensor) -> list[torch.Tensor]:
            sizes.append((picture.shape[-2], picture.shape[-1]))
            return [picture * 2]

    recipe, size = BENCHMARKS[job].recipe, (120, 160)
    plain_dream(torch.rand(1, 3, *size), Counting(), recipe)
    expected, _ = octave_sizes(size, recipe, SMALLEST_SIDE)
    assert sizes == [size for size in expected for _ in range(recipe.steps)]


def test_the_help_lists_every_job(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "--help"])
    told = capsys.readouterr().out
    assert all(job in told for job in BENCHMARKS)


@pytest.mark.slow
def test_everything_is_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, job in BENCHMARKS.items():
        monkeypatch.setitem(BENCHMARKS, name, replace(job, size=(64, 96)))
    file = tmp_path / "measured.json"
    main(["bench", "all", "--rounds", "1", "--device", "cpu", "--json", str(file)])
    told = json.loads(file.read_text("utf-8"))
    assert [report["job"] for report in told["reports"]] == ["standard", "default", "preview"]
    assert {row["layout"] for row in told["steps"]} == {"NCHW", "NHWC"}
    for row in told["steps"]:
        assert 0 < row["eager_ms"] < math.inf and row["graph_ms"] is None
        assert row["noise_db"] > (30 if row["precision"] == "float32" else 0)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 + len(told["reports"]) + len(told["steps"])
