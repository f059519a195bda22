"""What importing OpenCV leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CODE = """
import os, sys
sys.path[:] = {path!r}
before = dict(os.environ)
import deepdream_core.video.flow
assert "cv2" in sys.modules
assert dict(os.environ) == before, set(os.environ.items()) ^ set(before.items())
"""


@pytest.mark.parametrize("libraries", [None, "/opt/mine"])
def test_the_environment_of_other_programs_stays_as_it_is(libraries: str | None) -> None:
    """An empty entry in the libraries' path would make them load from the current folder."""
    environment = {k: v for k, v in os.environ.items() if k != "LD_LIBRARY_PATH"}
    if libraries:
        environment["LD_LIBRARY_PATH"] = libraries
    code = CODE.format(path=sys.path)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
