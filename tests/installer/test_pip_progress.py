"""What is told of pip: bytes downloaded, then bytes unpacked, in each of its runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepdream_core.installer import pip_progress, reports
from deepdream_core.installer.pip_progress import PipProgress


def test_each_run_of_pip_downloads_and_unpacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "_to_a_program", True)
    monkeypatch.setattr(pip_progress, "_PAUSE", 0.0)
    log, temporary, environment = (tmp_path / name for name in ("log", "tmp", "engine"))
    for folder in (temporary, environment):
        folder.mkdir()
    (environment / "pip").write_bytes(bytes(1000))
    progress = PipProgress(log, temporary, environment, 300, 900)

    def told(logged: str) -> dict[str, object]:
        with log.open("a") as text:
            text.write(logged)
        progress.tell()
        return json.loads(capsys.readouterr().out)

    begun = {"kind": "progress", "phase": "download", "done": 0, "total": 300}
    assert told("\n$ python -m pip install setuptools\nCollecting setuptools\n") == begun
    unpacking = told("Installing collected packages: setuptools\n")
    assert (unpacking["phase"], unpacking["done"]) == ("unpack", 0)
    (temporary / "pip-unpack-1").mkdir()
    (temporary / "pip-unpack-1" / "torch-2.0-py3-none-any.whl").write_bytes(bytes(400))
    downloading = told("\n$ python -m pip install torch\nCollecting torch\n")
    assert downloading == {**begun, "done": 400, "total": 400}
    (environment / "torch.so").write_bytes(bytes(500))
    assert told("Installing collected packages: torch\n") == {
        **{"kind": "progress", "phase": "unpack"},
        **{"done": 500, "total": 900},
    }
