"""Running a procedure: run modes, last-used values, checks of arguments and return values."""

from __future__ import annotations

import contextlib
import functools
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gimpfu import dialog
from gimpfu.database import hand_over
from gimpfu.enums import RUN_INTERACTIVE, RUN_NONINTERACTIVE
from gimpfu.errors import CancelError, error
from gimpfu.host import Host
from gimpfu.params import PF_DISPLAY, PF_VECTORS, Param
from gimpfu.registry import Procedure
from gimpfu.shelf import revived, tagged


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its values, or the message to show (empty if the user cancelled)."""

    values: tuple[Any, ...] = ()
    failed: bool = False
    message: str = ""

    @property
    def cancelled(self) -> bool:
        return self.failed and not self.message


def run(procedure: Procedure, run_mode: int, given: Sequence[Any], host: Host) -> Outcome:
    """Run a procedure's function; report every failure as an outcome with a message.

    An unexpected exception also prints its traceback to stderr. `given` holds the caller's
    arguments without the run mode; missing ones take their defaults.
    """
    try:
        if procedure.on_run:
            procedure.on_run()
        returned = _prepared(procedure, run_mode, given, host)()
        hand_over()
        if run_mode != RUN_NONINTERACTIVE:
            host.displays_flush()
        return Outcome(_results(procedure, returned))
    except CancelError:
        return Outcome(failed=True)
    except error as problem:
        # Raised deliberately, so no traceback is needed.
        print(f"{procedure.name}: {problem}", file=sys.stderr)
        return Outcome(failed=True, message=str(problem) or "The plug-in failed.")
    except Exception as problem:
        traceback.print_exc(file=sys.stderr)
        return Outcome(failed=True, message=f"{type(problem).__name__}: {problem}")


def _prepared(
    procedure: Procedure, mode: int, given: Sequence[Any], host: Host
) -> Callable[[], Any]:
    """Return the function bound to all its arguments. Raises `CancelError` on Cancel."""
    if procedure.own_dialog:
        mode_first = [mode] if procedure.has_run_mode else []
        return functools.partial(procedure.function, *mode_first, *given)
    if mode == RUN_NONINTERACTIVE:
        defaults = [param.default for param in procedure.params[len(given) :]]
        return functools.partial(procedure.function, *_accepted(procedure, [*given, *defaults]))
    count = procedure.start_count
    if count == 2 and procedure.params[1].kind == PF_VECTORS and not any(given[1:2]):
        # Only the menu of paths passes one.
        count = 1
    start = _accepted(procedure, given[:count])
    if procedure.choose:
        call = procedure.choose(mode, *start)
        if call is None:
            raise CancelError
        return call
    rest = _ask_or_reuse(procedure, mode, start, host)
    return functools.partial(procedure.function, *start, *rest)


def _accepted(procedure: Procedure, values: Sequence[Any]) -> list[Any]:
    return [param.accept(value) for param, value in zip(procedure.params, values)]


def _ask_or_reuse(procedure: Procedure, mode: int, start: Sequence[Any], host: Host) -> list[Any]:
    """Return the arguments that a menu does not pass. Raises `CancelError` on Cancel."""
    params = procedure.params[len(start) :]
    if not params:
        return []
    values = _last_values(procedure, params, host)
    if mode == RUN_INTERACTIVE:
        title = procedure.label.replace("_", "").rstrip(".…") or procedure.name
        image = start[0] if start else None
        chosen = dialog.ask_values(host, title, procedure.blurb, params, values, image)
        if chosen is None:
            raise CancelError
        values = chosen
    else:
        _expect_objects(params, values)
    values = [param.accept(value) for param, value in zip(params, values)]
    kept = [(param.name, _kept(value)) for param, value in zip(params, values)]
    host.set_data(_data_name(procedure), json.dumps(kept).encode())
    return values


def _last_values(procedure: Procedure, params: Sequence[Param], host: Host) -> list[Any]:
    """Return the values of the last run, and defaults in place of those that are gone."""
    here = host.default_display()
    values = [here if param.kind == PF_DISPLAY else param.default for param in params]
    try:
        stored = json.loads(host.get_data(_data_name(procedure)), object_hook=revived)
    except error:
        return values
    kept = dict(stored)
    for i, param in enumerate(params):
        value = kept.get(param.name)
        if value is not None and param.kind != PF_DISPLAY:
            # The plug-in may have been changed since.
            with contextlib.suppress(error):
                values[i] = param.accept(value)
    return values


def _expect_objects(params: Sequence[Param], values: Sequence[Any]) -> None:
    """Raise `error` if an object is missing that the function needs."""
    for param, value in zip(params, values):
        if value is None and param.is_object and param.is_asked:
            kind = {"vectors": "path"}.get(param.stored, param.stored)
            raise error(
                f"{param.text}: there is no {kind} from an earlier run. Start the plug-in from its "
                "menu and choose one."
            )


def _kept(value: Any) -> Any:
    """Return a value as JSON can hold it, or None."""
    try:
        return tagged(value)
    except TypeError:
        return None


def _data_name(procedure: Procedure) -> str:
    return f"python-fu-save--{procedure.name}"


def _results(procedure: Procedure, returned: Any) -> tuple[Any, ...]:
    wanted = len(procedure.results)
    if wanted == 0:
        return ()
    values = (returned,) if wanted == 1 else tuple(returned or ())
    if len(values) != wanted:
        raise error(f"{procedure.name} returned {len(values)} values instead of {wanted}.")
    return tuple(param.accept(value) for param, value in zip(procedure.results, values))
