#!/usr/bin/env python3
"""Install DeepDream for GIMP: the engine with an environment of its own, the plug-in, `deepdream`.

    python3 install.py            install, or bring an installation up to date
    python3 install.py demo       install, then dream a photo through GIMP into this folder
    python3 install.py test       set up the real GIMPs and run every test
    python3 install.py uninstall  remove what was installed

Each takes --dry-run. Whatever was interrupted can be started again and continues from there.
Needs Python 3.9 or later and nothing else; the engine needs 3.10, which the installer looks for.
"""

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

if sys.version_info < (3, 9):  # noqa: UP036
    sys.exit("This installer needs Python 3.9 or later; start it with a newer one.")

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from deepdream_core.installer.demo import run_demo  # noqa: E402
from deepdream_core.installer.install import run_install, run_uninstall  # noqa: E402
from deepdream_core.installer.system import Problem, explain_os_error, say  # noqa: E402
from deepdream_core.installer.testing import run_test  # noqa: E402

COMMANDS = {
    "install": run_install,
    "demo": run_demo,
    "test": run_test,
    "uninstall": run_uninstall,
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="install.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", nargs="?", default="install", choices=list(COMMANDS))
    parser.add_argument("--dry-run", action="store_true", help="say what would be done; do nothing")
    parser.add_argument(
        "--torch",
        default="auto",
        choices=["auto", "cuda", "rocm", "cpu", "pypi"],
        help="which build of PyTorch; auto looks at this machine",
    )
    parser.add_argument(
        "--engine-python",
        metavar="PYTHON",
        default=os.environ.get("DEEPDREAM_ENGINE_PYTHON"),
        help="a Python (a conda or virtual environment's) whose own torch and torchvision\n"
        "the engine uses instead of installing them; or set DEEPDREAM_ENGINE_PYTHON",
    )
    parser.add_argument(
        "--everything",
        action="store_true",
        help="uninstall: models, presets, settings and the tests' cache as well",
    )
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command != "test":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    options.arguments = [argument for argument in rest if argument != "--"]
    return options


def main(arguments: Sequence[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        # A character that a terminal cannot show must not end an installation.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = parse(arguments)
    # Ended like an interruption, so that running programs are ended too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return COMMANDS[options.command](options)
    except Problem as problem:
        say(f"Failed: {problem}")
        return 1
    except OSError as error:
        say(f"Failed: {explain_os_error(error)}")
        return 1
    except KeyboardInterrupt:
        say("Interrupted. Run the same command again to continue.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
