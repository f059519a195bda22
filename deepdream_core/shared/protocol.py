"""The frames that the plug-in and the engine exchange over a pipe or a local socket.

A frame is a fixed prefix (magic, header length, payload length), a JSON header, and a payload:
the pixels of the pictures listed in the header, one after the other.

From the plug-in to the engine:

    hello    version, packs              the first frame; the engine answers with its own hello
    dream    id, recipe, preview, draft  pictures: image, and optionally mask, guide and whole.
                                         Answered by frames with the same id; the last is a result
                                         or an error
    cancel   id                          stop; answered by an error with code "cancelled"
    finish   id                          stop early and return what is done so far
    pause / resume   id
    compose  id, recipe, preview         go on with the recipe's ways to compose (`COMPOSING`) and
                                         with previews of this size; the result names the last used
    models   id                          list the networks; answered by models
    fetch    id, name                    download a network's weights; answered by fetching frames,
                                         then fetched or error; cancel stops it
    quit                                 end the engine (as the end of the stream does)

From the engine to the plug-in:

    hello    version, pid, packs
    alive                                sent every few seconds while a request is not yet answered
                                         and there is nothing else to say. Not before hello
    progress id, fraction, octave, octaves, step, steps, seconds_left (null while unknown),
             number (of the pass, from 0), passes (how many there are)
    preview  id, octave, step            picture: preview (uint8 RGB, srgb)
    note     id, text                    something the artist should know; the dream continues
    frame    id, name                    picture: frame, an intermediate picture (see the recipe's
                                         `keep` and `passes`)
    result   id, seconds, device, recipe, preview
                                         picture: result, in the image's size and encoding
    models   id, networks                a list of name, here (whether its weights are on this
                                         computer), mib, licence
    fetching id, done, total             in bytes; total is null while unknown
    fetched  id, name
    error    id, code, message, hint     message says what happened, hint what to do about it

`id` is a whole number or a text, and not that of another request that is still unanswered. Frames
of an unknown kind are ignored by both sides.

Whoever waits for the engine may give it up after `SILENT_SECONDS` without a byte from it (or, while
sending, without a byte accepted): `alive` comes more often than that, however long a step takes.

In `dream`, `preview` is the longest side of preview pictures in pixels, 0 for none. `draft` means
that the artist is waiting for a preview: of several waiting dreams, the newest draft goes first,
and a draft that was dreamed a short time ago is only composed anew. `whole` is the picture of which
the image is a part, at any size; `place` says which part: x, y, width and height, each 0..1.
`levels` rounds the pictures of the result to so many steps above black, and to 0..1: for an image
that keeps no more, such as 255 for 8 bits per channel. `film` makes the image the next frame of a
film, along whose motion dreams are carried: an object with the film's `name` and how much is
carried, `carry` (0..1). Another name begins another film.

`packs` says that its sender can read pictures that are packed (see `packing`). Both sides pack only
for one that can, and only if the plug-in says so, which it does for an engine on another computer.
In the header, such a picture has `packed`: the number of its bytes, and the values of its samples.

Sentences and names (`text`, `name`, `message`, `hint`) are in English. The field `messages` holds
the code and the arguments behind each of them under the same name (`Message.as_json`). `send` and
`receive` take care of this: a field that is a `Message` arrives as one, or as plain text if its
code is unknown to the receiver.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from deepdream_core.shared.messages import Message
from deepdream_core.shared.packing import (
    MOST_VALUES,
    Packed,
    PackingError,
    PixelBytes,
    pack,
    unpack,
)

PROTOCOL_VERSION = 2
MAX_HEADER_BYTES = 1 << 20
MAX_PAYLOAD_BYTES = 1 << 36
FRAME_START = b"DDf1"
ALIVE_SECONDS = 2.0
"""Seconds between two `alive` frames."""
SILENT_SECONDS = 12.0
"""An engine that stays silent for longer has stopped."""

_PREFIX = struct.Struct("<4sIQ")
_PIECE = 1 << 20
_FIRST_PIECE = 1 << 16
"""Bytes allocated before any have arrived."""
_GROWTH = 4
"""A buffer is at most this many times as large as what has arrived."""
_SMALL_PIECE = 1 << 14
"""Small enough to allocate even when memory has run out."""
_MOST_CHANNELS = 4
_FLOATS = "float32"
_SAMPLE_BYTES = {_FLOATS: 4, "uint8": 1}
_ENCODINGS = ("srgb", "linear")


class Source(Protocol):
    """What frames are read from, besides a file: a read may return less than asked for."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


