"""Damaged frames: valid ones with bytes changed, cut or repeated, or nonsense in the header."""

from __future__ import annotations

import json
import random
import struct

PREFIX = struct.Struct("<4sIQ")
NONSENSE = (
    *(None, True, -1, 0, 1 << 40, 1 << 70, 0.5, float("nan"), "", "x", "\ud800", "\0"),
    *([], [[]], {}, {"a": {}}, ["x"] * 50, "x" * 5000),
)
DEEP = b"[" * 100_000


def mutated(frames: list[bytes], random: random.Random) -> bytes:
    """Return one of the frames damaged in one to three ways."""
    data = random.choice(frames)
    for _ in range(random.randint(1, 3)):
        data = random.choice((_changed, _cut, _doubled, _with_lengths, _with_nonsense, _deep))(
            data, random
        )
    return data


def _changed(data: bytes, random: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut(data: bytes, random: random.Random) -> bytes:
    start, end = sorted(random.randint(0, len(data)) for _ in range(2))
    return data[:start] + data[end:]


def _doubled(data: bytes, random: random.Random) -> bytes:
    start, end = sorted(random.randint(0, len(data)) for _ in range(2))
    return data[:end] + data[start:]


def _with_lengths(data: bytes, random: random.Random) -> bytes:
    if len(data) < PREFIX.size:
        return data
    lengths = (random.getrandbits(random.randint(1, bits)) for bits in (32, 64))
    return PREFIX.pack(data[:4], *lengths) + data[PREFIX.size :]


def _with_nonsense(data: bytes, random: random.Random) -> bytes:
    """Replace a value anywhere in the header, and keep the lengths right."""
    try:
        magic, header_bytes, payload_bytes = PREFIX.unpack_from(data)
        header = json.loads(data[PREFIX.size : PREFIX.size + header_bytes])
        place = header
        while True:
            key = random.choice(list(place) if isinstance(place, dict) else range(len(place)))
            if not (isinstance(place[key], (dict, list)) and place[key]) or random.random() < 0.3:
                break
            place = place[key]
        place[key] = random.choice(NONSENSE)
    except (ValueError, TypeError, IndexError, struct.error, RecursionError):
        return data
    text = json.dumps(header).encode()
    rest = data[PREFIX.size + header_bytes :]
    return PREFIX.pack(magic, len(text), payload_bytes) + text + rest


def _deep(data: bytes, random: random.Random) -> bytes:
    if random.random() > 0.02:
        return data
    text = b'{"kind": "dream", "id": ' + DEEP + b"}"
    return PREFIX.pack(b"DDf1", len(text), 0) + text
