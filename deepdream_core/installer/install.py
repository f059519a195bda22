"""The steps of an installation, and of removing it."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from deepdream_core import __version__
from deepdream_core.installer import gimps
from deepdream_core.installer.environment import Environment, dismiss_warm_engine, install_engine
from deepdream_core.installer.own_data import (
    adopt_folders,
    ensure_names_are_free,
    own_data,
    own_pythons,
    prepare_folders,
    remove_leftovers,
)
from deepdream_core.installer.plug_in import install_plug_in, is_plug_in, remove_plug_in
from deepdream_core.installer.reports import report, say
from deepdream_core.installer.sandboxes import why_flatpak_cannot_use
from deepdream_core.installer.system import (
    CHECKOUT,
    NO_LOCK,
    Manifest,
    Problem,
    apt_install,
    can_use_apt,
    explain_os_error,
    locked,
    locked_without_a_file,
    missing_folders,
    outcome_of,
    remove_if_empty,
    remove_tree,
)
from deepdream_core.shared import paths
from deepdream_core.shared.atomic_files import replacing, unfinished_path
from deepdream_core.shared.messages import Message
from deepdream_core.shared.own_folders import is_marked, remove_marked_folder

GIMP_PACKAGES = ["gimp", "python3-gi", "gir1.2-gtk-3.0"]
"""GIMP, and GTK 3 for Python, which the plug-in's dialog needs in GIMP 2.10."""


T = TypeVar("T")


@dataclass
class Outcome:
    """The result of an installation, for the closing message."""

    programs: list[gimps.Program]
    series: list[str] = field(default_factory=list)
    """The GIMP series in which the plug-in was installed."""
    failures: list[str] = field(default_factory=list)


def run_install(options: argparse.Namespace) -> int:
    if is_plug_in(CHECKOUT):
        return run_engine(options)
    started = time.monotonic()
    outcome = install(options)
    seconds = time.monotonic() - started
    if options.dry_run:
        say("No changes were made.")
        return 0
    if outcome.failures:
        say(f"Incomplete: {outcome.failures[0]}")
        return 1
    where = ", ".join(sorted(set(outcome.series))) or "no GIMP (none that takes it was found)"
    say(f"Installed: DeepDream {__version__} for GIMP {where}, in {seconds:.0f} s.")
    if outcome.series:
        say("Restart GIMP; DeepDream is under Filters > Artistic > DeepDream…")
    return 0


def run_engine(options: argparse.Namespace) -> int:
    """Install or update the engine alone, as the dialog does for a plug-in that is there."""
    _prepared(options, install_engine_alone)
    if options.dry_run:
        say("No changes were made.")
    else:
        say(f"Installed: the engine of DeepDream {__version__}.")
    report("finished")
    return 0


def install(options: argparse.Namespace) -> Outcome:
    """Install or update everything. Raises `Problem`."""
    return _prepared(options, _install)


def _prepared(
    options: argparse.Namespace, do: Callable[[argparse.Namespace, Manifest, int], T]
) -> T:
    """Call `do` with the options, the manifest and the data folder's lock. Raises `Problem`."""
    data = paths.data_folder()
    ensure_names_are_free(Manifest())
    if options.dry_run:
        return do(options, Manifest(), NO_LOCK)
    missing = missing_folders(data)
    with locked(data) as lock:
        # Another installation may have changed it while this one waited for the lock.
        manifest = Manifest()
        manifest.note("folders", *missing)
        if not manifest.is_there:
            manifest.write()
        prepare_folders(manifest)
        return do(options, manifest, lock)


def install_engine_alone(options: argparse.Namespace, manifest: Manifest, lock: int) -> None:
    """Install or update the engine and the `deepdream` command. Raises `Problem`."""
    engine = Environment(paths.engine_folder())
    say(f"Engine ({paths.data_folder()})")
    say(f"  {install_engine(engine, options, paths.install_log(), lock)}")
    if options.dry_run:
        return
    if is_plug_in(CHECKOUT):
        manifest.note("plug_ins", CHECKOUT)
    engine = Environment(paths.engine_folder())
    say(f"  {link_program(engine, manifest, dry=False)}")
    say(Message("install-self-test"))
    say(f"  {_self_test(engine)}")


