"""The command `deepdream bench JOB`."""

from __future__ import annotations

import argparse

from deepdream_core.bench.jobs import BENCHMARKS
from deepdream_core.shared.recipe import PARAMETERS
from deepdream_core.shared.sizes import parse_size


def add_command(commands: argparse._SubParsersAction) -> None:
    """Add `bench` to the command line."""
    bench = commands.add_parser("bench", help="measure how fast this machine dreams")
    bench.add_argument("job", choices=BENCHMARKS, metavar="JOB", help=", ".join(BENCHMARKS))
    bench.add_argument("--rounds", type=int, default=3, metavar="N", help="default: 3")
    bench.add_argument("--size", type=parse_size, metavar="WxH", help="default: the job's own")
    for name in ("device", "precision"):
        bench.add_argument(
            f"--{name}", choices=PARAMETERS[name].choices, default="auto", help="default: auto"
        )
    bench.add_argument("--json", action="store_true", help="print one JSON object")
    bench.set_defaults(run=_bench)


def _bench(options: argparse.Namespace) -> None:
    from deepdream_core.bench.report import run, table

    report = run(options.job, options.rounds, options.device, options.precision, options.size)
    print(report.as_json() if options.json else table(report))
