"""Dreams on a real GPU. With `--device cpu`, what can be checked there runs on the CPU."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from deepdream_core import dream
from deepdream_core.compute.devices import dtype_of, prepare_gpu
from deepdream_core.dreaming.cuda_graphs import Recorder, Replays, recorder_for
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import Objective, bind
from deepdream_core.dreaming.tiles import window_gradients
from deepdream_core.models import load_network, substitute_network
from deepdream_core.models.precision import choose_precision
from deepdream_core.shared.presets import NOISE_SETTINGS, make_recipe
from deepdream_core.shared.recipe import Recipe

SIDE = 160
PLACES = [WindowPlace(0, 0, SIDE, SIDE)]
LEAST_DB = {"float32": 35, "tf32": 10, "bfloat16": -1}
"""Signal-to-noise ratio of a gradient. Rounding moves single units across a ReLU's edges."""
OBJECTIVES = {
    "efficientnet_lite0": ["block10 + 0.7*block12", "block4:3", "class:castle"],
    "googlenet": ["inception4c"],
}
DREAMS = {
    "a layer": {},
    "several terms": {"objective": "block4 + 2*block8:5 - block6"},
    "a class": {"objective": "class:castle"},
    "a unit": {"objective": "block8:5@0.5,0.5"},
    "windows": {"tile": 128, "jitter": 0},
    "random views": {"random_turn": 10.0, "random_zoom": 0.1},
    "noise": dict(NOISE_SETTINGS),
}
SMALL = {"octaves": 2, "steps": 4}


@pytest.fixture(scope="module", autouse=True)
def googlenet() -> Iterator[None]:
    from deepdream_core import models
    from deepdream_core.models.torchvision_nets import load_untrained

    before = dict(models._substitutes)
    substitute_network("googlenet", lambda: load_untrained("googlenet"))
    yield
    models._substitutes.clear()
    models._substitutes.update(before)
    load_network.cache_clear()


@pytest.fixture
def cuda(gpu: torch.device) -> torch.device:
    """A GPU whose memory PyTorch counts."""
    if gpu.type != "cuda":
        pytest.skip("only a GPU has this")
    gc.collect()
    torch.cuda.empty_cache()
    return gpu


@pytest.fixture
def graphs(cuda: torch.device) -> Recorder:
    """The GPU's recorder of CUDA graphs."""
    recorder = recorder_for(cuda)
    if recorder is None:
        pytest.skip("AMD's GPUs have no CUDA graphs")
    return recorder


def windows_on(device: torch.device, photo: np.ndarray, left: int = 0) -> Tensor:
    part = photo[:150, left : left + 150].transpose(2, 0, 1)[None] / np.float32(255)
    return torch.nn.functional.pad(torch.from_numpy(part), (5, 5, 5, 5), "reflect").to(device)


def objective_on(device: torch.device, precision: str, network: str, text: str) -> Objective:
    prepare_gpu(precision)
    return bind(
        Recipe(objective=text).expression, load_network(network, device, dtype_of(precision))
    )


def noise_db(x: Tensor, exact: Tensor) -> float:
    x, exact = x.double().cpu(), exact.double().cpu()
    return 10 * float(torch.log10(exact.square().mean() / (x - exact).square().mean()))


@pytest.mark.parametrize(
    ("network", "text"), [(name, text) for name, texts in OBJECTIVES.items() for text in texts]
)
@pytest.mark.parametrize("precision", LEAST_DB)
def test_the_gradient_is_that_of_exact_arithmetic(
    gpu: torch.device, photo: np.ndarray, network: str, text: str, precision: str
) -> None:
    if choose_precision(precision, network, gpu) != precision:
        pytest.skip(f"this device has no {precision}")
    cpu = torch.device("cpu")
    exact = bind(Recipe(objective=text).expression, load_network(network, cpu, torch.float64))
    reference = window_gradients(windows_on(cpu, photo).double(), exact, PLACES)
    objective = objective_on(gpu, precision, network, text)
    ours = window_gradients(windows_on(gpu, photo), objective, PLACES)
    assert noise_db(ours, reference) > LEAST_DB[precision]


