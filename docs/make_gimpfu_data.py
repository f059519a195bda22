#!/usr/bin/env python3
"""Write what the gimpfu shim knows about GIMP 2.10, as real GIMPs tell it.

    python3 docs/make_gimpfu_data.py            write the three files
    python3 docs/make_gimpfu_data.py --check    change nothing; fail if one differs

Needs GIMP 2.10, 3.0 and 3.2; run it with the Python that runs the tests. The files are
`plug-ins/gimpfu/enums.py`, and in `plug-ins/gimpfu/gimp3/` the numbers that mean something else in
GIMP 3 (`changed_numbers.py`) and the signatures of 2.10's procedures (`procedures.txt`).
"""

# ruff: noqa: E402 - the tests' folder must be put on the path first
from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "gimp")]

from hosts import available_hosts
from inside import run_inside

SHIM = ROOT / "plug-ins" / "gimpfu"

KINDS = (
    *("int", "int16", "int8", "float", "string"),
    *("ints", "int16s", "int8s", "floats", "strings"),
    *("color", "item", "display", "image", "layer", "channel", "drawable", "selection"),
    *("colors", "vectors", "parasite", "status"),
)
"""The names of 2.10's types of arguments, in the order of their numbers."""

SCRIPTS = ("script-fu-drop-shadow",)
"""The scripts that the shim runs itself."""
# The tests' own plug-in registers file-tiny-….
_LEFT_OUT = ("extension-", "python-", "script-fu-", "plug-in-script-fu", "file-tiny-")

