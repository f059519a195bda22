"""A scheduler and workers on this computer, for as long as the program runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deepdream_core.farm.client import GPU, Certificates, FarmError, check_installed

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Site:
    """What to run here."""

    workers: int
    host: str = LOOPBACK[0]
    """The address to listen on."""
    port: int = 8786
    dashboard: int = 8787
    """The dashboard's port, on the loopback device only; 0 for any."""
    join: str = ""
    """The address of a scheduler elsewhere; "" to run one here."""
    certificates: Certificates | None = None
    gpus: int = 0
    """How many GPUs there are: each worker gets one of its own."""


def serve(site: Site, on_ready: Callable[[str, str], None]) -> None:
    """Run until Ctrl-C or SIGTERM. Raises `FarmError`.

    `on_ready` is called with the addresses of the scheduler and of the dashboard ("" if elsewhere).
    """
    # Dask reads it when it is imported, here and in the workers.
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "warning")
    check_installed()
    try:
        asyncio.run(_serve(site, on_ready))
    except OSError as error:
        raise FarmError(f"The farm could not be started ({error}).") from None


async def _serve(site: Site, on_ready: Callable[[str, str], None]) -> None:
    from dask import config
    from distributed import Nanny, Scheduler

    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # on Windows
            asyncio.get_running_loop().add_signal_handler(number, ending.set)
    common: dict[str, Any] = {}
    if site.certificates:
        common["security"] = site.certificates.security()
    protocol = "tls" if site.certificates else "tcp"
    # Without these, every thread of each worker counts on all cores, and workers pause or are
    # killed for the memory of one large picture, which dreams look after themselves.
    settings = {"distributed.nanny.pre-spawn-environ": {}}
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(config.set(settings))
        address, dashboard = site.join, ""
        if not address:
            scheduler = await stack.enter_async_context(
                Scheduler(
                    host=site.host,
                    port=site.port,
                    protocol=protocol,
                    dashboard_address=f"{LOOPBACK[0]}:{site.dashboard}",
                    **common,
                )
            )
            address = scheduler.address
            dashboard = f"http://{LOOPBACK[0]}:{scheduler.http_server.port}/status"
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="deepdream-farm-"))
        for number in range(site.workers):
            nanny = Nanny(
                address,
                nthreads=1,
                host=site.host,
                protocol=protocol,
                memory_limit="0",
                local_directory=folder,
                dashboard=False,
                env=_environment(site, number),
                resources={GPU: 1} if site.gpus else None,
                **common,
            )
            await stack.enter_async_context(nanny)
        on_ready(address, dashboard)
        await ending.wait()


def _environment(site: Site, number: int) -> dict[str, str]:
    """Return a worker's variables: its share of the cores, and its GPU."""
    cores = max(1, (os.cpu_count() or 1) // site.workers)
    own = {name: os.environ.get(name, str(cores)) for name in _THREADS}
    if site.gpus:
        own["CUDA_VISIBLE_DEVICES"] = str(number % site.gpus)
    return own
