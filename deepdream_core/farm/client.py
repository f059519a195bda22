"""Handing tasks to the workers of a Dask cluster.

with Farm.connect("tcp://scheduler:8786") as farm:
    for number, result in farm.map("deepdream_core.farm.pictures:dream_file", tasks):
        …
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deepdream_core.farm.plain import Result, Task, carry_out, plain

if TYPE_CHECKING:
    from distributed import Client, Future, Security

_CONNECT_SECONDS = 15
GPU = "GPU"
"""The resource of a worker that has a GPU to itself."""


class FarmError(Exception):
    """The farm cannot be used; the message says why."""


@dataclass(frozen=True)
class Certificates:
    """Files for TLS: the authority's certificate, and one's own with its key."""

    authority: str
    certificate: str
    key: str

    def security(self) -> Security:
        """Return them for Dask, for every role, with encryption required."""
        from distributed import Security

        roles = ("scheduler", "worker", "client")
        files = {f"tls_{role}_cert": self.certificate for role in roles}
        files |= {f"tls_{role}_key": self.key for role in roles}
        return Security(tls_ca_file=self.authority, require_encryption=True, **files)


def check_installed() -> None:
    """Raises `FarmError` if Dask distributed is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise FarmError(
            f"A farm needs Dask distributed; run `{sys.executable} -m pip install distributed` on "
            "each of its computers."
        ) from None


class Farm:
    """A connection to a scheduler."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @classmethod
    def connect(cls, address: str, certificates: Certificates | None = None) -> Farm:
        """Connect to a scheduler, such as tcp://scheduler:8786. Raises `FarmError`."""
        check_installed()
        from distributed import Client

        security = certificates.security() if certificates else None
        try:
            client = Client(
                address, timeout=_CONNECT_SECONDS, set_as_default=False, security=security
            )
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise FarmError(f"No scheduler answers at {address} ({error}).") from None
        return cls(client)

    def __enter__(self) -> Farm:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    @property
    def dashboard(self) -> str:
        """The address of the page that shows what the farm does."""
        return str(self._client.dashboard_link)

    def workers(self) -> dict[str, Any]:
        """Return the workers that are there now, by address."""
        return dict(self._client.scheduler_info(n_workers=-1)["workers"])

    def map(self, work: str, tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Carry out work on tasks; yield the number of each with its result, as they end.

        `work` and tasks: see `plain`. A task whose worker ends is given to another one. What goes
        wrong is the result's "error". Tasks that are still waiting when the generator is closed
        are taken back.
        """
        from distributed import as_completed

        resources = self._resources()
        waiting: dict[Future, int] = {
            self._client.submit(
                *(carry_out, work, plain(task)), key=None, pure=False, resources=resources
            ): number
            for number, task in enumerate(tasks)
        }
        try:
            for future in as_completed(list(waiting), loop=self._client.loop):
                number = waiting.pop(future)
                yield number, _result_of(future)
        finally:
            self._client.cancel(list(waiting))

    def _resources(self) -> dict[str, float] | None:
        """Ask for a GPU where a worker has one: the others would be slow."""
        has_gpu = any(GPU in one.get("resources", {}) for one in self.workers().values())
        return {GPU: 1} if has_gpu else None


def _result_of(future: Future) -> Result:
    try:
        return future.result()
    except Exception as error:
        # Of Dask's, such as KilledWorker: `carry_out` itself raises nothing.
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        future.release()
