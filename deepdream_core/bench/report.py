"""Measuring how fast dreams are, compared with a plain program and with the machine's limits.

A round is one dream of ours and one of the baseline, so that both see the same load; the ratio is
that of the medians. Times are for a whole dream in a warm engine.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from dataclasses import asdict, dataclass, field
from types import TracebackType
from typing import IO, Any

from deepdream_core.bench.jobs import (
    BENCHMARKS,
    SCALED_FROM,
    SMALLEST_SIDE,
    Benchmark,
    photo,
    use_network_of,
)
from deepdream_core.compute.process import WAITING, own_module
from deepdream_core.shared.octaves import octave_sizes, octave_steps
from deepdream_core.shared.protocol import Frame, Picture, receive, send
from deepdream_core.shared.sizes import Size, format_size, pixel_steps


@dataclass
class Times:
    """Wall-clock and CPU times of several rounds, in seconds; CPU times are summed over cores."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, round_: dict[str, Any], factor: float = 1.0) -> None:
        self.wall.append(round_["seconds"] * factor)
        self.cpu.append(round_["cpu_seconds"] * factor)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)


@dataclass
class Report:
    """The measurements, which are also the fields of `--json`. Times are in seconds."""

    job: str
    size: Size
    device: str
    precision: str
    threads: int
    loop_s: float
    yardstick_loop_s: float
    ratio: float
    cpu_ratio: float
    """The ratio of CPU times, which other programs disturb less."""
    limit_s: float
    """The least time that the machine's arithmetic and memory allow."""
    limit_share: float
    peak_mib: float
    startup_s: float
    startup: dict[str, float]
    yardstick_scaled: bool
    first_frame_s: float | None
    ours: Times
    yardstick: Times

    def as_json(self) -> str:
        """Return the report as one JSON object, in which the size is [width, height]."""
        return json.dumps({**asdict(self), "size": self.size[::-1]})


