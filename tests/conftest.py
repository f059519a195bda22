"""What all tests share: a data folder of their own, a photograph, the real GIMPs, a screen."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

# Several threads would only wait for each other where tests run side by side, and dream other last
# bits on every machine. It is read when numpy and torch are imported, and by all child processes.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from hosts import NAMES, Desktop, GimpHost, available_hosts, desktop, why_no_desktop, why_skipped
from skimage import data

from deepdream_core.models.catalogue import entry_of
from deepdream_core.shared.recipe import Recipe

if TYPE_CHECKING:
    import torch

pytest_plugins = ("lanes",)

# The lane gpu also runs in a bare checkout, with the packages that happen to be there.
collect_ignore = [] if importlib.util.find_spec("hypothesis") else ["shared/test_objective.py"]


@pytest.fixture(scope="session", autouse=True)
def data_folder_of_the_tests(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Keep the user's presets and settings out of the tests, and the tests out of them."""
    before = os.environ.get("DEEPDREAM_HOME")
    folder = tmp_path_factory.mktemp("data")
    os.environ["DEEPDREAM_HOME"] = str(folder)
    if weights := pytestconfig.getoption("--weights"):
        file = entry_of(Recipe().model).file
        (folder / "models").mkdir()
        (folder / "models" / file).symlink_to(Path(weights).resolve())
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
def gpu(pytestconfig: pytest.Config) -> torch.device:
    """The device of the option --device; skipped where PyTorch cannot use it."""
    from deepdream_core.compute.devices import DeviceMissing, choose_device

    try:
        return choose_device(pytestconfig.getoption("--device"))
    except DeviceMissing as error:
        pytest.skip(str(error))


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
