"""What the user is told when a dream fails, and what is left when a dream is interrupted."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hosts import GimpHost, Result, processor_seconds
from inside import complaints, run_inside, script_fu_line, stand_in
from saboteur import engine_that_ends_soon, left_files, processes_of

from deepdream_core.installer.plug_in import plug_in_files
from deepdream_core.shared.presets import make_recipe
from deepdream_core.shared.recipe import RecipeError

CALLS = {
    "unknown preset": ("clasic", ""),
    "unknown setting": ("classic", "octave=3"),
    "out of range": ("", "octaves=99"),
    "not a number": ("", "strength=strong"),
    "not a pair": ("", "octaves"),
    "broken JSON": ("", '{"octaves": '),
    "broken objective": ("", "objective=block10 block4"),
}


def _recipe_says(preset: str, settings: str) -> str:
    with pytest.raises(RecipeError) as raised:
        make_recipe(preset, settings)
    return str(raised.value)


@pytest.fixture(scope="module")
def refused(gimp: GimpHost, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Result]:
    """The report of a single GIMP run with all the calls that must be refused."""
    folder = tmp_path_factory.mktemp("refusals")
    return run_inside(gimp, folder, "refusals.py", files={"calls.json": json.dumps(CALLS)})


@pytest.mark.usually_in("3.2")
def test_wrong_arguments_are_named(refused: tuple[dict, Result]) -> None:
    report, _ = refused
    assert report["out of range"] == 'octaves: "99" is not a whole number from 0 to 12.'
    assert report["unknown preset"].startswith('There is no preset "clasic". Did you mean classic?')
    for name, call in CALLS.items():
        assert report[name] == _recipe_says(*call)
    assert not report["engine started"]


@pytest.mark.usually_in("3.2")
def test_wrong_layers_are_named(refused: tuple[dict, Result]) -> None:
    report, _ = refused
    assert report["selection elsewhere"] == (
        'The selection does not overlap the layer "photo". '
        "Select part of the layer, or nothing (Select > None)."
    )
    assert report["a channel"].endswith(
        "is a channel; DeepDream needs a layer. Select a layer and try again."
    )
    assert report.get("no layer", "No layer is selected. Select a layer and try again.") == (
        "No layer is selected. Select a layer and try again."
    )
    assert not report["engine started by a wrong layer"]


@pytest.mark.usually_in("3.2")
def test_engine_errors_reach_the_user(refused: tuple[dict, Result]) -> None:
    report, _ = refused
    assert "efficientnet_lite0 has no layer block99" in report["unknown layer of the network"]
    assert report["layers"] == ["photo"]
    assert not report["dirty"]


@pytest.mark.usually_in("3.2")
def test_refusals_are_one_line_each_on_stderr(refused: tuple[dict, Result]) -> None:
    _, result = refused
    assert result.exit_code == 0
    assert result.left_behind == ()
    assert "Traceback" not in result.stderr
    said = _recipe_says(*CALLS["unknown preset"])
    assert f"python-fu-deepdream: {said}" in complaints(result)


@pytest.mark.parametrize(
    "preset", [pytest.param("classic", marks=pytest.mark.usually_in("3.0")), "nonsense"]
)
def test_exit_code_in_batch_mode(gimp: GimpHost, preset: str, tmp_path: Path) -> None:
    result = gimp.batch(script_fu_line(gimp, preset), tmp_path)
    worked = preset == "classic"
    said = result.stdout + result.stderr
    # GIMP prints a failing command in full, including the text "made it".
    assert bool(re.search("(Warning|Message): made it", said)) == worked, result.output
    assert ('There is no preset "nonsense"' in said) != worked
    # GIMP 2.10 always exits with 0.
    assert result.exit_code == (0 if worked or gimp.is_gimp2 else 70)


@pytest.mark.usually_in("2.10")
def test_engine_that_is_not_there(gimp: GimpHost, tmp_path: Path) -> None:
    env = {"DEEPDREAM_PYTHON": str(tmp_path / "nowhere" / "python")}
    report, _ = run_inside(gimp, tmp_path, "long_dream.py", env=env)
    assert report["said"] == (
        f"DEEPDREAM_PYTHON points to {tmp_path}/nowhere/python, which does not exist. "
        "Run `python3 install.py` from the DeepDream folder to install it again."
    )
    assert (report["layers"], report["dirty"]) == (["photo"], False)
    noted = (tmp_path / "data" / "logs" / "last-error.txt").read_text("utf-8")
    assert noted.strip().endswith(report["said"])


@pytest.mark.usually_in("3.2")
def test_python_without_the_engine(gimp: GimpHost, tmp_path: Path) -> None:
    report, _ = run_inside(gimp, tmp_path, "long_dream.py", env={"DEEPDREAM_PYTHON": "/bin/false"})
    assert report["said"].startswith("The engine did not start.")
    assert str(tmp_path / "data" / "logs" / "engine.log") in report["said"]


@pytest.mark.usually_in("3.0")
def test_memory_that_runs_out(gimp: GimpHost, tmp_path: Path) -> None:
    env = {"DEEPDREAM_PYTHON": str(stand_in(tmp_path, "engine_with_little_memory.py"))}
    report, result = run_inside(gimp, tmp_path, "long_dream.py", env=env)
    assert report["said"] == (
        "There was not enough memory for this dream. "
        "Close other programs, or dream a smaller layer or a selection."
    )
    assert (report["layers"], report["dirty"]) == (["photo"], False)
    assert result.left_behind == ()


@pytest.mark.usually_in("2.10")
def test_network_that_is_not_here(gimp: GimpHost, tmp_path: Path) -> None:
    result = gimp.batch(script_fu_line(gimp, "classic", "steps=0;model=googlenet"), tmp_path)
    said = "The weights of googlenet are not on this computer. Run `deepdream models add googlenet`"
    assert said in result.stderr, result.output


@pytest.mark.usually_in("2.10")
def test_errors_of_plug_in_and_engine_are_in_german(gimp: GimpHost, tmp_path: Path) -> None:
    calls = {
        "setting": ("", "octaves=viele"),
        "preset": ("klassisch", ""),
        "weights": ("", "steps=0;model=googlenet"),
    }
    files = {"calls.json": json.dumps(calls)}
    report, _ = run_inside(gimp, tmp_path, "refusals.py", files=files, env={"LANGUAGE": "de"})
    assert report["setting"] == (
        "octaves: „viele“ ist ungültig; erlaubt ist eine ganze Zahl von 0 bis 12."
    )
    assert report["preset"].startswith("Es gibt keine Voreinstellung „klassisch“. Meinten Sie")
    assert report["weights"].startswith("Die Gewichte von googlenet sind nicht auf diesem Rechner.")
    assert report["unknown layer of the network"].startswith("Zeichen 1 von „▸block99“: efficient")


def _installed(folder: Path, version: str, python: str | None) -> Path:
    """Install the plug-in below `folder` as the installer does, marked as this version."""
    plug_in = folder / "deepdream"
    for name, source in plug_in_files().items():
        (plug_in / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, plug_in / name)
    init = plug_in / "deepdream_core" / "__init__.py"
    text = init.read_text("utf-8")
    lines = [f'__version__ = "{version}"' if "__version__ =" in x else x for x in text.split("\n")]
    init.write_text("\n".join(lines), "utf-8")
    if python:
        note = {"python": python, "version": version}
        (plug_in / "installation.json").write_text(json.dumps(note), "utf-8")
    return folder


@pytest.mark.usually_in("3.2")
@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        (sys.executable, "the plug-in is version 0.0.7. Run `python3 install.py` again to bring"),
        (None, "DeepDream's engine is not installed. Install it in the dialog, or run"),
    ],
)
def test_installed_plug_in(
    gimp: GimpHost, python: str | None, sentence: str, tmp_path: Path
) -> None:
    plug_ins = _installed(tmp_path / "plug-ins", "0.0.7", python)
    line = script_fu_line(gimp, "classic")
    result = gimp.batch(line, tmp_path, plug_ins=[plug_ins], env={"DEEPDREAM_PYTHON": ""})
    assert sentence in result.stderr, result.output


def _processes(folder: Path, wanted: str) -> list[int]:
    """Return the IDs of a job's processes whose command line contains `wanted`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            environment = (entry / "environ").read_bytes().decode(errors="replace")
            if wanted in command and f"DEEPDREAM_HOME={folder}" in environment:
                found.append(int(entry.name))
    return found


