"""Presets for scripts: `from deepdream_core.presets import make_recipe`."""

from __future__ import annotations

from deepdream_core.shared.presets import (
    DEFAULT_PRESET,
    NOISE_SETTINGS,
    SHIPPED,
    Preset,
    make_recipe,
    presets,
)

__all__ = ["DEFAULT_PRESET", "NOISE_SETTINGS", "SHIPPED", "Preset", "make_recipe", "presets"]
