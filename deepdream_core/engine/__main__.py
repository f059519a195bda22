"""Start the engine: `python -m deepdream_core.engine --stdio`."""

from __future__ import annotations

import argparse
import os
import sys

from deepdream_core.engine.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="deepdream engine", description=__doc__)
    parser.add_argument(
        "--stdio", action="store_true", required=True, help="speak frames over stdin and stdout"
    )
    parser.parse_args()
    with os.fdopen(_frames_only(), "wb") as frames_out:
        serve(sys.stdin.buffer, frames_out)


def _frames_only() -> int:
    """Return a descriptor of the real stdout, and point stdout itself at stderr.

    No library's print can break the stream of frames then.
    """
    frames_out = os.dup(1)
    os.dup2(2, 1)
    return frames_out


if __name__ == "__main__":
    main()
