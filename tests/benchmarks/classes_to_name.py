"""Dream classes into a photo, for judges who name what they see without knowing the list.

    python tests/benchmarks/classes_to_name.py FOLDER PHOTO [--seed 1] [--preset NAME]
        [--set NAME=VALUE]...

Writes `sheet-1.png`, `sheet-2.png`, … with numbered dreams in random order and `key.json`. Finished
dreams are kept in FOLDER/dreams and used again as long as their recipe and the photo stay the same.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from blind_comparison import dreamed, opened, sheet

from deepdream_core.shared.presets import make_recipe

CLASSES = (
    *("goldfish", "macaw", "flamingo", "tarantula", "peacock", "jellyfish", "lion", "zebra"),
    *("lesser panda", "monarch", "castle", "church", "container ship", "balloon"),
    *("school bus", "strawberry", "pineapple", "daisy", "mushroom", "volcano"),
)
_PER_SHEET = 6
_LONGEST = 448


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--preset", default="classic")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    photo = opened(options.photo, _LONGEST)
    order = list(CLASSES)
    random.Random(options.seed).shuffle(order)
    numbered = {}
    for number, name in enumerate(order, 1):
        settings = "; ".join([f"objective=class:{name}", *options.set])
        recipe = make_recipe(options.preset, settings)
        numbered[str(number)] = dreamed(options.folder, photo, recipe)
        print(number, flush=True)
    for index in range(0, len(order), _PER_SHEET):
        part = dict(list(numbered.items())[index : index + _PER_SHEET])
        sheet(part).save(options.folder / f"sheet-{index // _PER_SHEET + 1}.png")
    (options.folder / "key.json").write_text(json.dumps(dict(enumerate(order, 1))), "utf-8")


if __name__ == "__main__":
    main()
