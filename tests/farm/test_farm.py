"""Dreaming many pictures on several workers, one of which is killed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepdream_core.cli.main import main
from deepdream_core.compute.process import own_module
from deepdream_core.farm.client import Certificates, Farm, FarmError
from deepdream_core.farm.films import scenes
from deepdream_core.farm.pictures import DREAM_FILE, dream_file, remove_leftovers, task_for
from deepdream_core.farm.plain import carry_out, plain
from deepdream_core.shared.recipe import Recipe
from deepdream_core.video.clip import Cut, open_clip

pytest.importorskip("distributed")
COUNT = 12
QUICK = ["--set", "octaves=1", "--set", "steps=6"]


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[str]:
    """Run `deepdream farm`; yield the scheduler's address."""
    command = [*own_module("deepdream_core.cli.main"), "farm", "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said = process.stdout.readline()
        yield re.search(r"(tcp|tls)://\S+:\d+", said)[0]
    finally:
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(30) == 0
        finally:
            process.kill()


@pytest.fixture(scope="module")
def farm() -> Iterator[str]:
    with running("--workers", "2") as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a dozen pictures."""
    (tmp_path / "in").mkdir()
    for number in range(COUNT):
        Image.fromarray(np.roll(photo[:48, :64], number, 0)).save(tmp_path / f"in/{number:02}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def worker_processes(address: str) -> Sequence[int]:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        return list(client.run(os.getpid).values())


def kill_one(address: str, made: Path, after: int) -> list[int]:
    """Kill a worker once there are some pictures; return how many there were."""
    processes, there = worker_processes(address), []

    def wait_and_kill() -> None:
        while not made.is_dir() or len(list(made.glob("[0-9]*.png"))) < after:
            time.sleep(0.005)
        os.kill(processes[0], signal.SIGKILL)
        there.append(len(list(made.glob("[0-9]*.png"))))

    threading.Thread(target=wait_and_kill, daemon=True).start()
    return there


def test_a_killed_worker_costs_its_task_only(
    farm: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dream", "in", "-o", "alone", *QUICK]) == 0
    there = kill_one(farm, folder / "together", 4)
    started = time.monotonic()
    assert main(["dream", "in", "-o", "together", *QUICK, "--farm", farm, "--json"]) == 0
    print(f"{COUNT} pictures took {time.monotonic() - started:.1f} s; {there[0]} before the kill")
    assert 4 <= there[0] < COUNT
    assert contents(folder / "together") == contents(folder / "alone")
    told = capsys.readouterr()
    results = [json.loads(line) for line in told.out.splitlines() if line.startswith("{")]
    made = [one["output"] for one in results if "output" in one]
    assert sorted(made) == [f"together/{number:02}.png" for number in range(COUNT)]
    assert "The farm has 2 workers. http://127.0.0.1:" in told.err


def test_what_exists_is_skipped_and_a_failure_stops_nothing(
    farm: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3, COUNT):
        (folder / f"in/{number:02}.png").unlink()
    (folder / "in" / "broken.png").write_bytes(b"no picture")
    (folder / "out").mkdir()
    (folder / "out" / "00.png").write_bytes(b"mine")
    assert main(["dream", "in", "-o", "out", *QUICK, "--farm", farm]) == 1
    said = capsys.readouterr().err
    assert "in/broken.png cannot be read: it is not a picture, or it is damaged.\n" in said
    assert re.search(r"Dreamed 2 in \S+ s, skipped 1 that exist already, 1 failed\.", said)
    assert (folder / "out" / "00.png").read_bytes() == b"mine"
    assert sorted(contents(folder / "out")) == ["00.png", "01.png", "02.png"]


def test_any_work_of_this_project_can_be_mapped(farm: str) -> None:
    with Farm.connect(farm) as connection:
        tasks = [{"source": "", "output": str(Path.home()), "force": False, "recipe": {}}] * 5
        results = dict(connection.map(DREAM_FILE, tasks))
        wrong = dict(connection.map("os.path:exists", tasks[:1]))
    assert [results[number]["dreamed"] for number in range(5)] == [False] * 5
    assert "os.path:exists is no work of this project" in wrong[0]["error"]


def test_tasks_are_plain_data() -> None:
    task = task_for(Path("/a.png"), Path("/b.png"), Recipe())
    assert plain(task) == json.loads(json.dumps(task))
    with pytest.raises(TypeError):
        plain({"recipe": Recipe()})
    with pytest.raises(ValueError):
        carry_out("subprocess:run", {})
    assert "does not exist" in carry_out(DREAM_FILE, task)["error"]


def test_a_picture_appears_whole_and_what_a_killed_worker_left_goes(folder: Path) -> None:
    made = folder / "out" / "a.png"
    made.parent.mkdir()
    task = task_for(folder / "in/00.png", made, Recipe(octaves=1, steps=1, passes=2))
    assert dream_file(task)["dreamed"]
    assert sorted(contents(made.parent)) == ["a-0001.png", "a-0002.png", "a.png"]
    assert not dream_file(task)["dreamed"]
    mine = (".b.dreaming.host-7.png", ".mine.png")
    for name in (".a.dreaming.host-7.png", ".a-0001.dreaming.host-7.png", *mine):
        (made.parent / name).write_bytes(b"half a picture")
    remove_leftovers([made])
    assert sorted(contents(made.parent)) == [*mine, "a-0001.png", "a-0002.png", "a.png"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["dream", "in", "-o", "out", "--frames", "all", "--farm", "tcp://127.0.0.1:1"],
        ["dream", "in/00.png", "out.png", "--farm", "tcp://127.0.0.1:1"],
        ["farm", "--host", "0.0.0.0"],
        ["farm", "--tls-ca", "ca.pem"],
    ],
)
def test_what_a_farm_does_not_do_is_said(
    wrong: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(wrong) == 1
    assert "Traceback" not in (said := capsys.readouterr().err)
    assert said.startswith("deepdream: ")
    assert not (folder / "out").exists()


def certificates(folder: Path) -> Certificates:
    """Make an authority's certificate that is also everybody's own."""
    names = ("cert.pem", "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "1", "-subj", "/CN=farm", "-out", names[0], "-keyout", names[1]]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return Certificates(str(folder / names[0]), str(folder / names[0]), str(folder / names[1]))


def test_tls_between_computers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = certificates(folder)
    options = ["--tls-ca", files.authority, "--tls-cert", files.certificate, "--tls-key", files.key]
    monkeypatch.setattr("deepdream_core.farm.client._CONNECT_SECONDS", 1)
    with running("--workers", "1", *options) as address:
        assert address.startswith("tls://")
        with pytest.raises(FarmError):
            Farm.connect(address.replace("tls", "tcp"))
        with Farm.connect(address, files) as connection:
            assert len(connection.workers()) == 1
            task = task_for(folder / "in/00.png", folder / "in/01.png", Recipe())
            assert dict(connection.map(DREAM_FILE, [task]))[0]["dreamed"] is False


@pytest.mark.parametrize("carry", ["0", "1"])
def test_a_films_scenes_are_dreamed_side_by_side(
    farm: str, folder: Path, photo: np.ndarray, carry: str
) -> None:
    """Two scenes of three frames; the second is the first one's negative, upside down."""
    (folder / "film").mkdir()
    for number in range(6):
        frame = photo[20:84, 10 + 2 * number : 90 + 2 * number]
        frame = frame if number < 3 else 255 - frame[::-1, ::-1]
        Image.fromarray(frame).save(folder / f"film/{number}.png")
    clip = open_clip(folder / "film", Cut())
    assert list(scenes(clip, float(carry))) == (
        [(0, 3), (3, 6)] if float(carry) else [(n, n + 1) for n in range(6)]
    )
    quick = [*QUICK[:3], "steps=2", "--carry", carry]
    assert main(["video", "film", "alone", *quick]) == 0
    assert main(["video", "film", "together", *quick, "--farm", farm, "--preview", "now.png"]) == 0
    together = [path.read_bytes() for path in (folder / "together").iterdir()]
    assert (folder / "now.png").read_bytes() in together
    assert contents(folder / "together") == contents(folder / "alone")