class Sink(Protocol):
    """What frames are written to, such as a file: a write accepts all of its data."""

    def write(self, data: PixelBytes, /) -> object: ...

    def flush(self) -> object: ...


class ProtocolError(Exception):
    """The other side sent something other than a frame, or stopped in the middle of one."""


class NoRoom(MemoryError):
    """A frame's pictures do not fit into memory."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__("A frame's pictures do not fit into memory.")
        self.fields = fields
        """The fields of that frame."""


@dataclass(frozen=True)
class Picture:
    """Raw pixels and their format: rows from top to bottom, channels last, no padding.

    Channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha; alpha is straight.
    `encoding` is "srgb" or "linear"; float32 samples may lie outside 0..1 (HDR).
    """

    width: int
    height: int
    channels: int
    data: PixelBytes
    sample: str = "float32"
    encoding: str = "srgb"

    def __post_init__(self) -> None:
        if memoryview(self.data).nbytes != self.byte_count:
            raise ProtocolError("A picture's data does not match its size.")

    @property
    def byte_count(self) -> int:
        return self.width * self.height * self.channels * _SAMPLE_BYTES[self.sample]

    def packed(self) -> Packed | None:
        """Return the data, packed, if that makes it much smaller."""
        return pack(self.data, self.channels, self.sample == _FLOATS)


@dataclass(frozen=True)
class Frame:
    """One message, with its pictures by name."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    pictures: Mapping[str, Picture] = field(default_factory=dict)


def send(stream: Sink, frame: Frame, packs: bool = False) -> None:
    """Write a frame and flush. Raises `OSError` if the other side is gone.

    `packs`: pack pictures that become much smaller.
    """
    header = {"kind": frame.kind, **frame.fields}
    said = {name: v.as_json() for name, v in frame.fields.items() if isinstance(v, Message)}
    if said:
        header["messages"] = said
    payload: list[memoryview] = []
    if frame.pictures:
        header["pictures"] = []
    for name, picture in frame.pictures.items():
        entry: dict[str, Any] = {
            "name": name,
            "width": picture.width,
            "height": picture.height,
            "channels": picture.channels,
            "sample": picture.sample,
            "encoding": picture.encoding,
        }
        data = picture.data
        if packs and (packed := picture.packed()):
            data = packed.data
            entry["packed"] = [len(data), *packed.values]
        header["pictures"].append(entry)
        payload.append(memoryview(data).cast("B"))
    text = json.dumps(header).encode()
    payload_bytes = sum(map(len, payload))
    stream.write(_PREFIX.pack(FRAME_START, len(text), payload_bytes) + text)
    for view in payload:
        for start in range(0, len(view), _PIECE):
            stream.write(view[start : start + _PIECE])
    stream.flush()


def receive(stream: IO[bytes] | Source) -> Frame | None:
    """Read one frame, or return None at the end of the stream.

    Memory is allocated as data arrives, whatever the header claims. Raises `ProtocolError`, or
    `NoRoom` if the frame's pictures do not fit into memory; after `NoRoom` the stream is still
    usable.
    """
    prefix = bytearray(_PREFIX.size)
    if not _fill(stream, memoryview(prefix)[:1]):
        return None
    _fill_all(stream, memoryview(prefix)[1:])
    magic, header_bytes, payload_bytes = _PREFIX.unpack(prefix)
    if magic != FRAME_START or header_bytes > MAX_HEADER_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        raise ProtocolError("The other side does not speak the frame protocol.")
    kind, fields, declared = _parsed(bytes(_read(stream, header_bytes)))
    if sum(entry.bytes_sent for entry in declared) != payload_bytes:
        raise ProtocolError("A frame's payload does not match its pictures.")
    payload = _Payload(stream, payload_bytes)
    pictures = _read_pictures(payload, declared)
    if pictures is None:
        payload.skip()
        raise NoRoom(fields)
    return Frame(kind, fields, pictures)