@pytest.mark.parametrize(
    ("network", "text"), [(name, text) for name, texts in OBJECTIVES.items() for text in texts]
)
def test_a_replay_computes_the_gradient_of_its_own_windows(
    graphs: Recorder, cuda: torch.device, photo: np.ndarray, network: str, text: str
) -> None:
    """The recording's first windows, such as their jitter, leave no trace."""
    objective = objective_on(cuda, "float32", network, text)
    replays = Replays(graphs)
    for left in (0, 40, 70, 10):
        windows = windows_on(cuda, photo, left)
        replayed = replays.gradients(windows, objective, PLACES)
        assert noise_db(replayed, window_gradients(windows, objective, PLACES)) > 100


def test_recordings_of_two_shapes_share_their_memory(
    graphs: Recorder, cuda: torch.device, photo: np.ndarray
) -> None:
    objective = objective_on(cuda, "float32", "efficientnet_lite0", "block10")
    replays = Replays(graphs)
    one, two = windows_on(cuda, photo), windows_on(cuda, photo, 50).repeat(2, 1, 1, 1)
    both = [*PLACES, *PLACES]
    for _ in range(3):
        first = replays.gradients(one, objective, PLACES).clone()
        second = replays.gradients(two, objective, both).clone()
        assert noise_db(first, window_gradients(one, objective, PLACES)) > 100
        assert noise_db(second, window_gradients(two, objective, both)) > 100
    kept = list(replays._recordings.values())
    assert len({recording.pool for recording in kept if recording}) == 1


@pytest.mark.parametrize("options", DREAMS)
def test_a_dream_is_the_same_each_time(gpu: torch.device, photo: np.ndarray, options: str) -> None:
    if options == "noise" and gpu.type != "cpu":
        pytest.skip("PyTorch rotates backwards on a GPU in a different order each time")
    recipe = Recipe().changed(**{**DREAMS[options], **SMALL, "device": gpu.type})
    first = dream(photo, recipe)
    assert not np.array_equal(first, photo)
    assert np.array_equal(first, dream(photo, recipe))


def test_a_dream_waits_only_for_its_result(cuda: torch.device, photo: np.ndarray) -> None:
    recipe = make_recipe("classic").changed(device="cuda", **SMALL)
    dream(photo, recipe)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            dream(photo, recipe)
        finally:
            torch.cuda.set_sync_debug_mode("default")
    waits = [f"{w.filename}:{w.lineno}" for w in caught if "deepdream_core" in w.filename]
    assert len(waits) <= 2, waits


def test_memory_is_returned(cuda: torch.device, photo: np.ndarray) -> None:
    recipe = make_recipe("classic").changed(device="cuda", **SMALL)
    dream(photo, recipe)
    kept = []
    for _ in range(3):
        dream(photo, recipe)
        gc.collect()
        kept.append(torch.cuda.memory_allocated())
    assert kept[0] == kept[2]
    torch.cuda.empty_cache()
    # The rest are weights, and the libraries' workspaces.
    assert torch.cuda.memory_reserved() < 400 << 20


@pytest.fixture
def limit(cuda: torch.device) -> Iterator[Callable[[int], None]]:
    """Limits PyTorch's memory on the GPU to so many MiB more than it uses now."""
    total = torch.cuda.get_device_properties(cuda).total_memory

    def set_limit(mib: int) -> None:
        gc.collect()
        torch.cuda.empty_cache()
        allowed = torch.cuda.memory_reserved() + (mib << 20)
        torch.cuda.set_per_process_memory_fraction(allowed / total)

    yield set_limit
    torch.cuda.set_per_process_memory_fraction(1.0)