def _install(options: argparse.Namespace, manifest: Manifest, lock: int) -> Outcome:
    dry, engine = options.dry_run, Environment(paths.engine_folder())
    say(f"Engine ({paths.data_folder()})")
    say(f"  {install_engine(engine, options, paths.install_log(), lock)}")
    engine = Environment(paths.engine_folder())

    say("GIMP")
    outcome = Outcome(_gimps(manifest, dry))
    find = gimps.profiles if dry else gimps.ready_profiles
    for profile in find(outcome.programs):
        try:
            done = install_plug_in(profile, engine.python, manifest, dry)
            outcome.series.append(profile.series)
        except (Problem, OSError) as error:
            # A failure in one GIMP must not stop the installation in the others.
            done = explain_os_error(error) if isinstance(error, OSError) else str(error)
            outcome.failures.append(done)
        say(f"  {profile.series}: {done}")
        if sys.platform == "win32" and profile.series.startswith("2."):
            say("  GIMP 2.10 for Windows brings Python 2, which cannot run DeepDream: use GIMP 3")
    for note in gimps.notes(outcome.programs):
        say(f"  {note}")
    has_flatpak = any(program.kind == "flatpak" for program in outcome.programs)
    if not dry and has_flatpak and (why := why_flatpak_cannot_use(paths.data_folder())):
        say(f"  {why}")

    say("Command line")
    say(f"  {link_program(engine, manifest, dry)}")
    if not dry:
        say("Self-test")
        say(f"  {_self_test(engine)}")
    return outcome


def _gimps(manifest: Manifest, dry: bool) -> list[gimps.Program]:
    """Return this machine's GIMPs; as root on Debian, install GIMP if there is none."""
    programs = gimps.programs()
    if programs or gimps.profiles(programs) or not can_use_apt():
        return programs
    if dry:
        say(f"  not found; would install {' '.join(GIMP_PACKAGES)} with apt-get")
        return programs
    say(f"  not found; installing {' '.join(GIMP_PACKAGES)} with apt-get")
    apt_install(GIMP_PACKAGES)
    manifest.note("apt", *GIMP_PACKAGES)
    return gimps.programs()


def link_program(engine: Environment, manifest: Manifest, dry: bool) -> str:
    """Link `deepdream` into ~/.local/bin and return a description of what was done."""
    program = engine.program("deepdream")
    if sys.platform == "win32":
        return f"the command is {program}"
    link = Path.home() / ".local" / "bin" / "deepdream"
    if dry:
        return _linked(link, program, manifest, dry)
    manifest.note("folders", *(f for f in (link.parent, link.parent.parent) if not f.exists()))
    # An installation with another data folder has a program of the same name.
    with locked_without_a_file(link.parent):
        return _linked(link, program, manifest, dry)


def _linked(link: Path, program: Path, manifest: Manifest, dry: bool) -> str:
    if link.is_symlink() and link.readlink() == program:
        done = f"{link} is already linked"
    elif os.path.lexists(link) and str(link) not in manifest.made["links"]:
        return f"{link} is a different program and was not replaced; run {program} instead"
    elif dry:
        return f"would link {link}"
    else:
        manifest.note("links", link)
        with replacing(link) as fresh:
            fresh.symlink_to(program)
        done = f"linked {link}"
    if str(link.parent) not in os.environ.get("PATH", "").split(os.pathsep):
        done += f" (not on PATH: add {link.parent} to PATH, or use the full path)"
    return done


def _self_test(engine: Environment) -> str:
    """Run the installed engine's self-test. Raises `Problem` with its output on failure."""
    code, output = outcome_of([engine.program("deepdream"), "doctor"], timeout=300)
    if code:
        raise Problem(Message("install-self-test-fails", output=output))
    return "passed"


def run_uninstall(options: argparse.Namespace) -> int:
    """Remove what the installer installed, and nothing else."""
    if options.engine_alone:
        return _remove_engine(options.dry_run)
    data = paths.data_folder()
    if options.dry_run or not data.is_dir():
        _uninstall(options, Manifest())
    else:
        with locked(data):
            manifest = Manifest()
            adopt_folders(manifest)
            _uninstall(options, manifest)
            _remove_data_folder(manifest)
        _remove_lock(data, manifest)
    if options.dry_run:
        say("No changes were made.")
        return 0
    kept = [path for path in (data, paths.cache_folder()) if path.exists()]
    for path in kept:
        say(f"kept {path} (models, presets and settings, the test cache, or other files of yours)")
    if kept and not options.everything:
        say("To remove these as well, run `python3 install.py uninstall --everything`.")
    say("Uninstalled.")
    report("finished")
    return 0


