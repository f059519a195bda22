"""Which computer dreams: this one, or the one that the artist chose.

It is a setting of the installation, in a file of its own. Recipes, presets and images cannot name a
computer, because they come from anybody and it is a command that runs here.
"""

from __future__ import annotations

import json
import os

from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.other_computer import VARIABLE, Computer
from deepdream_core.shared.paths import computer_file
from deepdream_core.shared.recipe import read_json_object

HERE = "here"
"""What the variable says for this computer, whatever the artist chose."""


def computer_text() -> str:
    """Return the command that reaches the computer that dreams; "" for this one."""
    if text := text_in_environment():
        return "" if text == HERE else text
    return saved_text()


def chosen_computer() -> Computer | None:
    """Return the computer that dreams, or None for this one. Raises `ComputerError`."""
    text = computer_text()
    return Computer.parse(text) if text else None


def text_in_environment() -> str:
    """Return what the variable says; it goes before the setting in the dialog."""
    return os.environ.get(VARIABLE, "").strip()


def saved_text() -> str:
    """Return what the artist chose; "" for this computer, or if the file cannot be read."""
    try:
        command = read_json_object(computer_file().read_text("utf-8")).get("command")
    except (OSError, ValueError):
        return ""
    return command.strip() if isinstance(command, str) else ""


def save_text(text: str) -> None:
    """Remember a choice; "" for this computer. Raises `ComputerError` and `OSError`."""
    if text.strip():
        Computer.parse(text)
        write_text(computer_file(), json.dumps({"command": text.strip()}, indent=2))
    else:
        computer_file().unlink(missing_ok=True)
