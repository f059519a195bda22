#!/usr/bin/env python3
"""Install DeepDream for GIMP: the engine, the plug-in and the `deepdream` command.

    python3 install.py            install or update
    python3 install.py demo       install, then dream a photo through GIMP into this folder
    python3 install.py test       set up real GIMPs and run every test
    python3 install.py engine     install or update only the engine, not the plug-in in GIMP
    python3 install.py package    write a zip file with the plug-in, which installs its engine
    python3 install.py uninstall  remove what was installed

Every command accepts --dry-run. An interrupted command can be run again to continue.
Requires only Python 3.9 or later. The engine needs 3.10, which the installer looks for.
"""

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

if sys.version_info < (3, 9):  # noqa: UP036
    sys.exit("This installer needs Python 3.9 or later; run it with a newer Python.")

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from deepdream_core.installer.demo import run_demo  # noqa: E402
from deepdream_core.installer.install import run_engine, run_install, run_uninstall  # noqa: E402
from deepdream_core.installer.package import run_package  # noqa: E402
from deepdream_core.installer.reports import report, report_to_a_program, say  # noqa: E402
from deepdream_core.installer.system import Problem, explain_os_error  # noqa: E402
from deepdream_core.installer.testing import run_test  # noqa: E402

COMMANDS = {
    "install": run_install,
    "demo": run_demo,
    "test": run_test,
    "engine": run_engine,
    "package": run_package,
    "uninstall": run_uninstall,
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="install.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", nargs="?", default="install", choices=list(COMMANDS))
    parser.add_argument("--dry-run", action="store_true", help="show what would be done")
    parser.add_argument(
        "--torch",
        default="auto",
        choices=["auto", "cuda", "rocm", "cpu", "pypi"],
        help="which build of PyTorch to install; auto detects what fits this machine",
    )
    parser.add_argument(
        "--engine-python",
        metavar="PYTHON",
        default=os.environ.get("DEEPDREAM_ENGINE_PYTHON"),
        help="a Python, such as that of a conda or virtual environment, whose torch and\n"
        "torchvision the engine uses instead of installing its own\n"
        "(default: DEEPDREAM_ENGINE_PYTHON)",
    )
    parser.add_argument(
        "--everything",
        action="store_true",
        help="with uninstall: also remove models, presets, settings and the test cache",
    )
    parser.add_argument(
        "--engine-alone",
        action="store_true",
        help="with uninstall: keep the plug-in in GIMP, which can install the engine again",
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help="write JSON lines for a program instead of sentences",
    )
    parser.add_argument(
        "--wine",
        action="store_true",
        help="with test: run the engine and the installer of Windows, under wine, and nothing else",
    )
    parser.add_argument(
        "--sandbox",
        action="store_true",
        help="with test: run GIMP in sandboxes like those of Flatpak, and nothing else",
    )
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command != "test":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    options.arguments = [argument for argument in rest if argument != "--"]
    return options


def main(arguments: Sequence[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal cannot show must not abort the installation.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = parse(arguments)
    if options.report:
        report_to_a_program()
    # Handle SIGTERM like Ctrl+C, so that child processes are stopped as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return COMMANDS[options.command](options)
    except (Problem, OSError) as problem:
        text = explain_os_error(problem) if isinstance(problem, OSError) else problem.args[0]
        say(f"Failed: {text}")
        report("failed", text=text)
        return 1
    except KeyboardInterrupt:
        say("Interrupted. Run the same command again to continue.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
