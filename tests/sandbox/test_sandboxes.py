"""GIMP and the engine in sandboxes like those of Flatpak, and as an AppImage starts them.

This is bubblewrap, with which Flatpak makes its sandboxes, but no real Flatpak: its runtime, its
seccomp filters and its portals are missing.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bubblewrap import CHECKOUT, Sandbox, SandboxedUser
from PIL import Image, ImageChops

from deepdream_core.shared.preset_files import write_preset

CLIENT = """
import array, sys
sys.path.insert(0, sys.argv[1])
from deepdream_core.shared.paths import data_folder
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import Recipe
from deepdream_plugin.engine import Engine

with Engine.warm() as engine:
    picture = Picture(32, 32, 4, array.array("f", [i % 7 / 7 for i in range(4096)]).tobytes())
    for frame in engine.dream(Recipe(octaves=1, steps=1), {"image": picture}).events():
        pass
print(frame.kind, data_folder(), sys.prefix)
"""
"""A client of the plug-in in the folder that is its argument: one dream by the warm engine."""

DREAM = """
from gi.repository import Gimp, Gio
image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path("photo.png"))
dream = Gimp.get_pdb().lookup_procedure("python-fu-deepdream")
config = dream.create_config()
config.set_property("image", image)
config.set_core_object_array("drawables", image.get_layers())
config.set_property("preset", "from-outside")
if dream.run(config).index(0) != Gimp.PDBStatusType.SUCCESS:
    raise RuntimeError(Gimp.get_pdb().get_last_error())
print("layers", len(image.get_layers()))
Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path("dream.png"), None)
"""
DISMISS = """
from deepdream_core.installer.environment import Environment, dismiss_warm_engine
from deepdream_core.shared.paths import engine_folder
dismiss_warm_engine(Environment(engine_folder()))
"""


@pytest.fixture
def user(sandboxed: SandboxedUser) -> Iterator[SandboxedUser]:
    yield sandboxed
    for engine in engines(sandboxed):
        with contextlib.suppress(OSError):
            os.kill(engine, signal.SIGKILL)


def engines(user: SandboxedUser) -> list[int]:
    """Return the processes of the user's warm engines, as this machine numbers them."""
    socket = os.fsencode(user.data / "run" / "engine.sock")
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            if socket in arguments and b"deepdream_core.engine" in arguments:
                found.append(int(folder.name))
    return found


def dream_in_gimp(user: SandboxedUser, sandbox: Sandbox, console: str) -> None:
    """Let GIMP dream a photo in batch mode, with a preset that was made outside."""
    Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(user.folder / "photo.png")
    preset = user.data / "presets" / "from-outside.json"
    settings = {"octaves": 1, "steps": 1, "step_size": 8.0}
    write_preset(preset, "From outside", "", settings)
    result = user.folder / "dream.png"
    result.unlink(missing_ok=True)
    batch = ["--quit", "--batch-interpreter=python-fu-eval", "-b", DREAM]
    said = sandbox.run(console, "-i", "-d", "-f", *batch)
    assert "layers 2" in said, said
    with Image.open(result) as dreamed, Image.open(user.folder / "photo.png") as photo:
        assert dreamed.size == (64, 48)
        assert ImageChops.difference(dreamed.convert("RGB"), photo).getbbox()


def test_the_python_that_was_brought_runs_the_engine_on_both_sides(user: SandboxedUser) -> None:
    ask = (
        user.engine,
        "-I",
        "-c",
        "import ctypes, ssl, sqlite3, sys, torch; print(sys.base_prefix)",
    )
    for said in (user.run(*ask), user.flatpak.run(*ask)):
        assert said.splitlines()[-1] == str(user.data / "python")
    # This machine's own Python is hidden.
    hidden = user.flatpak.run("sh", "-c", f"test -e {sys.base_prefix}/bin || echo hidden")
    assert hidden == "hidden\n"


def test_gimp_in_a_flatpak_dreams_with_a_preset_from_outside(user: SandboxedUser) -> None:
    dream_in_gimp(user, user.flatpak, "gimp-console")


def test_one_warm_engine_serves_both_sides(user: SandboxedUser) -> None:
    plug_in = user.flatpak_profile / "plug-ins" / "deepdream"

    def outside() -> str:
        return user.run(sys.executable, "-I", "-c", CLIENT, plug_in)

    def inside() -> str:
        return user.flatpak.run("python3", "-I", "-c", CLIENT, plug_in)

    for first, second in ((outside, inside), (inside, outside)):
        assert f"result {user.data} " in first()
        (engine,) = engines(user)
        assert f"result {user.data} " in second()
        assert engines(user) == [engine]
        user.run(sys.executable, "-c", DISMISS)
        until = time.monotonic() + 10
        while engines(user) and time.monotonic() < until:
            time.sleep(0.05)
        assert engines(user) == []


def test_an_installer_inside_plans_the_same_engine(user: SandboxedUser) -> None:
    """As the dialog asks it, on the system's Python in the sandbox, or on that of the AppImage."""
    for sandbox, profile in ((user.flatpak, user.flatpak_profile), (user.appimage, user.profile)):
        script = profile / "plug-ins" / "deepdream" / "install.py"
        said = sandbox.run("python3", "-B", script, "engine", "--dry-run", "--report")
        (plan,) = [told for line in said.splitlines() if (told := as_plan(line))]
        assert plan["folder"] == str(user.data / "engine")
        assert Path(plan["python"]).parent == user.data / "python" / "bin"


def as_plan(line: str) -> dict[str, str]:
    with contextlib.suppress(ValueError):
        told = json.loads(line)
        if isinstance(told, dict) and told.get("kind") == "plan":
            return told
    return {}


def test_gimps_appimage_dreams(user: SandboxedUser) -> None:
    console = f"{user.appimage.variables['APPDIR']}/usr/bin/gimp-console"
    dream_in_gimp(user, user.appimage, console)


def test_the_engine_has_nothing_of_an_appimage(user: SandboxedUser) -> None:
    plug_in = user.profile / "plug-ins" / "deepdream"
    said = user.appimage.run("python3", "-c", CLIENT, plug_in)
    mounted = user.appimage.variables["APPDIR"]
    assert said.split()[-3:] == ["result", str(user.data), f"{mounted}/usr"]
    (engine,) = engines(user)
    folder = Path(f"/proc/{engine}")
    assert mounted not in (folder / "environ").read_text("utf-8", "replace")
    libraries = (folder / "maps").read_text("utf-8", "replace")
    assert re.search(r"libtorch_cpu", libraries) and not re.search(r"libgegl", libraries)


def test_the_installer_says_what_was_tried(user: SandboxedUser) -> None:
    said = user.run(user.data / "engine" / "bin" / "deepdream", "doctor")
    assert "made with bubblewrap, but not in a real Flatpak" in said
    assert str(CHECKOUT) not in user.run("cat", user.data / "engine" / "pyvenv.cfg")
