"""The part of DeepDream that runs inside GIMP: dialog, engine client, layers in and out."""

from pathlib import Path

PLUG_IN_FOLDER = Path(__file__).resolve().parents[1]
"""The folder that the installer copies to GIMP: this package, its pictures and translations."""
