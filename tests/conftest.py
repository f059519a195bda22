"""What all tests share: a data folder of their own, a photograph, the real GIMPs, a screen."""

from __future__ import annotations

import os
from collections.abc import Iterator

# Several threads would only wait for each other where tests run side by side, and dream other last
# bits on every machine. It is read when numpy and torch are imported, and by all child processes.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from hosts import NAMES, Desktop, GimpHost, available_hosts, desktop, why_no_desktop, why_skipped
from skimage import data

pytest_plugins = ("lanes",)


@pytest.fixture(scope="session", autouse=True)
def data_folder_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's presets and settings out of the tests, and the tests out of them."""
    before = os.environ.get("DEEPDREAM_HOME")
    os.environ["DEEPDREAM_HOME"] = str(tmp_path_factory.mktemp("data"))
    yield
    if before is None:
        del os.environ["DEEPDREAM_HOME"]
    else:
        os.environ["DEEPDREAM_HOME"] = before


@pytest.fixture(scope="session")
def photo() -> np.ndarray:
    """A real photograph of a cat: uint8 (150, 226, 3); do not write into it."""
    picture = data.chelsea()[::2, ::2].copy()
    picture.setflags(write=False)
    return picture


@pytest.fixture(scope="session")
def package_index() -> None:
    """Tells that a test downloads from the package index that pip is set up for."""


@pytest.fixture(scope="session")
def gpu() -> str:
    """The name of the GPU that PyTorch uses; skipped where there is none."""
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no GPU that PyTorch can use")
    return torch.cuda.get_device_name()


@pytest.fixture(scope="session", params=NAMES)
def gimp(request: pytest.FixtureRequest) -> GimpHost:
    """Each real GIMP in turn; skipped with the reason where one is not available."""
    if reason := why_skipped(request.param):
        pytest.skip(reason)
    return available_hosts()[request.param]


@pytest.fixture(scope="session")
def screen() -> Iterator[Desktop]:
    """An X display with a window manager."""
    if reason := why_no_desktop():
        pytest.skip(reason)
    with desktop() as made:
        yield made
