"""An engine on another computer, behind a program called ssh with all its troubles."""

from __future__ import annotations

import json
import os
import queue
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import fake_ssh
import numpy as np
import pytest
from deepdream_plugin import engine_watch
from deepdream_plugin.choice import choice_from
from deepdream_plugin.computer import stay_here
from deepdream_plugin.dialog.previewer import Previewer, PreviewEvent, WantedPreview
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineElsewhere, EngineError, EngineMissing
from deepdream_plugin.engine_watch import WatchedStream

from deepdream_core import __version__
from deepdream_core.engine.frames import picture_of
from deepdream_core.shared.chosen_computer import (
    chosen_computer,
    computer_text,
    save_text,
    saved_text,
)
from deepdream_core.shared.other_computer import Computer, ComputerError, fits
from deepdream_core.shared.protocol import ALIVE_SECONDS, Frame, Picture
from deepdream_core.shared.recipe import Recipe, RecipeError

PYTHON = Path(sys.executable)
QUICK = Recipe(octaves=1, steps=2)
NEXT_PATCH = ".".join([*__version__.split(".")[:2], "999"])

Behave = Callable[[str], None]


@pytest.fixture(autouse=True)
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Behave:
    """Put the program on the PATH, choose its computer, and return what tells it its troubles."""
    (tmp_path / "bin").mkdir()
    fake_ssh.install(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("DEEPDREAM_ENGINE", "ssh gpu-box")
    monkeypatch.setenv("FAKE_SSH_VERSION", __version__)
    monkeypatch.setenv("FAKE_SSH_ARGUMENTS", str(tmp_path / "arguments"))
    return lambda trouble: monkeypatch.setenv("FAKE_SSH", trouble)


@pytest.fixture
def image() -> Picture:
    return picture_of(np.random.default_rng(1).random((40, 60, 3), dtype=np.float32))


def dreamed(engine: Engine, image: Picture, recipe: Recipe = QUICK, levels: int = 0) -> bytes:
    last = list(engine.dream(recipe, {"image": image}, levels=levels).events())[-1]
    return bytes(last.pictures["result"].data)


@pytest.mark.parametrize("trouble", ["noise", "slow"])
def test_it_dreams_the_same_behind_noise_and_delays(
    trouble: str, ssh: Behave, image: Picture
) -> None:
    ssh(trouble)
    with Engine.start(PYTHON) as engine:
        here = dreamed(engine, image)
    with Engine.warm() as engine:
        there = dreamed(engine, image)
    assert there == here != bytes(image.data)


def test_8_bits_travel_packed_and_come_back_as_the_image_keeps_them(
    ssh: Behave, monkeypatch: pytest.MonkeyPatch, photo: np.ndarray
) -> None:
    ssh("noise")
    picture = np.ascontiguousarray(photo[:96, :128]) / np.float32(255)
    image = picture_of(picture)
    monkeypatch.delenv("DEEPDREAM_ENGINE")
    with Engine.start(PYTHON) as engine:
        here = np.frombuffer(dreamed(engine, image, levels=255), np.float32)
    assert len(np.unique(here)) > 256  # nothing is packed here, and nothing rounded
    monkeypatch.setenv("DEEPDREAM_ENGINE", "ssh gpu-box")
    with Engine.start() as engine:
        unrounded = np.frombuffer(dreamed(engine, image), np.float32)
        counted = [Counted(engine._watched), Counted(engine._watched)]
        engine._watched, engine._frames = counted  # pyright: ignore[reportAttributeAccessIssue]
        there = np.frombuffer(dreamed(engine, image, levels=255), np.float32)
    assert np.array_equal(unrounded, here)
    assert np.array_equal(there, (here.clip(0, 1) * 255).round() / np.float32(255))
    sent, got = (each.bytes for each in counted)
    print(f"{picture.nbytes} bytes: sent as {sent}, came back as {got}, with progress")
    assert 4 * sent < picture.nbytes > 3 * got


class Counted:
    """Counts the bytes that pass through a stream."""

    def __init__(self, stream: WatchedStream) -> None:
        self._stream, self.bytes = stream, 0

    def readinto(self, buffer: memoryview) -> int | None:
        count = self._stream.readinto(buffer)
        self.bytes += count or 0
        return count

    def write(self, data: bytes) -> None:
        self.bytes += len(data)
        self._stream.write(data)

    def flush(self) -> None:
        self._stream.flush()


def test_ssh_asks_nothing_and_watches_the_link(ssh: Behave, tmp_path: Path) -> None:
    ssh("plain")
    with Engine.start():
        arguments = json.loads((tmp_path / "arguments").read_text())[1:]
    program = ["env", 'PATH="$PATH:$HOME/.local/bin"', "deepdream", "engine", "--stdio"]
    assert arguments[-6:] == ["gpu-box", *program]
    assert "BatchMode=yes" in arguments
    seconds = {text.partition("=")[0]: text.partition("=")[2] for text in arguments}
    every, times = (int(seconds[f"ServerAlive{name}"]) for name in ("Interval", "CountMax"))
    assert every * (times + 1) < 15


WORDS = {
    "you@gpu-box: Permission denied (publickey).": (
        "gpu-box did not let this computer log in (you@gpu-box: Permission denied (publickey).).",
        "`ssh-copy-id gpu-box`",
    ),
    "Host key verification failed.": ("The identity of gpu-box could not be", "`ssh gpu-box`"),
    "ssh: Could not resolve hostname gpu-box: Name or service not known": (
        "No computer called gpu-box was found.",
        "How > Computer",
    ),
    "ssh: connect to host gpu-box port 22: Connection refused": (
        "gpu-box refused the connection.",
        "SSH server",
    ),
    "ssh: connect to host gpu-box port 22: Connection timed out": (
        "gpu-box could not be reached.",
        "switched on",
    ),
    "kex_exchange_identification: read: Connection reset by peer": (
        "The engine on gpu-box did not start (kex_exchange_identification",
        "deepdream doctor --engine",
    ),
}


@pytest.mark.parametrize("words", WORDS)
def test_what_ssh_says_is_explained(words: str, ssh: Behave) -> None:
    ssh(f"fails:255:{words}")
    with pytest.raises(EngineElsewhere) as raised:
        Engine.start()
    what, hint = WORDS[words]
    assert raised.value.message.startswith(what)
    assert hint in raised.value.hint


def test_a_computer_without_deepdream_is_told_apart(ssh: Behave) -> None:
    ssh("fails:127:bash: line 1: deepdream: command not found")
    with pytest.raises(EngineElsewhere) as raised:
        Engine.warm()
    assert "was not found on gpu-box (bash: line 1: deepdream: command" in raised.value.message
    assert "`python3 install.py` there" in raised.value.hint


@pytest.mark.parametrize(
    "bytes_that_arrive", [3, 30, 400], ids=["of the magic", "of hello", "of the result"]
)
def test_half_a_frame_is_a_lost_connection(
    bytes_that_arrive: int, ssh: Behave, image: Picture
) -> None:
    ssh(f"half:{bytes_that_arrive}")
    with pytest.raises(EngineElsewhere) as raised, Engine.start() as engine:
        dreamed(engine, image)
    assert "Connection to gpu-box closed by remote host." in raised.value.message
    if bytes_that_arrive == 400:
        assert raised.value.code == "remote-lost"


def test_a_link_that_stalls_is_noticed(
    ssh: Behave, image: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = ALIVE_SECONDS + 1  # 12 seconds for artists
    monkeypatch.setattr(engine_watch, "SILENT_SECONDS", silent)
    ssh("stalls:400")
    with Engine.start() as engine:
        started = time.monotonic()
        with pytest.raises(EngineElsewhere) as raised:
            dreamed(engine, image)
        assert raised.value.message == "gpu-box stopped answering."
        assert time.monotonic() - started < silent + 3


def test_only_the_last_number_of_the_version_may_differ(ssh: Behave) -> None:
    ssh(f"version:{NEXT_PATCH}")
    with Engine.start() as engine:
        assert engine.version == NEXT_PATCH
    ssh("version:99.0.0")
    with pytest.raises(EngineElsewhere) as raised:
        Engine.start()
    assert raised.value.code == "other-version"
    assert "The engine on gpu-box is version 99.0.0" in raised.value.message
    assert fits("1.2.3", "1.2.4") and fits("2.0", "2.0")
    assert not any(fits("1.2.3", other) for other in ("1.3.3", "2.2.3", "1.2", "1.2.3b1", ""))


def test_files_travel_as_pixels_or_not_at_all(ssh: Behave, image: Picture, tmp_path: Path) -> None:
    ssh("plain")
    recipe = QUICK.changed(guide=str(tmp_path / "guide.png"), mask="mask.png")
    pictures = {"image": image, "guide": image, "mask": image}
    with Engine.start() as engine:
        frames = list(engine.dream(recipe, pictures).events())
        files, names = json.loads(frames[1].fields["text"])
        assert files == ["", ""]
        assert names == ["guide", "image", "mask"]
        with pytest.raises(EngineError) as raised:
            engine.dream(recipe, {"image": image, "mask": image})
    assert raised.value.code == "file-stays-here"
    assert "guide.png could not be read, and gpu-box cannot see" in raised.value.message


def test_this_computer_goes_on_if_the_artist_agrees(ssh: Behave, image: Picture) -> None:
    ssh("fails:255:Connection refused")
    os.environ["DEEPDREAM_PYTHON"] = str(PYTHON)
    try:
        with pytest.raises(EngineElsewhere):
            Engine.start()
        stay_here()
        with Engine.start() as engine:
            assert dreamed(engine, image)
    finally:
        stay_here(False)
        del os.environ["DEEPDREAM_PYTHON"]


def test_a_preview_goes_on_where_the_artist_wants(
    ssh: Behave, image: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPDREAM_PYTHON", str(PYTHON))
    ssh("fails:255:Connection refused")
    events: queue.Queue[PreviewEvent] = queue.Queue()
    previewer = Previewer(events.put)

    def outcome(number: int) -> PreviewEvent:
        previewer.dream(WantedPreview(number, QUICK, {"image": image}, 32))
        while (event := events.get(timeout=30)).kind not in ("done", "failed"):
            pass
        assert event.number == number
        return event

    try:
        assert isinstance(outcome(1).error, EngineElsewhere)
        ssh("noise")
        assert outcome(2).kind == "done"
        stay_here()
        previewer.change_engine()
        ssh("fails:255:Connection refused")
        assert outcome(3).kind == "done"
    finally:
        stay_here(False)
        if engine := previewer.stop():
            engine.send(Frame("quit"))
            engine.close()


def test_the_choice_is_kept_and_the_variable_goes_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DEEPDREAM_ENGINE")
    assert chosen_computer() is None
    save_text(" ssh other-box ")
    assert computer_text() == saved_text() == "ssh other-box"
    monkeypatch.setenv("DEEPDREAM_ENGINE", "ssh gpu-box")
    assert computer_text() == "ssh gpu-box"
    monkeypatch.setenv("DEEPDREAM_ENGINE", "here")
    assert chosen_computer() is None
    assert saved_text() == "ssh other-box"
    save_text("")
    assert saved_text() == ""


@pytest.mark.parametrize(
    ("text", "host", "program"),
    [
        ("ssh -p 22 -i key me@box", "me@box", "deepdream"),
        ("ssh -4i key box ~/.local/bin/deepdream", "box", "~/.local/bin/deepdream"),
        ("/usr/bin/ssh -oPort=3 box", "box", "deepdream"),
        ("ssh -C box", "box", "deepdream"),
        ("docker exec -i box deepdream", "docker exec -i box deepdream", "deepdream"),
    ],
)
def test_how_a_command_is_read(text: str, host: str, program: str) -> None:
    computer = Computer.parse(text)
    assert computer.host == host
    assert computer.command[-3:] == (program, "engine", "--stdio")
    assert list(computer.command[:2]) == shlex.split(text)[:2]
    assert ("BatchMode=yes" in computer.command) == ("ssh" in text)


@pytest.mark.parametrize("text", ["", "ssh", "ssh -p 22", "ssh 'box"])
def test_a_command_without_a_computer_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ComputerError):
        Computer.parse(text)
    if text:
        monkeypatch.setenv("DEEPDREAM_ENGINE", text)
        with pytest.raises(EngineMissing):
            Engine.start()


def test_a_program_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPDREAM_ENGINE", "no-such-program box")
    with pytest.raises(EngineElsewhere) as raised:
        Engine.start()
    assert raised.value.message.startswith("no-such-program could not be started (No such file")


@pytest.mark.parametrize("name", ["computer", "engine", "command"])
def test_no_recipe_names_a_computer(name: str) -> None:
    with pytest.raises(RecipeError):
        choice_from("classic", f"{name}=ssh evil")
