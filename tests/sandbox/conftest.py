"""A user whose engine this machine's installer made, with a Python of its own."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import bubblewrap
import pytest
from bubblewrap import CHECKOUT, SandboxedUser
from hosts import CHROOT_OF
from stand_in_python import pack
from weights_server import serving

from deepdream_core.installer.own_python import SHA256

_BRING = """
from deepdream_core.installer.python_and_torch import ensure_venv_module, find_python
base = find_python(None)
ensure_venv_module(base)
print(base.path)
"""


@pytest.fixture(scope="session")
def sandboxed(pytestconfig: pytest.Config) -> Iterator[SandboxedUser]:
    """A user of GIMP from Flatpak and of its AppImage, after `install.py`."""
    root = Path(pytestconfig.getoption("--sandbox")) / "roots" / CHROOT_OF["3.0"]
    if reason := bubblewrap.why_no_sandbox(root):
        pytest.skip(reason)
    # Short, because it contains sockets, and not in /tmp, which a sandbox has of its own.
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="dd-") as place:
        folder = Path(place)
        lent = tuple(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
        archive = pack(folder / "packed", map(str, lent))
        with serving(archive.read_bytes()) as server:
            home = SandboxedUser(folder / "h", root, folder / "pins.json", server.url, lent)
            for profile in (home.flatpak_profile, home.profile):
                profile.mkdir(parents=True)
            _pin(home, archive)
            python = home.run(sys.executable, "-c", _BRING).splitlines()[-1]
            assert python.startswith(str(home.data)), python
            shutil.rmtree(archive.parent)
            home.run(sys.executable, CHECKOUT / "install.py", "--engine-python", python)
            yield home


def _pin(home: SandboxedUser, archive: Path) -> None:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    version = ".".join(map(str, sys.version_info[:3]))
    pins = {"version": version, "release": "1", "sha256": dict.fromkeys(SHA256, digest)}
    home.pins.write_text(json.dumps(pins))
