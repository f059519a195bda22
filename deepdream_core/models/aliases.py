"""The names by which people know layers, in addition to those in torchvision's code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torch import nn

_NUMBERED = re.compile(r"(?:features|layers)\.(\d+)")
_BLOCK = re.compile(r"trunk_output\.block\d")
_GROUPS = {"convnext": "stage", "efficientnet": "stage", "mobilenet": "block", "mnasnet": "stage"}
"""Families that number their groups of layers, and what to call a group."""


def aliases(name: str, root: nn.Module) -> dict[str, str]:
    """Return a mapping from alias to module path for one of torchvision's networks."""
    family = name.partition("_")[0].rstrip("0123456789")
    if family in ("vgg", "alexnet"):
        return dict(_chain(root, by_block=family == "vgg"))
    if family == "squeezenet":
        return dict(_fires(root))
    if family in _GROUPS:
        return dict(_groups(root, _GROUPS[family]))
    paths = [path for path, _ in root.named_modules() if path]
    if family == "densenet":
        return {path.partition(".")[2]: path for path in paths if path.count(".") == 1}
    if family == "regnet":
        return {path.partition(".")[2]: path for path in paths if _BLOCK.fullmatch(path)}
    if family in ("googlenet", "inception"):
        # The names used by Lucid and the TensorFlow tutorials.
        found = (re.fullmatch(r"(?:inception|Mixed_)(\d[a-e])", path) for path in paths)
        return {f"mixed{match[1]}": match[0] for match in found if match}
    return {}


def _chain(root: nn.Module, by_block: bool) -> Iterator[tuple[str, str]]:
    """Name layers as in their papers: conv4_3, relu4_3, pool4; conv5, relu5; fc6."""
    block, number = 1, 0
    for index, module in root.get_submodule("features").named_children():
        path = f"features.{index}"
        if isinstance(module, nn.Conv2d):
            number += 1
        # After folding, the result is found under the batch normalisation's path.
        place = f"{block}_{number}" if by_block else f"{number}"
        if isinstance(module, (nn.Conv2d, nn.BatchNorm2d)):
            yield f"conv{place}", path
        elif isinstance(module, nn.ReLU):
            yield f"relu{place}", path
        elif isinstance(module, nn.MaxPool2d):
            yield f"pool{block if by_block else number}", path
            block, number = block + 1, 0 if by_block else number
    number = 5
    for index, module in root.get_submodule("classifier").named_children():
        if isinstance(module, nn.Linear):
            number += 1
            yield f"fc{number}", f"classifier.{index}"
        elif isinstance(module, nn.ReLU):
            yield f"relu{number}", f"classifier.{index}"


def _fires(root: nn.Module) -> Iterator[tuple[str, str]]:
    """Name SqueezeNet's modules as in its paper: conv1, fire2 to fire9, conv10."""
    number = 1
    for index, module in root.get_submodule("features").named_children():
        if isinstance(module, nn.Conv2d):
            yield "conv1", f"features.{index}"
        elif not isinstance(module, (nn.ReLU, nn.MaxPool2d)):
            number += 1
            yield f"fire{number}", f"features.{index}"
    yield "conv10", "classifier.1"


def _groups(root: nn.Module, prefix: str) -> Iterator[tuple[str, str]]:
    """Name groups of blocks stem, stage1, stage2, … and head; layers between them get no name."""
    number = 0
    groups = [path for path, _ in root.named_modules() if _NUMBERED.fullmatch(path)]
    for path in groups:
        children = list(root.get_submodule(path).children())
        if path.endswith(".0"):
            yield "stem", path
        elif path == groups[-1] and isinstance(children[0] if children else None, nn.Conv2d):
            yield "head", path
        elif any(list(child.children()) for child in children):
            number += 1
            yield f"{prefix}{number}", path
