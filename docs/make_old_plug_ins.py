#!/usr/bin/env python3
"""Write what the plug-ins in tests/gimp/old_plug_ins make in GIMP 2.10.

    python3 docs/make_old_plug_ins.py

Needs GIMP 2.10; run it with the Python that runs the tests, and look at the pictures it writes.
`tests/gimp/test_old_plug_ins.py` compares all GIMPs with them, and 2.10 itself.
"""

# ruff: noqa: E402 - the tests' folder must be put on the path first
from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / part) for part in ("", "plug-ins", "tests/gimp")]

import authors
from hosts import available_hosts
from PIL import Image


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        plug_ins = authors.installed(Path(name) / "plug-ins")
        told, _ = authors.run(available_hosts()["2.10"], Path(name) / "job", plug_ins)
    authors.EXPECTED.mkdir(exist_ok=True)
    for name, case in told.items():
        Image.fromarray(authors.picture(case)).save(authors.EXPECTED / f"{name}.png")
        del case["picture"]
    text = json.dumps(told, indent=1, ensure_ascii=False)
    (authors.EXPECTED / "told.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