# Not registered as enumerations in GIMP 2.10; from its header files.
OTHERS = {
    "Truth": {"FALSE": 0, "TRUE": 1},
    "Parasites": {
        "PARASITE_PERSISTENT": 1,
        "PARASITE_UNDOABLE": 2,
        "PARASITE_ATTACH_PARENT": 0x80 << 8,
        "PARASITE_PARENT_PERSISTENT": 1 << 8,
        "PARASITE_PARENT_UNDOABLE": 2 << 8,
        "PARASITE_ATTACH_GRANDPARENT": 0x80 << 16,
        "PARASITE_GRANDPARENT_PERSISTENT": 1 << 16,
        "PARASITE_GRANDPARENT_UNDOABLE": 2 << 16,
    },
    "Units": {"UNIT_PIXEL": 0, "UNIT_INCH": 1, "UNIT_MM": 2, "UNIT_POINT": 3, "UNIT_PICA": 4},
    "Limits": {
        "MIN_IMAGE_SIZE": 1,
        "MAX_IMAGE_SIZE": 524288,
        "MIN_RESOLUTION": 0.005,
        "MAX_RESOLUTION": 1048576.0,
        "MAX_MEMSIZE": (1 << 42) - 1,
    },
    "Pixel fetchers": {
        "PIXEL_FETCHER_EDGE_NONE": 0,
        "PIXEL_FETCHER_EDGE_WRAP": 1,
        "PIXEL_FETCHER_EDGE_SMEAR": 2,
        "PIXEL_FETCHER_EDGE_BLACK": 3,
        "PIXEL_FETCHER_EDGE_BACKGROUND": 4,
    },
    "Export": {
        "EXPORT_CAN_HANDLE_RGB": 1,
        "EXPORT_CAN_HANDLE_GRAY": 2,
        "EXPORT_CAN_HANDLE_INDEXED": 4,
        "EXPORT_CAN_HANDLE_BITMAP": 8,
        "EXPORT_CAN_HANDLE_ALPHA": 16,
        "EXPORT_CAN_HANDLE_LAYERS": 32,
        "EXPORT_CAN_HANDLE_LAYERS_AS_ANIMATION": 64,
        "EXPORT_CAN_HANDLE_LAYER_MASKS": 128,
        "EXPORT_NEEDS_ALPHA": 256,
        "EXPORT_CANCEL": 0,
        "EXPORT_IGNORE": 1,
        "EXPORT_EXPORT": 2,
    },
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    texts = contents()
    stale = [path.name for path, text in texts.items() if path.read_text("utf-8") != text]
    if check:
        print(f"Stale: {', '.join(stale)}" if stale else "Everything is up to date.")
        return bool(stale)
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    return 0


def contents() -> dict[Path, str]:
    """Return the text of each file."""
    old = _ask("2.10", "gimp2_database.py")
    new = _ask("3.0", "gimp3_enums.py")["enums"]
    newest = _ask("3.2", "gimp3_enums.py")["enums"]
    enums = old["enums"]
    changed = _changed(enums, new)
    if changed != _changed(enums, newest):
        raise SystemExit("GIMP 3.0 and 3.2 number their enumerations differently.")
    return {
        SHIM / "enums.py": _enums(enums),
        SHIM / "gimp3" / "changed_numbers.py": _numbers(changed),
        SHIM / "gimp3" / "procedures.txt": _procedures(old["procedures"]),
    }


def _ask(name: str, script: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return run_inside(available_hosts()[name], Path(folder), script)[0]


def _constant(name: str) -> str:
    name = name.removeprefix("GIMP_")
    return name.upper() if name[:1].isupper() else name


def _enums(enums: Mapping[str, Sequence[Any]]) -> str:
    lines = [
        '"""The constants of GIMP 2.10, with its numbers in every GIMP.',
        "",
        "Enums are plain integers, as in GIMP's own gimpfu. Where a number means something else in",
        "GIMP 3, `gimp3.values` translates it. Written by docs/make_gimpfu_data.py.",
        '"""',
        "",
        "from __future__ import annotations",
    ]
    for name, values in enums.items():
        lines += ["", f"# {name}"]
        lines += [f"{_constant(constant)} = {value}" for constant, value, _ in values]
    for name, others in OTHERS.items():
        lines += ["", f"# {name}"]
        lines += [f"{constant} = {value!r}" for constant, value in others.items()]
    names = '[name for name in dir() if name[0] != "_" and name.isupper()]'
    ignore = "  # pyright: ignore[reportUnsupportedDunderAll]"
    return "\n".join([*lines, "", f"__all__ = {names}{ignore}", ""])


def _changed(
    enums: Mapping[str, Sequence[Any]], new: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[int, int]]:
    """Return, by enumeration, the old and the new number of each value that got another one."""
    changed: dict[str, dict[int, int]] = {}
    for name, values in enums.items():
        for _, value, nick in values:
            number = new.get(name, {}).get(nick, value)
            if number != value:
                changed.setdefault(name, {})[value] = number
    return changed


def _numbers(changed: Mapping[str, Mapping[int, int]]) -> str:
    lines = [
        '"""The numbers of enumerations that mean something else in GIMP 3.',
        "",
        "Written by docs/make_gimpfu_data.py.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "CHANGED_NUMBERS: dict[str, dict[int, int]] = {",
    ]
    for name, numbers in changed.items():
        pairs = ", ".join(f"{old}: {new}" for old, new in numbers.items())
        lines.append(f'    "{name}": {{{pairs}}},')
    text = '"""By enumeration: the number in GIMP 2.10, and the one in GIMP 3."""'
    return "\n".join([*lines, "}", text, ""])


def _procedures(procedures: Mapping[str, Any]) -> str:
    lines = [
        "# The procedures of GIMP 2.10: name, arguments, |, results; each as name:type.",
        "# Written by docs/make_gimpfu_data.py.",
    ]
    for name, (params, results) in sorted(procedures.items()):
        if name.startswith(_LEFT_OUT) and name not in SCRIPTS:
            continue
        rows = [[f"{row[1]}:{KINDS[row[0]]}" for row in rows] for rows in (params, results)]
        lines.append(" ".join([name, *rows[0], "|", *rows[1]]))
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
