"""Fused convolutions compared with PyTorch's own, forward and backward."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.models import fused, gpu
from deepdream_core.models.fused import FusedChain, FusedConv, best_layout
from deepdream_core.models.winograd import is_faster

SHAPES = {
    "pointwise": (24, 16, 1, 1, 1),
    "dense 3x3": (24, 16, 3, 1, 1),
    "dense, few inputs": (24, 3, 3, 1, 1),
    "dense strided": (24, 3, 7, 2, 1),
    "dense strided by 4": (24, 3, 11, 4, 1),
    "dense strided, many inputs": (24, 16, 3, 2, 1),
    "strided beyond the filter": (8, 3, 2, 3, 1),
    "depthwise 3x3": (16, 16, 3, 1, 16),
    "depthwise 5x5": (16, 16, 5, 1, 16),
    "depthwise 3x3 strided": (16, 16, 3, 2, 16),
    "depthwise 5x5 strided": (16, 16, 5, 2, 16),
    "grouped": (24, 16, 3, 1, 8),
    "two filters for each channel": (32, 16, 3, 1, 16),
}
ACTIVATIONS = {"relu": F.relu, "relu6": F.relu6, "": lambda y: y}


def both_ways(step, x: Tensor) -> tuple[Tensor, Tensor]:
    x = x.clone().requires_grad_()
    y = step(x)
    (gradient,) = torch.autograd.grad(y.float().square().sum(), x)
    return y.detach().float(), gradient.float()


def compare(
    shape: str,
    activation: str,
    size: tuple[int, int],
    dtype: torch.dtype = torch.float32,
    layout: torch.memory_format = torch.channels_last,
) -> None:
    """Compare a fused convolution with PyTorch's own, forward and backward."""
    outputs, inputs, kernel, stride, groups = SHAPES[shape]
    random = torch.Generator().manual_seed(3)
    weight = torch.randn(outputs, inputs // groups, kernel, kernel, generator=random) / kernel
    bias = torch.randn(outputs, generator=random)
    x = torch.randn(2, inputs, *size, generator=random)
    options = (stride,) * 2, (kernel // 2,) * 2
    conv = FusedConv(weight, bias, *options, groups, activation).to(dtype, memory_format=layout)

    def plain(x: Tensor) -> Tensor:
        return ACTIVATIONS[activation](F.conv2d(x, weight, bias, *options, groups=groups))

    # The reference gets numbers already rounded to bfloat16, so that only the sums differ.
    weight, bias, x = (value.to(dtype).float() for value in (weight, bias, x))
    # In bfloat16 some values round to exactly 6 and then pass no gradient.
    tolerance = 1e-5 if dtype == torch.float32 else 0.08
    results = both_ways(conv, x.to(dtype).contiguous(memory_format=layout))
    for ours, reference in zip(results, both_ways(plain, x), strict=True):
        assert ours.shape == reference.shape
        assert (ours - reference).norm() < tolerance * reference.norm()


@pytest.mark.parametrize("size", [(32, 48), (33, 47), (5, 3)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_fused_convolution_equals_pytorchs(
    shape: str, activation: str, dtype: torch.dtype, size: tuple[int, int]
) -> None:
    compare(shape, activation, size, dtype)


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_a_gpu_runs_equals_pytorchs(
    shape: str, activation: str, layout: torch.memory_format, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is run on the CPU here, without cuDNN."""
    monkeypatch.setattr(FusedConv, "_fastest", lambda conv: gpu.forward(conv, conv.activation))
    monkeypatch.setattr(fused, "backward", gpu.backward)
    compare(shape, activation, (33, 47), layout=layout)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("size", [(32, 48), (33, 47), (5, 3)])
def test_many_channels_give_the_same(size: tuple[int, int], activation: str) -> None:
    """These use Winograd filtering; its errors are larger, but still those of float32."""
    random = torch.Generator().manual_seed(7)
    weight = torch.randn(104, 96, 3, 3, generator=random) / 30
    bias = torch.randn(104, generator=random)
    assert is_faster(weight, (1, 1), (1, 1), 1)
    fused = FusedConv(weight, bias, padding=(1, 1), activation=activation)
    x = torch.randn(2, 96, *size, generator=random).contiguous(memory_format=torch.channels_last)
    reference = both_ways(
        lambda x: ACTIVATIONS[activation](F.conv2d(x, weight, bias, padding=1)), x
    )
    for ours, theirs in zip(both_ways(fused, x), reference, strict=True):
        assert (ours - theirs).norm() < 1e-5 * theirs.norm()


@pytest.mark.parametrize("padding", [0, 2, 4])
def test_the_backward_pass_with_a_stride_works_with_any_padding(padding: int) -> None:
    weight = torch.randn(8, 3, 7, 7, generator=torch.Generator().manual_seed(4))
    fused = FusedConv(weight, None, (2, 2), (padding, padding))
    x = torch.randn(1, 3, 31, 40, generator=torch.Generator().manual_seed(5))
    ours, reference = (
        both_ways(step, x)
        for step in (fused, lambda x: F.conv2d(x, weight, None, stride=2, padding=padding))
    )
    assert (ours[1] - reference[1]).norm() < 1e-5 * reference[1].norm()


@pytest.mark.parametrize("last", ACTIVATIONS)
def test_a_chain_equals_its_convolutions_and_leaves_shared_gradients_alone(last: str) -> None:
    random = torch.Generator().manual_seed(6)
    shapes = ((16, 8, 1, 1), (16, 1, 3, 3), (8, 16, 1, 1))
    weights = [torch.randn(shape, generator=random) / 2 for shape in shapes]
    chain = FusedChain(
        FusedConv(weights[0], None, activation="relu6"),
        FusedConv(weights[1], None, padding=(1, 1), groups=16, activation="relu"),
        FusedConv(weights[2], None, activation=last),
    )

    def plain(x: Tensor) -> Tensor:
        y = F.relu6(F.conv2d(x, weights[0]))
        y = F.relu(F.conv2d(y, weights[1], padding=1, groups=16))
        return ACTIVATIONS[last](F.conv2d(y, weights[2]))

    x = torch.randn(1, 8, 20, 24, generator=random)
    # The sum passes the same gradient tensor to both of its inputs.
    for ours, reference in zip(
        both_ways(lambda x: chain(x) + x, x), both_ways(lambda x: plain(x) + x, x), strict=True
    ):
        assert (ours - reference).norm() < 1e-5 * reference.norm()


@pytest.mark.parametrize(("network", "nchw"), [("mobilenet_v2", True), ("googlenet", False)])
def test_networks_with_depthwise_convolutions_stay_in_nchw_on_a_gpu(
    network: str, nchw: bool
) -> None:
    from deepdream_core.models.torchvision_nets import build

    layout = best_layout(build(network), torch.device("cuda"))
    assert layout == (torch.contiguous_format if nchw else torch.channels_last)
    assert best_layout(build(network), torch.device("cpu")) == torch.channels_last


def test_moving_a_convolution_moves_its_backward_pass() -> None:
    conv = FusedConv(torch.randn(4, 4, 3, 3), None, padding=(1, 1))
    x = torch.randn(1, 4, 8, 8)
    both_ways(conv, x)
    conv.bfloat16()
    assert both_ways(conv, x.bfloat16())[1].isfinite().all()
