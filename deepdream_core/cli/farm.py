"""The command `deepdream farm`, and dreaming on a farm with `deepdream dream --farm`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from deepdream_core.cli.failures import UsageError
from deepdream_core.cli.given_files import GivenFile
from deepdream_core.farm.client import Certificates, Farm
from deepdream_core.farm.cluster import LOOPBACK, Site, serve
from deepdream_core.farm.pictures import DREAM_FILE, remove_leftovers, task_for
from deepdream_core.shared.recipe_files import with_absolute_files

if TYPE_CHECKING:
    from deepdream_core.cli.plan import Job
    from deepdream_core.farm.plain import Result, Task

_TLS = ("tls_ca", "tls_cert", "tls_key")


def add_command(commands: argparse._SubParsersAction) -> None:
    """Add the command to the command line."""
    farm = commands.add_parser(
        "farm", help="run a scheduler and workers here, for dreams with --farm; Ctrl-C ends them"
    )
    farm.add_argument(
        "--workers", type=int, metavar="N", help="how many; default: one for each GPU, or 1"
    )
    farm.add_argument("--host", default=LOOPBACK[0], help="the address to listen on")
    farm.add_argument("--port", type=int, default=8786, help="the scheduler's port")
    farm.add_argument("--join", default="", metavar="ADDRESS", help="work for another scheduler")
    farm.add_argument(
        "--without-tls", action="store_true", help="although others may reach the host's address"
    )
    add_tls_options(farm)
    farm.set_defaults(run=_farm)


def add_farm_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands whose tasks can be carried out on a farm."""
    parser.add_argument(
        "--farm", metavar="ADDRESS", help="a Dask scheduler, such as tcp://127.0.0.1:8786"
    )
    add_tls_options(parser)


def add_tls_options(parser: argparse.ArgumentParser) -> None:
    for name, what in zip(_TLS, ("the authority's certificate", "the certificate", "its key")):
        flag = f"--{name.replace('_', '-')}"
        help_text = f"{what} for TLS between the computers of a farm"
        parser.add_argument(flag, type=GivenFile.parse, metavar="FILE", help=help_text)


def certificates_of(options: argparse.Namespace) -> Certificates | None:
    """Return the files for TLS, or None. Raises `UsageError`."""
    files = [getattr(options, name) for name in _TLS]
    if not any(files):
        return None
    if not all(files):
        raise UsageError("TLS needs three files: --tls-ca, --tls-cert and --tls-key.")
    return Certificates(*(str(file.path) for file in files))


def _farm(options: argparse.Namespace) -> None:
    certificates = certificates_of(options)
    if options.host not in LOOPBACK and not (certificates or options.without_tls):
        raise UsageError(
            "Whoever reaches the farm can run programs on it. Name --tls-ca, --tls-cert and "
            "--tls-key, or add --without-tls if nobody else reaches this address."
        )
    gpus = _gpus()
    workers = options.workers or gpus or 1

    def say(address: str, dashboard: str) -> None:
        where = f" {dashboard} shows what they do." if dashboard else ""
        print(f"{_workers(workers)} at {address}.{where} Ctrl-C ends the farm.", flush=True)

    site = Site(
        workers,
        options.host,
        options.port,
        join=options.join,
        certificates=certificates,
        gpus=gpus,
    )
    serve(site, say)


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"


def _gpus() -> int:
    import torch

    return torch.cuda.device_count()


def check_farm_options(options: argparse.Namespace) -> None:
    """Raises `UsageError` for what a farm cannot do."""
    if options.output is None:
        raise UsageError("A farm dreams pictures into a folder; name it after -o.")
    if options.frames != "first" or options.keep:
        raise UsageError("A farm dreams the first frame of each picture, and keeps whole dreams.")


def dreamed_on_farm(
    jobs: Sequence[Job], options: argparse.Namespace, tell: Callable[[str], None]
) -> Iterator[tuple[Job, Result]]:
    """Yield jobs with what became of them, as they end. Raises `UsageError` and `FarmError`."""
    tasks = [
        task_for(
            job.source.path,
            job.output.path,
            with_absolute_files(job.recipe, options.folder),
            force=options.force,
        )
        for job in jobs
        if job.source
    ]
    for number, result in on_farm(DREAM_FILE, tasks, options, tell):
        yield jobs[number], result
    remove_leftovers(job.output.path for job in jobs)


def on_farm(
    work: str,
    tasks: Sequence[Task],
    options: argparse.Namespace,
    tell: Callable[[str], None],
) -> Iterator[tuple[int, Result]]:
    """Yield the number of each task with its result, as they end. Raises `FarmError`."""
    with Farm.connect(options.farm, certificates_of(options)) as farm:
        count = len(farm.workers())
        waiting = "" if count else ", so the dreams wait for some"
        tell(f"The farm has {_workers(count)}{waiting}. {farm.dashboard} shows what it does.")
        yield from farm.map(work, tasks)
