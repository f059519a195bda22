"""pip, and in words why it failed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from deepdream_core.installer.running import last_line, run_logged
from deepdream_core.installer.words import Problem

_NETWORK_TROUBLE = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|"
    r"CERTIFICATE_VERIFY_FAILED|Connection refused|Network is unreachable|Connection aborted|"
    r"IncompleteRead|name resolution|Remote end closed|"
    # Every index has setuptools: one that has none did not answer.
    r"requirement setuptools.*from versions: none"
)


def pip_install(command: Sequence[object], log: Path, env: Mapping[str, str], lock: int) -> None:
    """Run pip. Raises `Problem` with the reason in words."""
    start = log.stat().st_size if log.exists() else 0
    if not run_logged(command, log, env, lock):
        return
    text = log.read_bytes()[start:].decode("utf-8", "replace")
    if "No space left" in text:
        raise Problem("The disk is full. Make room (about 10 GB) and run this again.")
    if _NETWORK_TROUBLE.search(text):
        raise Problem(
            "The packages cannot be downloaded: the network or the package index does not answer. "
            f"Check the connection (and the proxy, if there is one) and run this again; see {log}."
        )
    errors = [line for line in text.splitlines() if line.startswith("ERROR")]
    reason = errors[-1][7:] if errors else last_line(log)
    if "No matching distribution found for torch" in text:
        reason += ". PyTorch has no build for this system or Python; Python 3.10 to 3.13 has most"
    raise Problem(f"pip failed: {reason}. All it said is in {log}.")
