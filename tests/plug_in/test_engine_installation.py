"""The installer as the dialog runs it: in a process of its own, in the artist's language."""

from __future__ import annotations

import queue
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from deepdream_plugin import engine_installation, texts
from deepdream_plugin.engine_installation import INSTALL, PLAN, Installation


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = texts.read_catalogue(texts.LOCALE_FOLDER / "de.po")
    translate = texts.Catalogue(catalogue).gettext
    for module in (texts, engine_installation):
        monkeypatch.setattr(module, "_", translate)


def run(*wanted: str, cancel: bool = False) -> tuple[list[Mapping[str, Any]], bool, str]:
    """Return what was reported, whether it is complete, and if not, why."""
    reports: list[Mapping[str, Any]] = []
    ends: queue.Queue[tuple[bool, str]] = queue.Queue()
    work = Installation(wanted, reports.append, lambda *end: ends.put(end))
    if cancel:
        work.cancel()
    return reports, *ends.get(timeout=60)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DEEPDREAM_ENGINE_PYTHON", sys.executable)
    return tmp_path


def test_a_plan_changes_nothing(home: Path) -> None:
    reports, finished, why = run(*PLAN)
    plan = next(told for told in reports if told["kind"] == "plan")
    assert (finished, why, plan["state"]) == (True, "", "missing")
    assert not (home / "data" / "engine").exists()


@pytest.mark.usefixtures("home", "german")
def test_a_failure_is_told_in_the_artists_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPDREAM_ENGINE_PYTHON", "/bin/false")
    _, finished, why = run(*PLAN)
    assert (finished, why) == (False, "--engine-python: /bin/false ist kein Python, das läuft.")


@pytest.mark.usefixtures("german")
def test_what_it_does_is_told_in_the_artists_language() -> None:
    said = '{"kind": "said", "text": {"code": "install-self-test", "arguments": {}, "text": "S"}}'
    told = engine_installation._read(said)
    assert told == {"kind": "said", "text": "Selbsttest"}
    assert engine_installation._read("no JSON\n") == engine_installation._read("[1]\n") == {}


@pytest.mark.usefixtures("home", "german")
def test_an_installer_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python3")
    _, finished, why = run(*PLAN)
    assert not finished and why.startswith(
        "Das Installationsprogramm konnte nicht gestartet werden"
    )


def test_cancelled_it_leaves_no_engine_and_says_nothing(home: Path) -> None:
    _, finished, why = run(*INSTALL, cancel=True)
    assert (finished, why) == (False, "")
    assert not (home / "data" / "engine").exists()
