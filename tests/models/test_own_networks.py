"""Networks that others trained, of torchvision's architectures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
import torchvision
from PIL import Image
from torch import nn

from deepdream_core.cli.main import main
from deepdream_core.engine.networks import network_list
from deepdream_core.models import load_network
from deepdream_core.models.adopting import adopt
from deepdream_core.models.network import LOGITS
from deepdream_core.shared.own_networks import own_network

PLACES = [f"/{chr(97 + n % 26)}/place {n}" for n in range(364)] + ["/z/zen garden"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder whose networks are this test's own."""
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path / "home"))
    load_network.cache_clear()


def trained(architecture: str, classes: int = 365) -> nn.Module:
    """Return torchvision's architecture, untrained, with other classes than ImageNet's."""
    torch.manual_seed(1)
    options = {"init_weights": False} if architecture == "googlenet" else {}
    return torchvision.models.get_model(architecture, num_classes=classes, **options).eval()


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.txt"
    path.write_text("\n".join(PLACES) + "\n", "utf-8")
    return path


def saved(model: nn.Module, path: Path, how: str) -> Path:
    values = model.state_dict()
    if how == "safetensors":
        path = path.with_suffix(".safetensors")
        safetensors.torch.save_file(values, path)
    elif how == "data parallel":
        wrapped = {f"module.{name}": value for name, value in values.items()}
        torch.save({"epoch": 9, "arch": "x", "state_dict": wrapped}, path)
    elif how == "half":
        torch.save({"model": {f"_orig_mod.{n}": v.half() for n, v in values.items()}}, path)
    else:
        torch.save(values, path)
    return path


def test_it_is_added_listed_and_dreamed(
    tmp_path: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saved(trained("resnet18"), tmp_path / "w.pth.tar", "data parallel")
    add = ["models", "add", str(file), "--name", "places", "--arch", "resnet18"]
    assert main([*add, "--classes", str(labels)]) == 0
    assert "365 classes" in capsys.readouterr().out
    own = own_network("places")
    assert own and own.classes[-1] == "/z/zen garden"
    described = json.loads(own.description.read_text("utf-8"))
    assert described["architecture"] == "resnet18"
    assert next(row for row in network_list() if row["name"] == "places")["here"]

    assert main(["models"]) == main(["layers", "places"]) == 0
    listed = capsys.readouterr().out
    assert "places" in listed and "layer3.1" in listed
    assert main(["classes", "zen", "--model", "places"]) == 0
    assert " 364 /z/zen garden" in capsys.readouterr().out

    source, out = tmp_path / "in.png", tmp_path / "out.png"
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(pixels).save(source)
    quick = ["--set", "octaves=1;steps=1;model=places"]
    dream = ["dream", str(source), str(out), *quick, "--set"]
    assert main([*dream, "objective=class:zen garden + layer3"]) == 0
    assert not np.array_equal(np.asarray(Image.open(out)), pixels)
    assert main([*dream, "objective=class:365", "--force"]) == 1
    assert "numbered 0 to 364" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["safetensors", "data parallel", "half", "plain"])
def test_its_scores_are_those_of_the_model(tmp_path: Path, how: str) -> None:
    model = trained("shufflenet_v2_x0_5", 7)
    adopt(saved(model, tmp_path / "w.pt", how), "mine", "shufflenet_v2_x0_5")
    network = load_network("mine", torch.device("cpu"), torch.float32)
    picture = torch.rand(1, 3, 64, 64)
    seen = torchvision.transforms.functional.normalize(
        picture, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    )
    with torch.no_grad():
        ours = network.activations(picture, [LOGITS])[LOGITS].mean((2, 3))
        theirs = model(seen)
    assert torch.allclose(ours, theirs, atol=1e-2 if how == "half" else 1e-4)


@pytest.mark.parametrize("architecture", ["googlenet", "densenet121", "mnasnet0_5", "vgg11"])
@pytest.mark.slow
def test_other_architectures(tmp_path: Path, architecture: str) -> None:
    file = saved(trained(architecture, 12), tmp_path / "w.pth", "plain")
    own = adopt(file, "mine", architecture)
    assert own.classes[-1] == "class 11"
    network = load_network("mine", torch.device("cpu"), torch.float32)
    logits = network.layer(LOGITS)
    assert logits and logits.channels == 12


def no_weights(path: Path) -> None:
    torch.save({"epoch": 3}, path)


def code(path: Path) -> None:
    torch.save(trained("squeezenet1_1", 3), path)


def another(path: Path) -> None:
    torch.save(trained("resnet18", 3).state_dict(), path)


def a_layer_less(path: Path) -> None:
    values = trained("squeezenet1_1", 3).state_dict()
    values.pop("features.0.weight")
    torch.save(values, path)


@pytest.mark.parametrize(
    ("write", "part"),
    [
        (no_weights, "holds no weights"),
        (code, "holds no weights"),
        (another, "it has no classifier.1.bias"),
        (a_layer_less, "features.0.weight"),
        (lambda path: path.write_bytes(b"nothing"), "holds no weights"),
        (lambda path: None, "does not exist"),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_leaves_nothing(
    tmp_path: Path,
    write: Callable[[Path], None],
    part: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(tmp_path / "w.pth")
    arguments = ["models", "add", str(tmp_path / "w.pth"), "--name", "mine"]
    assert main([*arguments, "--arch", "squeezenet1_1"]) == 1
    told = capsys.readouterr().err
    assert part in told and told.count("\n") == 1
    assert own_network("mine") is None
    assert not list((tmp_path / "home").rglob("mine*"))


def test_names_architectures_and_labels_are_checked(
    tmp_path: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(saved(trained("squeezenet1_1", 3), tmp_path / "w.pth", "plain"))
    for options, part in (
        (["--name", "../x", "--arch", "squeezenet1_1"], "cannot be the name"),
        (["--name", "vgg16", "--arch", "squeezenet1_1"], "choose another name"),
        (["--name", "x", "--arch", "squeezenet"], "Did you mean squeezenet1_1?"),
        (["--name", "x", "--arch", "efficientnet_lite0"], "not one of torchvision's"),
        (["--name", "x"], "--name and --arch"),
        (
            ["--name", "x", "--arch", "squeezenet1_1", "--classes", str(labels)],
            "knows 3 classes, but there are 365 labels",
        ),
    ):
        assert main(["models", "add", file, *options]) == 1
        assert part in capsys.readouterr().err