@dataclass(frozen=True)
class _Declared:
    """A picture as the header announces it."""

    name: str
    width: int
    height: int
    channels: int
    sample: str = "float32"
    encoding: str = "srgb"
    packed: Sequence[int] = ()
    """If it is packed, the number of bytes, and the values of the samples if they are floats."""

    def __post_init__(self) -> None:
        sides = (self.width, self.height, self.channels)
        if not all(isinstance(side, int) and side > 0 for side in sides):
            raise ValueError("a picture has no valid size")
        if self.channels > _MOST_CHANNELS or self.encoding not in _ENCODINGS:
            raise ValueError("a picture has no valid format")
        if self.byte_count > MAX_PAYLOAD_BYTES:
            raise ValueError("a picture is too large")
        if not isinstance(self.name, str):
            raise ValueError("a picture has no name")
        numbers = [n for n in self.packed if type(n) is int and 0 <= n < 1 << 32]
        if len(numbers) < len(self.packed) or len(numbers) > 1 + MOST_VALUES:
            raise ValueError("a picture is not packed right")
        if self.packed and (len(numbers) > 1) != (self.sample == _FLOATS):
            raise ValueError("a picture is packed as another kind")

    @property
    def byte_count(self) -> int:
        return self.width * self.height * self.channels * _SAMPLE_BYTES[self.sample]

    @property
    def bytes_sent(self) -> int:
        return self.packed[0] if self.packed else self.byte_count

    def unpacked(self, data: bytearray) -> PixelBytes:
        """Return the data as it was before it was packed. Raises `ProtocolError`."""
        if not self.packed:
            return data
        samples = self.width * self.height * self.channels
        try:
            return unpack(Packed(data, self.packed[1:]), self.channels, samples)
        except PackingError as error:
            raise ProtocolError(f"A picture cannot be unpacked ({error}).") from None


def _parsed(text: bytes) -> tuple[str, dict[str, Any], list[_Declared]]:
    """Return a header's kind, its fields and its pictures. Raises `ProtocolError`."""
    try:
        fields = json.loads(text)
        kind = fields.pop("kind")
        declared = [_Declared(**entry) for entry in fields.pop("pictures", [])]
        said = fields.pop("messages", {})
        fields.update((name, Message.from_json(packed)) for name, packed in said.items())
        if not isinstance(kind, str) or not isinstance(fields.get("id", 0), (int, str)):
            raise ValueError("its kind or its id is not valid")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ProtocolError(f"A frame's header cannot be read ({error}).") from None
    return kind, fields, declared


class _Payload:
    """A frame's payload; `left` counts the bytes that have not been read."""

    def __init__(self, stream: IO[bytes] | Source, left: int) -> None:
        self._stream = stream
        self.left = left

    def readinto(self, buffer: memoryview, /) -> int | None:
        count = self._stream.readinto(buffer)  # pyright: ignore[reportAttributeAccessIssue]
        self.left -= count or 0
        return count

    def skip(self) -> None:
        """Read what is left, and forget it."""
        piece = memoryview(bytearray(_SMALL_PIECE))
        while self.left:
            _fill_all(self, piece[: self.left])


def _read_pictures(payload: _Payload, declared: list[_Declared]) -> dict[str, Picture] | None:
    """Return the pictures by name, or None if memory does not suffice."""
    pictures = {}
    try:
        for entry in declared:
            data = entry.unpacked(_read(payload, entry.bytes_sent))
            size = (entry.width, entry.height, entry.channels)
            pictures[entry.name] = Picture(*size, data, entry.sample, entry.encoding)
    except MemoryError:
        return None
    return pictures


def _read(stream: IO[bytes] | Source, count: int) -> bytearray:
    """Read `count` bytes into a buffer that grows as they arrive."""
    data, got = bytearray(min(count, _FIRST_PIECE)), 0
    while True:
        _fill_all(stream, memoryview(data)[got:])
        got = len(data)
        if got == count:
            return data
        grown = bytearray(min(count, _GROWTH * got))
        memoryview(grown)[:got] = data
        data = grown


def _fill_all(stream: IO[bytes] | Source, view: memoryview) -> None:
    if _fill(stream, view) < len(view):
        raise ProtocolError("The stream ended in the middle of a frame.")


def _fill(stream: IO[bytes] | Source, view: memoryview) -> int:
    """Fill a buffer; return the number of bytes read, which is less only at the stream's end."""
    got = 0
    while got < len(view):
        piece = view[got : got + _PIECE]
        count = stream.readinto(piece)  # pyright: ignore[reportAttributeAccessIssue]
        if not count:
            break
        got += count
    return got
