"""What counts as a failure of `install.py test`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from deepdream_core.installer import testing
from deepdream_core.installer.environment import Environment
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


def test_each_kind_of_mistake_fails_its_own_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(testing, "CHECKOUT", tmp_path)
    (tmp_path / "module.py").write_text("number: int = 1\n")
    assert "ruff" not in _failures(capsys) and "pyright" not in _failures(capsys)
    (tmp_path / "module.py").write_text('number: int = "one"\n')
    assert "pyright" in _failures(capsys)
    (tmp_path / "module.py").write_text("import os\nnumber=1\n")
    assert "ruff check, ruff format" in _failures(capsys)


def _failures(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what `install.py test` says failed, with this Python's tools."""
    here = Environment(Path(sys.prefix))
    assert testing.check_everything(here, ["--version"]) == 1
    return capsys.readouterr().out.rpartition("Failed: ")[2]
