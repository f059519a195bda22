"""Reads `tests/gimp/api.txt`, the table of what GIMP 2.10's own Python does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("api.txt")
_INSTEAD = re.compile(r"    (?P<hosts>[\d., ]+|all): (?P<result>.+?) -- (?P<reason>.+)")


@dataclass(frozen=True)
class Instead:
    """What comes out in some GIMPs instead."""

    hosts: tuple[str, ...]
    result: str
    reason: str


@dataclass(frozen=True)
class Row:
    """A call, and what comes out as code: an expression or `raises EXCEPTION`."""

    section: str
    call: str
    result: str
    instead: tuple[Instead, ...] = ()

    def result_in(self, host: str) -> str:
        """Return what comes out in a GIMP, such as "3.0"."""
        for other in self.instead:
            if other.hosts == ("all",) or any(host.startswith(name) for name in other.hosts):
                return other.result
        return self.result


def rows() -> list[Row]:
    """Return all rows in order. Raises `ValueError` for a line that is not one."""
    section, found = "", []
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("== "):
            section = line[3:]
        elif line.startswith("    "):
            told = _INSTEAD.fullmatch(line)
            if not told:
                raise ValueError(line)
            row = found.pop()
            hosts = tuple(told["hosts"].split(", "))
            other = Instead(hosts, told["result"], told["reason"])
            found.append(Row(row.section, row.call, row.result, (*row.instead, other)))
        elif line and not line.startswith("#"):
            call, _, result = line.rpartition(" -> ")
            if not call:
                raise ValueError(line)
            found.append(Row(section, call, result))
    return found
