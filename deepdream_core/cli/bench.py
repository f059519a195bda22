"""The command `deepdream bench JOB`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from deepdream_core.bench.jobs import BENCHMARKS
from deepdream_core.cli.given_files import GivenFile
from deepdream_core.shared.recipe import PARAMETERS
from deepdream_core.shared.sizes import parse_size

_ALL = "all"
_TO_STDOUT = "-"


def add_command(commands: argparse._SubParsersAction) -> None:
    """Add `bench` to the command line."""
    bench = commands.add_parser("bench", help="measure how fast this machine dreams")
    jobs = (*BENCHMARKS, _ALL)
    bench.add_argument("job", choices=jobs, metavar="JOB", help=", ".join(jobs))
    bench.add_argument("--rounds", type=int, default=3, metavar="N", help="default: 3")
    bench.add_argument("--size", type=parse_size, metavar="WxH", help="default: the job's own")
    for name in ("device", "precision"):
        bench.add_argument(
            f"--{name}", choices=PARAMETERS[name].choices, default="auto", help="default: auto"
        )
    bench.add_argument(
        "--json",
        nargs="?",
        const=_TO_STDOUT,
        type=_stdout_or_file,
        metavar="FILE",
        help="print one JSON object, or write it to FILE and print the table",
    )
    bench.add_argument(
        "--weights",
        type=GivenFile.parse,
        metavar="FILE",
        help="weights of the default network, to use here",
    )
    bench.set_defaults(run=_bench)


def _stdout_or_file(text: str) -> str | GivenFile:
    return text if text == _TO_STDOUT else GivenFile.parse(text)


def _bench(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if options.weights:
            _use_weights(options.weights.path, Path(folder))
        if options.job == _ALL:
            from deepdream_core.bench.everything import as_json, run, table

            result = run(options.rounds, options.device, lambda line: print(line, file=sys.stderr))
            text, machine_text = table(result), as_json(result)
        else:
            from deepdream_core.bench import report

            measured = report.run(
                options.job, options.rounds, options.device, options.precision, options.size
            )
            text, machine_text = report.table(measured), measured.as_json()
    if options.json == _TO_STDOUT:
        print(machine_text)
        return
    if options.json:
        options.json.path.write_text(machine_text + "\n", "utf-8")
    print(text)


def _use_weights(file: Path, folder: Path) -> None:
    """Let this process and its children find the default network's weights."""
    from deepdream_core.models.catalogue import entry_of
    from deepdream_core.shared.recipe import Recipe

    models = folder / "models"
    models.mkdir()
    (models / entry_of(Recipe().model).file).symlink_to(file.resolve())
    os.environ["DEEPDREAM_HOME"] = str(folder)
