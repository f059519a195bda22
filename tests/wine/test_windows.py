"""The engine, its client and the installer in a Python for Windows, under wine.

Wine does not show whether a console flashes up, who may enter a folder, and which paths are too
long; and it lets folders be renamed that Windows holds.
"""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

from under_wine import ROOT, Windows, said, wait_for

CLIENT = """
import array, sys, time
from pathlib import Path
from deepdream_plugin.engine import Engine
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import Recipe

LONG = 1000
kind, python, steps = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
started = time.monotonic()
with getattr(Engine, kind)(python) as engine:
    print(f"hello {engine.pid}", flush=True)
    side = 384 if steps == LONG else 64
    recipe = Recipe(octaves=1, steps=steps, passes=50 if steps == LONG else 1)
    pixels = array.array("f", [i % 97 / 97 for i in range(side * side * 4)]).tobytes()
    picture = Picture(side, side, 4, pixels)
    for frame in engine.dream(recipe, {"image": picture}).events():
        if frame.kind == "progress":
            print("progress", flush=True)
    assert len(frame.pictures["result"].data) == side * side * 4 * 4
    print(f"result after {time.monotonic() - started:.1f} s", flush=True)
"""
LONG = 1000
"""Steps of a dream that lasts for minutes."""
IS_ENDED = """
import sys
from deepdream_core.shared.child_processes import wait_for_end
print("ended" if wait_for_end(int(sys.argv[1]), 10) else "alive")
"""
KILL = "import os, sys; os.kill(int(sys.argv[1]), 15)"


def python_of(windows: Windows) -> Path:
    """Return the Python of the engine that counts, as install.py recorded it for the plug-in."""
    code = (
        "from deepdream_core.installer.environment import Environment\n"
        "from deepdream_core.shared.paths import engine_folder\n"
        "print('folder', engine_folder().name)"
    )
    name = re.search(r"folder (\S+)", windows.run(windows.base_python, "-c", code))
    assert name
    return windows.data / name[1] / "Scripts" / "python.exe"


def dream(windows: Windows, kind: str, steps: int = 1) -> subprocess.Popen[str]:
    return windows.client(CLIENT, kind, python_of(windows), steps)


def pid_in(text: str) -> str:
    found = re.search(r"hello (\d+)", text)
    assert found, text
    return found[1]


def test_a_dry_run_changes_nothing(windows: Windows) -> None:
    out = windows.run(windows.base_python, ROOT / "install.py", "--dry-run")
    assert "would create" in out and "No changes were made." in out
    assert not windows.data.exists()


def test_it_installs_and_passes_its_self_test(installed: Windows) -> None:
    assert (installed.data / "engine" / "Scripts" / "deepdream.exe").exists()
    record = installed.profile / "plug-ins" / "deepdream" / "installation.json"
    assert "engine" in record.read_text("utf-8")
    again = installed.run(installed.base_python, ROOT / "install.py")
    assert "already up to date" in again and "passed" in again


def test_it_dreams_through_the_client(installed: Windows) -> None:
    done = dream(installed, "start")
    wait_for(done, "result after")
    assert done.wait(30) == 0, said(done)


def test_a_warm_engine_stays_and_ends_when_dismissed(installed: Windows) -> None:
    first = wait_for(dream(installed, "warm"), "result after")
    second = wait_for(dream(installed, "warm"), "result after")
    assert pid_in(first) == pid_in(second)
    dismiss = (
        "from deepdream_core.installer.environment import Environment, dismiss_warm_engine\n"
        "from deepdream_core.shared.paths import engine_folder\n"
        "dismiss_warm_engine(Environment(engine_folder()))"
    )
    installed.run(installed.base_python, "-c", dismiss)
    assert "ended" in installed.run(installed.base_python, "-c", IS_ENDED, pid_in(first))


def test_the_engine_ends_with_a_killed_client(installed: Windows) -> None:
    code = "import os; print('client', os.getpid(), flush=True)\n"
    client = installed.client(code + CLIENT, "start", python_of(installed), LONG)
    text = wait_for(client, "progress")
    number = re.search(r"client (\d+)", text)
    assert number
    installed.run(installed.base_python, "-c", KILL, number[1])
    assert "ended" in installed.run(installed.base_python, "-c", IS_ENDED, pid_in(text))


def test_a_killed_engine_is_reported_and_replaced(installed: Windows) -> None:
    client = dream(installed, "warm", steps=LONG)
    text = wait_for(client, "progress")
    installed.run(installed.base_python, "-c", KILL, pid_in(text))
    assert client.wait(30) != 0
    assert "The engine stopped unexpectedly during the dream." in said(client)
    other = wait_for(dream(installed, "warm"), "result after")
    assert pid_in(other) != pid_in(text)


def test_an_update_leaves_the_engine_in_use_alone(installed: Windows) -> None:
    """As after a change of what pyproject.toml requires; the old engine is removed later."""
    old = python_of(installed)
    client = installed.client(CLIENT, "start", old, LONG)
    text = wait_for(client, "progress")
    stamp = old.parents[1] / "deepdream-installed.json"
    stamp.write_text(stamp.read_text("utf-8").replace('"packages": "', '"packages": "older-'))
    installed.run(installed.base_python, ROOT / "install.py", timeout=900)
    new = python_of(installed)
    assert new != old and new.exists()
    before = said(client).count("progress")
    time.sleep(2)
    assert said(client).count("progress") > before, said(client)
    installed.run(installed.base_python, "-c", KILL, pid_in(text))
    client.wait(30)
    installed.run(installed.base_python, ROOT / "install.py")
    assert not old.exists() and new.exists()
    wait_for(dream(installed, "start"), "result after")


def test_it_uninstalls_itself(installed: Windows) -> None:
    installed.run(installed.base_python, ROOT / "install.py", "uninstall")
    left = sorted(path.name for path in installed.data.iterdir()) if installed.data.exists() else []
    assert left == []
