"""Debian's packages, where this is root on Debian or Ubuntu."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

from deepdream_core.installer.running import last_line, run_logged
from deepdream_core.installer.words import Problem
from deepdream_core.shared.paths import data_folder


def can_use_apt() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: Sequence[str]) -> None:
    """Install Debian packages without their recommendations. Raises `Problem`."""
    log = data_folder() / "logs" / "install.log"
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"]
    run_logged([*apt, "update"], log, env)
    if run_logged([*apt, "install", "--no-install-recommends", *packages], log, env):
        names = " ".join(packages)
        raise Problem(
            f"apt-get could not install {names}: {last_line(log)} (all of it: {log}). "
            "Check the network and apt's sources, then run this again."
        )
