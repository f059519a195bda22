"""The zip file that an artist unpacks into GIMP's folder for plug-ins."""

from __future__ import annotations

import argparse
import json
import zipfile
from pathlib import Path

from deepdream_core import __version__
from deepdream_core.installer import gimps
from deepdream_core.installer.plug_in import is_plug_in, marker_for, plug_in_files
from deepdream_core.installer.reports import say
from deepdream_core.installer.system import CHECKOUT, Problem
from deepdream_core.shared.atomic_files import replacing

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The date of every file, so that the same files make the same zip."""
_FILE, _PROGRAM = 0o100644 << 16, 0o100755 << 16
_UNIX = 3


def run_package(options: argparse.Namespace) -> int:
    """Write the zip file into the current folder."""
    if is_plug_in(CHECKOUT):
        raise Problem("This is a plug-in already. Run this in a checkout of the project.")
    path = Path.cwd() / f"deepdream-gimp-{__version__}.zip"
    if options.dry_run:
        say(f"Would write {path}. No changes were made.")
        return 0
    with replacing(path) as fresh:
        write_package(fresh)
    say(f"{path}: {path.stat().st_size / 1e6:.1f} MB. Unpack it into GIMP's folder for plug-ins.")
    return 0


def write_package(path: Path) -> None:
    """Write the plug-in without an engine, which its dialog installs. Raises `OSError`."""
    contents = {name: source.read_bytes() for name, source in plug_in_files().items()}
    marker = json.dumps(marker_for(None), indent=1) + "\n"
    contents[gimps.MARKER] = marker.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(f"{gimps.PLUG_IN}/{name}", _WHEN)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, _UNIX
            # GIMP starts only programs.
            entry.external_attr = _PROGRAM if name == f"{gimps.PLUG_IN}.py" else _FILE
            package.writestr(entry, contents[name])
