"""Updating where files in use can be neither removed nor renamed, as on Windows."""

from __future__ import annotations

import contextlib
import errno
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from quick_installer import Quick

from deepdream_core.installer import environment
from deepdream_core.installer.system import explain_os_error, locked
from deepdream_core.shared import own_folders
from deepdream_core.shared.paths import engine_folder


@pytest.fixture
def held(quick: Quick, monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """The folders that a process has loaded libraries from."""
    found: set[Path] = set()
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path in found:
            raise PermissionError(errno.EACCES, "in use", str(path))
        return rename(path, target)

    monkeypatch.setattr(environment, "_CAN_REPLACE_IN_USE", False)
    monkeypatch.setattr(Path, "rename", refuse)
    return found


def require_more(quick: Quick) -> None:
    """Change what the engine needs, so that its environment is rebuilt."""
    project = quick.checkout / "pyproject.toml"
    project.write_text(project.read_text() + "\n#")


def engines(quick: Quick) -> list[str]:
    return sorted(path.name for path in quick.data.glob("*engine*") if path.is_dir())


def test_an_update_stands_beside_the_engine_in_use_which_goes_later(
    quick: Quick, held: set[Path]
) -> None:
    quick.install()
    first = engine_folder()
    assert first.name == "engine"
    held.add(first)
    require_more(quick)
    assert quick.install() == 0
    second = engine_folder()
    assert second.name == "engine-2" and engines(quick) == ["engine", "engine-2"]
    assert str(second) in (quick.plug_in / "installation.json").read_text()
    held.clear()
    quick.install()
    assert engines(quick) == ["engine-2"]
    require_more(quick)
    quick.install()
    assert engines(quick) == ["engine"] and engine_folder() == first


def test_two_engines_in_use_are_one_too_many(
    quick: Quick, held: set[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    quick.install()
    held.add(engine_folder())
    require_more(quick)
    quick.install()
    held.add(engine_folder())
    require_more(quick)
    with pytest.raises(environment.Problem, match="still in use"):
        quick.install()
    assert engine_folder().name == "engine-2"


def test_both_engines_are_uninstalled(quick: Quick, held: set[Path]) -> None:
    quick.install()
    held.add(engine_folder())
    require_more(quick)
    quick.install()
    held.clear()
    quick.uninstall()
    assert not quick.data.exists()


def test_a_file_in_use_is_named_as_such() -> None:
    error = PermissionError(errno.EACCES, "Access is denied", "C:\\engine")
    assert "no permission" in explain_os_error(error)
    error.winerror = 5  # pyright: ignore[reportAttributeAccessIssue]
    assert "C:\\engine is in use by another program. Close GIMP" in explain_os_error(error)


def test_a_second_installation_waits_and_says_for_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextlib.contextmanager
    def other() -> Iterator[None]:
        with locked(tmp_path):
            yield

    entered = threading.Event()

    def wait() -> None:
        with locked(tmp_path):
            entered.set()

    with other():
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.3)
        assert not entered.is_set()
    thread.join(5)
    assert entered.is_set()
    assert "Another installation is in progress; waiting" in capsys.readouterr().out


def test_a_path_too_long_for_windows_is_refused_before_anything_is_downloaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment.sys, "platform", "win32")
    monkeypatch.setattr(environment, "_has_long_paths", lambda: False)
    environment.ensure_short_paths(Path("C:/Users/Somebody/AppData/Local/deepdream-gimp"))
    long = Path("C:/Users/Somebody") / ("folder" * 20)
    with pytest.raises(environment.Problem, match=r"Set DEEPDREAM_HOME to a short folder"):
        environment.ensure_short_paths(long)
    monkeypatch.setattr(environment, "_has_long_paths", lambda: True)
    environment.ensure_short_paths(long)


def test_folders_are_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o777)
    own_folders.protect(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
