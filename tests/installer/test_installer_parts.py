"""Parts of the installer on real folders, programs and package indexes of their own."""

from __future__ import annotations

import argparse
import ast
import errno
import http.server
import json
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deepdream_core.installer import environment, gimps, torch_choice
from deepdream_core.installer.files import remove_leftovers
from deepdream_core.installer.gimps import MARKER, Profile
from deepdream_core.installer.manifest import Manifest
from deepdream_core.installer.places import Environment
from deepdream_core.installer.plug_in import install_plug_in, plug_in_files, remove_plug_in
from deepdream_core.installer.program_link import link_program
from deepdream_core.installer.pythons import find_python
from deepdream_core.installer.testing import tell_hosts
from deepdream_core.installer.torch_choice import choose_torch
from deepdream_core.installer.uninstalling import run_uninstall
from deepdream_core.installer.words import Problem, explain_os_error

PYTHON = Path(sys.executable)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile("3.0", tmp_path / "GIMP" / "3.0")


def files_in(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}


def imported(code: str) -> set[str]:
    """Return the modules of the engine that a file imports when it runs."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = []
    froms = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    return {name for name in froms | names if name.startswith("deepdream_core.")}


def test_a_plug_in_brings_whatever_it_imports() -> None:
    files = plug_in_files()
    for path in files.values():
        if path.suffix == ".py":
            for module in imported(path.read_text("utf-8")):
                assert f"{module.replace('.', '/')}.py" in files, f"{path} wants {module}"


def test_a_plug_in_is_put_repaired_and_removed(data: Path, profile: Profile) -> None:
    place, manifest = profile.plug_in, Manifest()
    assert install_plug_in(profile, PYTHON, manifest, dry=False) == f"plug-in put into {place}"
    assert files_in(place) == {*plug_in_files(), MARKER}
    assert install_plug_in(profile, PYTHON, manifest, dry=False) == "up to date"
    (place / "gimpfu" / "errors.py").unlink()
    install_plug_in(profile, PYTHON, manifest, dry=False)
    assert files_in(place) == {*plug_in_files(), MARKER}
    # Another engine is another installation.
    install_plug_in(profile, Path("/another/python"), manifest, dry=False)
    assert json.loads((place / MARKER).read_text("utf-8"))["python"] == "/another/python"
    assert remove_plug_in(place) == "removed"
    assert not place.exists() and place.parent.exists()
    assert remove_plug_in(place) == "was gone already"


def test_what_others_put_into_the_plug_in_stays(data: Path, profile: Profile) -> None:
    place = profile.plug_in
    install_plug_in(profile, PYTHON, Manifest(), dry=False)
    (place / "gimpfu" / "__pycache__").mkdir()
    (place / "gimpfu" / "mine.py").write_text("1")
    (place / "nowhere").symlink_to("does-not-exist")
    (place / "deepdream.py").write_text("2")
    install_plug_in(profile, PYTHON, Manifest(), dry=False)
    (place / "deepdream.py").unlink()
    install_plug_in(profile, PYTHON, Manifest(), dry=False)
    assert {"gimpfu/mine.py", "nowhere"} == files_in(place) - {*plug_in_files(), MARKER}
    (place / "empty").mkdir()
    told = remove_plug_in(place)
    assert told == "removed but for what others put there: empty, gimpfu, nowhere"
    assert {p.relative_to(place).as_posix() for p in place.rglob("*")} == {
        *("empty", "gimpfu", "gimpfu/mine.py", "nowhere")
    }
    assert remove_plug_in(place) == "is not ours any more: left"


def test_what_is_made_is_known_before(data: Path, profile: Profile) -> None:
    """Whatever stops it on the way, `uninstall` knows what there may be."""
    profile.folder.parent.mkdir()
    profile.folder.write_text("in the way")
    with pytest.raises(OSError):
        install_plug_in(profile, PYTHON, Manifest(), dry=False)
    known = Manifest().made
    assert known["plug_ins"] == [str(profile.plug_in)]
    assert str(profile.plug_in.parent) in known["folders"]
    assert str(profile.folder.parent) not in known["folders"], "that was there before"


def test_a_damaged_manifest_is_an_empty_one(data: Path) -> None:
    data.mkdir()
    for text in ("{", "[1]", "7"):
        (data / "installed.json").write_text(text)
        assert Manifest().made["plug_ins"] == []


def test_leftovers_are_those_of_the_installer(tmp_path: Path) -> None:
    for name in ("engine.new", ".project-x", "tmp", "engine", "models", "presets"):
        (tmp_path / name).mkdir()
    remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"engine", "models", "presets"}


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """A package index that has the builds which a test puts into the set."""
    builds: set[str] = set()

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            build, _, package = self.path.strip("/").partition("/")
            self.send_response(200 if build in builds and package == "torch" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(torch_choice, "TORCH_INDEX", f"http://127.0.0.1:{server.server_port}")
    yield builds
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere PyPI has the right builds")
@pytest.mark.parametrize(
    ("wanted", "driver", "there", "build", "tag"),
    [
        ("auto", "", {"cpu"}, "cpu", "cpu"),
        ("auto", "", set(), "cpu", ""),
        ("cpu", "13.0", {"cpu", "cu130"}, "cpu", "cpu"),
        ("auto", "13.1", {"cu130"}, "cuda", ""),
        ("auto", "12.8", {"cu130", "cu129", "cu128", "cu126"}, "cuda", "cu128"),
        ("auto", "12.7", {"cu130", "cu128", "cu126"}, "cuda", "cu126"),
        ("auto", "12.7", set(), "cuda", ""),
        ("cuda", "", {"cu126"}, "cuda", ""),
        ("rocm", "", {"rocm6.4", "rocm6.3"}, "rocm", "rocm6.4"),
        ("rocm", "", {"cpu"}, "cpu", "cpu"),
        ("pypi", "12.8", {"cu128"}, "pypi", ""),
    ],
)
def test_the_build_of_torch_fits_the_machine(
    index: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wanted: str,
    driver: str,
    there: set[str],
    build: str,
    tag: str,
) -> None:
    if driver:
        # What the driver's own tool says; no such hardware is at hand.
        tool = tmp_path / "nvidia-smi"
        tool.write_text(f"#!/bin/sh\necho '| Driver Version: 570.1   CUDA Version: {driver} |'\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin" if driver else str(tmp_path))
    index |= there
    chosen = choose_torch(wanted)
    assert (chosen.build, chosen.index.rpartition("/")[2]) == (build, tag)


def test_an_environment_is_made_anew_when_its_packages_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout, place = tmp_path / "checkout", Environment(tmp_path / "engine")
    checkout.mkdir()
    shutil.copy(Path(__file__).parents[2] / "pyproject.toml", checkout)
    monkeypatch.setattr("deepdream_core.installer.environment.CHECKOUT", checkout)
    monkeypatch.setattr("deepdream_core.installer.files.CHECKOUT", checkout)
    base = find_python(None)
    before = environment.what_it_needs(place, base)
    assert environment.what_it_needs(place, base) == before
    assert environment.what_it_needs(Environment(place.folder, "[test]"), base) != before
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text("utf-8").replace('"numpy>=1.26', '"numpy>=2.0'), "utf-8")
    assert environment.what_it_needs(place, base) != before


def test_a_disk_without_room_is_told(tmp_path: Path) -> None:
    huge = torch_choice.Torch("cuda", gigabytes=1e6)
    with pytest.raises(Problem, match="needs about 1e\\+06 GB"):
        environment.ensure_room(tmp_path / "not" / "there", huge)
    environment.ensure_room(tmp_path, torch_choice.Torch("cpu", gigabytes=0.0))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "can only be read"),
        (errno.EACCES, "no permission to write"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_errors_of_the_system_are_put_into_words(number: int, words: str) -> None:
    told = explain_os_error(OSError(number, "Input/output error", "/some/where"))
    assert words in told and "/some/where" in told


def test_in_ci_a_gimp_that_was_not_tested_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    tested = {"version": "3.0.4", "passed": 7, "failed": 0, "skipped": ""}
    hosts = {"2.10": {**tested, "passed": 0, "skipped": "not there"}, "3.0": tested}
    monkeypatch.setenv("CI", "true")
    assert tell_hosts(hosts, every_test=True) == ["GIMP 2.10 was not tested"]
    assert tell_hosts(hosts, every_test=False) == []
    monkeypatch.setenv("CI", "")
    assert tell_hosts(hosts, every_test=True) == []
    assert tell_hosts({}, every_test=True) == ["pytest did not come to its end"]


@pytest.fixture
def home(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / ".cache"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.mark.skipif(not shutil.which("gimp-console"), reason="there is no GIMP on this machine")
@pytest.mark.parametrize("language", ["", "de", "ru"])
def test_gimps_are_found_in_every_language(
    home: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", language)
    found = gimps.programs()
    assert found and all(program.version.startswith(program.series) for program in found)
    assert list(home.iterdir()) == []


def uninstall(everything: bool = False) -> None:
    assert run_uninstall(argparse.Namespace(dry_run=False, everything=everything)) == 0


def test_the_program_is_linked_and_only_our_link_is_removed(home: Path, data: Path) -> None:
    place, link = Environment(data / "engine"), home / ".local" / "bin" / "deepdream"
    assert f"{link} linked" in link_program(place, Manifest(), dry=False)
    assert link.readlink() == place.program("deepdream")
    assert f"{link}: there already" in link_program(place, Manifest(), dry=False)
    link.unlink()
    link.symlink_to("/opt/another/deepdream")
    uninstall()
    assert link.is_symlink(), "it is another's by now"
    link.unlink()
    link.write_text("another program")
    assert "is another program and stays" in link_program(place, Manifest(), dry=False)
    assert link.read_text() == "another program"
    link.unlink()
    link_program(place, Manifest(), dry=False)
    uninstall()
    assert not link.is_symlink() and not data.exists()


def test_uninstalling_keeps_what_is_the_artists(home: Path, data: Path, profile: Profile) -> None:
    before = profile.folder.parent
    before.mkdir()
    install_plug_in(profile, PYTHON, Manifest(), dry=False)
    names = ("engine", "logs", "run", "models", "presets")
    for name in names:
        (data / name).mkdir()
        (data / name / "file").write_text("1")
    for name in ("last-settings.json", "not ours"):
        (data / name).write_text("{}")
    uninstall()
    left = {path.name for path in data.iterdir()}
    assert left == {"models", "presets", "last-settings.json", "not ours", "installed.json"}
    assert list(before.iterdir()) == [], "its folders were made by the installer"
    assert not any(Manifest().made.values()), "what is gone is forgotten"
    uninstall(everything=True)
    assert {path.name for path in data.iterdir()} == {"not ours", "installed.json"}
    (data / "not ours").unlink()
    uninstall()
    assert not data.exists() and before.exists()
