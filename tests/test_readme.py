"""The README tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deepdream_core.cli.main import main, settings_table
from deepdream_core.models.catalogue import CATALOGUE
from deepdream_core.shared.presets import SHIPPED

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_its_table_of_settings_is_the_table_of_parameters() -> None:
    shown = re.search(r"<!-- settings:.*?-->\n(.*?)\n<!-- end of settings -->", README, re.DOTALL)
    assert shown and shown.group(1) == settings_table()


def test_its_table_of_presets_is_that_of_the_shipped_ones() -> None:
    shown = re.search(r"<!-- presets -->\n(.*?)\n<!-- end of presets -->", README, re.DOTALL)
    assert shown
    rows = [f"| `{p.name}` | {p.title} | {p.description} |" for p in SHIPPED]
    assert [line for line in shown.group(1).splitlines() if line.startswith("| `")] == rows


def test_it_counts_the_networks() -> None:
    assert f"choose among {len(CATALOGUE)} networks" in README


def test_its_pictures_are_there_and_small() -> None:
    pictures = re.findall(r"\]\((docs/[^)]+\.(?:webp|jpg|png))\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).stat().st_size < 300_000, picture


def test_every_command_that_it_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    for command in set(re.findall(r"deepdream ([a-z]+)", README)):
        with pytest.raises(SystemExit) as end:
            main([command, "--help"])
        assert end.value.code == 0, command
