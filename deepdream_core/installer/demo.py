"""The demo: dreaming a photo through GIMP in batch mode."""

from __future__ import annotations

import argparse
import json
import struct
import time
from pathlib import Path

from deepdream_core.installer import gimps
from deepdream_core.installer.install import install
from deepdream_core.installer.reports import say
from deepdream_core.installer.system import CHECKOUT, Problem, outcome_of


def run_demo(options: argparse.Namespace) -> int:
    """Install, then dream the photo through GIMP in batch mode, into the current folder."""
    outcome = install(options)
    photo = CHECKOUT / "docs" / "photo.jpg"
    xcf, png = Path.cwd() / "demo.xcf", Path.cwd() / "demo.png"
    if options.dry_run:
        say(f"Would then dream {photo} through GIMP into {xcf} and {png}. No changes were made.")
        return 0
    if not outcome.programs:
        raise Problem("GIMP is not installed. Install GIMP 2.10 or later, then run this again.")
    say("Demo")
    for program in outcome.programs:
        say(f"  dreaming {photo.name} through GIMP {program.version}; this takes about a minute")
        started = time.monotonic()
        failure = dream_through(program, photo, xcf, png)
        seconds = time.monotonic() - started
        if not failure:
            say(f"  {xcf}\n  {png}")
            say(f"Dreamed through GIMP {program.version} in {seconds:.0f} s. Open demo.xcf.")
            return 0
        say(f"  GIMP {program.version} failed:\n{failure}")
    raise Problem("The demo failed in every GIMP; see the messages above.")


def dream_through(program: gimps.Program, photo: Path, xcf: Path, png: Path) -> str:
    """Dream the photo through a GIMP. Return its output on failure, or an empty string.

    GIMP 2.10 exits with 0 even after an error, so the saved files decide.
    """
    xcf.unlink(missing_ok=True)
    png.unlink(missing_ok=True)
    if program.series.startswith("2."):
        arguments = ["-b", demo_in_scheme(photo, xcf, png), "-b", "(gimp-quit 0)"]
    else:
        python = "--batch-interpreter=python-fu-eval"
        arguments = [python, "-b", demo_in_python(photo, xcf, png), "--quit"]
    _, output = outcome_of([*program.console, "-i", "-d", "-f", *arguments], timeout=1800)
    if not (xcf.exists() and png.exists()):
        return output or "GIMP printed no message and saved no files."
    layers = count_xcf_layers(xcf)
    return "" if layers == 2 else f"{xcf} has {layers} layers, not 2.\n{output}"


def demo_in_scheme(photo: Path, xcf: Path, png: Path) -> str:
    photo_, xcf_, png_ = (json.dumps(str(path), ensure_ascii=False) for path in (photo, xcf, png))
    return f"""
(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE {photo_} {photo_})))
       (source (car (gimp-image-get-active-drawable image)))
       (dream (car (python-fu-deepdream RUN-NONINTERACTIVE image source "" ""))))
  (file-png-save RUN-NONINTERACTIVE image dream {png_} {png_} 0 9 0 0 0 0 0)
  (gimp-xcf-save 0 image dream {xcf_} {xcf_}))"""


def demo_in_python(photo: Path, xcf: Path, png: Path) -> str:
    return f"""
import gi
gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, Gio
quiet = Gimp.RunMode.NONINTERACTIVE
image = Gimp.file_load(quiet, Gio.File.new_for_path({str(photo)!r}))
procedure = Gimp.get_pdb().lookup_procedure("python-fu-deepdream")
if procedure is None:
    raise RuntimeError("GIMP did not find the plug-in.")
config = procedure.create_config()
config.set_property("image", image)
config.set_core_object_array("drawables", image.get_layers())
result = procedure.run(config)
if result.index(0) != Gimp.PDBStatusType.SUCCESS:
    raise RuntimeError(Gimp.get_pdb().get_last_error())
for path in ({str(png)!r}, {str(xcf)!r}):
    if not Gimp.file_save(quiet, image, Gio.File.new_for_path(path), None):
        raise RuntimeError("GIMP could not save " + path)
"""


def count_xcf_layers(path: Path) -> int:
    """Count the layers in an XCF file's table of layer offsets."""
    data = path.read_bytes()
    version = 0 if data[9:13] == b"file" else int(data[10:13])
    position = 14 + 12 + (4 if version >= 4 else 0)
    kind = -1
    while kind != 0:
        kind, size = struct.unpack_from(">II", data, position)
        position += 8 + size
    pointer = ">Q" if version >= 11 else ">I"
    layers = 0
    while struct.unpack_from(pointer, data, position)[0]:
        layers += 1
        position += struct.calcsize(pointer)
    return layers
