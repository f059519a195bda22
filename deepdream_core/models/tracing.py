"""Turning a classifier's code into a graph that can be cut at any layer.

The network is traced once with torch.fx. Steps that only matter for training are removed, batch
normalisations are folded into the preceding convolutions, and the classifier is applied at every
position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from deepdream_core.models.network import LOGITS

_TRIAL_SIZES = ((96, 128), (128, 160))


class TracedGraph:
    """A network's graph, its modules, and the node of each module's result."""

    def __init__(self, root: nn.Module) -> None:
        """`root`: a network in evaluation mode; it may be on the `meta` device."""
        tracer = _Tracer()
        self.root = root
        self.graph = tracer.trace(root)
        self.results = tracer.results
        """(module path, node), in the order in which the modules return."""
        self._drop_no_ops()
        self._find_channels()

    def module(self, node: fx.Node) -> nn.Module | None:
        """Return the module that a node calls, or None."""
        return called_module(self.root, node)

    def add(self, module: nn.Module, after: fx.Node) -> fx.Node:
        """Add a module that takes the result of `after`, at the graph's insertion point."""
        name = f"added_{len(self.graph.nodes)}"
        self.root.add_module(name, module)
        return self.graph.call_module(name, (after,))

    @property
    def output(self) -> fx.Node:
        """The node that returns the classifier's result."""
        return next(node for node in self.graph.nodes if node.op == "output")

    def replace(self, node: fx.Node, by: fx.Node) -> None:
        """Replace `node` by another node everywhere."""
        node.replace_all_uses_with(by)
        self.graph.erase_node(node)
        self.rename(node, by)

    def rename(self, node: fx.Node, by: fx.Node) -> None:
        """Attribute the results of `node` to `by`."""
        self.results = [(path, by if n is node else n) for path, n in self.results]

    def channels(self, node: fx.Node) -> int | None:
        """Return how many channels a node's result has, or None if it is not a feature map.

        A feature map is (n, channels, height, width) whose height and width follow the picture's.
        """
        return node.meta.get("channels")

    def fixed(self, node: fx.Node) -> bool:
        """Return whether the shape of a node's result is independent of the picture's size."""
        return node.meta.get("fixed", False)

    def _drop_no_ops(self) -> None:
        """Remove steps that do nothing after training."""
        for node in list(self.graph.nodes):
            if isinstance(self.module(node), (nn.Dropout, nn.Identity)) or _is_dropout(node):
                self.results = [(p, n) for p, n in self.results if p != node.target]
                self.replace(node, first_input(node))

    def _find_channels(self) -> None:
        shapes = [_Shapes(self.root, self.graph).of(size) for size in _TRIAL_SIZES]
        for node in self.graph.nodes:
            one, other = (shape.get(node) for shape in shapes)
            if one is None or other is None:
                continue
            follows = [a != b for a, b in zip(one, other, strict=True)]
            node.meta["fixed"] = not any(follows)
            if follows == [False, False, True, True]:
                node.meta["channels"] = one[1]


def called_module(root: nn.Module, node: fx.Node) -> nn.Module | None:
    """Return the module that a node calls, or None."""
    return root.get_submodule(str(node.target)) if node.op == "call_module" else None


def first_input(node: fx.Node) -> fx.Node:
    """Return the node whose result is a node's first input."""
    return node.all_input_nodes[0]


def pair(value: object) -> tuple[int, int]:
    """Return a torch option that is one number or two as (down, across)."""
    if isinstance(value, int):
        return value, value
    if isinstance(value, Sequence):
        down, across = value
        return down, across
    raise TypeError(f"{value!r} is neither one number nor two.")


