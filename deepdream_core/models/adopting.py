"""Adding networks of torchvision's architectures that others, or the user, trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from deepdream_core.models.catalogue import CATALOGUE, entry_of
from deepdream_core.models.labels import labels
from deepdream_core.models.torchvision_nets import (
    UNREADABLE,
    as_built,
    build,
    load_values,
    read_safetensors,
)
from deepdream_core.models.weights import WeightsMissing
from deepdream_core.shared.atomic_files import replacing
from deepdream_core.shared.messages import Message
from deepdream_core.shared.own_folders import make_folder
from deepdream_core.shared.own_networks import OwnNetwork, is_name, own_network
from deepdream_core.shared.quoting import shortened

_WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "weights", "params")
"""Where training programs put the parameters, beside the optimiser's state and other things."""
_PREFIXES = ("module.", "model.", "_orig_mod.", "net.", "backbone.", "network.")
"""What `DataParallel`, `compile` and wrapping modules put before every name."""
_AUXILIARY = ("aux1.", "aux2.", "AuxLogits.")
"""Classifiers that only training needs."""
_IMAGENETS = 1000
_COUNTER = "num_batches_tracked"


class NotAdopted(WeightsMissing):
    """The file cannot become a network; the message says why."""


def adopt(
    path: Path,
    name: str,
    architecture: str,
    classes: Sequence[str] = (),
    pixels: str = "",
    replace: bool = False,
) -> OwnNetwork:
    """Add a network from a file with a state dict: safetensors, or as `torch.save` writes it.

    `classes`: a label for each class; without, ImageNet's or numbers. `pixels`: one of `INPUTS`.
    Raises `NotAdopted`, and `RecipeError` for an unknown architecture.
    """
    if not is_name(name):
        raise NotAdopted("network-name", name=shortened(name))
    if name in CATALOGUE or (own_network(name) and not replace):
        raise NotAdopted("network-exists", name=name)
    if entry_of(architecture).origin != "torchvision":
        raise NotAdopted("not-torchvisions", architecture=architecture)
    values = _read(path)
    reference = build(architecture)
    count = _class_count(values, reference, path, architecture)
    if classes and len(classes) != count:
        raise NotAdopted("classes-differ", path=str(path), count=count, labels=len(classes))
    root = build(architecture, count)
    complete = _complete(values, root)
    try:
        load_values(root, complete)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise _unfit(path, architecture, reason) from None
    known = tuple(classes) or (labels() if count == _IMAGENETS else _numbers(count))
    network = OwnNetwork(name, architecture, known, pixels)
    _save(network, complete)
    return network


def _read(path: Path) -> dict[str, Tensor]:
    """Return the parameters in a file, under the names of this version of torchvision."""
    if not path.is_file():
        raise NotAdopted("no-file", path=str(path))
    try:
        if path.suffix == ".safetensors":
            found = read_safetensors(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        raise NotAdopted("not-weights", path=str(path)) from error
    values = _tensors_in(found)
    if not values:
        raise NotAdopted("not-weights", path=str(path))
    while prefix := next((p for p in _PREFIXES if all(n.startswith(p) for n in values)), ""):
        values = {name.removeprefix(prefix): value for name, value in values.items()}
    kept = {name: value for name, value in values.items() if not name.startswith(_AUXILIARY)}
    return dict(as_built(kept))


def _tensors_in(found: object) -> dict[str, Tensor]:
    if not isinstance(found, Mapping):
        return {}
    for wrapper in _WRAPPERS:
        if isinstance(found.get(wrapper), Mapping):
            return _tensors_in(found[wrapper])
    return {str(name): value for name, value in found.items() if isinstance(value, Tensor)}


def _class_count(
    values: Mapping[str, Tensor], reference: nn.Module, path: Path, architecture: str
) -> int:
    """Return how many classes the weights know: the length of what is ImageNet's otherwise."""
    for name, value in reversed(reference.state_dict().items()):
        is_last = value.ndim > 0 and value.shape[0] == _IMAGENETS
        if is_last and not name.startswith(_AUXILIARY):
            if name not in values or values[name].ndim == 0:
                raise _unfit(path, architecture, Message("lacks-weight", name=name))
            return values[name].shape[0]
    raise _unfit(path, architecture, Message("lacks-weight", name="classifier"))


def _complete(values: Mapping[str, Tensor], root: nn.Module) -> dict[str, Tensor]:
    """Return the values as 32-bit floats, with the counters that old files lack."""
    complete = {
        name: (value.float() if value.is_floating_point() else value).contiguous().clone()
        for name, value in values.items()
    }
    for name in root.state_dict():
        if name.endswith(_COUNTER):
            complete.setdefault(name, torch.tensor(0))
    return complete


def _numbers(count: int) -> tuple[str, ...]:
    return tuple(f"class {number}" for number in range(count))


def _unfit(path: Path, architecture: str, reason: str) -> NotAdopted:
    short = reason if isinstance(reason, Message) else shortened(reason, 90)
    return NotAdopted("weights-unfit", path=str(path), architecture=architecture, reason=short)


def _save(network: OwnNetwork, values: dict[str, Tensor]) -> None:
    path = network.weights
    try:
        make_folder(path.parent)
        with replacing(path, durable=True) as unfinished:
            safetensors.torch.save_file(values, unfinished)
        network.save()
    except OSError as error:
        reason = error.strerror or str(error)
        raise NotAdopted("file-unwritable", path=str(path), reason=reason) from None
