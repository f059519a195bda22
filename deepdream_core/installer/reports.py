"""What the installer tells while it works: sentences for people, or frames for a program.

The dialog in GIMP runs the installer with `--report`. Each line is then a JSON object of a `kind`:

    plan        what an installation would do: see `environment._report_plan`
    said        a sentence for the log: `text`
    progress    bytes that were `done` of a `total`, in a `phase`: download or unpack
    failed      why it stopped: `text`
    finished    it is complete
"""

from __future__ import annotations

import json

_to_a_program = False


def report_to_a_program() -> None:
    """Write JSON lines instead of sentences from now on."""
    global _to_a_program
    _to_a_program = True


def reports_to_a_program() -> bool:
    """Return whether a program reads what the installer tells."""
    return _to_a_program


def say(text: str = "") -> None:
    """Tell something that happened or will happen."""
    if not _to_a_program:
        print(text, flush=True)
    elif text.strip():
        report("said", text=text.strip())


def report(kind: str, **fields: object) -> None:
    """Tell a program something; do nothing if there is none."""
    if _to_a_program:
        print(json.dumps({"kind": kind, **fields}), flush=True)
