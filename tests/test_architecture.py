"""What may run where: GIMP's Python and the installer's may be as old as 3.9, and bare."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "deepdream_core"
OLDEST = (3, 9)


def for_any_python() -> Iterator[Path]:
    """Every file that GIMP or somebody who installs runs with a Python of their own."""
    yield from (ROOT / "install.py", CORE / "__init__.py")
    for folder in (CORE / "shared", CORE / "installer", ROOT / "plug-ins"):
        yield from sorted(folder.rglob("*.py"))


def test_what_any_python_runs_is_written_in_the_oldest_ones_syntax() -> None:
    for path in for_any_python():
        ast.parse(path.read_text("utf-8"), str(path), feature_version=OLDEST)


def pythons() -> Iterator[str]:
    """The oldest interpreter of this machine that counts, and the one of the tests."""
    for minor in range(OLDEST[1], sys.version_info.minor):
        kept = Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python3")
        for found in filter(None, [shutil.which(f"python3.{minor}"), *map(str, kept)]):
            if subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
                yield found
                yield sys.executable
                return
    yield sys.executable


def test_shared_and_the_installer_need_nothing_but_python() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for folder in ("shared", "installer")
        for path in sorted((CORE / folder).rglob("*.py"))
    ]
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import " + ", ".join(modules)
    assert len(modules) > 15
    for python in pythons():
        done = subprocess.run(
            [python, "-B", "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, f"{python}: {done.stderr}"
