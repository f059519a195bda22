"""Running a procedure: run modes, the values used last, arguments and results checked."""

from __future__ import annotations

import functools
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gimpfu import dialog
from gimpfu.enums import RUN_INTERACTIVE, RUN_NONINTERACTIVE
from gimpfu.errors import CancelError, error
from gimpfu.host import Host
from gimpfu.params import PF_COLOR
from gimpfu.registry import Procedure


@dataclass(frozen=True)
class Outcome:
    """How a run ended: values on success, otherwise what to tell the user (empty: cancelled)."""

    values: tuple[Any, ...] = ()
    failed: bool = False
    message: str = ""

    @property
    def cancelled(self) -> bool:
        return self.failed and not self.message


def run(procedure: Procedure, run_mode: int, given: Sequence[Any], host: Host) -> Outcome:
    """Run a procedure's function. Every failure becomes an outcome with a sentence.

    An unexpected one also leaves its traceback on stderr. `given` are the caller's arguments
    without the run mode; missing ones take their defaults.
    """
    try:
        if procedure.on_run:
            procedure.on_run()
        returned = _prepared(procedure, run_mode, given, host)()
        if run_mode != RUN_NONINTERACTIVE:
            host.displays_flush()
        return Outcome(_results(procedure, returned))
    except CancelError:
        return Outcome(failed=True)
    except error as problem:
        # Said on purpose, so the sentence is enough.
        print(f"{procedure.name}: {problem}", file=sys.stderr)
        return Outcome(failed=True, message=str(problem) or "The plug-in failed.")
    except Exception as problem:
        traceback.print_exc(file=sys.stderr)
        return Outcome(failed=True, message=f"{type(problem).__name__}: {problem}")


def _prepared(
    procedure: Procedure, mode: int, given: Sequence[Any], host: Host
) -> Callable[[], Any]:
    """Return the call to make, with all its arguments. Raises `CancelError` for Cancel."""
    if mode == RUN_NONINTERACTIVE:
        defaults = [param.default for param in procedure.params[len(given) :]]
        return functools.partial(procedure.function, *_accepted(procedure, [*given, *defaults]))
    start = _accepted(procedure, given[: procedure.start_count])
    if procedure.choose:
        call = procedure.choose(mode, *start)
        if call is None:
            raise CancelError
        return call
    rest = _last_or_asked(procedure, mode, host)
    if rest is None:
        raise CancelError
    return functools.partial(procedure.function, *_accepted(procedure, [*start, *rest]))


def _accepted(procedure: Procedure, values: Sequence[Any]) -> list[Any]:
    return [param.accept(value) for param, value in zip(procedure.params, values)]


def _last_or_asked(procedure: Procedure, mode: int, host: Host) -> list[Any] | None:
    params = procedure.params[procedure.start_count :]
    if not params:
        return []
    values = _values_used_last(procedure, host)
    if mode == RUN_INTERACTIVE:
        title = procedure.label.replace("_", "").rstrip(".…")
        chosen = dialog.ask_values(host, title or procedure.name, procedure.blurb, params, values)
        if chosen is None:
            return None
        values = chosen
    kept = [None if param.is_object else value for param, value in zip(params, values)]
    host.set_data(_store(procedure), json.dumps(kept).encode())
    return values


def _values_used_last(procedure: Procedure, host: Host) -> list[Any]:
    params = procedure.params[procedure.start_count :]
    values = [param.default for param in params]
    stored = host.get_data(_store(procedure))
    if not stored:
        return values
    kept = json.loads(bytes(stored))
    for i, (param, value) in enumerate(zip(params, kept)):
        if value is not None:
            values[i] = tuple(value) if param.kind == PF_COLOR else value
    return values


def _store(procedure: Procedure) -> str:
    return f"python-fu-save--{procedure.name}"


def _results(procedure: Procedure, returned: Any) -> tuple[Any, ...]:
    wanted = len(procedure.results)
    if wanted == 0:
        return ()
    values = (returned,) if wanted == 1 else tuple(returned or ())
    if len(values) != wanted:
        raise error(f"{procedure.name} gave {len(values)} results instead of {wanted}.")
    return tuple(param.accept(value) for param, value in zip(procedure.results, values))
