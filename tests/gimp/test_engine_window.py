"""The zip file: unpacked in GIMP's folder for plug-ins, it installs its engine in the dialog.

The engine borrows the tests' PyTorch. What is downloaded comes from a slow index on this machine.
"""

from __future__ import annotations

import platform
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import Desktop, GimpHost
from inside import script_fu_line
from slow_index import SlowIndex, slow_index
from visit import Visit

from deepdream_core.installer.package import write_package

_WINDOW = "^DeepDream: Engine$"


def unpacked_into(folder: Path) -> Path:
    """Unpack the zip file as a file manager does; return the folder with the plug-in's folder."""
    zipped = folder / "deepdream-gimp.zip"
    folder.mkdir(parents=True)
    write_package(zipped)
    with zipfile.ZipFile(zipped) as package:
        for entry in package.infolist():
            unpacked = Path(package.extract(entry, folder / "plug-ins"))
            unpacked.chmod(entry.external_attr >> 16)
    return folder / "plug-ins"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SlowIndex]:
    with slow_index(tmp_path, {"weightone": 2, "weighttwo": 6}) as served:
        yield served


def _weigh(plug_ins: Path, index: SlowIndex) -> None:
    """Have the installation of an engine that borrows PyTorch download all packages of an index."""
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    header = f"# {sys.platform}-{platform.machine()} 2.17 {python}"
    locks = plug_ins / "deepdream" / "deepdream_core" / "installer" / "locks"
    (locks / "borrowed.txt").write_text(index.lock(header), "utf-8")


def _installers(visit: Visit) -> list[int]:
    return [pid for pid, command in visit.job.processes() if "install.py" in command]


@pytest.mark.usually_in("3.0")
def test_the_dialog_installs_the_engine_and_goes_on_after_an_interruption(
    gimp: GimpHost, screen: Desktop, tmp_path: Path, shots: Path, index: SlowIndex
) -> None:
    plug_ins = unpacked_into(tmp_path / "zip")
    _weigh(plug_ins, index)
    env = {
        "DEEPDREAM_PYTHON": "",
        "DEEPDREAM_ENGINE_PYTHON": sys.executable,
        **index.environment,
    }
    visit = Visit(gimp, screen, tmp_path, shots, env=env, ours=plug_ins)
    engine = tmp_path / "data" / "engine"
    try:
        dialog = visit.choose("deepdream")
        visit.shot("80-no-engine")
        index.seconds = 2.0
        visit.press("alt+o", lambda: visit.screen.windows(_WINDOW))
        window = visit.there(_WINDOW)
        visit.wait(lambda: not _installers(visit), 40)
        visit.wait(lambda: visit.screen.focused() == window)
        visit.shot("81-what-is-installed")
        visit.press("Return", lambda: index.sent["weightone"], 40)
        visit.shot("82-downloading")
        visit.press("Escape", lambda: not (tmp_path / "data" / ".installing").exists(), 20)
        assert not engine.exists() and index.sent == {"weightone": 1}
        visit.shot("83-cancelled")

        index.seconds = 0.0
        visit.press("Return", lambda: not visit.screen.windows(_WINDOW), 120)
        visit.wait_for_standing(dialog)
        assert index.sent == {"weightone": 1, "weighttwo": 1}
        assert not (tmp_path / "data" / "downloads").exists()
        visit.shot("84-dreaming")
        visit.there("^DeepDream$")
        visit.press_ok()
        visit.wait_for_layers(2)
    finally:
        visit.job.stop()


def test_the_zip_file_serves_with_an_engine_that_another_gimp_installed(
    gimp: GimpHost, tmp_path: Path
) -> None:
    plug_ins = unpacked_into(tmp_path / "zip")
    job = tmp_path / "job"
    line = script_fu_line(gimp, "classic")
    without = gimp.batch(
        line, job, plug_ins=[plug_ins], env={"DEEPDREAM_PYTHON": ""}, binds=[plug_ins]
    )
    assert "DeepDream's engine is not installed. Install it in the dialog" in without.stderr
    (job / "data").mkdir(exist_ok=True)
    (job / "data" / "engine").symlink_to(sys.prefix)
    done = gimp.batch(
        line, job, plug_ins=[plug_ins], env={"DEEPDREAM_PYTHON": ""}, binds=[plug_ins]
    )
    assert re.search("(Warning|Message): made it", done.stdout + done.stderr), done.output
