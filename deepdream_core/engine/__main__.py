"""Start the engine: `python -m deepdream_core.engine --stdio`, or `--socket PATH`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from deepdream_core.compute.process import prepare

_IDLE_SECONDS = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="deepdream engine", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--stdio", action="store_true", help="exchange frames on stdin and stdout")
    where.add_argument("--socket", type=Path, metavar="PATH", help="listen on a local socket")
    parser.add_argument(
        "--idle",
        type=float,
        default=_IDLE_SECONDS,
        metavar="SECONDS",
        help="exit after this long without a request (with --socket)",
    )
    options = parser.parse_args()
    prepare()
    if options.socket:
        from deepdream_core.engine.warm import WarmEngine

        WarmEngine(options.socket, options.idle).serve()
    else:
        from deepdream_core.engine.server import serve_stream

        with os.fdopen(_frames_only(), "wb") as frames_out:
            serve_stream(sys.stdin.buffer, frames_out)


def _frames_only() -> int:
    """Return a descriptor for the real stdout, and redirect stdout to stderr.

    This way, a library that prints cannot corrupt the stream of frames.
    """
    frames_out = os.dup(1)
    os.dup2(2, 1)
    return frames_out


if __name__ == "__main__":
    main()
