"""Every check: the real GIMPs are provided, an environment is made, all tests run."""

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
from deepdream_core.installer.system import CHECKOUT, say
from deepdream_core.shared.paths import cache_folder, engine_folder

TEST_HOSTS_THAT_MUST_RUN = ("2.10", "3.0")


def run_test(options: argparse.Namespace) -> int:
    """Make the test environment, provide the real GIMPs, run every check."""
    cache = cache_folder()
    place = Environment(cache / "test-env", "[test]")
    log = cache / "logs" / "install.log"
    provide = CHECKOUT / "tests" / "gimp" / "provide.py"
    if options.engine_python is None and read_stamp(engine := Environment(engine_folder())):
        # Its packages are borrowed; PyTorch need not be on the disk twice.
        options.engine_python = str(engine.python)
    if options.dry_run:
        say(f"Test environment\n  {install_engine(place, options, log)}")
        say(f"GIMPs\n  would run {provide} (packages and chroots where this is root on Debian)")
        say("Then would run ruff and pytest. Nothing was changed.")
        return 0
    base = find_python(options.engine_python)
    ensure_venv_module(base)
    say(f"GIMPs (into {cache / 'roots'}, in the background) and test environment ({cache})")
    providing = subprocess.Popen(
        [sys.executable, str(provide), str(cache)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    teller = threading.Thread(target=tell_lines, args=(providing,), daemon=True)
    teller.start()
    try:
        say(f"  environment: {install_engine(place, options, log)}")
        teller.join()
        providing.wait()
    except BaseException:
        providing.terminate()
        raise
    return check_everything(place, options.arguments)


def tell_lines(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        say(f"  GIMPs: {line.rstrip()}")


def check_everything(place: Environment, pytest_arguments: Sequence[str]) -> int:
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("PYTHONPATH", None)
    python = str(place.python)
    failed = []
    for check in (["check"], ["format", "--check"]):
        say(f"\n$ ruff {' '.join(check)}")
        command = [python, "-m", "ruff", *check, "--no-cache", "."]
        if subprocess.run(command, cwd=CHECKOUT, env=env).returncode:
            failed.append(f"ruff {check[0]}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "gimps.json"
        say("\n$ pytest")
        command = [python, "-m", "pytest", "-p", "no:cacheprovider", f"--gimp-report={report}"]
        if subprocess.run([*command, *pytest_arguments], cwd=CHECKOUT, env=env).returncode:
            failed.append("pytest")
        hosts = json.loads(report.read_text("utf-8")) if report.exists() else {}
    failed += tell_hosts(hosts, every_test=not pytest_arguments)
    say(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def tell_hosts(hosts: Mapping[str, Mapping[str, object]], every_test: bool) -> list[str]:
    """Print which GIMPs were driven, and return what counts as a failure."""
    say("\nGIMP   version    passed  failed")
    failures = []
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    for name, host in hosts.items():
        tested = bool(host["passed"] or host["failed"])
        why = host["skipped"] or ("" if tested else "no test for it was chosen")
        if why:
            say(f"{name:6} not tested: {why}")
        else:
            say(f"{name:6} {host['version']:9} {host['passed']:7} {host['failed']:7}")
        if why and in_ci and every_test and name in TEST_HOSTS_THAT_MUST_RUN:
            failures.append(f"GIMP {name} was not tested")
    if not hosts:
        failures.append("pytest did not come to its end")
    return failures
