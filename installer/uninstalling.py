"""Removing what the installer put on this machine."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from deepdream_core import data_folder
from installer.files import remove_leftovers, remove_tree
from installer.manifest import Manifest
from installer.places import cache_folder
from installer.plug_in import remove_plug_in
from installer.words import say


def run_uninstall(options: argparse.Namespace) -> int:
    """Remove what the installer put on this machine, and nothing else."""
    data = data_folder()
    manifest = Manifest()
    would = "would remove" if options.dry_run else "removing"
    for place in map(Path, manifest.made["plug_ins"]):
        say(f"{would} {place}" + ("" if options.dry_run else f": {remove_plug_in(place)}"))
    for link in map(Path, manifest.made["links"]):
        if link.is_symlink() and link.readlink().parent.parent == data / "engine":
            say(f"{would} {link}")
            if not options.dry_run:
                link.unlink()
    if not options.dry_run:
        remove_leftovers(data)
    own = [data / "engine", data / "logs"]
    if options.everything:
        own += [data / "models", data / "presets", data / "settings", cache_folder()]
    for folder in own:
        if folder.exists():
            say(f"{would} {folder}")
            if not options.dry_run:
                remove_tree(folder)
    if not options.dry_run:
        for note in (manifest.path, data / ".install.lock"):
            note.unlink(missing_ok=True)
        for made in (data, *sorted(map(Path, manifest.made["folders"]), reverse=True)):
            with contextlib.suppress(OSError):
                made.rmdir()
    kept = [path for path in (data, cache_folder()) if path.exists() and path not in own]
    for path in kept if not options.dry_run else []:
        say(f"kept {path} (models, presets and settings, or what the tests use)")
    if kept and not options.dry_run:
        say("`python3 install.py uninstall --everything` removes these too.")
    if manifest.made["apt"]:
        names = " ".join(manifest.made["apt"])
        say(f"These packages stay; remove them with: apt-get remove {names}")
    say("Nothing was changed." if options.dry_run else "Uninstalled.")
    return 0
