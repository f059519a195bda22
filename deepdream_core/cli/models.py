"""The commands `deepdream models`, `deepdream models add` and `deepdream layers`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from deepdream_core.cli.failures import UsageError
from deepdream_core.cli.given_files import GivenFile
from deepdream_core.models.catalogue import CATALOGUE, UNSUPPORTED, all_entries
from deepdream_core.models.weights import find_weights
from deepdream_core.shared.own_networks import INPUTS
from deepdream_core.shared.recipe import PARAMETERS

_WEIGHTS = (".pth", ".pt", ".safetensors", ".whl")


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add the commands to the command line."""
    models = commands.add_parser("models", help="list the networks, or add one")
    models.add_argument("--json", action="store_true", help="print one JSON object for each")
    models.set_defaults(run=_list)
    add = models.add_subparsers(metavar="add").add_parser(
        "add", help="download a network's weights, or add them from a file"
    )
    add.add_argument(
        "what", metavar="NAME|FILE", type=_name_or_file, help="a network, or a weights file"
    )
    own = add.add_argument_group("for weights that somebody else trained")
    own.add_argument("--name", metavar="N", help="what to call the network")
    own.add_argument("--arch", metavar="A", help="the network in this list that is built the same")
    own.add_argument(
        "--classes",
        type=GivenFile.parse,
        metavar="FILE",
        help="a text with the label of each class in a line; without, they have numbers",
    )
    own.add_argument(
        "--input", choices=INPUTS, default="", help="what its training made of pixels, if unusual"
    )
    own.add_argument("--force", action="store_true", help="replace a network of yours")
    add.set_defaults(run=_add)

    layers = commands.add_parser("layers", help="list a network's layers")
    layers.add_argument("model", nargs="?", default=PARAMETERS["model"].default, metavar="MODEL")
    layers.set_defaults(run=_layers)


def _list(options: argparse.Namespace) -> None:
    for entry in all_entries():
        here = find_weights(entry) is not None
        if options.json:
            row = {"name": entry.name, "installed": here, "mib": entry.mib}
            print(json.dumps({**row, "licence": entry.licence, "origin": entry.origin}))
        else:
            state = "installed" if here else ""
            origin = f"{entry.origin} ({entry.licence})"
            print(f"{entry.name:20} {state:10} {entry.mib:5} MiB  {origin}")
    if not options.json:
        print("\n`deepdream models add NAME` downloads a network's weights.")
        print("The pictures that torchvision's weights were trained on may restrict their use.")
        for family, why in UNSUPPORTED.items():
            print(f"Not supported: torchvision's {family} networks ({why}).")


def _add(options: argparse.Namespace) -> None:
    from deepdream_core.models.downloads import add_file, fetch

    if options.name or options.arch:
        _adopt(options)
    elif isinstance(options.what, GivenFile):
        print(f"{add_file(options.what.path)} is installed.")
    else:
        with _Counter(options.what) as counter:
            path = fetch(options.what, counter.show)
        print(f"{options.what} is installed: {path}")


def _adopt(options: argparse.Namespace) -> None:
    from deepdream_core.models.adopting import adopt

    if not (options.name and options.arch and isinstance(options.what, GivenFile)):
        raise UsageError("Weights from elsewhere need a file, --name and --arch.")
    classes = []
    if options.classes:
        try:
            classes = options.classes.path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{options.classes.typed} cannot be read ({error}).") from None
    labels = [label.strip() for label in classes if label.strip()]
    own = adopt(
        *(options.what.path, options.name, options.arch),
        *(labels, options.input, options.force),
    )
    print(f"{own.name} is installed, with {len(own.classes)} classes: --set model={own.name}")


def _name_or_file(text: str) -> str | GivenFile:
    path = Path(text)
    is_file = path.exists() or len(path.parts) > 1 or path.suffix in _WEIGHTS
    return GivenFile.parse(text) if is_file and text not in CATALOGUE else text


class _Counter:
    """Shows a download's progress on a terminal; silent if there is none."""

    def __init__(self, name: str) -> None:
        self._bar = None
        if sys.stderr.isatty():
            from tqdm import tqdm

            scale = {"unit": "B", "unit_scale": True, "unit_divisor": 1024}
            self._bar = tqdm(desc=name, leave=False, file=sys.stderr, **scale)

    def __enter__(self) -> _Counter:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.close()

    def show(self, done: int, total: int | None) -> None:
        """Show the download's progress, in bytes."""
        if self._bar:
            self._bar.total = total
            self._bar.update(done - self._bar.n)


def _layers(options: argparse.Namespace) -> None:
    from deepdream_core.models import layers_of

    layers = layers_of(options.model)
    print(f"{'layer':40} channels  stride  receptive field")
    for layer in layers:
        known = (alias for alias in layer.aliases if "." not in alias)
        names = " = ".join((layer.name, *known))
        field = f"{layer.receptive_field}{' *' if layer.sees_all else '  '}"
        print(f"{names:40} {layer.channels:8}  {layer.stride:6}  {field:>17}")
    if any(layer.sees_all for layer in layers):
        print("* also depends on the whole picture, through squeeze-and-excitation")
