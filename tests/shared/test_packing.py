"""Packed pixels come back as they were, and nothing else is accepted."""

from __future__ import annotations

import array
import io
import json
import random
import struct

import pytest

from deepdream_core.shared.packing import Packed, PackingError, pack, unpack
from deepdream_core.shared.protocol import Frame, Picture, ProtocolError, receive, send

WIDTH, HEIGHT = 300, 200


def waves(channels: int) -> bytes:
    """Return 8-bit samples of a smooth picture with a little noise."""
    random.seed(channels)
    return bytes(
        (x + 2 * y + 40 * channel + random.randrange(3)) % 256
        for y in range(HEIGHT)
        for x in range(WIDTH)
        for channel in range(channels)
    )


def as_floats(samples: bytes) -> bytes:
    return array.array("f", [sample / 255 for sample in samples]).tobytes()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_samples_come_back_and_are_smaller(channels: int) -> None:
    samples = waves(channels)
    floats = as_floats(samples)
    for data, is_float, smaller in ((samples, False, 2), (floats, True, 8)):
        packed = pack(data, channels, is_float)
        assert packed is not None and smaller * len(packed.data) < len(data)
        assert unpack(packed, channels, len(samples)) == data


@pytest.mark.parametrize("count", [1, 2, 65535, 65536, 65537, 200_000])
def test_any_number_of_any_bytes_comes_back(count: int) -> None:
    data = random.Random(count).randbytes(count)
    for channels in (1, 4):
        packed = pack(data, channels, is_float=False)
        assert packed is not None and unpack(packed, channels, count) == data


def test_the_bits_of_floats_stay() -> None:
    odd = [0x7FC00001, 0xFFC00000, 0x80000000, 0, 0x7F800000, 1]  # NaNs, -0, infinity, tiny
    data = array.array("I", odd * 50).tobytes()
    packed = pack(data, 3, is_float=True)
    assert packed is not None and unpack(packed, 3, 300) == data


def test_floats_of_many_values_stay_as_they_are() -> None:
    many = array.array("f", range(257)).tobytes()
    assert pack(many, 1, is_float=True) is None
    assert pack(many[4:], 1, is_float=True) is not None


def test_what_is_not_packed_right_is_refused() -> None:
    packed = pack(waves(1), 1, is_float=False)
    assert packed is not None
    count = WIDTH * HEIGHT
    wrong = [
        (packed, count + 1),
        (packed, count - 1),
        (Packed(packed.data[:-1]), count),
        (Packed(packed.data[:50]), count),
        (Packed(b"not deflated"), count),
        (Packed(packed.data, [0] * 255), count),
    ]
    for data, samples in wrong:
        with pytest.raises(PackingError):
            unpack(data, 1, samples)


def test_a_frame_is_smaller_only_if_it_may_be_packed() -> None:
    noise = array.array("f", (random.random() for _ in range(300))).tobytes()
    pictures = {
        "image": Picture(WIDTH, HEIGHT, 3, as_floats(waves(3))),
        "preview": Picture(WIDTH, HEIGHT, 3, waves(3), sample="uint8"),
        "noise": Picture(10, 10, 3, noise),
    }
    frame = Frame("dream", {"id": 1}, pictures)
    plain, packed = io.BytesIO(), io.BytesIO()
    send(plain, frame)
    send(packed, frame, packs=True)
    assert len(packed.getvalue()) * 5 < len(plain.getvalue())
    for stream in (plain, packed):
        stream.seek(0)
        got = receive(stream)
        assert got is not None
        assert {name: bytes(one.data) for name, one in got.pictures.items()} == {
            name: bytes(one.data) for name, one in pictures.items()
        }


@pytest.mark.parametrize(
    "claimed",
    [[0], [-1], [1 << 40], [30, 1], [True], ["30"], "30", [29], [31], [30.0], [30, *range(257)], 7],
)
def test_a_wrong_claim_is_refused(claimed: object) -> None:
    deflated = pack(b"abc" * 4, 3, is_float=False)
    assert deflated is not None
    data = deflated.data.ljust(30, b"x")
    about = {"name": "image", "width": 2, "height": 2, "channels": 3, "sample": "uint8"}
    header = {"kind": "x", "pictures": [{**about, "packed": claimed}]}
    text = json.dumps(header).encode()
    with pytest.raises(ProtocolError):
        receive(io.BytesIO(struct.pack("<4sIQ", b"DDf1", len(text), len(data)) + text + data))
