"""Windows: a Python and the installed engine under wine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from under_wine import ROOT, Windows

_INSTALL_SECONDS = 900


@pytest.fixture(scope="session")
def windows(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Windows]:
    cache = Path(pytestconfig.getoption("--wine"))
    root = cache.parent / "roots" / "wine"
    if not root.is_dir():
        pytest.skip("wine is not available: it takes root on Debian or Ubuntu, and x86-64")
    if not (cache / "python").is_dir() or not (cache / "wheels" / "lock.txt").exists():
        pytest.skip("the packages for Windows could not be downloaded")
    found = Windows(root, cache, tmp_path_factory.mktemp("windows"))
    found.profile.mkdir(parents=True)
    yield found
    stop = found.start("wineboot", "-k")
    stop.wait(30)
    for folder in (found.home, cache, ROOT):
        inside = root / str(folder)[1:]
        for empty in (inside, *inside.parents):
            if empty == root or any(empty.iterdir()):
                break
            empty.rmdir()
    shutil.rmtree(found.home, ignore_errors=True)


@pytest.fixture(scope="session")
def installed(windows: Windows) -> Windows:
    """The same after `install.py`, as users run it, with the real packages."""
    windows.run(windows.base_python, ROOT / "install.py", timeout=_INSTALL_SECONDS)
    return windows
