"""The program `deepdream` in the user's folder of programs."""

from __future__ import annotations

import os
import sys

from deepdream_core.installer.manifest import Manifest
from deepdream_core.installer.places import Environment, user_programs


def link_program(place: Environment, manifest: Manifest, dry: bool) -> str:
    """Link `deepdream` into the user's folder of programs and return what was done."""
    program = place.program("deepdream")
    if sys.platform == "win32":
        return f"the program is {program}"
    link = user_programs() / "deepdream"
    if link.is_symlink() and link.readlink() == program:
        done = f"{link}: there already"
    elif os.path.lexists(link) and str(link) not in manifest.made["links"]:
        return f"{link} is another program and stays; ours is {program}"
    elif dry:
        return f"would link {link}"
    else:
        manifest.note("folders", *(f for f in (link.parent, link.parent.parent) if not f.exists()))
        manifest.note("links", link)
        link.parent.mkdir(parents=True, exist_ok=True)
        fresh = link.with_name(".deepdream.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(program)
        fresh.replace(link)
        done = f"{link} linked"
    if str(link.parent) not in os.environ.get("PATH", "").split(os.pathsep):
        done += f" (not on PATH: add {link.parent} to it, or call it by this name)"
    return done
