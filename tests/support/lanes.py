"""A pytest plugin that sorts the tests into lanes by what they need.

Every test is marked with exactly one lane, according to its fixtures, so that no mark can be
forgotten. `slow` is set by hand in addition: slow tests run only if `-m` names them. With several
workers (`-n`), tests that share expensive fixtures run in the same worker. The times of each lane
and the slowest tests are printed at the end.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hosts import NAMES, available_hosts, killed, why_skipped

LANES = {
    "unit": "needs no root, no GIMP and no network",
    "gimp": "runs a real GIMP without windows",
    "window": "drives a real GIMP's windows, on an X display of its own",
    "install": "runs the installer or pip in temporary folders",
    "gpu": "needs a GPU",
    "sandbox": "runs GIMP and the engine in sandboxes like Flatpak's; only with --sandbox",
    "wine": "runs the engine and the installer of Windows under wine; only with --wine",
}
SLOW = "takes long; runs only if -m names it"
USUALLY_IN = "tests code that is the same in every GIMP, so it is slow in all but these"

_FIRST = ("window", "install", "gimp", "gpu", "wine", "sandbox", "unit")
"""The order in which lanes start: long waits first, computations fill the gaps."""

_MOST_WORKERS = 8
"""Each of them imports PyTorch and may run a GIMP with an engine: about 1.5 GB."""

_SLOWEST = 10
"""How many of the slowest tests are listed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--gimp-report", help="file for the numbers of tests for each GIMP, as JSON")
    parser.addoption("--device", default="cuda", help="what the lane gpu runs on, such as cpu")
    parser.addoption("--wine", help="folder of tests/wine/provide.py; runs the lane wine")
    parser.addoption("--sandbox", help="folder with the chroots; runs the lane sandbox")
    parser.addoption("--weights", help="file with the default network's weights")


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in {**LANES, "slow": SLOW, "usually_in(gimp)": USUALLY_IN}.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    config.pluginmanager.register(Tally(), "tally")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return the number of workers for `-n auto`: two per core, as many tests only wait."""
    return min(2 * (os.cpu_count() or 1), _MOST_WORKERS)


def lane_of(fixtures: Collection[str]) -> str:
    """Return the lane of a test that uses these fixtures."""
    if "windows" in fixtures:
        return "wine"
    if "sandboxed" in fixtures:
        return "sandbox"
    if {"user", "template", "package_index"} & set(fixtures):
        return "install"
    if "screen" in fixtures:
        return "window"
    if "gimp" in fixtures:
        return "gimp"
    return "gpu" if "gpu" in fixtures else "unit"


def host_of(item: pytest.Item) -> str:
    """Return the GIMP that a test runs in, or an empty string."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("gimp", "") if callspec else ""


def group_of(test: str) -> str:
    """Return a key for the tests that must run in the same worker: file and GIMP.

    `test` is a node ID.
    """
    path, _, name = test.partition("::")
    parameters = re.split(r"[\[\]-]", name) if path.startswith("tests/gimp/") else []
    host = next((host for host in NAMES if host in parameters), "")
    return f"{path} {host}".rstrip()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(lane_of(item.fixturenames))  # type: ignore[attr-defined]
        if any(host_of(item) not in mark.args for mark in item.iter_markers("usually_in")):
            item.add_marker("slow")
    for lane in ("wine", "sandbox"):
        if not config.getoption(f"--{lane}"):
            _deselect(config, items, lane)
    if "slow" not in config.option.markexpr:
        _deselect(config, items, "slow")
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _FIRST.index(lane_of(item.fixturenames)))  # type: ignore


def _deselect(config: pytest.Config, items: list[pytest.Item], mark: str) -> None:
    left = [item for item in items if item.get_closest_marker(mark)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole groups in the order of collection.

    xdist's own `--dist loadgroup` silently stops grouping with pytest 9.2 (pytest-xdist #1386).
    """
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    config.option.loadscopereorder = False
    return Groups(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[pytest.TestReport]:
    """Put what is counted on the report, which a worker sends to the main process."""
    report = yield
    report.lane = lane_of(item.fixturenames)  # type: ignore[attr-defined]
    report.host = host_of(item)
    report.processor = _processor_seconds_since_last_time()
    return report


_counted = 0.0


def _processor_seconds_since_last_time() -> float:
    """Return the time used by this process, its finished children and GIMPs that were killed."""
    global _counted
    times = os.times()
    now = times.user + times.system + times.children_user + times.children_system + sum(killed)
    used, _counted = now - _counted, now
    return used


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol() -> Iterator[bool]:
    _processor_seconds_since_last_time()
    return (yield)


@dataclass
class Times:
    """What tests took, in seconds. With several workers, wall times overlap."""

    tests: int = 0
    processor: float = 0.0
    wall: float = 0.0

    def add(self, report: pytest.TestReport) -> None:
        self.tests += report.when == "call" or report.outcome == "skipped"
        self.processor += getattr(report, "processor", 0.0)
        self.wall += report.duration


@dataclass(eq=False)
class Tally:
    """Adds up the reports of all workers and prints a summary."""

    lanes: defaultdict[str, Times] = field(default_factory=lambda: defaultdict(Times))
    tests: defaultdict[str, Times] = field(default_factory=lambda: defaultdict(Times))
    outcomes: dict[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter() for name in NAMES}
    )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # The report of a crashed worker has neither.
        lane, host = getattr(report, "lane", "unit"), getattr(report, "host", "")
        self.lanes[lane].add(report)
        self.tests[report.nodeid].add(report)
        if host in self.outcomes and (report.when == "call" or report.failed):
            self.outcomes[host][report.outcome] += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.tests:
            return
        write = terminalreporter.write_line
        terminalreporter.section("lanes")
        write("lane       tests  processor s  wall s (sum over all workers)")
        for lane in LANES:
            if times := self.lanes.get(lane):
                write(f"{lane:9}{times.tests:7}{times.processor:13.0f}{times.wall:8.0f}")
        write(f"\nThe {_SLOWEST} slowest tests\nprocessor s  wall s")
        slowest = sorted(self.tests.items(), key=lambda item: item[1].wall, reverse=True)
        for test, times in slowest[:_SLOWEST]:
            write(f"{times.processor:11.1f}{times.wall:8.1f}  {test}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        path = session.config.getoption("--gimp-report")
        if path and not hasattr(session.config, "workerinput"):
            Path(path).write_text(json.dumps(self._hosts()), "utf-8")

    def _hosts(self) -> dict[str, dict[str, object]]:
        available = available_hosts()
        return {
            name: {
                "version": available[name].version if name in available else "",
                "skipped": why_skipped(name),
                "passed": self.outcomes[name]["passed"],
                "failed": self.outcomes[name]["failed"],
            }
            for name in NAMES
        }
