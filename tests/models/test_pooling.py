"""Max pooling without stride, in bfloat16."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from deepdream_core.models.pooling import UnstridedMaxPool, fits
from deepdream_core.models.torchvision_nets import load_untrained


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("ceil", [False, True])
def test_it_is_pytorchs_pooling(dtype: torch.dtype, ceil: bool) -> None:
    pool = nn.MaxPool2d(3, 1, 1, ceil_mode=ceil)
    assert fits(pool) and not fits(nn.MaxPool2d(3, 2))
    random = torch.Generator().manual_seed(2)
    x = torch.randn(2, 24, 13, 17, generator=random).to(dtype)
    x = x.contiguous(memory_format=torch.channels_last)
    upstream = torch.randn(2, 24, 13, 17, generator=random).to(dtype)
    ours, theirs = x.clone().requires_grad_(), x.float().requires_grad_()
    y, expected = UnstridedMaxPool(pool)(ours), pool(theirs)
    assert torch.equal(y.float(), expected)
    y.backward(upstream)
    expected.backward(upstream.float())
    assert ours.grad.dtype == dtype
    assert torch.equal(ours.grad, theirs.grad.to(dtype))
    assert ours.grad.is_contiguous(memory_format=torch.channels_last)


def test_a_network_that_has_such_poolings_uses_it() -> None:
    cut = load_untrained("googlenet")._cut(frozenset(["inception4a"]))
    used = [m for m in cut.modules() if isinstance(m, UnstridedMaxPool)]
    assert len(used) == 3
