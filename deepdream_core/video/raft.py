"""RAFT, optical flow by a trained network: more exact than OpenCV's, and slow without a GPU.

Method: recurrent all-pairs field transforms (Teed, Deng, 2020, https://arxiv.org/abs/2003.12039),
torchvision's `raft_large`. Its weights are not part of an installation; it serves where their file
lies in the folder of the networks.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import interpolate
from torchvision.models.optical_flow import RAFT, raft_large

from deepdream_core.compute.devices import choose_device
from deepdream_core.pictures.picture import Pixels
from deepdream_core.shared.messages import DreamError
from deepdream_core.shared.paths import models_folder
from deepdream_core.video.flow import Floats

WEIGHTS = "raft_large_C_T_SKHT_V2-ff5fadd5.pth"
"""The name of the file, as torchvision publishes it."""

_STRIDE, _SHORTEST = 8, 128
"""Sides must be multiples of the one, and not less than the other."""
_MOST_PIXELS = 500_000
"""Of larger frames, it sees smaller ones: it compares each eighth pixel with every other."""


def raft_for(device: str) -> Raft | None:
    """Return RAFT for a recipe's `device`, if that is a GPU and the weights are there.

    Raises `DreamError`.
    """
    path, chosen = models_folder() / WEIGHTS, choose_device(device)
    return _read(path, chosen) if chosen.type != "cpu" and path.is_file() else None


@functools.lru_cache(maxsize=1)
def _read(path: Path, device: torch.device) -> Raft:
    network = raft_large()
    try:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # what a wrong or damaged file raises depends on what is in it
        raise DreamError("raft-unreadable", path=str(path)) from error
    return Raft(network, device)


class Raft:
    """The network on a device."""

    def __init__(self, network: RAFT, device: torch.device) -> None:
        self._network, self._device = network.eval().to(device), device

    def flow(self, here: Pixels, there: Pixels) -> Floats:
        """Return what `deepdream_core.video.flow.flow` returns."""
        height, width = here.shape[:2]
        scale = min(1.0, (_MOST_PIXELS / (height * width)) ** 0.5)
        size = _fitting(height * scale), _fitting(width * scale)
        frames = (self._seen(frame, size) for frame in (here, there))
        with torch.inference_mode():
            found = self._network(*frames)[-1]
            found = interpolate(found, (height, width), mode="bilinear", align_corners=False)
        by = found[0].permute(1, 2, 0).float().cpu().numpy()
        return by * np.array([width / size[1], height / size[0]], np.float32)

    def _seen(self, frame: Pixels, size: tuple[int, int]) -> torch.Tensor:
        """Return a frame as the network sees it: (1, 3, height, width), -1..1."""
        pixels = torch.from_numpy(np.ascontiguousarray(frame, np.float32)).to(self._device)
        pixels = pixels.permute(2, 0, 1)[None] * 2 - 1
        seen = interpolate(pixels, size, mode="bilinear", align_corners=False, antialias=True)
        return seen.clamp(-1, 1)


def _fitting(side: float) -> int:
    return max(_SHORTEST, round(side / _STRIDE) * _STRIDE)
