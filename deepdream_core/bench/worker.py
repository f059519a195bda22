"""A process that runs a benchmark's job on request.

Ours and the baseline run in separate processes, so that neither benefits from the other's memory
settings. The first line on stdout reports the start-up; then each line on stdin runs the job once
and is answered by one line.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from deepdream_core.bench.jobs import BENCHMARKS, Benchmark, photo, use_network_of
from deepdream_core.compute.process import prepare
from deepdream_core.shared.sizes import Size, parse_size

if TYPE_CHECKING:
    import torch

Loop = Callable[[], object]


def main(who: str, job_name: str, device: str, precision: str, size: str, born: str) -> None:
    marks = [float(born), time.time()]
    job = BENCHMARKS[job_name]
    if who == "ours":
        prepare()
    import torch

    marks.append(time.time())
    from deepdream_core.compute.devices import choose_device, wait_for
    from deepdream_core.compute.machine_memory import peak_mib
    from deepdream_core.models.precision import choose_precision

    chosen = choose_device(device)
    make = _ours if who == "ours" else _baseline
    loop = make(job, chosen, precision, parse_size(size), marks)

    if chosen.type != "cpu":
        # For each new size, a GPU's libraries make plans, which stay.
        loop()
        wait_for(chosen)
        marks.append(time.time())
    parts = ("interpreter", "torch", "model", "first_step", "first_dream")
    startup = {p: b - a for p, a, b in zip(parts, marks, marks[1:], strict=False)}
    used = choose_precision(precision, job.recipe.model, chosen)
    _say(device=str(chosen), precision=used, threads=torch.get_num_threads(), startup=startup)
    for _ in sys.stdin:
        cpu, started = time.process_time(), time.perf_counter()
        loop()
        wait_for(chosen)
        seconds = time.perf_counter() - started
        _say(
            seconds=seconds,
            cpu_seconds=time.process_time() - cpu,
            peak_mib=peak_mib(chosen),
        )


def _say(**fields: object) -> None:
    print(json.dumps(fields), flush=True)


def _ours(
    job: Benchmark, device: torch.device, precision: str, size: Size, marks: list[float]
) -> Loop:
    from deepdream_core.compute.devices import dtype_of
    from deepdream_core.dreaming.dream import dream
    from deepdream_core.dreaming.progress import StopHere
    from deepdream_core.models import load_network
    from deepdream_core.models.precision import choose_precision

    use_network_of(job)
    model = job.recipe.model
    load_network(model, device, dtype_of(choose_precision(precision, model, device)))
    marks.append(time.time())
    recipe = job.recipe.changed(device=device.type, precision=precision)
    picture = photo(size)

    def stop(progress: object) -> None:
        raise StopHere

    dream(picture, recipe, watch=stop)
    marks.append(time.time())
    return lambda: dream(picture, recipe)


def _baseline(
    job: Benchmark, device: torch.device, precision: str, size: Size, marks: list[float]
) -> Loop:
    import torch

    from deepdream_core.bench import baselines

    network = getattr(baselines, job.baseline)(job.recipe).to(device)
    source = torch.from_numpy(photo(size)).permute(2, 0, 1)[None].float() / 255
    source = source.contiguous().to(device)
    baselines.plain_dream(source, network, job.recipe.changed(octaves=1, steps=1))
    return lambda: baselines.plain_dream(source, network, job.recipe)


if __name__ == "__main__":
    main(*sys.argv[1:])