@pytest.mark.parametrize(
    ("mib", "said"), [(700, "smaller tiles"), (24, "continuing on the processor")]
)
def test_memory_that_runs_out_changes_only_the_way(
    limit: Callable[[int], None], photo: np.ndarray, mib: int, said: str
) -> None:
    recipe = make_recipe("classic").changed(device="cuda", octaves=1, steps=2)
    picture = np.tile(photo, (7, 7, 1))
    dream(photo, recipe)
    notes: list[str] = []
    limit(mib)
    result = dream(picture, recipe, note=notes.append)
    assert any(said in note for note in notes), notes
    assert not np.array_equal(result, picture)


def test_memory_that_runs_out_while_recording_is_no_harm(
    graphs: Recorder,
    limit: Callable[[int], None],
    cuda: torch.device,
    photo: np.ndarray,
    caplog: pytest.LogCaptureFixture,
) -> None:
    objective = objective_on(cuda, "float32", "efficientnet_lite0", "block10")
    windows = windows_on(cuda, photo).repeat(1, 1, 8, 8)
    places = [WindowPlace(0, 0, *windows.shape[2:])]
    exact = window_gradients(windows, objective, places)
    replays = Replays(graphs)
    replays.gradients(windows, objective, places)
    limit(200)
    stream = torch.cuda.current_stream()
    with pytest.raises(torch.OutOfMemoryError):
        replays.gradients(windows, objective, places)
    assert "running without" in caplog.text and torch.cuda.current_stream() == stream
    torch.cuda.set_per_process_memory_fraction(1.0)
    assert noise_db(replays.gradients(windows, objective, places), exact) > 100


def test_a_dream_that_is_killed_in_a_replay_leaves_the_gpu_usable(
    cuda: torch.device, photo: np.ndarray
) -> None:
    code = """
import numpy as np
from deepdream_core import dream
from deepdream_core.shared.presets import make_recipe

def watch(progress):
    if progress.step == 5:
        print("replaying", flush=True)

recipe = make_recipe("classic").changed(device="cuda", octaves=1, steps=1000, passes=9)
dream(np.zeros((600, 800, 3), np.uint8), recipe, watch=watch)
"""
    free_before, _ = torch.cuda.mem_get_info()
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "replaying\n"
    process.kill()
    assert process.wait(30) == -signal.SIGKILL
    recipe = make_recipe("classic").changed(device="cuda", **SMALL)
    assert not np.array_equal(dream(photo, recipe), photo)
    free, _ = torch.cuda.mem_get_info()
    assert free > free_before - (1 << 30)


@pytest.mark.parametrize("objective", ["block10", "block4:3"])
def test_a_dream_needs_no_compiler(gpu: torch.device, objective: str) -> None:
    """The installer leaves Triton out."""
    code = """
import sys
sys.modules["triton"] = None
import numpy as np
from deepdream_core import dream
from deepdream_core.shared.presets import make_recipe

recipe = make_recipe("classic").changed(device=sys.argv[1], objective=sys.argv[2], steps=2)
dream(np.zeros((120, 160, 3), np.uint8), recipe)
"""
    subprocess.run([sys.executable, "-c", code, gpu.type, objective], check=True)


@pytest.mark.parametrize("preset", ["classic", "noise"])
def test_a_gpu_dreams_as_well_as_the_cpu(gpu: torch.device, photo: np.ndarray, preset: str) -> None:
    """The dream need not be the same picture, but it must reach its objective as far."""
    settings = dict(NOISE_SETTINGS) if preset == "noise" else {}
    recipe = make_recipe("classic").changed(**{**settings, "octaves": 3, "steps": 8})
    cpu = torch.device("cpu")
    objective = bind(recipe.expression, load_network(recipe.model, cpu, torch.float32))

    def reached(device: str) -> float:
        result = dream(photo, recipe.changed(device=device)).transpose(2, 0, 1)[None].copy()
        windows = torch.from_numpy(result).float() / 255
        with torch.no_grad():
            return float(objective.score(windows, [WindowPlace(0, 0, *windows.shape[2:])]))

    assert reached(gpu.type) > 0.9 * reached("cpu")
