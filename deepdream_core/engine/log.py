"""The engine's log, which is whatever stderr is."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import traceback

from deepdream_core.shared.log_files import is_the_file, shorten
from deepdream_core.shared.paths import engine_log

_PAUSE = 2.0
"""Seconds between two looks at the length of the log."""
_STDERR = 2


def log_error() -> None:
    """Log the exception that is being handled, if the log can be written (the disk may be full)."""
    with contextlib.suppress(Exception):
        traceback.print_exc()


def flush_log() -> None:
    with contextlib.suppress(Exception):
        sys.stderr.flush()


def keep_log_short() -> None:
    """Shorten the log whenever it becomes too long, if stderr is the engine's own log."""
    if is_the_file(_STDERR, engine_log()):
        threading.Thread(target=_keep_short, daemon=True, name="log").start()


def _keep_short() -> None:
    while True:
        with contextlib.suppress(OSError):
            if is_the_file(_STDERR, engine_log()):
                shorten(_STDERR)
        time.sleep(_PAUSE)