class _Worker:
    def __init__(self, who: str, job: str, device: str, precision: str, size: Size) -> None:
        arguments = [who, job, device, precision, format_size(size), repr(time.time())]
        process = subprocess.Popen(
            [*own_module("deepdream_core.bench.worker"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # On a busy machine, spinning threads would slow the baseline down and flatter us.
            env={**WAITING, **os.environ},
        )
        assert process.stdin and process.stdout
        self._process, self._orders, self._answers = process, process.stdin, process.stdout
        self.start = self._answer()

    def round(self) -> dict[str, Any]:
        print("go", file=self._orders, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._answers.readline()
        if not line:
            raise RuntimeError("A benchmark process ended early; its message is above.")
        return json.loads(line)

    def __enter__(self) -> _Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._orders.close()
        self._process.wait()


def run(
    name: str,
    rounds: int = 3,
    device: str = "auto",
    precision: str = "auto",
    size: Size | None = None,
) -> Report:
    """Run one of `BENCHMARKS`, at `size` if given instead of the job's own size."""
    job = BENCHMARKS[name]
    size = size or job.size
    plain_size = SCALED_FROM if job.scaled else size
    factor = _pixel_steps(job, size) / _pixel_steps(job, plain_size)
    ours, baseline, peak_mib = Times(), Times(), 0.0
    with _Worker("ours", name, device, precision, size) as our_worker:
        with _Worker("baseline", name, device, "float32", plain_size) as plain_worker:
            for _ in range(rounds):
                our_round = our_worker.round()
                ours.add(our_round)
                peak_mib = our_round["peak_mib"]
                baseline.add(plain_worker.round(), factor)
        start = our_worker.start
    limit = _limit(job, start["device"], start["precision"], size)
    return Report(
        job=name,
        size=size,
        device=start["device"],
        precision=start["precision"],
        threads=start["threads"],
        loop_s=ours.median,
        yardstick_loop_s=baseline.median,
        ratio=baseline.median / ours.median,
        cpu_ratio=min(baseline.cpu) / min(ours.cpu),
        limit_s=limit,
        limit_share=limit / min(ours.wall),
        peak_mib=peak_mib,
        startup_s=sum(start["startup"].values()),
        startup=start["startup"],
        yardstick_scaled=job.scaled,
        first_frame_s=_first_frame(job, device, precision, size) if name == "preview" else None,
        ours=ours,
        yardstick=baseline,
    )


def _pixel_steps(job: Benchmark, size: Size) -> int:
    sizes, _ = octave_sizes(size, job.recipe, SMALLEST_SIDE)
    return pixel_steps(sizes, octave_steps(job.recipe, len(sizes)))


def _limit(job: Benchmark, device_name: str, precision: str, size: Size) -> float:
    import torch

    from deepdream_core.bench.roofline import measure_machine, measure_need
    from deepdream_core.compute.devices import dtype_of, prepare_gpu
    from deepdream_core.dreaming.scores import bind
    from deepdream_core.models import load_network

    device, dtype = torch.device(device_name), dtype_of(precision)
    if device.type == "cuda":
        prepare_gpu(precision)
    use_network_of(job)
    network = load_network(job.recipe.model, torch.device("cpu"), torch.float64)
    need = measure_need(bind(job.recipe.expression, network), dtype)
    return measure_machine(device, dtype).seconds(need, _pixel_steps(job, size))


def _first_frame(job: Benchmark, device: str, precision: str, size: Size) -> float:
    """Return the seconds from a request to the first preview picture in a warm engine."""
    height, width = size
    pixels = photo(size).astype("float32") / 255
    image = Picture(width, height, 3, pixels.tobytes())
    recipe = job.recipe.changed(device=device, precision=precision).as_dict()
    engine = subprocess.Popen(
        [*own_module("deepdream_core.engine"), "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert engine.stdin and engine.stdout
    seconds = 0.0
    try:
        send(engine.stdin, Frame("hello"))
        receive(engine.stdout)
        for number in range(3):
            started = time.perf_counter()
            fields = {"id": number, "recipe": recipe, "preview": width, "draft": True}
            send(engine.stdin, Frame("dream", fields, {"image": image}))
            _receive_until(engine.stdout, "preview")
            seconds = time.perf_counter() - started
            send(engine.stdin, Frame("cancel", {"id": number}))
            _receive_until(engine.stdout, "error")
        return seconds
    finally:
        engine.kill()
        engine.wait()


def _receive_until(stream: IO[bytes], kind: str) -> None:
    frame = receive(stream)
    while frame and frame.kind != kind:
        if frame.kind in ("error", "result"):
            raise RuntimeError(f"The engine answered: {dict(frame.fields)}")
        frame = receive(stream)
    if frame is None:
        raise RuntimeError("The engine ended early; its message is above.")


def table(report: Report) -> str:
    """Return a report as text for people."""
    rows = [f"{'':12}{'median':>10}{'min':>10}{'max':>10}{'cpu min':>10}   seconds"]
    for name, times in (("ours", report.ours), ("baseline", report.yardstick)):
        low, high, cpu = min(times.wall), max(times.wall), min(times.cpu)
        rows.append(f"{name:12}{times.median:10.3f}{low:10.3f}{high:10.3f}{cpu:10.3f}")
    if report.yardstick_scaled:
        rows[-1] += f"   scaled from {format_size(SCALED_FROM)}"
    rows.append(
        f"ratio {report.ratio:.2f} (of CPU times {report.cpu_ratio:.2f}), "
        f"{report.limit_share:.0%} of the machine's limit ({report.limit_s:.3f} s), "
        f"peak {report.peak_mib:.0f} MiB"
    )
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in report.startup.items())
    rows.append(f"start-up {report.startup_s:.2f} s: {parts}")
    if report.first_frame_s is not None:
        rows.append(f"first preview picture from a warm engine {report.first_frame_s:.3f} s")
    where = f"{report.device}, {report.precision}, {report.threads} threads"
    about = f"{BENCHMARKS[report.job].about}; measured at {format_size(report.size)}"
    return "\n".join([f"{report.job}: {about}, on {where}", *rows])
