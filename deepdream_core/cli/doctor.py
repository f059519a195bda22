"""The command `deepdream doctor`: what is installed, whether it works, and the last error."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import platform
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from deepdream_core import __version__
from deepdream_core.cli.configuration import configuration_file
from deepdream_core.cli.visit import visit_engine
from deepdream_core.installer import gimps
from deepdream_core.models.catalogue import all_entries
from deepdream_core.models.weights import damaged, find_weights, is_good
from deepdream_core.shared.paths import data_folder, last_error_file
from deepdream_core.shared.recipe import PARAMETERS

_PACKAGES = ("torch", "torchvision", "numpy", "pillow", "tifffile", "imagecodecs")
_GTK_FOR_PYTHON = "import gi; gi.require_version('Gtk', '3.0')"
"""The plug-in's own test. It does not load GTK itself, which would create folders at home."""


@dataclass(frozen=True)
class Model:
    """A network's weights file."""

    name: str
    path: str
    mib: float
    state: str
    """`good` or `damaged`."""


@dataclass(frozen=True)
class Gimp:
    """A GIMP, or the configuration folder of a GIMP whose program was not found."""

    series: str
    version: str
    """Empty if only the configuration folder was found."""
    kind: str
    profile: str
    plug_in: str
    """A description of the plug-in's state in this profile."""


@dataclass(frozen=True)
class Diagnosis:
    """The doctor's findings."""

    versions: dict[str, str]
    """Of the project, Python, the system and the packages; "not installed" for missing packages."""
    data_folder: str
    configuration: str
    """Where the configuration file is, or would be."""
    device: str
    """The device that `auto` selects, with its name and free memory."""
    engine: str
    """Whether the engine process answers, and how fast."""
    models: list[Model]
    gimps: list[Gimp]
    dialog: str
    """Whether the system's Python can show the plug-in's full dialog in GIMP 2.10."""
    notes: list[str]
    """What is to be said about GIMPs from Flatpak, AppImages and snaps, as sentences."""
    last_error: str
    """The error of the last failed dream; empty if there was none."""
    problems: list[str] = field(default_factory=list)
    """What prevents dreaming, as sentences."""

    @property
    def healthy(self) -> bool:
        return not self.problems

    def as_json(self) -> str:
        """Return the report as one JSON object."""
        return json.dumps({**dataclasses.asdict(self), "healthy": self.healthy}, indent=2)


def report() -> Diagnosis:
    """Check everything. Takes a few seconds, as it loads torch and starts an engine."""
    problems: list[str] = []
    versions = _versions(problems)
    programs = gimps.programs()
    return Diagnosis(
        versions=versions,
        data_folder=str(data_folder()),
        configuration=str(configuration_file()),
        device=_device(problems),
        engine=_engine(problems),
        models=_models(problems),
        gimps=_gimps(programs),
        dialog=_dialog(),
        notes=gimps.notes(programs),
        last_error=_last_error(),
        problems=problems,
    )


def describe(report: Diagnosis) -> str:
    """Return the report as text for people."""
    lines = ["Versions"]
    lines += [f"  {name:12} {version}" for name, version in report.versions.items()]
    lines += ["Engine", f"  {report.engine}", f"  computes on {report.device}"]
    lines += [f"  keeps its data in {report.data_folder}"]
    lines += [f"  is configured by {report.configuration}, if that exists", "Networks"]
    lines += [f"  {m.name:20} {m.mib:.0f} MiB, {m.state}: {m.path}" for m in report.models]
    lines.append("GIMP")
    for gimp in report.gimps:
        name = f"{gimp.version or gimp.series}" + (f" ({gimp.kind})" if gimp.version else "")
        lines.append(f"  {name:20} plug-in: {gimp.plug_in}, in {gimp.profile}")
    if not report.gimps:
        lines.append("  none found")
    lines += [f"  {report.dialog}"] if report.dialog else []
    lines += [f"  {note}" for note in report.notes]
    lines += ["Last error", f"  {report.last_error}"] if report.last_error else []
    if report.problems:
        lines += ["Problems", *(f"  {problem}" for problem in report.problems)]
    else:
        lines.append("No problems found.")
    return "\n".join(lines)


def _versions(problems: list[str]) -> dict[str, str]:
    versions = {
        "deepdream": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": platform.platform(),
    }
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
            problems.append(f"The package {package} is missing; run the installer again.")
    return versions


def _device(problems: list[str]) -> str:
    try:
        import torch

        from deepdream_core.compute.devices import choose_device
        from deepdream_core.compute.machine_memory import free_bytes

        device = choose_device("auto")
        free = f"{free_bytes(device) / 2**30:.1f} GiB free"
        if device.type == "cuda":
            return f"{device} ({torch.cuda.get_device_name(device)}, {free})"
        return f"{device} ({torch.get_num_threads()} threads, {free})"
    except Exception as error:
        # A broken torch may raise anything: RuntimeError, OSError, ImportError.
        problems.append(f"PyTorch cannot be used ({error}); run the installer again.")
        return "no device"


def _engine(problems: list[str]) -> str:
    """Start the engine as the plug-in does, and wait for its hello."""
    command = [sys.executable, "-I", "-m", "deepdream_core.engine", "--stdio"]
    visit = visit_engine(command)
    if visit.version:
        return f"version {visit.version}, answers in {visit.seconds:.1f} s"
    reason = visit.words[-1] if visit.words else "no output"
    problems.append(f"The engine does not answer ({reason}); run the installer again.")
    return "does not answer"


def _models(problems: list[str]) -> list[Model]:
    found = []
    for entry in all_entries():
        path = find_weights(entry)
        if path is None:
            if entry.name == PARAMETERS["model"].default:
                problems.append("The default network is missing; run the installer again.")
            continue
        good = is_good(path, entry)
        if not good:
            problems.append(str(damaged(path, entry.name)))
        size = path.stat().st_size / 2**20
        found.append(Model(entry.name, str(path), size, "good" if good else "damaged"))
    return found


def _gimps(programs: list[gimps.Program]) -> list[Gimp]:
    found = []
    for profile in gimps.profiles(programs):
        state = gimps.plug_in_state(profile, __version__)
        here = [program for program in programs if profile.is_of(program)]
        version, kind = (here[0].version, here[0].kind) if here else ("", "")
        found.append(Gimp(profile.series, version, kind, str(profile.folder), state))
    return found


def _dialog() -> str:
    python = Path("/usr/bin/python3")
    if not sys.platform.startswith("linux") or not python.exists():
        return ""
    check = subprocess.run([str(python), "-I", "-c", _GTK_FOR_PYTHON], capture_output=True)
    if check.returncode == 0:
        return "the system's Python has GTK 3, which the full dialog needs"
    return "for the full dialog, install PyGObject: apt install python3-gi gir1.2-gtk-3.0"


def _last_error() -> str:
    try:
        return last_error_file().read_text("utf-8").strip()
    except OSError:
        return ""