class _Tracer(fx.Tracer):
    """Records the node that each module returns; a module's second call is named `path_1`, etc."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[tuple[str, fx.Node]] = []
        self._calls: dict[str, int] = {}

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        # torchvision's LayerNorm2d is one step, although torch.fx assumes so only of torch's own.
        return isinstance(m, nn.LayerNorm) or super().is_leaf_module(m, module_qualified_name)

    def call_module(
        self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict
    ) -> Any:
        result = super().call_module(m, forward, args, kwargs)
        path = self.path_of_module(m)
        calls = self._calls[path] = self._calls.get(path, 0) + 1
        if isinstance(result, fx.Proxy):
            self.results.append((path if calls == 1 else f"{path}_{calls - 1}", result.node))
        return result


class _Shapes(fx.Interpreter):
    """Runs a network on a small black picture and records the shape of every result."""

    def __init__(self, root: nn.Module, graph: fx.Graph) -> None:
        super().__init__(root, graph=graph)
        self._found: dict[fx.Node, torch.Size] = {}

    @torch.no_grad()
    def of(self, size: tuple[int, int]) -> dict[fx.Node, torch.Size]:
        self.run(torch.zeros(1, 3, *size, device=next(self.module.parameters()).device))
        return self._found

    def run_node(self, n: fx.Node) -> Any:
        result = super().run_node(n)
        if isinstance(result, Tensor):
            self._found[n] = result.shape
        return result


def _is_dropout(node: fx.Node) -> bool:
    name = getattr(node.target, "__name__", "")
    return node.op == "call_function" and name in ("dropout", "stochastic_depth")


def keep_features(traced: TracedGraph) -> fx.GraphModule:
    """Return the network with all its feature maps, and nothing else, as its outputs."""
    traced.results = [(path, node) for path, node in traced.results if traced.channels(node)]
    traced.output.args = (tuple(dict.fromkeys(node for _, node in traced.results)),)
    for node in reversed(traced.graph.nodes):
        if not node.users and node.op not in ("placeholder", "output"):
            traced.graph.erase_node(node)
    return fx.GraphModule(traced.root, traced.graph)


def cut(body: fx.GraphModule, wanted: Mapping[str, fx.Node]) -> fx.GraphModule:
    """Return the part of a network that leads to the wanted nodes; it shares the weights.

    It takes the same input and returns a dict of the wanted nodes' results.
    """
    needed: set[fx.Node] = set()
    ahead = list(wanted.values())
    while ahead:
        node = ahead.pop()
        if node not in needed:
            needed.add(node)
            ahead.extend(node.all_input_nodes)
    part = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    found: dict[fx.Node, fx.Node] = {}
    for node in body.graph.nodes:
        if node.op == "placeholder" or node in needed:
            copies[node] = part.node_copy(node, copies.__getitem__)
        if node in wanted.values():
            found[node] = copies[node]
            if any(user in needed and _overwrites(body, user, node) for user in node.users):
                found[node] = part.call_method("clone", (copies[node],))
    part.output({name: found[node] for name, node in wanted.items()})
    return fx.GraphModule(body, part)


def _overwrites(body: fx.GraphModule, step: fx.Node, node: fx.Node) -> bool:
    if not step.args or step.args[0] is not node:
        return False
    module = called_module(body, step)
    return bool(getattr(module, "inplace", False) if module else step.kwargs.get("inplace"))


def fold_batch_norm(traced: TracedGraph) -> None:
    """Fold each batch normalisation into the convolution before it, if there is one."""
    for node in list(traced.graph.nodes):
        norm = traced.module(node)
        if not isinstance(norm, nn.BatchNorm2d):
            continue
        before = first_input(node)
        convolution = traced.module(before)
        if not isinstance(convolution, nn.Conv2d) or len(before.users) > 1:
            continue
        parent, _, name = str(before.target).rpartition(".")
        folded = fuse_conv_bn_eval(convolution, norm)
        setattr(traced.root.get_submodule(parent), name, folded)
        # The convolution's result before normalisation no longer exists.
        traced.results = [(path, n) for path, n in traced.results if n is not before]
        traced.replace(node, before)


def classify_everywhere(traced: TracedGraph) -> None:
    """Add the classifier, applied at every position, as the result "logits".

    The averaging is skipped, and fully connected layers become convolutions (Sermanet et al.,
    OverFeat, 2013, https://arxiv.org/abs/1312.6229), padded to keep the number of positions.
    """
    steps: list[fx.Node] = []
    node = first_input(traced.output)
    while (window := _pooled_to(traced, node)) is None:
        steps.insert(0, node)
        node = first_input(node)
    last = first_input(node)
    for step in steps:
        if _flattens(traced, step):
            continue
        module = traced.module(step)
        with traced.graph.inserting_before(traced.output):
            if isinstance(module, nn.Linear):
                for part in _as_convolution(module, window):
                    last = traced.add(part, last)
                last.meta["channels"] = module.out_features
                window = 1
            else:
                before, last = last, traced.graph.node_copy(step)
                last.args = (before, *step.args[1:])
                last.meta = {"channels": before.meta["channels"]}
        traced.rename(step, last)
    # SqueezeNet ends in a ReLU, which would block the gradient of classes that are not yet seen.
    while isinstance(traced.module(last), nn.ReLU):
        last = first_input(last)
    traced.results.append((LOGITS, last))


def _pooled_to(traced: TracedGraph, node: fx.Node) -> int | None:
    """Return the side to which a node averages the whole feature map, or None for other nodes."""
    module, name = traced.module(node), getattr(node.target, "__name__", node.target)
    if isinstance(module, nn.AdaptiveAvgPool2d):
        return pair(module.output_size)[0]
    if name == "adaptive_avg_pool2d":
        return pair(node.args[1])[0]
    return 1 if name == "mean" else None


def _flattens(traced: TracedGraph, node: fx.Node) -> bool:
    name = getattr(node.target, "__name__", node.target)
    return isinstance(traced.module(node), nn.Flatten) or name == "flatten"


def _as_convolution(linear: nn.Linear, window: int) -> list[nn.Module]:
    """Return modules that apply a fully connected layer to every `window` x `window` positions."""
    outputs, inputs = linear.weight.shape
    channels = inputs // window**2
    convolution = nn.Conv2d(channels, outputs, window, device="meta")
    weight = linear.weight.detach().view(outputs, channels, window, window)
    convolution.weight = nn.Parameter(weight, requires_grad=False)
    convolution.bias = linear.bias
    before, after = (window - 1) // 2, window // 2
    padding = [nn.ZeroPad2d((before, after, before, after))] if window > 1 else []
    return [*padding, convolution]
