"""What `deepdream doctor --engine COMMAND` says: whether another computer dreams, and how fast."""

from __future__ import annotations

import json
import shlex

from deepdream_core import __version__
from deepdream_core.cli.visit import Visit, visit_engine
from deepdream_core.shared.messages import Message
from deepdream_core.shared.other_computer import (
    Computer,
    fits,
    other_version,
    why_it_ended,
    why_no_answer,
)


def report(text: str, as_json: bool) -> int:
    """Try the engine that a command reaches, print what came of it, and return an exit code.

    Raises `ComputerError`.
    """
    computer = Computer.parse(text)
    try:
        visit = visit_engine(computer.command, dreaming=True)
        problem, hint = _problem(computer, visit)
    except OSError as error:
        visit, program = Visit(), computer.command[0]
        reason = error.strerror or str(error)
        problem = Message("computer-program-missing", program=program, reason=reason)
        hint = Message("check-program")
    found = {
        "command": shlex.join(computer.command),
        "version": visit.version,
        "seconds": round(visit.seconds, 3),
        "device": visit.device,
        "dream_seconds": round(visit.dream_seconds, 3),
        "problem": problem,
        "hint": hint,
        "words": visit.words if problem else [],
    }
    print(json.dumps(found, indent=2) if as_json else _described(computer, visit, found))
    return 1 if problem else 0


def _problem(computer: Computer, visit: Visit) -> tuple[str, str]:
    """Return what is wrong and what to do about it, or two empty texts."""
    if not visit.version:
        trouble = why_no_answer(computer, visit.words, visit.exit_code)
    elif not fits(visit.version, __version__):
        trouble = other_version(computer, visit.version, __version__)
    elif visit.problem:
        return visit.problem, ""
    elif not visit.device:
        trouble = why_it_ended(computer, visit.words, visit.exit_code)
    else:
        return "", ""
    return trouble.what, trouble.hint


def _described(computer: Computer, visit: Visit, found: dict[str, object]) -> str:
    lines = [f"Engine on {computer.host}", f"  started with {found['command']}"]
    if visit.version:
        lines.append(f"  version {visit.version}, answers in {visit.seconds:.1f} s")
    if visit.device:
        lines.append(f"  dreams on {visit.device}, first after {visit.dream_seconds:.1f} s")
    if not found["problem"]:
        return "\n".join([*lines, "No problems found."])
    said = [f"  it said: {line}" for line in visit.words[-20:]]
    return "\n".join([*lines, *said, "Problems", f"  {found['problem']} {found['hint']}".rstrip()])
