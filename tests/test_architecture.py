"""The house: which way imports run, and what may run where.

GIMP's Python and the installer's may be as old as 3.9, and bare.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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


ROOMS = {
    "shared": (),
    "installer": ("shared",),
    "compute": ("shared",),
    "pictures": ("shared", "compute"),
    "models": ("shared", "compute"),
    "dreaming": ("shared", "pictures", "compute", "models"),
    "video": ("shared", "pictures", "compute", "models", "dreaming"),
    "engine": ("shared", "pictures", "compute", "models", "dreaming", "video"),
    "farm": ("shared", "pictures", "compute", "models", "dreaming", "video", "engine"),
    "bench": ("shared", "pictures", "compute", "models", "dreaming", "engine"),
    "cli": (
        *("shared", "installer", "pictures", "compute", "models", "dreaming", "video", "engine"),
        *("farm", "bench"),
    ),
}
"""Each room of the engine, and the rooms that it may import from besides itself."""
WITHOUT_GTK = ("state", "plan", "previewer")
"""Modules of the dialog that know nothing of GTK."""


def module_of(path: Path) -> str:
    """Return the module that a file of the engine, the plug-in or the shim is."""
    base = ROOT if CORE in path.parents or path.parent == CORE else ROOT / "plug-ins"
    if ROOT / "plug-ins" / "deepdream" in path.parents:
        base = ROOT / "plug-ins" / "deepdream"
    return ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    module_of(path): path
    for folder in (CORE, ROOT / "plug-ins")
    for path in sorted(folder.rglob("*.py"))
}


def imports_of(module: str) -> set[str]:
    """Return the modules of this project that a module imports when it runs."""
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body.clear()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relatively"
            members = {f"{node.module}.{name.name}" for name in node.names}
            found |= members if members <= MODULES.keys() else {node.module or ""}
            found |= members & MODULES.keys()
    return found & MODULES.keys() - {module}


def room_of(module: str) -> str:
    """Return the room of one of the engine's modules; empty for those that stand before all."""
    parts = module.split(".")
    return parts[1] if parts[0] == "deepdream_core" and len(parts) > 1 else ""


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_the_table_allows(room: str) -> None:
    for module in (m for m in MODULES if room_of(m) == room):
        for imported in imports_of(module):
            allowed = imported == "deepdream_core" or room_of(imported) in (room, *ROOMS[room])
            assert allowed, f"{module} imports {imported}"


def test_every_module_of_the_engine_is_in_a_room() -> None:
    apart = {"deepdream_core", "deepdream_core.presets"}
    homeless = {m for m in MODULES if m.startswith("deepdream_core") and room_of(m) not in ROOMS}
    assert homeless == apart


def test_the_plug_in_imports_what_is_shared_and_the_shim_nothing_of_ours() -> None:
    for module in MODULES:
        for imported in imports_of(module):
            if module.startswith("gimpfu"):
                assert imported.startswith("gimpfu"), f"{module} imports {imported}"
            elif not module.startswith("deepdream_core") and imported != "deepdream_core":
                assert room_of(imported) in ("", "shared"), f"{module} imports {imported}"


def test_what_the_dialog_shows_knows_nothing_of_gtk() -> None:
    for name in WITHOUT_GTK:
        module = f"deepdream_plugin.dialog.{name}"
        assert "deepdream_plugin.dialog.gtk" not in imports_of(module)
        assert "gi" not in MODULES[module].read_text("utf-8").split()


def test_the_plug_in_and_what_it_shares_import_no_packages() -> None:
    allowed = {*sys.stdlib_module_names, "gi", "gimpfu", "deepdream_plugin", "deepdream_core"}
    allowed |= {"too_old", "gimp"}  # in GIMP 2.10's own Python 2
    for path in for_any_python():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.partition(".")[0] in allowed, f"{path} imports {name}"


def test_no_imports_run_in_circles() -> None:
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join([*way[way.index(module) :], module])
        if module not in done:
            for imported in sorted(imports_of(module)):
                visit(imported, (*way, module))
            done.add(module)

    for module in sorted(MODULES):
        visit(module, ())
