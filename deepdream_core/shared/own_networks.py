"""Networks that the user added: torchvision's architectures with weights from elsewhere.

Each is a weights file in the models folder with a JSON file beside it. Standard library only.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.paths import models_folder
from deepdream_core.shared.recipe import RecipeError, read_json_object

ORIGIN = "yours"
SUFFIX = ".safetensors"
INPUTS = ("imagenet", "-1..1", "0..1")
"""What a network's training made of pixels."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}")
_MOST_BYTES = 16 << 20


@dataclass(frozen=True)
class OwnNetwork:
    """A network that the user added."""

    name: str
    architecture: str
    """The name of torchvision's network that is built the same way."""
    classes: tuple[str, ...]
    """The label of each class."""
    input: str = ""
    """One of `INPUTS`; empty for what torchvision's network expects."""

    @property
    def weights(self) -> Path:
        return models_folder() / f"{self.name}{SUFFIX}"

    @property
    def description(self) -> Path:
        """The JSON file beside the weights."""
        return _description(self.name)

    def save(self) -> None:
        """Write the description. Raises `OSError`."""
        content = {
            "architecture": self.architecture,
            "input": self.input,
            "classes": list(self.classes),
        }
        write_text(self.description, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def is_name(name: str) -> bool:
    """Return whether a network can have this name, which becomes that of a file."""
    return _NAME.fullmatch(name) is not None


def own_network(name: str) -> OwnNetwork | None:
    """Return a network that the user added, or None if there is no such one."""
    return _read(_description(name)) if is_name(name) else None


def own_networks() -> list[OwnNetwork]:
    """Return all networks that the user added."""
    found = (_read(path) for path in sorted(models_folder().glob("[!.]*.json")))
    return [network for network in found if network]


def _description(name: str) -> Path:
    return models_folder() / f"{name}.json"


def _read(path: Path) -> OwnNetwork | None:
    """Return the network that a file describes; None for any other file."""
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        content = read_json_object(path.read_bytes())
    except (OSError, RecipeError):
        return None
    architecture, classes = content.get("architecture"), content.get("classes")
    chosen = content.get("input", "")
    if not isinstance(architecture, str) or not isinstance(classes, list):
        return None
    network = OwnNetwork(path.stem, architecture, tuple(map(str, classes)), chosen)
    known = chosen in ("", *INPUTS) and is_name(network.name)
    return network if known and network.weights.is_file() else None
