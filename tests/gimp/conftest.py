"""Fixtures for tests that drive real GIMPs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hosts import NAMES, Desktop, GimpHost, available_hosts, desktop, why_no_desktop, why_skipped


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "gimp" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.gimp)


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
