#!/usr/bin/env python3
"""A plug-in for tests that GIMP starts together with itself, in a process of its own.

It runs the script BYSTANDER_SCRIPT until GIMP ends, while other plug-ins are at work.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "plug-ins"))
sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

import gimpfu
from gimpfu import gimp

_NAME = "test-bystander"


def stand_by() -> None:
    names = {name: getattr(gimpfu, name) for name in gimpfu.__all__}
    runpy.run_path(os.environ["BYSTANDER_SCRIPT"], names)


def serve_gimp2() -> int:
    import ctypes

    from gimpfu.gimp2.library import PlugInInfo, QueryFunction, RunFunction, libgimp

    extension = 2

    def query() -> None:
        texts = [_NAME.encode(), *[b"For tests."] * 5, None, None]
        libgimp.gimp_install_procedure(*texts, extension, 0, 0, None, None)

    def run(*_: object) -> None:
        libgimp.gimp_extension_ack()
        stand_by()

    info = PlugInInfo(None, None, QueryFunction(query), RunFunction(run))
    argv = (ctypes.c_char_p * len(sys.argv))(*map(os.fsencode, sys.argv))
    return libgimp.gimp_main(ctypes.byref(info), len(sys.argv), argv)


def serve_gimp3() -> int:
    from gi.repository import Gimp

    def run(procedure: Gimp.Procedure, *_: object) -> Gimp.ValueArray:
        procedure.persistent_ready()
        stand_by()
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)

    class Bystander(Gimp.PlugIn):
        def do_set_i18n(self, name: str) -> Any:
            return False

        def do_query_procedures(self) -> list[str]:
            return [_NAME]

        def do_create_procedure(self, name: str) -> Gimp.Procedure:
            return Gimp.Procedure.new(self, name, Gimp.PDBProcType.PERSISTENT, run, None)

    return Gimp.main(Bystander.__gtype__, sys.argv)


sys.exit(serve_gimp2() if gimp.version[0] == 2 else serve_gimp3())
