"""What all tests share: a data folder of their own, the real GIMPs and the report about them."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from skimage import data

sys.path.insert(0, str(Path(__file__).parent / "gimp"))

from hosts import NAMES, Desktop, GimpHost, available_hosts, desktop, why_no_desktop, why_skipped

_outcomes: dict[str, Counter[str]] = {name: Counter() for name in NAMES}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--gimp-report", help="file for the numbers of tests for each GIMP, as JSON")


@pytest.fixture(scope="session", autouse=True)
def data_folder_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's presets and settings out of the tests, and the tests out of them."""
    before = os.environ.get("DEEPDREAM_HOME")
    os.environ["DEEPDREAM_HOME"] = str(tmp_path_factory.mktemp("data"))
    yield
    if before is None:
        del os.environ["DEEPDREAM_HOME"]
    else:
        os.environ["DEEPDREAM_HOME"] = before


@pytest.fixture(scope="session")
def photo() -> np.ndarray:
    """A real photograph of a cat: uint8 (150, 226, 3); do not write into it."""
    picture = data.chelsea()[::2, ::2].copy()
    picture.setflags(write=False)
    return picture


@pytest.fixture(scope="session", params=NAMES)
def gimp(request: pytest.FixtureRequest) -> GimpHost:
    """Each real GIMP in turn; skipped with the reason where one is not available."""
    if reason := why_skipped(request.param):
        pytest.skip(reason)
    return available_hosts()[request.param]


@pytest.fixture(scope="session")
def screen() -> Iterator[Desktop]:
    """An X display with a window manager."""
    if reason := why_no_desktop():
        pytest.skip(reason)
    with desktop() as made:
        yield made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "gimp" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.gimp)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    host = getattr(item, "callspec", None) and item.callspec.params.get("gimp")
    if host in _outcomes and (report.when == "call" or report.failed):
        _outcomes[host][report.outcome] += 1
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = session.config.getoption("--gimp-report")
    if path:
        hosts = {
            name: {
                "version": available_hosts()[name].version if name in available_hosts() else "",
                "skipped": why_skipped(name),
                "passed": _outcomes[name]["passed"],
                "failed": _outcomes[name]["failed"],
            }
            for name in NAMES
        }
        Path(path).write_text(json.dumps(hosts), "utf-8")
