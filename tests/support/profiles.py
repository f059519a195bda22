"""Colour profiles as data."""

from __future__ import annotations

import struct


def profile(gray: bool) -> bytes:
    """Return an ICC profile: Adobe RGB (1998), or gray with a gamma of 1.5.

    A gray profile with a gamma of 2.2 would be indistinguishable from sRGB's curve.
    """

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * value) for value in values))

    name = b"test\0"
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 * (1.5 if gray else 563 / 256)))
    primaries = {
        b"rXYZ": xyz(0.60974, 0.20528, 0.01949),
        b"gXYZ": xyz(0.31111, 0.62567, 0.06087),
        b"bXYZ": xyz(0.14919, 0.06866, 0.74457),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        **({b"kTRC": curve} if gray else primaries),
    }
    table, content = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(content), len(tag))
        content += tag + bytes(-len(tag) % 4)
    illuminant = struct.pack(">3i", 63190, 65536, 54061)
    header = struct.pack(">I4sI", 128 + len(table) + len(content), b"none", 0x02100000)
    header += b"mntr" + (b"GRAY" if gray else b"RGB ") + b"XYZ "
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + illuminant
    return header + bytes(128 - len(header)) + table + content
