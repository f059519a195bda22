"""An engine of another user, behind a real SSH server on this computer."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineElsewhere
from ssh_server import OtherComputer, other_computer, why_no_server

from deepdream_core.cli.main import main
from deepdream_core.engine.frames import picture_of
from deepdream_core.shared.recipe import Recipe

LONG = Recipe(octaves=1, steps=1000)


@pytest.fixture(scope="module")
def box() -> Iterator[OtherComputer]:
    if reason := why_no_server():
        pytest.skip(reason)
    with other_computer() as computer:
        yield computer


@pytest.fixture(autouse=True)
def chosen(box: OtherComputer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))
    monkeypatch.setenv("DEEPDREAM_ENGINE", box.command)


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.random.default_rng(5).random((48, 64, 4), dtype=np.float32)


def becomes(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Return whether something is true soon."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def test_it_dreams_the_same_bytes(box: OtherComputer, pixels: np.ndarray) -> None:
    recipe = Recipe(octaves=2, steps=2, objective="block8")
    pictures = {name: picture_of(pixels) for name in ("image", "guide")}
    results = []
    for python in (Path(sys.executable), None):
        with Engine.start(python) as engine:
            frames = list(engine.dream(recipe, pictures, preview=32).events())
            results.append(bytes(frames[-1].pictures["result"].data))
            assert (engine.pid in box.engines()) == (python is None)
    assert results[0] == results[1] != pixels.tobytes()
    assert becomes(lambda: not box.engines())


def test_the_engine_ends_with_ssh(box: OtherComputer, pixels: np.ndarray) -> None:
    with Engine.start() as engine:
        request = engine.dream(LONG, {"image": picture_of(pixels)})
        next(frame for frame in request.events() if frame.kind == "progress")
        assert box.engines()
    assert becomes(lambda: not box.engines())


def test_a_server_that_goes_away_is_noticed(box: OtherComputer, pixels: np.ndarray) -> None:
    with Engine.start() as engine:
        request = engine.dream(LONG, {"image": picture_of(pixels)})
        next(frame for frame in request.events() if frame.kind == "progress")
        for session in box.sessions():
            os.kill(session, signal.SIGKILL)
        with pytest.raises(EngineElsewhere) as raised:
            list(request.events())
    assert raised.value.code == "remote-lost"
    assert raised.value.message.startswith("The connection to gpu-box was lost (")


@pytest.mark.slow
@pytest.mark.parametrize("dreaming", [False, True])
def test_a_cable_that_is_pulled_is_noticed_within_15_seconds(
    dreaming: bool, box: OtherComputer, pixels: np.ndarray
) -> None:
    with Engine.start() as engine:
        request = engine.dream(LONG, {"image": picture_of(pixels)})
        if dreaming:
            next(frame for frame in request.events() if frame.kind == "progress")
        silenced = box.sessions()
        for session in silenced:
            os.kill(session, signal.SIGSTOP)
        started = time.monotonic()
        try:
            with pytest.raises(EngineElsewhere):
                list(request.events())
        finally:
            for session in silenced:
                with contextlib.suppress(OSError):
                    os.kill(session, signal.SIGKILL)
        assert time.monotonic() - started < 15


def test_a_key_that_the_server_does_not_know(
    box: OtherComputer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPDREAM_ENGINE", box.command.replace("ssh ", "ssh -i /dev/null -l root "))
    with pytest.raises(EngineElsewhere) as raised:
        Engine.start()
    assert raised.value.code == "remote-refused"
    assert "Permission denied (publickey" in raised.value.message


def test_a_banner_and_a_talkative_shell(box: OtherComputer) -> None:
    profile = box.home / ".bashrc"
    profile.write_text("echo Welcome; echo 'Your quota is full' >&2\n")
    try:
        with Engine.start() as engine:
            assert len(engine.networks()) > 50
    finally:
        profile.unlink()


def test_the_doctor_tells_how_fast_it_is(
    box: OtherComputer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--engine", box.command]) == 0
    assert "dreams on cpu" in capsys.readouterr().out
    program = box.home / ".local" / "bin" / "deepdream"
    program.rename(program.with_name("elsewhere"))
    try:
        assert main(["doctor", "--json", "--engine", box.command]) == 1
        found = json.loads(capsys.readouterr().out)
        assert "was not found on gpu-box (env: " in found["problem"]
        named = f"{box.command} '~/.local/bin/elsewhere'"
        assert main(["doctor", "--json", "--engine", named]) == 0
    finally:
        program.with_name("elsewhere").rename(program)
