"""What counts as a failure of `install.py test`."""

from __future__ import annotations

import pytest

from deepdream_core.installer.testing import report_hosts


def test_in_ci_a_gimp_that_was_not_tested_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    tested = {"version": "3.0.4", "passed": 7, "failed": 0, "skipped": ""}
    hosts = {"2.10": {**tested, "passed": 0, "skipped": "not there"}, "3.0": tested}
    monkeypatch.setenv("CI", "true")
    assert report_hosts(hosts, every_test=True) == ["GIMP 2.10 was not tested"]
    assert report_hosts(hosts, every_test=False) == []
    monkeypatch.setenv("CI", "")
    assert report_hosts(hosts, every_test=True) == []
    assert report_hosts({}, every_test=True) == ["pytest did not finish"]
