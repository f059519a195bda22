"""How long one step's gradient takes: each precision, memory layout and way of running it."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from deepdream_core.bench.jobs import BENCHMARKS, LARGE, Benchmark, photo
from deepdream_core.bench.roofline import Machine, measure_machine, measure_need
from deepdream_core.compute.devices import dtype_of, prepare_gpu, wait_for
from deepdream_core.dreaming.cuda_graphs import recorder_for
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import Objective, bind
from deepdream_core.dreaming.tiles import window_gradients
from deepdream_core.models import load_network
from deepdream_core.models.fused import best_layout
from deepdream_core.models.network import Network
from deepdream_core.models.precision import choose_precision
from deepdream_core.shared.sizes import Size, format_size

LAYOUTS = {"NCHW": torch.contiguous_format, "NHWC": torch.channels_last}
PRECISIONS = ("float32", "tf32", "bfloat16")
_REPEATS = 10


@dataclass(frozen=True)
class StepTimes:
    """One row of the table. Times are in milliseconds."""

    job: str
    size: Size
    precision: str
    layout: str
    chosen_layout: bool
    """Whether dreams use this layout."""
    first_ms: float
    """The first step at this size, for which libraries make their plans."""
    eager_ms: float
    graph_ms: float | None
    """Replayed as a CUDA graph; None where there are none."""
    record_ms: float | None
    limit_share: float
    """The machine's limit, relative to the fastest way."""
    bytes_per_pixel: float | None
    """Peak memory of a step; None where PyTorch does not count it."""
    noise_db: float
    """The gradient's error against the same network in float64, as a signal-to-noise ratio."""


def measure_steps(device: torch.device) -> Iterator[StepTimes]:
    """Measure a step of the standard and the default job, in every way the device supports."""
    model = BENCHMARKS["default"].recipe.model
    precisions = [p for p in PRECISIONS if choose_precision(p, model, device) == p]
    machines: dict[str, Machine] = {}
    for precision in precisions:
        prepare_gpu(precision)
        machines[precision] = measure_machine(device, dtype_of(precision))
    for name in ("default", "standard"):
        job = BENCHMARKS[name]
        sizes = [job.size, LARGE] if device.type == "cuda" else [job.size]
        reference = _reference(job)
        need = {p: measure_need(reference, dtype_of(p)) for p in precisions}
        exact = _gradient_at(reference, job.size)
        for precision in precisions:
            prepare_gpu(precision)
            load_network.cache_clear()  # the layout of a cached network is about to be changed
            network = load_network(job.recipe.model, device, dtype_of(precision))
            for layout in LAYOUTS:
                for size in sizes:
                    limit = machines[precision].seconds(need[precision], math.prod(size))
                    yield _measure(name, size, precision, network, layout, exact, limit)
    load_network.cache_clear()


def _reference(job: Benchmark) -> Objective:
    recipe = job.recipe
    return bind(recipe.expression, load_network(recipe.model, torch.device("cpu"), torch.float64))


def _windows(size: Size, device: torch.device) -> torch.Tensor:
    pixels = torch.from_numpy(photo(size)).permute(2, 0, 1)[None]
    return (pixels.float() / 255).contiguous().to(device)


def _gradient_at(objective: Objective, size: Size) -> torch.Tensor:
    windows = _windows(size, objective.network.device).to(objective.network.dtype)
    return window_gradients(windows, objective, [WindowPlace(0, 0, *size)]).float()


def _measure(
    name: str,
    size: Size,
    precision: str,
    network: Network,
    layout: str,
    exact: torch.Tensor,
    limit: float,
) -> StepTimes:
    recipe, places = BENCHMARKS[name].recipe, [WindowPlace(0, 0, *size)]
    device = network.device
    chosen = best_layout(network, device) == LAYOUTS[layout]
    network = network.to(memory_format=LAYOUTS[layout])
    objective, windows = bind(recipe.expression, network), _windows(size, device)

    def step() -> torch.Tensor:
        return window_gradients(windows, objective, places)

    memory_before = _start_counting(device)
    first = _seconds(step, device)
    peak = _peak(device, memory_before, math.prod(size))
    eager = _median(step, device)
    graph = record = None
    if recorder := recorder_for(device):
        recorder.rehearse(windows, objective, places)
        started = time.perf_counter()
        recording = recorder.record(windows, objective, places, None)
        wait_for(device)
        record = time.perf_counter() - started
        graph = _median(lambda: recording.replay(windows), device)
    noise = math.nan
    if exact.shape[2:] == size:
        noise = _noise_db(step().cpu(), exact)
    return StepTimes(
        name,
        size,
        precision,
        layout,
        chosen,
        first * 1000,
        eager * 1000,
        None if graph is None else graph * 1000,
        None if record is None else record * 1000,
        limit / min(eager, graph or eager),
        peak,
        noise,
    )


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    wait_for(device)
    started = time.perf_counter()
    work()
    wait_for(device)
    return time.perf_counter() - started


def _median(work: Callable[[], object], device: torch.device) -> float:
    repeats = _REPEATS if device.type == "cuda" else 3
    return statistics.median(_seconds(work, device) for _ in range(repeats))


def _start_counting(device: torch.device) -> int:
    if device.type != "cuda":
        return 0
    torch.cuda.reset_peak_memory_stats(device)
    return torch.cuda.memory_allocated(device)


def _peak(device: torch.device, before: int, pixels: int) -> float | None:
    if device.type != "cuda":
        return None
    return (torch.cuda.max_memory_allocated(device) - before) / pixels


def _noise_db(gradient: torch.Tensor, exact: torch.Tensor) -> float:
    error = (gradient - exact).square().mean()
    return 10 * float(torch.log10(exact.square().mean() / error))


STEP_HEADER = "job      size       precision layout   first    eager   graph  record  limit    dB"


def step_line(row: StepTimes) -> str:
    """Return a row as text for people; * marks the layout that dreams use."""
    graph, record = ("-" if ms is None else f"{ms:.2f}" for ms in (row.graph_ms, row.record_ms))
    return (
        f"{row.job:8} {format_size(row.size):10} {row.precision:9} {row.layout}"
        f"{'*' if row.chosen_layout else ' '} {row.first_ms:8.1f} {row.eager_ms:8.2f} {graph:>7} "
        f"{record:>7} {row.limit_share:6.0%} {row.noise_db:5.1f}"
    )
