"""Running every check: set up real GIMPs and a test environment, then run all tests."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from deepdream_core.installer.environment import Environment, install_engine, read_stamp
from deepdream_core.installer.python_and_torch import ensure_venv_module, find_python
from deepdream_core.installer.reports import say
from deepdream_core.installer.system import CHECKOUT, NO_LOCK, locked
from deepdream_core.shared.own_folders import make_marked_folder
from deepdream_core.shared.paths import cache_folder, engine_folder

TEST_HOSTS_THAT_MUST_RUN = ("2.10", "3.0")


def run_test(options: argparse.Namespace) -> int:
    """Set up the test environment and real GIMPs, then run every check."""
    cache = cache_folder()
    environment = Environment(cache / "test-env", "[test]")
    log = cache / "logs" / "install.log"
    lane = "wine" if options.wine else "sandbox" if options.sandbox else ""
    what, kind = (lane.capitalize(), lane) if lane else ("GIMPs", "gimp")
    provide = CHECKOUT / "tests" / kind / "provide.py"
    if options.engine_python is None and read_stamp(engine := Environment(engine_folder())):
        # Borrow the installed engine's packages, so that PyTorch is not on the disk twice.
        options.engine_python = str(engine.python)
    if options.dry_run:
        say(f"Test environment\n  {install_engine(environment, options, log, NO_LOCK)}")
        say(f"{what}\n  would run {provide} (installs packages and chroots if root on Debian)")
        say("Would then run ruff and pytest. No changes were made.")
        return 0
    base = find_python(options.engine_python)
    ensure_venv_module(base)
    make_marked_folder(cache)
    say(f"{what} (into {cache / 'roots'}, in the background) and test environment ({cache})")
    providing = subprocess.Popen(
        [sys.executable, "-I", str(provide), str(cache)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    printer = threading.Thread(target=print_lines, args=(providing, what), daemon=True)
    printer.start()
    try:
        with locked(cache) as lock:
            say(f"  environment: {install_engine(environment, options, log, lock)}")
        printer.join()
        providing.wait()
    except BaseException:
        providing.terminate()
        raise
    if lane:
        return check_lane(lane, environment, cache, options.arguments)
    return check_everything(environment, options.arguments)


def check_lane(lane: str, environment: Environment, cache: Path, arguments: Sequence[str]) -> int:
    """Run the tests of one lane alone, with what was provided in `cache`; return the exit code."""
    command = [str(environment.python), "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", "-v"]
    provided = cache / "wine" if lane == "wine" else cache
    command += [f"--{lane}={provided}", f"tests/{lane}", *arguments]
    return subprocess.run(command, cwd=CHECKOUT).returncode


def print_lines(process: subprocess.Popen[str], what: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        say(f"  {what}: {line.rstrip()}")


def check_everything(environment: Environment, pytest_arguments: Sequence[str]) -> int:
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("PYTHONPATH", None)
    python = str(environment.python)
    failed = []
    for check in (["check"], ["format", "--check"]):
        say(f"\n$ ruff {' '.join(check)}")
        command = [python, "-I", "-m", "ruff", *check, "--no-cache", "."]
        if subprocess.run(command, cwd=CHECKOUT, env=env).returncode:
            failed.append(f"ruff {check[0]}")
    say("\n$ pyright")
    command = [python, "-I", "-m", "pyright", "--pythonpath", python]
    if subprocess.run(command, cwd=CHECKOUT, env=env).returncode:
        failed.append("pyright")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "gimps.json"
        say("\n$ pytest")
        command = [python, "-m", "pytest", "-p", "no:cacheprovider", f"--gimp-report={report}"]
        # Tests mostly wait for GIMP, so run several at once. The user's own `-n` takes precedence.
        if subprocess.run(
            [*command, "-n", "auto", *pytest_arguments], cwd=CHECKOUT, env=env
        ).returncode:
            failed.append("pytest")
        hosts = json.loads(report.read_text("utf-8")) if report.exists() else {}
    failed += report_hosts(hosts, every_test=not pytest_arguments)
    say(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def report_hosts(hosts: Mapping[str, Mapping[str, object]], every_test: bool) -> list[str]:
    """Print which GIMPs were tested, and return what counts as a failure."""
    say("\nGIMP   version    passed  failed")
    failures = []
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    for name, host in hosts.items():
        tested = bool(host["passed"] or host["failed"])
        why = host["skipped"] or ("" if tested else "none of its tests were selected")
        if why:
            say(f"{name:6} not tested: {why}")
        else:
            say(f"{name:6} {host['version']:9} {host['passed']:7} {host['failed']:7}")
        if why and in_ci and every_test and name in TEST_HOSTS_THAT_MUST_RUN:
            failures.append(f"GIMP {name} was not tested")
    if not hosts:
        failures.append("pytest did not finish")
    return failures
