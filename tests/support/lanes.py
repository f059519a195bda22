"""Lanes: what a test needs decides how it is marked, where it runs and where its time is counted.

A pytest plugin. Each test is marked with exactly one lane, by the fixtures that it uses, so that
nobody has to remember a mark. `slow` is set by hand beside it: such a test runs only where `-m`
names it. Where several workers run (`-n`), tests that share an expensive beginning stay together.
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
    "install": "runs the installer for users with home folders of their own",
    "gpu": "needs a GPU",
}
SLOW = "takes long; runs only if -m names it"

_FIRST = ("window", "install", "gimp", "gpu", "unit")
"""What waits longest begins first; what computes fills the gaps."""

_SLOWEST = 10
"""How many of the slowest tests are named at the end."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--gimp-report", help="file for the numbers of tests for each GIMP, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in {**LANES, "slow": SLOW}.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    config.pluginmanager.register(Tally(), "tally")


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of workers for `-n auto`: tests that wait for a GIMP leave room."""
    return 2 * (os.cpu_count() or 1)


def lane_of(fixtures: Collection[str]) -> str:
    """Return the lane of a test that uses these fixtures."""
    if {"user", "template"} & set(fixtures):
        return "install"
    if "screen" in fixtures:
        return "window"
    if "gimp" in fixtures:
        return "gimp"
    return "gpu" if "gpu" in fixtures else "unit"


def host_of(item: pytest.Item) -> str:
    """Return the GIMP that a test drives, empty if it drives none."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("gimp", "") if callspec else ""


def group_of(test: str) -> str:
    """Return what the tests that have to run in one worker have in common.

    `test` is a node id. The tests of a file share what they begin with, in each GIMP apart.
    """
    path, _, name = test.partition("::")
    parameters = re.split(r"[\[\]-]", name) if path.startswith("tests/gimp/") else []
    host = next((host for host in NAMES if host in parameters), "")
    return f"{path} {host}".rstrip()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(lane_of(item.fixturenames))  # type: ignore[attr-defined]
    if "slow" not in config.option.markexpr:
        slow = [item for item in items if item.get_closest_marker("slow")]
        if slow:
            config.hook.pytest_deselected(items=slow)
            items[:] = [item for item in items if item not in slow]
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _FIRST.index(lane_of(item.fixturenames)))  # type: ignore


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each worker one group after the other, in the order in which they were collected.

    xdist's own `loadgroup` would do, but pytest 9.2 and xdist 3.8 do not agree about its marks.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    config.option.loadscopereorder = False
    return Groups(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[pytest.TestReport]:
    """Write on the report what is counted: it may have to travel from a worker."""
    report = yield
    report.lane = lane_of(item.fixturenames)  # type: ignore[attr-defined]
    report.host = host_of(item)
    report.processor = _processor_seconds_since_last_time()
    return report


_counted = 0.0


def _processor_seconds_since_last_time() -> float:
    """Return what this process and its children that have ended have used meanwhile."""
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
    """What tests took, in seconds. Those of several workers overlap in `wall`."""

    tests: int = 0
    processor: float = 0.0
    wall: float = 0.0

    def add(self, report: pytest.TestReport) -> None:
        self.tests += report.when == "call" or report.outcome == "skipped"
        self.processor += getattr(report, "processor", 0.0)
        self.wall += report.duration


@dataclass(eq=False)
class Tally:
    """Sums up what the reports of all workers tell, and prints it at the end."""

    lanes: defaultdict[str, Times] = field(default_factory=lambda: defaultdict(Times))
    tests: defaultdict[str, Times] = field(default_factory=lambda: defaultdict(Times))
    outcomes: dict[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter() for name in NAMES}
    )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # A worker that crashed cannot tell about the test that it ran.
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
        write("lane       tests  processor s  wall s (of workers side by side: a sum)")
        for lane in LANES:
            if times := self.lanes.get(lane):
                write(f"{lane:9}{times.tests:7}{times.processor:13.0f}{times.wall:8.0f}")
        write(f"\nThe {_SLOWEST} slowest\nprocessor s  wall s")
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
