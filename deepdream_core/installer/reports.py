"""What the installer tells while it works: sentences for people, or frames for a program.

The dialog in GIMP runs the installer with `--report`. Each line is then a JSON object of a `kind`:

    plan        what an installation would do: see `environment._report_plan`
    said        what it does now: `text`
    progress    bytes that were `done` of a `total`, in a `phase`: download or unpack
    failed      why it stopped: `text`
    finished    it is complete

A `text` is a `Message`, as `Message.as_json` packs it, or a plain one in English.
"""

from __future__ import annotations

import json

from deepdream_core.shared.messages import Message

_to_a_program = False


def report_to_a_program() -> None:
    """Write JSON lines instead of sentences from now on."""
    global _to_a_program
    _to_a_program = True


def reports_to_a_program() -> bool:
    """Return whether a program reads what the installer tells."""
    return _to_a_program


def say(text: str = "", indent: str = "") -> None:
    """Tell something that happened or will happen; a program is only told a `Message`."""
    if not _to_a_program:
        print(f"{indent}{text}", flush=True)
    elif isinstance(text, Message):
        report("said", text=text)


def report(kind: str, **fields: object) -> None:
    """Tell a program something; do nothing if there is none."""
    if _to_a_program:
        packed = {n: v.as_json() if isinstance(v, Message) else v for n, v in fields.items()}
        print(json.dumps({"kind": kind, **packed}), flush=True)
