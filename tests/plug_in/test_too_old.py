"""In a GIMP with a Python that is too old, such as 2.10 for Windows, the menu says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PLUG_IN = Path(__file__).parents[2] / "plug-ins" / "deepdream"
GIMPFU = """
PF_IMAGE, PF_DRAWABLE = "image", "drawable"
def register(*arguments, **named):
    global run
    print(arguments[0], named["menu"])
    run = arguments[10]
def main():
    run(None, None)
"""
GIMP = "def message(text):\n    print(text)\n"


def test_the_menu_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "gimpfu.py").write_text(GIMPFU)
    (tmp_path / "gimp.py").write_text(GIMP)
    code = (
        "import runpy, sys; sys.version_info = (2, 7, 18, 'final', 0)\n"
        f"sys.path[:0] = [{str(tmp_path)!r}, {str(PLUG_IN)!r}]\n"
        f"runpy.run_path({str(PLUG_IN / 'deepdream.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "python-fu-deepdream <Image>/Filters/Artistic",
        "DeepDream cannot run in this GIMP, which brings Python 2.7: install GIMP 3 from gimp.org, "
        "then run DeepDream's install.py again.",
    ]


@pytest.mark.parametrize("name", ["deepdream.py", "too_old.py"])
def test_python_2_can_read_it(name: str) -> None:
    pytest.importorskip("fissix")
    from fissix import pygram, pytree
    from fissix.pgen2 import driver

    text = (PLUG_IN / name).read_text("utf-8")
    assert "coding: utf-8" in text.splitlines()[1] or text.isascii()
    grammar = pygram.python_grammar_no_print_statement
    reader = driver.Driver(grammar, convert=pytree.convert)
    tree = str(reader.parse_string(text))
    assert tree == text and "f'" not in text and 'f"' not in text
