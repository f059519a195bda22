"""Fixtures shared by the tests in real GIMPs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from inside import SharedEngine, shared_engine

pytest.register_assert_rewrite("visit")


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for screenshots: temporary unless DEEPDREAM_SCREENSHOTS is set."""
    wanted = os.environ.get("DEEPDREAM_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    print(f"Screenshots: {folder}")
    return folder


@pytest.fixture(scope="session")
def engine() -> Iterator[SharedEngine]:
    """An engine shared by all tests that do not test how engines start."""
    with shared_engine() as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Clean up after a failed test in a shared GIMP, so that the next test can run."""
    failures = request.session.testsfailed
    yield
    if "visit" in request.fixturenames and request.session.testsfailed > failures:
        request.getfixturevalue("visit").leave()
