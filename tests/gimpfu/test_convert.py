"""The command that converts a plug-in and lays out its folder for GIMP 3."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from gimpfu import convert

PLUG_INS = Path(convert.__file__).resolve().parents[1]
PLUG_IN = b"""#!/usr/bin/python
# -*- coding: latin-1 -*-
import helper
from gimpfu import *
def half(image, n):
    print "H\xe4lfte", n / 2
register("half", "", "", "", "", "", "Half", "*", [(PF_IMAGE, "image", "", None)], [], half)
main()
"""


@pytest.fixture
def plug_in(tmp_path: Path) -> Path:
    """A plug-in with modules of its own, in a folder that could be taken for a package."""
    (tmp_path / "__init__.py").touch()
    (tmp_path / "helper.py").write_text("import other\nprint 1\n", "utf-8")
    (tmp_path / "other.py").write_text("print 2\n", "utf-8")
    path = tmp_path / "half.py"
    path.write_bytes(PLUG_IN)
    return path


def run(plug_in: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command in the plug-in's folder, as an author does."""
    command = [sys.executable, "-m", "gimpfu.convert", *map(str, (plug_in, *arguments))]
    env = {**os.environ, "PYTHONPATH": str(PLUG_INS)}
    return subprocess.run(
        command, cwd=plug_in.parent, env=env, capture_output=True, text=True, timeout=60
    )


def test_it_writes_a_folder_for_gimp_3(plug_in: Path, tmp_path: Path) -> None:
    done = run(plug_in, "-o", tmp_path / "new")
    folder = tmp_path / "new" / "half"
    made = folder / "half.py"
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "half.py:6: n / 2 was rounded down in Python 2 if both sides are whole numbers. If so, "
        "write // instead of /.",
        f"Wrote {made}. Lines to look at: 1.",
    ]
    assert made.read_bytes().startswith(b"#!/usr/bin/env python3\n# -*- coding: latin-1 -*-\n")
    assert b'print("H\xe4lfte", n / 2)' in made.read_bytes()
    assert os.access(made, os.X_OK) and not os.access(folder / "helper.py", os.X_OK)
    assert (folder / "helper.py").read_text("utf-8") == "import other\nprint(1)\n"
    assert (folder / "other.py").read_text("utf-8") == "print(2)\n"


def test_the_plug_in_finds_gimpfu_beside_it(plug_in: Path, tmp_path: Path) -> None:
    convert.convert_plug_in(plug_in, tmp_path / "new")
    made = tmp_path / "new" / "half" / "half.py"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import runpy; runpy.run_path({str(made)!r})"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "No module named 'helper'" in done.stderr, "-I hides what is beside the plug-in"
    done = subprocess.run([sys.executable, made], capture_output=True, text=True, timeout=60)
    assert "is a GIMP plug-in; it only runs from within GIMP" in done.stderr
    assert not (made.parent / "gimpfu" / "convert.py").exists()


def test_gimpfu_can_be_left_out(plug_in: Path, tmp_path: Path) -> None:
    convert.convert_plug_in(plug_in, tmp_path / "new", with_gimpfu=False)
    assert not (tmp_path / "new" / "half" / "gimpfu").exists()


def test_nothing_is_overwritten_without_force(plug_in: Path, tmp_path: Path) -> None:
    made = tmp_path / "half" / "half.py"
    made.parent.mkdir()
    made.write_text("mine", "utf-8")
    refused = run(plug_in, "-o", tmp_path)
    assert refused.returncode == 1
    assert refused.stderr == f"{made.parent} exists already. Use --force to write into it.\n"
    assert made.read_text("utf-8") == "mine"
    assert run(plug_in, "-o", tmp_path, "--force").returncode == 0
    assert b"print(" in made.read_bytes()


def test_what_cannot_be_converted_is_said_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "scheme.py"
    path.write_text("(define (f) 1)\n", "utf-8")
    done = run(path, "-o", tmp_path)
    assert done.returncode == 1
    assert "is neither Python 2 nor Python 3" in done.stderr
    assert not (tmp_path / "scheme").exists()
    missing = run(tmp_path / "missing.py", "-o", tmp_path)
    assert missing.returncode == 1 and "Traceback" not in missing.stderr


def test_without_fissix_it_says_what_to_install(
    plug_in: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("fissix", "fissix.refactor", "fissix.pgen2.parse", "fissix.pgen2.tokenize"):
        monkeypatch.setitem(sys.modules, name, None)
    assert convert.main([str(plug_in), "-o", str(plug_in.parent / "new")]) == 1
    assert "pip install fissix" in capsys.readouterr().err
