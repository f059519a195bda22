"""All benchmarks of a machine in one table: `deepdream bench all`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch

from deepdream_core import __version__
from deepdream_core.bench.jobs import BENCHMARKS, LARGE, use_network_of
from deepdream_core.bench.report import Report
from deepdream_core.bench.report import run as run_job
from deepdream_core.bench.steps import STEP_HEADER, StepTimes, measure_steps, step_line
from deepdream_core.compute.devices import choose_device
from deepdream_core.shared.sizes import Size, format_size


@dataclass(frozen=True)
class Everything:
    """The results; `machine` says what was measured."""

    machine: str
    reports: list[Report]
    steps: list[StepTimes]


def run(rounds: int, device_name: str, progress: Callable[[str], None]) -> Everything:
    """Run every job, then single steps in every way that the device supports.

    `progress` receives each line of the tables as soon as it is measured.
    """
    device = choose_device(device_name)
    jobs: list[tuple[str, Size | None]] = [(name, None) for name in BENCHMARKS]
    if device.type == "cpu":
        # 24 megapixels take minutes there.
        jobs = [(name, size) for name, size in jobs if not BENCHMARKS[name].scaled]
    else:
        jobs.append(("standard", LARGE))
    reports = []
    for name, size in jobs:
        reports.append(run_job(name, rounds, device.type, size=size))
        progress(_line(reports[-1]))
    for job in BENCHMARKS.values():
        use_network_of(job)
    steps = []
    for row in measure_steps(device):
        steps.append(row)
        progress(step_line(row))
    return Everything(_describe(device), reports, steps)


def _describe(device: torch.device) -> str:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return f"deepdream {__version__}, PyTorch {torch.__version__}, {name}"


def as_json(result: Everything) -> str:
    """Return the results as one JSON object."""
    return json.dumps(
        {
            "machine": result.machine,
            "reports": [json.loads(report.as_json()) for report in result.reports],
            "steps": [{**asdict(row), "size": row.size[::-1]} for row in result.steps],
        }
    )


def table(result: Everything) -> str:
    """Return the results as text for people."""
    return "\n".join(
        [
            result.machine,
            "whole dreams: median seconds, ratio to the baseline, share of the limit, start-up",
            *map(_line, result.reports),
            "single steps, in milliseconds; * is the layout that dreams use",
            STEP_HEADER,
            *map(step_line, result.steps),
        ]
    )


def _line(report: Report) -> str:
    return (
        f"{report.job:9} {format_size(report.size):10} {report.precision:9} {report.loop_s:8.3f} "
        f"{report.ratio:6.2f} {report.limit_share:6.0%} {report.startup_s:6.1f}"
    )
