"""RAFT with weights that nobody has trained: the trained ones cannot be had in tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models.optical_flow import raft_large

from deepdream_core.shared.messages import DreamError
from deepdream_core.shared.recipe import Recipe
from deepdream_core.video import dream_video, raft
from deepdream_core.video.raft import WEIGHTS, Raft, raft_for

CPU = torch.device("cpu")


@pytest.fixture
def frames() -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.random((60, 90, 3), np.float32) for _ in range(2)]


class _Shifting(torch.nn.Module):
    """Finds that everything has moved by two pixels of what it sees to the right, one up."""

    def forward(self, here: torch.Tensor, there: torch.Tensor) -> list[torch.Tensor]:
        assert here.shape == there.shape and here.amin() >= -1 and here.amax() <= 1
        self.seen = here.shape[2:]
        by = torch.tensor([2.0, -1.0]).reshape(1, 2, 1, 1)
        return [torch.zeros(1, 2, *self.seen), by.expand(1, 2, *self.seen)]


@pytest.mark.parametrize("size", [(60, 90), (130, 200), (1500, 2000)])
def test_its_flow_is_in_pixels_of_the_frame(size: tuple[int, int]) -> None:
    network = _Shifting()
    frame = np.zeros((*size, 3), np.float32)
    by = Raft(network, CPU).flow(frame, frame)  # type: ignore[arg-type]
    height, width = network.seen
    assert height % 8 == width % 8 == 0 and height * width < 550_000
    assert by.shape == (*size, 2) and by.dtype == np.float32
    np.testing.assert_allclose(by[5, 7], [2 * size[1] / width, -size[0] / height], rtol=1e-5)


def test_the_network_itself_runs(frames: list[np.ndarray]) -> None:
    torch.manual_seed(0)
    network = Raft(raft_large(), CPU)
    by = network.flow(*frames)
    assert by.shape == (60, 90, 2) and np.isfinite(by).all()
    np.testing.assert_array_equal(by, network.flow(*frames))


def test_it_serves_only_on_a_gpu_and_with_its_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))
    monkeypatch.setattr(raft, "choose_device", lambda name: torch.device(name))
    (tmp_path / "models").mkdir()
    assert raft_for("cpu") is raft_for("meta") is None
    torch.save({"nothing": torch.zeros(1)}, tmp_path / "models" / WEIGHTS)
    assert raft_for("cpu") is None
    with pytest.raises(DreamError, match="are not the weights of RAFT"):
        raft_for("meta")
    torch.save(raft_large().state_dict(), tmp_path / "models" / WEIGHTS)
    assert isinstance(raft_for("meta"), Raft)


def test_a_film_is_carried_along_its_flow(
    photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once OpenCV's flow has told that the scene goes on."""
    asked = []

    class Still:
        def flow(self, here: np.ndarray, there: np.ndarray) -> np.ndarray:
            asked.append((here, there))
            return np.zeros((*here.shape[:2], 2), np.float32)

    monkeypatch.setattr("deepdream_core.video.film_dream.raft_for", lambda device: Still())
    small = photo[::3, ::3]
    list(dream_video([small, small, 255 - small], Recipe(steps=1, octaves=1)))
    assert len(asked) == 2  # there and back, between the first two frames
