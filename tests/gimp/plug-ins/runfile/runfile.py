#!/usr/bin/env python3
"""A plug-in for tests that runs a Python file inside any GIMP, through the gimpfu shim.

The file's namespace contains `gimp`, `pdb` and the rest of gimpfu, and a dictionary `report` to
fill, which is written as JSON afterwards, with the traceback as "error" if the file failed.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "plug-ins"))
sys.path += [str(Path(__file__).resolve().parents[2] / folder) for folder in ("scripts", "")]

import gimpfu
from gimpfu import PF_STRING, main, register


def run_file(path: str, report_path: str) -> None:
    """Run the file at `path`, then write its `report` to `report_path`."""
    report: dict = {}
    names = {name: getattr(gimpfu, name) for name in gimpfu.__all__}
    try:
        code = compile(Path(path).read_text("utf-8"), path, "exec")
        exec(code, {**names, "report": report, "__file__": path, "__name__": "__main__"})
    except Exception:
        report["error"] = traceback.format_exc()
    Path(report_path).write_text(json.dumps(report), "utf-8")


register(
    "python-fu-run-file",
    "Run a Python file",
    "For tests.",
    "DeepDream for GIMP",
    "GPL-3.0-or-later",
    "2026",
    None,
    None,
    [
        (PF_STRING, "path", "The file", ""),
        (PF_STRING, "report-path", "Where the report goes", ""),
    ],
    [],
    run_file,
)
main()