def _uninstall(options: argparse.Namespace, manifest: Manifest) -> None:
    dry, engine = options.dry_run, Environment(paths.engine_folder())
    would = "would remove" if dry else "removing"
    for place in map(Path, manifest.made["plug_ins"]):
        say(f"{would} {place}" + ("" if dry else f": {remove_plug_in(place)}"))
    _remove_links(manifest, engine, dry)
    if not dry:
        dismiss_warm_engine(engine)
        remove_leftovers(manifest)
    for path in own_data(manifest, options.everything):
        say(f"{would} {path}")
        if not dry and is_marked(path):
            remove_marked_folder(path)
        elif not dry:
            remove_tree(path)
    if not dry:
        paths.engine_switch().unlink(missing_ok=True)
    if manifest.made["apt"]:
        names = " ".join(manifest.made["apt"])
        say(f"These packages are still installed; to remove them: apt-get remove {names}")


def _remove_engine(dry: bool) -> int:
    """Remove the engine and the `deepdream` command, and keep the plug-in in GIMP."""
    data, engine = paths.data_folder(), Environment(paths.engine_folder())
    made = (*paths.engine_folders(), *own_pythons())
    for folder in filter(is_marked, made):
        say(f"{'would remove' if dry else 'removing'} {folder}")
    if dry:
        say("No changes were made.")
    elif data.is_dir():
        with locked(data):
            manifest = Manifest()
            adopt_folders(manifest)
            _remove_links(manifest, engine, dry)
            dismiss_warm_engine(engine)
            remove_leftovers(manifest)
            for folder in (*made, paths.downloads_folder(data)):
                remove_marked_folder(folder)
            paths.engine_switch().unlink(missing_ok=True)
    report("finished")
    return 0


def _remove_links(manifest: Manifest, engine: Environment, dry: bool) -> None:
    program = engine.program("deepdream")
    for link in map(Path, manifest.made["links"]):
        if link.is_symlink() and link.readlink() == program:
            say(f"{'would remove' if dry else 'removing'} {link}")
        if not dry and link.parent.is_dir():
            _unlink(link, program)


def _unlink(link: Path, program: Path) -> None:
    """Remove the link to a program, if it is one, and what an interruption left of it."""
    with locked_without_a_file(link.parent):
        if (unfinished := unfinished_path(link)).is_symlink():
            unfinished.unlink()
        if link.is_symlink() and link.readlink() == program:
            link.unlink()


def _remove_data_folder(manifest: Manifest) -> None:
    """Remove the folders that the installer created, if they are empty, and its own files.

    If anything remains, keep the manifest for a later `uninstall`.
    """
    data = paths.data_folder()
    made = [Path(folder) for folder in manifest.made["folders"]]
    for folder in sorted((f for f in made if f not in (data, *data.parents)), reverse=True):
        # Another installation may be about to put something there.
        if folder.is_dir():
            with contextlib.suppress(OSError), locked_without_a_file(folder):
                folder.rmdir()
    lock = paths.install_lock(data)
    if manifest.is_there and {path.name for path in data.iterdir()} - {lock.name} > {
        manifest.path.name
    }:
        left = [folder for folder in made if folder.exists()]
        manifest.keep_only({"folders": left, "shared": manifest.made["shared"]})
        _unlink_open(lock)
        return
    _unlink_open(lock)
    if manifest.is_there:
        manifest.path.unlink(missing_ok=True)
    _remove_empty_data_folder(made)


def _remove_empty_data_folder(made: Collection[Path]) -> None:
    data = paths.data_folder()
    if data in made or "DEEPDREAM_HOME" not in os.environ:
        remove_if_empty(data)
    for folder in sorted((f for f in made if f in data.parents), reverse=True):
        remove_if_empty(folder)


def _unlink_open(lock: Path) -> None:
    """Remove the lock's file while it is locked, except on Windows, which does not allow it."""
    if sys.platform != "win32":
        lock.unlink()


def _remove_lock(data: Path, manifest: Manifest) -> None:
    """Remove what could not be removed on Windows while the data folder was locked."""
    if sys.platform == "win32":
        with contextlib.suppress(OSError):  # another installation has it
            paths.install_lock(data).unlink()
        _remove_empty_data_folder([Path(folder) for folder in manifest.made["folders"]])
