"""Finding the GIMPs on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deepdream_core.installer import gimps


@pytest.mark.skipif(not shutil.which("gimp-console"), reason="GIMP is not installed")
@pytest.mark.parametrize("language", ["", "de", "ru"])
def test_gimps_are_found_in_any_language(
    home: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", language)
    found = gimps.programs()
    assert found and all(program.version.startswith(program.series) for program in found)
    assert list(home.iterdir()) == []
