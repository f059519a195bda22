"""Removing what the installer put on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from deepdream_core.installer import warm_engine
from deepdream_core.installer.files import remove_if_empty, remove_leftovers, remove_tree
from deepdream_core.installer.manifest import Manifest
from deepdream_core.installer.places import cache_folder
from deepdream_core.installer.plug_in import remove_plug_in
from deepdream_core.installer.words import say
from deepdream_core.shared.paths import data_folder


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
        warm_engine.dismiss(data)
        remove_leftovers(data)
    own = list(_own(data, options.everything))
    for path in own:
        if path.exists():
            say(f"{would} {path}")
            if not options.dry_run:
                remove_tree(path)
    if manifest.made["apt"]:
        names = " ".join(manifest.made["apt"])
        say(f"These packages stay; remove them with: apt-get remove {names}")
    if options.dry_run:
        say("Nothing was changed.")
        return 0
    _remove_folders(manifest, data)
    kept = [path for path in (data, cache_folder()) if path.exists()]
    for path in kept:
        say(f"kept {path} (models, presets and settings, or what the tests use)")
    if kept:
        say("`python3 install.py uninstall --everything` removes these too.")
    say("Uninstalled.")
    return 0


def _own(data: Path, everything: bool) -> Iterable[Path]:
    yield from (data / "engine", data / "logs", warm_engine.running_folder(data))
    if everything:
        yield from (data / "models", data / "presets", data / "last-settings.json")
        yield cache_folder()


def _remove_folders(manifest: Manifest, data: Path) -> None:
    """Remove the folders that the installer made, as far as nothing is in them.

    While there are any, what is known of them is kept, for another `uninstall`.
    """
    (data / ".install.lock").unlink(missing_ok=True)
    made = [Path(folder) for folder in manifest.made["folders"]]
    for folder in sorted((f for f in made if f not in data.parents), reverse=True):
        remove_if_empty(folder)
    if {path.name for path in data.glob("*")} <= {manifest.path.name}:
        manifest.path.unlink(missing_ok=True)
        for folder in (data, *sorted(made, reverse=True)):
            remove_if_empty(folder)
    elif manifest.path.exists():
        manifest.keep_only("folders", [folder for folder in made if folder.exists()])
