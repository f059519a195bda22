"""The whole installation: engine, plug-in, program, self-test."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field

from deepdream_core import __version__
from deepdream_core.installer import gimps
from deepdream_core.installer.apt import apt_install, can_use_apt
from deepdream_core.installer.environment import install_engine
from deepdream_core.installer.manifest import Manifest
from deepdream_core.installer.places import Environment
from deepdream_core.installer.plug_in import install_plug_in
from deepdream_core.installer.profiles import let_gimp_make
from deepdream_core.installer.program_link import link_program
from deepdream_core.installer.running import outcome_of
from deepdream_core.installer.words import Problem, explain_os_error, say
from deepdream_core.shared.paths import data_folder

GIMP_PACKAGES = ["gimp", "python3-gi", "gir1.2-gtk-3.0"]
"""GTK 3 for Python serves the plug-in's dialog in GIMP 2.10."""


@dataclass
class Outcome:
    """What an installation came to, for the verdict."""

    place: Environment
    programs: list[gimps.Program]
    series: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def run_install(options: argparse.Namespace) -> int:
    started = time.monotonic()
    outcome = install(options)
    seconds = time.monotonic() - started
    if options.dry_run:
        say("Nothing was changed.")
        return 0
    if outcome.complaints:
        say(f"Not complete: {outcome.complaints[0]}")
        return 1
    where = ", ".join(sorted(set(outcome.series))) or "no GIMP (none was found)"
    say(f"Installed: DeepDream {__version__} for GIMP {where}, in {seconds:.0f} s.")
    if outcome.series:
        say("Start GIMP anew; it is under Filters > Artistic > DeepDream…")
    return 0


def install(options: argparse.Namespace) -> Outcome:
    """Install everything, or bring it up to date. Raises `Problem`."""
    data = data_folder()
    place = Environment(data / "engine")
    log = data / "logs" / "install.log"
    manifest = Manifest()
    if not options.dry_run:
        manifest.note("folders", *(folder for folder in data.parents if not folder.exists()))
    say(f"Engine ({data})")
    say(f"  {install_engine(place, options, log)}")
    outcome = Outcome(place, gimps.programs())

    say("GIMP")
    profiles = gimps.profiles(outcome.programs)
    if not outcome.programs and not profiles and can_use_apt():
        if options.dry_run:
            say(f"  there is none; would install {' '.join(GIMP_PACKAGES)} with apt-get")
        else:
            say("  there is none on this machine; installing Debian's with apt-get")
            apt_install(GIMP_PACKAGES)
            manifest.note("apt", *GIMP_PACKAGES)
            outcome.programs = gimps.programs()
            profiles = gimps.profiles(outcome.programs)
    for profile in profiles:
        if not options.dry_run:
            let_gimp_make(profile, outcome.programs)
        try:
            done = install_plug_in(profile, place.python, manifest, options.dry_run)
            outcome.series.append(profile.series)
        except Problem as problem:
            done = str(problem)
            outcome.complaints.append(done)
        except OSError as error:
            done = explain_os_error(error)
            outcome.complaints.append(done)
        say(f"  {profile.series}: {done}")
    if any(program.kind != "program" for program in outcome.programs):
        say("  a GIMP from Flatpak or Snap may be unable to start the engine from its sandbox")

    say("Command line")
    say(f"  {link_program(place, manifest, options.dry_run)}")
    if not options.dry_run:
        say("Self-test")
        say(f"  {self_test(place)}")
    return outcome


def self_test(place: Environment) -> str:
    """Ask the installed engine how it is. Raises `Problem` with its answer."""
    code, told = outcome_of([place.program("deepdream"), "doctor"], timeout=300)
    if code:
        raise Problem(f"The engine was installed but is not well:\n{told}")
    return "the engine answers"
