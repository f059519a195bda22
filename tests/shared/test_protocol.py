"""Frames survive the stream, and anything else is refused."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from deepdream_core.shared.protocol import Frame, Picture, ProtocolError, receive, send


def encoded(frame: Frame) -> bytes:
    stream = io.BytesIO()
    send(stream, frame)
    return stream.getvalue()


def test_a_frame_survives_sending_and_receiving() -> None:
    picture = Picture(3, 2, 4, bytes(range(96)), encoding="linear")
    small = Picture(1, 1, 3, b"abc", sample="uint8")
    frame = Frame("dream", {"id": 7, "recipe": {"objective": "ä"}}, {"image": picture, "m": small})
    stream = io.BytesIO(encoded(frame) + encoded(Frame("quit")))
    first = receive(stream)
    assert first == frame
    assert bytes(first.pictures["image"].data) == bytes(range(96))
    assert receive(stream) == Frame("quit")
    assert receive(stream) is None


def test_a_cut_stream_is_an_error_wherever_it_is_cut() -> None:
    whole = encoded(Frame("dream", {"id": 1}, {"image": Picture(2, 2, 3, bytes(48))}))
    for length in range(1, len(whole)):
        with pytest.raises(ProtocolError):
            receive(io.BytesIO(whole[:length]))


@pytest.mark.parametrize(
    "junk",
    [
        b"Content-Type: text/html\r\n\r\n",
        struct.pack("<4sIQ", b"DDf1", 1 << 30, 0),
        struct.pack("<4sIQ", b"DDf1", 2, 1 << 60) + b"{}",
        struct.pack("<4sIQ", b"DDf1", 2, 0) + b"{}",
        struct.pack("<4sIQ", b"DDf1", 2, 0) + b"[]",
        struct.pack("<4sIQ", b"DDf1", 4, 0) + b"\xff\xfe\xfd\xfc",
        struct.pack("<4sIQ", b"DDf1", 24, 0) + b'{"kind": "x", "id": [1]}',
        struct.pack("<4sIQ", b"DDf1", 12, 0) + b'{"kind": []}',
        struct.pack("<4sIQ", b"DDf1", 200_000, 0) + b"[" * 200_000,
        struct.pack("<4sIQ", b"DDf1", 12, 5) + b'{"kind":"x"}' + b"12345",
    ],
)
def test_junk_is_refused(junk: bytes) -> None:
    with pytest.raises(ProtocolError):
        receive(io.BytesIO(junk))


@pytest.mark.parametrize("given", ["null", "1.5", "{}", "[1]", "NaN"])
def test_an_id_is_a_whole_number_or_a_text(given: str) -> None:
    good = encoded(Frame("cancel", {"id": 1}))
    changed = good[16:].replace(b'"id": 1', f'"id": {given}'.encode())
    assert changed != good[16:]
    with pytest.raises(ProtocolError, match="its kind or its id"):
        receive(io.BytesIO(struct.pack("<4sIQ", b"DDf1", len(changed), 0) + changed))


@pytest.mark.parametrize("side", [0, -1, 1 << 40, 1.5, "2", None])
def test_a_picture_of_impossible_size_is_refused(side: object) -> None:
    good = encoded(Frame("dream", {}, {"image": Picture(2, 2, 3, bytes(48))}))
    import json

    bad = good.replace(b'"width": 2', b'"width": ' + json.dumps(side).encode())
    header_bytes = bad.index(b"]}") + 2 - 16
    bad = struct.pack("<4sIQ", b"DDf1", header_bytes, 48) + bad[16:]
    with pytest.raises(ProtocolError):
        receive(io.BytesIO(bad))


def test_data_that_does_not_match_its_size_is_refused() -> None:
    with pytest.raises(ProtocolError):
        Picture(2, 2, 3, bytes(47))


@pytest.mark.parametrize("more", [2**28, 0])
def test_pictures_that_do_not_fit_into_memory_are_skipped(tmp_path: Path, more: int) -> None:
    path, side = tmp_path / "frames", 8192
    header = {"kind": "dream", "id": 7, "pictures": [{"name": "image", "channels": 3}]}
    header["pictures"][0].update(width=side, height=side, sample="float32", encoding="srgb")
    text, count = json.dumps(header).encode(), 12 * side * side
    with path.open("wb") as file:
        file.write(struct.pack("<4sIQ", b"DDf1", len(text), count) + text)
        file.seek(count, io.SEEK_CUR)
        file.write(encoded(Frame("quit")))
    code = """
import resource, sys
from pathlib import Path
from deepdream_core.shared.protocol import NoRoom, receive
with open(sys.argv[1], "rb") as stream:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    more = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (used + more, used + more))
    try:
        receive(stream)
    except NoRoom as problem:
        print(problem.fields["id"], receive(stream).kind)
"""
    command = [sys.executable, "-c", code, str(path), str(more)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert told.stdout.split() == ["7", "quit"], told.stderr