_SECONDS_TO_START = 4.0
"""Processor time in which an engine loads PyTorch and the network and begins to dream."""


@contextlib.contextmanager
def _killed_in_the_middle(
    folder: Path, victim: str, kill: Callable[[int, int], None]
) -> Iterator[None]:
    """Kill a process of the dream that is started in the block, once its engine is computing."""
    killed: list[int] = []

    def strike() -> None:
        until = time.monotonic() + 90
        while time.monotonic() < until and not killed:
            time.sleep(0.2)
            engines = _processes(folder, "deepdream_core.engine")
            if engines and processor_seconds(engines[0]) > _SECONDS_TO_START:
                # Programs that only start the victim name it as well, and are older.
                killed.append(max(_processes(folder, victim)))
                kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=strike)
    thread.start()
    yield
    thread.join()
    assert killed


@pytest.mark.usually_in("2.10")
def test_engine_that_dies(gimp: GimpHost, tmp_path: Path) -> None:
    with _killed_in_the_middle(tmp_path, "deepdream_core.engine", os.kill):
        report, result = run_inside(gimp, tmp_path, "long_dream.py", timeout=120)
    assert report["said"].startswith("The engine stopped unexpectedly during the dream.")
    assert (report["layers"], report["dirty"]) == (["photo"], False)
    assert result.left_behind == ()


