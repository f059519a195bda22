"""What DeepDream does inside GIMP: talk to the engine, take layers out and put dreams in."""

from pathlib import Path

PLUG_IN_FOLDER = Path(__file__).resolve().parents[1]
"""What the installer copies into GIMP's folder: this package, its pictures and translations."""
