"""How far apart a layer's positions lie in the picture, and how much of it each one sees."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import fx, nn

from deepdream_core.models.tracing import TracedGraph, pair


@dataclass(frozen=True)
class Field:
    """What a position sees: position i sees pixels `first + i * stride` to `last + i * stride`.

    `first` and `last` are (down, across); with several ways through the network, the farthest.
    """

    stride: int = 1
    first: tuple[int, int] = (0, 0)
    last: tuple[int, int] = (0, 0)
    whole: bool = False
    """A gate (squeeze-and-excitation) lets it also see the mean of everything."""

    @property
    def side(self) -> int:
        """Pixels across the square that one position sees, gates apart."""
        return max(b - a + 1 for a, b in zip(self.first, self.last, strict=True))


def fields(traced: TracedGraph) -> dict[fx.Node, Field]:
    """Return the field of every node whose result is a picture of features.

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
    """What a step looks at; each is (down, across)."""

    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)


def _through(window: _Window, field: Field) -> Field:
    def seen(axis: int) -> tuple[int, int]:
        before = window.padding[axis]
        behind = (window.kernel[axis] - 1) * window.dilation[axis] - before
        return field.first[axis] - before * field.stride, field.last[axis] + behind * field.stride

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
    """Return what a step looks at; all but convolutions, pools and padding look at one place."""
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
