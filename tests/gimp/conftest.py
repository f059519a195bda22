"""What the tests with windows share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("visit")


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for screenshots; DEEPDREAM_SCREENSHOTS names one that stays."""
    wanted = os.environ.get("DEEPDREAM_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    print(f"Screenshots: {folder}")
    return folder


@pytest.fixture(autouse=True)
def nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let a test that fails in a GIMP which it shares not spoil the next one."""
    failures = request.session.testsfailed
    yield
    if "visit" in request.fixturenames and request.session.testsfailed > failures:
        request.getfixturevalue("visit").leave()