@pytest.mark.usually_in("3.2")
@pytest.mark.parametrize("kill", [os.killpg, os.kill], ids=["as GIMP's Cancel", "alone"])
def test_plug_in_that_is_killed(
    gimp: GimpHost, kill: Callable[[int, int], None], tmp_path: Path
) -> None:
    with _killed_in_the_middle(tmp_path, "deepdream.py -gimp", kill):
        report, result = run_inside(gimp, tmp_path, "long_dream.py", timeout=120)
    assert (report["layers"], report["dirty"]) == (["photo"], False)
    assert report["said"] != "nothing went wrong"
    assert result.left_behind == ()


@pytest.mark.usually_in("3.0")
def test_gimp_that_is_killed(gimp: GimpHost, tmp_path: Path) -> None:
    """Soon after, nothing of it and nothing of ours is left.

    That takes less than a second, or a little longer where other tests keep the processor busy.
    """
    line = script_fu_line(gimp, "classic", "steps=1000;octaves=1")
    with _killed_in_the_middle(tmp_path, gimp.console, os.kill):
        result = gimp.batch(line, tmp_path, patience=3, timeout=120)
    assert result.exit_code == 128 + signal.SIGKILL
    assert result.left_behind == ()


@pytest.mark.usually_in("3.0")
def test_gimp_that_is_killed_while_a_warm_engine_dreams(gimp: GimpHost, tmp_path: Path) -> None:
    """The engine stays for the next GIMP, and nothing is left after its idle time."""
    home, engines = tmp_path / "data", []
    home.mkdir()
    last = {"preset": "classic", "settings": {"steps": 1000, "octaves": 1}}
    (home / "last-settings.json").write_text(json.dumps(last), "utf-8")

    def kill(process: int, number: int) -> None:
        os.kill(process, number)
        until = time.monotonic() + 20
        while processes_of(home).plug_ins and time.monotonic() < until:
            time.sleep(0.1)
        engines.extend(processes_of(home).engines)

    line = script_fu_line(gimp, "", run_mode="RUN-WITH-LAST-VALS")
    env = {"DEEPDREAM_PYTHON": str(engine_that_ends_soon(tmp_path))}
    with _killed_in_the_middle(tmp_path, gimp.console, kill):
        result = gimp.batch(line, tmp_path, env=env, patience=25, timeout=120)
    assert result.exit_code == 128 + signal.SIGKILL
    assert len(engines) == 1
    assert result.left_behind == ()
    assert left_files(home) == []
