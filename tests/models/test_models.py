"""The networks: the catalogue, their layers, and that they compute what torchvision computes."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from skimage import data, transform
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.transforms.functional import normalize

from deepdream_core.models import WeightsMissing, efficientnet_lite, layers_of, load_network
from deepdream_core.models.catalogue import CATALOGUE, UNSUPPORTED
from deepdream_core.models.labels import labels
from deepdream_core.models.network import LOGITS, Network
from deepdream_core.models.torchvision_nets import (
    Normalisation,
    TracedNetwork,
    build,
    load,
    load_untrained,
    network_of,
    weights_of,
)
from deepdream_core.models.tracing import TracedGraph
from deepdream_core.models.untrained import calibrated
from deepdream_core.shared.depths import DEPTHS
from deepdream_core.shared.objective import Layer, parse_objective
from deepdream_core.shared.paths import models_folder
from deepdream_core.shared.recipe import RecipeError

TORCHVISIONS = [name for name, entry in CATALOGUE.items() if entry.origin == "torchvision"]
ONE_OF_EACH_KIND = (
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "googlenet",
    "inception_v3",
    "mobilenet_v3_small",
    "regnet_y_400mf",
    "resnet18",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
)
USUAL = ("convnext_tiny", "densenet121", "googlenet", "resnet18", "squeezenet1_1")
"""The networks of the ordinary tests: those whose structures differ most."""
SOME = (
    *ONE_OF_EACH_KIND,
    *("efficientnet_b0", "efficientnet_v2_s", "mnasnet0_5", "mobilenet_v2", "vgg11"),
)
"""Every family. The other networks are the same, but larger."""


def default_network() -> Network:
    return load_network("efficientnet_lite0", torch.device("cpu"), torch.float32)


def as_tensor(picture: np.ndarray, shorter_side: int) -> Tensor:
    factor = shorter_side / min(picture.shape[:2])
    size = [round(side * factor) for side in picture.shape[:2]]
    smaller = transform.resize(picture, size, anti_aliasing=True)
    return torch.from_numpy(smaller).permute(2, 0, 1)[None].float()


def noise(height: int, width: int, seed: int = 0) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


class Twins:
    """torchvision's own network and ours, with the same weights."""

    def __init__(self, name: str) -> None:
        traced = calibrated(build(name), seed=0)
        self.theirs = build(name)
        # The auxiliary classifiers are not part of the graph, but need values too.
        self.theirs.load_state_dict(traced.root.state_dict(), assign=True)
        if hasattr(self.theirs, "transform_input"):
            # torchvision sets this when it loads the trained weights.
            self.theirs.transform_input = True
        self.preset = weights_of(name).transforms()
        self.ours = network_of(name, traced)

    @torch.no_grad()
    def their_results(self, picture: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """Return the result of each module by our names, and the network's own result."""
        found: dict[str, Tensor] = {}
        calls: Counter[str] = Counter()

        def note(path: str):
            def hook(module: nn.Module, inputs: object, result: Tensor) -> None:
                name = path.replace("-", "_")
                found[f"{name}_{calls[name]}" if calls[name] else name] = result.clone()
                calls[name] += 1

            return hook

        hooks = [m.register_forward_hook(note(p)) for p, m in self.theirs.named_modules() if p]
        result = self.theirs(normalize(picture, self.preset.mean, self.preset.std))
        for hook in hooks:
            hook.remove()
        return found, result


def slow_but_for(usual: Collection[str], names: Iterable[str]) -> list[Any]:
    """Return parameters for the networks, of which only the usual ones are in ordinary tests."""
    return [name if name in usual else pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.fixture(scope="module", params=slow_but_for(USUAL, ONE_OF_EACH_KIND))
def twins(request: pytest.FixtureRequest) -> Twins:
    return Twins(request.param)


def assert_equal(ours: Tensor, theirs: Tensor, what: str) -> None:
    assert ours.shape == theirs.shape, what
    scale = max(1.0, theirs.abs().max().item())
    assert (ours - theirs).abs().max().item() <= 1e-4 * scale, what


def test_the_catalogue_matches_torchvision() -> None:
    known = torchvision.models.list_models(module=torchvision.models)
    dreaming = {name for name in known if name.partition("_")[0] not in UNSUPPORTED}
    assert set(TORCHVISIONS) == dreaming
    for name in TORCHVISIONS:
        entry, weights = CATALOGUE[name], weights_of(name)
        assert entry.url == weights.url
        assert entry.file == Path(weights.url).name
        assert f"-{entry.sha256}.pth" in entry.file and len(entry.sha256) >= 8
        assert entry.smallest_side >= max(32, *weights.meta["min_size"])
        assert ("SWAG" in weights.name) == (entry.licence == "CC-BY-NC-4.0")


def run_python(code: str, *args: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_listing_loads_neither_torch_nor_torchvision() -> None:
    code = (
        "import sys; from deepdream_core.cli.main import main; main(['models'])\n"
        "print(sorted({'torch', 'torchvision', 'numpy'} & set(sys.modules)))"
    )
    told = run_python(code)
    assert told.endswith("[]")
    assert "googlenet" in told and "efficientnet_lite0   installed" in told


@pytest.mark.parametrize(
    "names", [["googlenet", "resnet18"], pytest.param(ONE_OF_EACH_KIND, marks=pytest.mark.slow)]
)
def test_no_dream_waits_for_torchs_compiler(names: Sequence[str]) -> None:
    code = (
        "import sys\n"
        "sys.modules['triton'] = None\n"  # as if it were not installed
        "import numpy as np\n"
        "from deepdream_core.dreaming.dream import dream\n"
        "from deepdream_core.models import substitute_network\n"
        "from deepdream_core.models.torchvision_nets import load_untrained\n"
        "from deepdream_core.shared.recipe import Recipe\n"
        "for name in sys.argv[1:]:\n"
        "    network = load_untrained(name)\n"
        "    substitute_network(name, lambda: network)\n"
        "    layer = network.layers[2].name\n"
        "    recipe = Recipe(model=name, objective=layer, octaves=1, steps=1)\n"
        "    dream(np.full((80, 96, 3), 99, np.uint8), recipe)\n"
        "    if {'sympy', 'torch._dynamo'} & set(sys.modules):\n"
        "        sys.exit(f'{name} needs the compiler')\n"
    )
    run_python(code, *names)


@pytest.mark.slow
def test_torchvision_still_finds_the_compiler_when_it_asks_for_it() -> None:
    code = (
        "import deepdream_core.models.torchvision_nets\n"
        "from torchvision.ops import roi_align\n"
        "asked = roi_align.__globals__['is_compile_supported']('cpu')\n"
        "import torch._dynamo.utils\n"
        "print(asked == torch._dynamo.utils.is_compile_supported('cpu'))"
    )
    assert run_python(code) == "True"


@pytest.mark.parametrize(
    "name",
    slow_but_for(SOME, TORCHVISIONS),
)
def test_every_network_is_described_and_runs_at_its_smallest_side(name: str) -> None:
    network = network_of(name, TracedGraph(build(name).to("meta")))
    names = [n for layer in network.layers for n in (layer.name, *layer.aliases)]
    assert len(names) == len(set(names))
    for text in names:
        (term,) = parse_objective(text).terms
        assert term.target == Layer(text)
    assert network.layer(LOGITS).channels == 1000
    strides = [layer.stride for layer in network.layers]
    assert (strides[0], strides[-1]) == (min(strides), max(strides))
    depths = [network.layers.index(network.layer(word)) for word in DEPTHS]
    assert depths == sorted(depths) and len(set(depths)) >= 4
    assert [network.layers[i].stride for i in depths[1:]] == [8, 16, 16, 16]
    side = network.smallest_side
    found = network.activations(torch.empty(1, 3, side, side, device="meta"), [LOGITS])
    assert found[LOGITS].shape[:2] == (1, 1000) and found[LOGITS].numel() >= 1000


@pytest.mark.parametrize(
    ("network", "alias", "layer"),
    [
        ("googlenet", "mixed4c", "inception4c"),
        ("vgg16", "relu4_3", "features.22"),
        ("vgg19", "conv3_1", "features.10"),
        ("vgg11_bn", "conv1_1", "features.1"),
        ("vgg16", "fc7", "classifier.3"),
        ("alexnet", "conv5", "features.10"),
        ("alexnet", "fc6", "classifier.1"),
        ("inception_v3", "mixed6e", "Mixed_6e"),
        ("squeezenet1_1", "fire4", "features.6"),
        ("densenet121", "denseblock3", "features.denseblock3"),
        ("convnext_tiny", "stage3", "features.5"),
        ("efficientnet_b0", "stage7", "features.7"),
        ("mobilenet_v2", "block17", "features.17"),
        ("regnet_y_400mf", "block3", "trunk_output.block3"),
    ],
)
def test_layers_have_the_names_people_know(network: str, alias: str, layer: str) -> None:
    (found,) = (row for row in layers_of(network) if alias in row.aliases)
    assert found.name == layer


def test_every_layer_is_what_torchvisions_network_computes(twins: Twins) -> None:
    picture = noise(80, 112)
    theirs, _ = twins.their_results(picture)
    wanted = [layer.name for layer in twins.ours.layers]
    with torch.no_grad():
        ours = twins.ours.activations(picture, wanted)
    compared = 0
    for layer in twins.ours.layers:
        result = ours[layer.name]
        assert result.shape[1] == layer.channels
        # Apart from borders, there is one position per stride.
        assert abs(result.shape[-1] - 112 / layer.stride) <= 5
        assert abs(result.shape[-2] - 80 / layer.stride) <= 5
        for name in {layer.name, *layer.aliases} & theirs.keys():
            # A fully connected layer has one result in torchvision, and one per position here.
            if not name.startswith(("classifier", "fc")):
                assert_equal(result, theirs[name], name)
                compared += 1
    assert compared >= len(wanted) - 8


def test_the_classifier_agrees_with_torchvisions(twins: Twins) -> None:
    name = twins.ours.name
    at_once = name.startswith(("vgg", "alexnet"))
    picture = noise(*2 * [224 if at_once else twins.ours.smallest_side])
    _, theirs = twins.their_results(picture)
    with torch.no_grad():
        ours = twins.ours.activations(picture, [LOGITS])[LOGITS]
    if at_once:
        assert_equal(ours[:, :, (ours.shape[2] - 1) // 2, (ours.shape[3] - 1) // 2], theirs, name)
    elif name.startswith("squeezenet"):
        assert_equal(ours.relu().mean((2, 3)), theirs, name)
    else:
        assert ours.shape[-2:] == (1, 1)
        assert_equal(ours[:, :, 0, 0], theirs, name)


def test_layers_wanted_together_and_alone_are_the_same(twins: Twins) -> None:
    picture = noise(80, 80)
    wanted = [layer.name for layer in twins.ours.layers]
    with torch.no_grad():
        together = twins.ours.activations(picture, wanted)
        for name in wanted[:: max(1, len(wanted) // 8)]:
            alone = twins.ours.activations(picture, [name])
            assert list(alone) == [name]
            assert_equal(together[name], alone[name], name)


def test_the_gradient_reaches_every_pixel_and_no_weight(twins: Twins) -> None:
    picture = noise(80, 80).requires_grad_()
    wanted = [twins.ours.layers[len(twins.ours.layers) // 2].name, LOGITS]
    found = twins.ours.activations(picture, wanted)
    assert not any(p.requires_grad for p in twins.ours.parameters())
    (gradient,) = torch.autograd.grad(sum(x.square().sum() for x in found.values()), picture)
    assert gradient.isfinite().all()
    # ReLU and pooling may block the gradient of single pixels, but not of whole areas.
    assert (gradient.abs().sum(1) > 0).float().mean() > 0.9


def seen_across(network: Network, names: list[str], rows: int, columns: int) -> dict[str, int]:
    """Measure how many columns of the picture a position of each layer depends on.

    Everything that a NaN reaches becomes NaN. If the picture is NaN from column c on, a position
    is NaN if the last column that it sees is c or later; its edges show as c moves on.
    """
    middle, phases = columns // 2, 17
    pictures = torch.zeros(2 * phases, 3, rows, columns, dtype=torch.float64)
    for phase in range(phases):
        pictures[phase, :, :, middle + phase :] = torch.nan
        pictures[phases + phase, :, :, : middle + phase + 1] = torch.nan
    with torch.no_grad():
        found = network.activations(pictures, names)
    sides = {}
    for name in names:
        stride = network.layer(name).stride
        hit = found[name].isnan().any(1).any(1)
        phase, i = (hit[: phases - 1] & ~hit[1:phases]).nonzero()[0].tolist()
        last = middle + phase - i * stride
        phase, i = (~hit[phases:-1] & hit[phases + 1 :]).nonzero()[0].tolist()
        first = middle + phase + 1 - i * stride
        sides[name] = last - first + 1
    return sides


class Odd(nn.Module):
    """Kernels that are not square, dilation, even-sized pooling and paths of different length."""

    def __init__(self) -> None:
        super().__init__()
        self.wide = nn.Conv2d(3, 4, (1, 7), padding=(0, 3))
        self.high = nn.Conv2d(4, 4, (5, 1), stride=2, padding=(2, 0))
        self.dilated = nn.Conv2d(4, 4, 3, dilation=3, padding=3)
        self.pool = nn.AvgPool2d(2)
        self.beside = nn.Conv2d(4, 4, 1, stride=2)
        self.last = nn.Conv2d(8, 8, (3, 1), padding=(1, 0))
        self.average = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.high(self.wide(x))
        x = torch.cat((self.pool(self.dilated(x)), self.beside(x)), 1)
        return self.classifier(torch.flatten(self.average(self.last(x)), 1))


def odd_network() -> Network:
    with torch.device("meta"):
        root = Odd().eval()
    traced = calibrated(root, seed=0)
    return TracedNetwork("odd", traced, Normalisation((0.5,) * 3, (0.5,) * 3), 32)


@pytest.mark.parametrize("name", ["googlenet", "resnet18", "alexnet", "squeezenet1_0", "odd"])
def test_receptive_fields_match_measurements(name: str) -> None:
    network = (odd_network() if name == "odd" else load_untrained(name)).double()
    # Larger fields would not fit into the test picture.
    names = [row.name for row in network.layers if row.receptive_field <= 100]
    across = seen_across(network, names, network.smallest_side, 256)
    down = seen_across(Transposed(network), names, network.smallest_side, 256)
    told = {n: network.layer(n).receptive_field for n in names}
    assert told == {n: max(across[n], down[n]) for n in names}
    assert len(names) > 5


class Transposed:
    """A network that sees pictures transposed, so that rows are measured as columns."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.layer = network.layer

    def activations(self, picture: Tensor, wanted: list[str]) -> dict[str, Tensor]:
        found = self.network.activations(picture.transpose(2, 3), wanted)
        return {name: result.transpose(2, 3) for name, result in found.items()}


def test_the_default_networks_receptive_fields_match_measurements() -> None:
    network = efficientnet_lite.load("efficientnet_lite0").double()
    names = [row.name for row in network.layers if row.receptive_field <= 100]
    assert len(names) > 5
    told = {n: network.layer(n).receptive_field for n in names}
    assert told == seen_across(network, names, 32, 256)


def test_squeeze_and_excitation_is_reported() -> None:
    assert not any(layer.sees_all for layer in layers_of("googlenet"))
    gated = {layer.name: layer.sees_all for layer in layers_of("efficientnet_b0")}
    assert not gated["features.0"] and gated["features.1"] and gated[LOGITS]


def test_nothing_runs_beyond_the_deepest_wanted_layer() -> None:
    # In 64 bits oneDNN's fused steps, which the counter does not know, are not used.
    network = load_untrained("googlenet").double()
    work = {}
    for name in ("conv1", "inception4c", LOGITS):
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network.activations(noise(64, 64), [name])
        work[name] = counter.get_total_flops()
    # 7 x 7 x 3 weights for each of 64 channels at 32 x 32 positions, and nothing else.
    assert work["conv1"] == 2 * 7 * 7 * 3 * 64 * 32 * 32
    assert work["conv1"] < work["inception4c"] < 0.8 * work[LOGITS]


def test_untrained_networks_are_active_and_reproducible(twins: Twins) -> None:
    with torch.no_grad():
        names = [layer.name for layer in twins.ours.layers]
        cat = as_tensor(data.chelsea(), 128)
        sizes = {n: x.square().mean().sqrt() for n, x in twins.ours.activations(cat, names).items()}
    assert all(0.01 < size < 50 for size in sizes.values()), sizes


def test_the_seed_determines_untrained_weights() -> None:
    one, same, other = (load_untrained("squeezenet1_1", seed) for seed in (1, 1, 2))
    with torch.no_grad():
        results = [n.activations(noise(64, 64), [LOGITS])[LOGITS] for n in (one, same, other)]
    assert torch.equal(results[0], results[1])
    assert not torch.allclose(results[0], results[2])


def test_a_network_follows_its_weights_to_another_type() -> None:
    network = load_untrained("squeezenet1_1")
    picture = noise(64, 64)
    with torch.no_grad():
        before = network.activations(picture, [LOGITS])[LOGITS]
        network.to(torch.bfloat16)
        after = network.activations(picture, [LOGITS])[LOGITS]
    assert (before.dtype, after.dtype) == (torch.float32, torch.bfloat16)
    assert (before - after.float()).abs().mean() < 0.05 * before.abs().mean()


@pytest.mark.parametrize(("picture", "expected"), [("chelsea", "cat"), ("coffee", "coffee")])
def test_the_default_network_knows_what_it_sees(picture: str, expected: str) -> None:
    kinds = {
        "cat": {"tabby", "tiger cat", "Egyptian cat"},
        "coffee": {"espresso", "cup", "coffee mug"},
    }
    with torch.no_grad():
        found = default_network().activations(as_tensor(getattr(data, picture)(), 300), [LOGITS])
    best = found[LOGITS].mean((2, 3))[0].topk(3).indices
    assert labels()[best[0]] in kinds[expected]
    assert len({labels()[i] for i in best} & kinds[expected]) >= 2


def test_the_default_networks_layers_match_their_description() -> None:
    network = default_network()
    picture = noise(224, 256).requires_grad_()
    found = network.activations(picture, [layer.name for layer in network.layers])
    assert len(network.layers) == 18
    for layer in network.layers:
        size = (224 // layer.stride, 256 // layer.stride)
        assert found[layer.name].shape == (1, layer.channels, *size)
    (gradient,) = torch.autograd.grad(found["block10"].square().sum(), picture)
    assert gradient.isfinite().all() and (gradient != 0).float().mean() > 0.9


def save_weights(name: str, values: dict[str, Tensor], **options: bool) -> Path:
    models_folder().mkdir(parents=True, exist_ok=True)
    path = models_folder() / CATALOGUE[name].file
    torch.save(values, path, **options)
    return path


@pytest.mark.parametrize("name", ["googlenet", "mnasnet0_5", "resnet18", "densenet121"])
def test_weights_are_loaded_from_a_file(name: str) -> None:
    options = {"init_weights": False, "transform_input": True} if name == "googlenet" else {}
    theirs = torchvision.models.get_model(name, **options).eval()
    values = theirs.state_dict()
    if name == "densenet121":
        # The names in the file that torchvision publishes.
        values = {
            key.replace("norm1.", "norm.1.").replace("conv2.", "conv.2.")
            if "denselayer" in key
            else key: value
            for key, value in values.items()
        }
    if name == "resnet18":
        # Files from old versions of torch have no such entry.
        values = {k: v for k, v in values.items() if not k.endswith("num_batches_tracked")}
    # The oldest files use torch's format before zip files.
    path = save_weights(name, values, _use_new_zipfile_serialization=name != "googlenet")
    try:
        network = load(name)
    finally:
        path.unlink()
    picture, preset = noise(32, 32), weights_of(name).transforms()
    with torch.no_grad():
        ours = network.activations(picture, [LOGITS])[LOGITS][:, :, 0, 0]
        assert_equal(ours, theirs(normalize(picture, preset.mean, preset.std)), name)


def test_the_error_for_missing_weights_names_both_remedies() -> None:
    with pytest.raises(WeightsMissing) as told:
        load_network("googlenet", torch.device("cpu"), torch.float32)
    assert "`deepdream models add googlenet`" in str(told.value)
    assert CATALOGUE["googlenet"].url in str(told.value)
    assert "`deepdream models add FILE`" in str(told.value)


@pytest.mark.parametrize("damage", ["truncated", "another network's", "no weights at all"])
def test_damaged_weights_are_reported(damage: str) -> None:
    model = torchvision.models.get_model("squeezenet1_1")
    path = save_weights("squeezenet1_1", model.state_dict())
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:100_000])
    elif damage == "another network's":
        torch.save(torchvision.models.get_model("shufflenet_v2_x0_5").state_dict(), path)
    else:
        path.write_text("<html>Please log in</html>")
    try:
        with pytest.raises(WeightsMissing, match="Run `deepdream models add squeezenet1_1` to"):
            load("squeezenet1_1")
    finally:
        path.unlink()


def test_weights_that_would_run_code_are_refused(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return Path.touch, (tmp_path / "sprung",)

    path = save_weights("squeezenet1_1", {"features.0.weight": Trap()})
    try:
        with pytest.raises(WeightsMissing, match="damaged"):
            load("squeezenet1_1")
    finally:
        path.unlink()
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("googlnet", "Did you mean googlenet?"),
        ("vit_b_16", "cannot dream: it accepts only one picture size"),
        ("", "`deepdream models` lists them"),
    ],
)
def test_unknown_networks_are_reported(name: str, told: str) -> None:
    with pytest.raises(RecipeError, match="network") as error:
        load_network(name, torch.device("cpu"), torch.float32)
    assert told in str(error.value)


def test_no_published_file_is_larger_than_a_download_may_be() -> None:
    known = 0
    for name in TORCHVISIONS:
        for weights in torchvision.models.get_model_weights(name):
            if weights.url == CATALOGUE[name].url:
                mib = weights.meta["_file_size"]
                assert CATALOGUE[name].mib - 1 < mib < CATALOGUE[name].most_bytes / (1 << 20), name
                known += 1
    assert known > 50
