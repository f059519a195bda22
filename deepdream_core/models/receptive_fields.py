"""Strides and receptive fields of layers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import fx, nn

from deepdream_core.models.tracing import TracedGraph, pair


@dataclass(frozen=True)
class Field:
    """A receptive field: position i sees pixels `first + i * stride` to `last + i * stride`.

    `first` and `last` are (down, across). If several paths lead through the network, they are the
    limits over all of them.
    """

    stride: int = 1
    first: tuple[int, int] = (0, 0)
    last: tuple[int, int] = (0, 0)
    whole: bool = False
    """Whether a position also depends on the whole picture, through squeeze-and-excitation."""

    @property
    def side(self) -> int:
        """Side of the square that one position sees, in pixels; ignores `whole`."""
        return max(b - a + 1 for a, b in zip(self.first, self.last, strict=True))

    @property
    def centre(self) -> float:
        """The pixel in the middle of what the first position sees."""
        return (self.first[0] + self.last[0]) / 2


def fields(traced: TracedGraph) -> dict[fx.Node, Field]:
    """Return the receptive field of every node whose result is a feature map.

    Method: Araujo, Norris, Sim, "Computing receptive fields of convolutional neural networks",
    Distill, 2019.
    """
    found: dict[fx.Node, Field] = {}
    averages: set[fx.Node] = set()
    for node in traced.graph.nodes:
        inputs = node.all_input_nodes
        before = [found[n] for n in inputs if n in found]
        gated = any(n in averages for n in inputs)
        if node.op == "placeholder":
            found[node] = Field()
        elif traced.fixed(node) and (before or gated):
            averages.add(node)
        elif before:
            field = _through(_window(traced, node), _all_of(before))
            found[node] = replace(field, whole=gated or field.whole)
    return found


@dataclass(frozen=True)
class _Window:
    """The window of a convolution or pooling step; every field is (down, across)."""

    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)


def _through(window: _Window, field: Field) -> Field:
    def seen(axis: int) -> tuple[int, int]:
        before = window.padding[axis]
        after = (window.kernel[axis] - 1) * window.dilation[axis] - before
        return field.first[axis] - before * field.stride, field.last[axis] + after * field.stride

    (top, bottom), (left, right) = seen(0), seen(1)
    stride = field.stride * window.stride[0]
    return Field(stride, (top, left), (bottom, right), field.whole)


def _all_of(ways: list[Field]) -> Field:
    return Field(
        max(way.stride for way in ways),
        (min(way.first[0] for way in ways), min(way.first[1] for way in ways)),
        (max(way.last[0] for way in ways), max(way.last[1] for way in ways)),
        any(way.whole for way in ways),
    )


def _window(traced: TracedGraph, node: fx.Node) -> _Window:
    """Return a step's window; only convolutions, pooling and padding see more than one position."""
    module = traced.module(node)
    if isinstance(module, nn.ZeroPad2d):
        return _Window(padding=(module.padding[2], module.padding[0]))
    if isinstance(module, (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)):
        return _Window(
            pair(module.kernel_size),
            pair(module.stride),
            pair(module.padding),
            pair(getattr(module, "dilation", 1)),
        )
    if getattr(node.target, "__name__", "") in ("max_pool2d", "avg_pool2d"):
        kernel = _argument(node, 1, "kernel_size", None)
        stride = _argument(node, 2, "stride", kernel)
        return _Window(pair(kernel), pair(stride), pair(_argument(node, 3, "padding", 0)))
    return _Window()


def _argument(node: fx.Node, index: int, name: str, default: object) -> object:
    given = node.args[index] if len(node.args) > index else node.kwargs.get(name)
    return default if given is None else given
