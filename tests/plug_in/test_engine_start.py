"""What an artist is told if the engine does not start, or ends; a log is no condition."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineDied
from deepdream_plugin.engine_processes import clean_environment

LITTLE_MEMORY = "The engine did not start because there was not enough memory."


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -9 $$", LITTLE_MEMORY),
        ('ulimit -v 40000\nexec {python} "$@"', LITTLE_MEMORY),
        ("echo MemoryError >&2; exit 1", LITTLE_MEMORY),
        ("echo 'no such module' >&2; exit 1", "The engine did not start. Its last words were"),
    ],
)
def test_why_an_engine_did_not_start(script: str, said: str, home: Path) -> None:
    program = home / "python"
    program.write_text("#!/bin/sh\n" + script.format(python=sys.executable) + "\n")
    program.chmod(0o755)
    with pytest.raises(EngineDied) as raised:
        Engine.start(program)
    assert raised.value.message.startswith(said)
    assert ("repair" in raised.value.hint) == (said != LITTLE_MEMORY)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("MemoryError", "There was not enough memory for this dream."),
        ("libgomp: Thread creation failed: out of memory", "There was not enough memory"),
        ("Bus error", "The engine stopped unexpectedly during the dream. Its last words were"),
    ],
)
def test_why_an_engine_ended_during_a_dream(words: str, said: str, home: Path) -> None:
    program = home / "python"
    program.write_text(f'#!/bin/sh\n{sys.executable} "$@"\necho "{words}" >&2\n')
    program.chmod(0o755)
    engine = Engine.start(program)
    os.kill(engine.pid, signal.SIGKILL)
    with pytest.raises(EngineDied) as raised:
        engine.receive()
    assert raised.value.message.startswith(said)
    engine.close()


def test_it_starts_on_a_full_disk() -> None:
    # Every write to a file fails, as on a full disk, also the engine's.
    code = """
import resource, sys
from pathlib import Path
from deepdream_plugin.engine import Engine
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
with Engine.start(Path(sys.executable)) as engine:
    print(len(engine.networks()))
"""
    path = os.pathsep.join(["plug-ins/deepdream", "plug-ins", "."])
    env = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert int(done.stdout) > 50


def test_the_engine_has_no_variable_of_an_appimage(home: Path) -> None:
    """Its folders disappear when GIMP is closed, which a warm engine outlives."""
    ours = {"HOME": str(home), "PATH": "/usr/bin:/bin", "DEEPDREAM_HOME": str(home)}
    mounted = str(home / ".mount_GIMP")
    set_by_it = {
        **{"APPDIR": mounted, "APPIMAGE": str(home / "GIMP.AppImage"), "PYTHONHOME": mounted},
        **{"LD_PRELOAD": f"{mounted}/libbabl.so", "LD_LIBRARY_PATH": f"{mounted}/usr/lib"},
        **{"SSL_CERT_FILE": f"{mounted}/ca.crt", "PATH": f"{mounted}/bin:{ours['PATH']}"},
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            patch.delenv(name)
        for name, value in {**ours, **set_by_it}.items():
            patch.setenv(name, value)
        assert clean_environment() == ours
