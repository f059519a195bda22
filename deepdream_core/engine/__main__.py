"""Start the engine: `python -m deepdream_core.engine --stdio`, or `--socket PATH`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import IO

from deepdream_core.compute.process import leave_current_folder, prepare, yield_to_others
from deepdream_core.engine.log import keep_log_short

_IDLE_SECONDS = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="deepdream engine", description=__doc__)
    add_options(parser)
    options = parser.parse_args()
    serve(options, leave_current_folder())


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the engine's options to a parser."""
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


def serve(options: argparse.Namespace, folder: Path) -> None:
    """Serve until the stream ends or nothing has been requested for long.

    `folder` is the one that was left.
    """
    streams = None if options.socket else _take_streams()
    keep_log_short()
    prepare()
    yield_to_others()
    if streams is None:
        from deepdream_core.engine.warm import WarmEngine

        WarmEngine(folder / options.socket, options.idle).serve()
    else:
        from deepdream_core.engine.server import serve_stream

        serve_stream(*streams)


def _take_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Return the real stdin and stdout under other numbers, for frames only.

    Descriptor 1 becomes stderr, so that a library that prints cannot corrupt the frames. Descriptor
    0 becomes empty: on Windows, some libraries look at it when they are imported, and that hangs
    for as long as a thread reads from it.
    """
    frames_in, frames_out = os.dup(0), os.dup(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    return os.fdopen(frames_in, "rb"), os.fdopen(frames_out, "wb")


if __name__ == "__main__":
    main()
