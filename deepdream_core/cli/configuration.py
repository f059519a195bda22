"""The user's configuration file: what `deepdream dream` and `noise` do unless told otherwise."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from deepdream_core.cli.failures import UsageError

_NAME = "deepdream.toml"
_MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Configuration:
    """What the configuration file chooses."""

    preset: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)


def configuration_file() -> Path:
    """Return where the configuration file is, if there is one.

    It is in `DEEPDREAM_HOME` if that is set, otherwise where the platform keeps such files.
    """
    if home := os.environ.get("DEEPDREAM_HOME"):
        return Path(home) / _NAME
    import platformdirs

    return platformdirs.user_config_path("deepdream", appauthor=False) / _NAME


def configuration() -> Configuration:
    """Read the configuration file; without one, nothing is chosen. Raises `UsageError`."""
    return _read(configuration_file())


@cache
def _read(path: Path) -> Configuration:
    if not path.is_file():
        return Configuration()
    try:
        with path.open("rb") as file:
            content = _parsed(file.read(_MOST_BYTES).decode("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read ({error}); correct or delete it.") from None
    preset, settings = content.pop("preset", ""), content.pop("settings", {})
    if content or not isinstance(preset, str) or not isinstance(settings, dict):
        wrong = next(iter(content), "preset" if not isinstance(preset, str) else "settings")
        raise UsageError(
            f'{path}: "{wrong}" is not understood; there can be preset = "NAME" and a table '
            "[settings]."
        )
    return Configuration(preset, settings)


def _parsed(text: str) -> dict[str, Any]:
    import tomli

    return tomli.loads(text)
