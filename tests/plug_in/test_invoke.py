"""How the shim runs a procedure that has a `choose` function."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from gimpfu import PF_INT, RUN_INTERACTIVE, RUN_NONINTERACTIVE, RUN_WITH_LAST_VALS, register
from gimpfu.invoke import run
from gimpfu.registry import procedures

HOST = SimpleNamespace(displays_flush=lambda: None)
NAME = "python-fu-add"


@pytest.fixture(autouse=True)
def registered() -> Iterator[list[Any]]:
    """The answers of the `choose` function of a procedure that adds two numbers."""
    answers: list[Any] = []
    words = ("Add", "Add", "", "", "", "_Add…", None)
    params = [(PF_INT, "first", "A number", 0), (PF_INT, "second", "A number", 5)]
    results = [(PF_INT, "sum", "Their sum")]

    def choose(run_mode: int) -> Any:
        return answers.pop()

    register("add", *words, params, results, lambda a, b: a + b, choose=choose)
    yield answers
    del procedures[NAME]


def test_scripts_call_the_function(registered: list[Any]) -> None:
    assert run(procedures[NAME], RUN_NONINTERACTIVE, [3], HOST).values == (8,)


@pytest.mark.parametrize("mode", [RUN_INTERACTIVE, RUN_WITH_LAST_VALS])
def test_interactive_runs_call_what_choose_returns(mode: int, registered: list[Any]) -> None:
    registered.append(lambda: 42)
    assert run(procedures[NAME], mode, [3, 4], HOST).values == (42,)


def test_none_means_cancel(registered: list[Any]) -> None:
    registered.append(None)
    assert run(procedures[NAME], RUN_INTERACTIVE, [], HOST).cancelled


def test_a_chosen_call_that_fails_is_reported(registered: list[Any]) -> None:
    def fail() -> int:
        raise ValueError("too large")

    registered.append(fail)
    outcome = run(procedures[NAME], RUN_INTERACTIVE, [], HOST)
    assert (outcome.failed, outcome.message) == (True, "ValueError: too large")
