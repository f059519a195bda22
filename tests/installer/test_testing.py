"""What counts as a failure of all checks."""

from __future__ import annotations

import pytest

from deepdream_core.installer.testing import tell_hosts


def test_in_ci_a_gimp_that_was_not_tested_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    tested = {"version": "3.0.4", "passed": 7, "failed": 0, "skipped": ""}
    hosts = {"2.10": {**tested, "passed": 0, "skipped": "not there"}, "3.0": tested}
    monkeypatch.setenv("CI", "true")
    assert tell_hosts(hosts, every_test=True) == ["GIMP 2.10 was not tested"]
    assert tell_hosts(hosts, every_test=False) == []
    monkeypatch.setenv("CI", "")
    assert tell_hosts(hosts, every_test=True) == []
    assert tell_hosts({}, every_test=True) == ["pytest did not come to its end"]
