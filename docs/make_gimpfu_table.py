#!/usr/bin/env python3
"""Write the tables of plug-ins/gimpfu/README.md from what the tests measure.

    python3 docs/make_gimpfu_table.py            write them
    python3 docs/make_gimpfu_table.py --check    change nothing; fail if they are stale

`tests/gimp/test_api.py` checks in real GIMPs that each row of `tests/gimp/api.txt` is true.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests" / "gimp"
README = ROOT / "plug-ins" / "gimpfu" / "README.md"
sys.path.insert(0, str(TESTS))

import api_rows  # noqa: E402 - the tests' folder must be put on the path first

GIMPS = ("2.10", "3.0", "3.2")
_BLOCK = re.compile(
    r"(<!-- (\w+): made by docs/make_gimpfu_table.py -->\n).*?(<!-- end -->\n)", re.S
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    before = README.read_text("utf-8")
    after = _BLOCK.sub(lambda block: block[1] + _TABLES[block[2]]() + block[3], before)
    if check:
        print("Everything is up to date." if before == after else f"Stale: {README.name}")
        return int(before != after)
    README.write_text(after, "utf-8")
    return 0


def same() -> str:
    """Return how many of the things that the tests try come out as in GIMP 2.10's own Python."""
    rows = api_rows.rows()
    lines = []
    for section in dict.fromkeys(row.section for row in rows):
        mine = [row for row in rows if row.section == section]
        lines.append([section, str(len(mine)), *(_share(mine, gimp) for gimp in GIMPS)])
    plug_ins = str(len(list((TESTS / "old_plug_ins").glob("python*/*.py"))))
    lines.append(["whole plug-ins in the idioms of GIMP 2", plug_ins, *["all"] * len(GIMPS)])
    lines.append(["pictures made with 2.10's procedures", "many", "the measure", "all", "all"])
    return _table(["", "tried", *(f"the same in {gimp}" for gimp in GIMPS)], lines)


def differs() -> str:
    """Return what comes out otherwise, and why."""
    lines = [
        [f"`{row.call}`", _code(row.result), _code(other.result), _hosts(other), other.reason]
        for row in api_rows.rows()
        for other in row.instead
        if not _is_absent(row)
    ]
    return _table(["", "in GIMP 2.10's Python", "here", "in", "because"], lines)


def absent() -> str:
    """Return what does not exist here."""
    lines = [
        f"- {other.reason[0].upper()}{other.reason[1:]}: "
        + ", ".join(f"`{name}`" for name in _names(row))
        + ("." if other.hosts == ("all",) else f" (GIMP {_hosts(other)}).")
        for row in api_rows.rows()
        for other in row.instead
        if _is_absent(row)
    ]
    return "\n".join(lines) + "\n"


_TABLES = {"same": same, "differs": differs, "absent": absent}


def _share(rows: Sequence[api_rows.Row], gimp: str) -> str:
    fulfilled = sum(row.result_in(gimp) == row.result for row in rows)
    return "all" if fulfilled == len(rows) else str(fulfilled)


def _is_absent(row: api_rows.Row) -> bool:
    return "hasattr(" in row.call or row.call.startswith("import ")


def _names(row: api_rows.Row) -> list[str]:
    return re.findall(r'"(\w+)"', row.call) or [row.call.removeprefix("import ")]


def _code(result: str) -> str:
    return f"`{result}`"


def _hosts(other: api_rows.Instead) -> str:
    names = {"all": "all", "3": "3.0, 3.2"}
    return ", ".join(names.get(host, host) for host in other.hosts)


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "".join(
        f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |\n" for row in rows
    )


if __name__ == "__main__":
    sys.exit(main())
