"""The frames that the plug-in and the engine exchange over a pipe or a local socket.

A frame is a fixed prefix (magic, header length, payload length), a JSON header, and a payload:
the pixels of the pictures listed in the header, one after the other.

From the plug-in to the engine:

    hello    version                     the first frame; the engine answers with its own hello
    dream    id, recipe, preview, draft  pictures: image, and optionally mask and guide. Answered by
                                         frames with the same id; the last is a result or an error
    cancel   id                          stop; answered by an error with code "cancelled"
    finish   id                          stop early and return what is done so far
    pause / resume   id
    models   id                          list the networks; answered by models
    fetch    id, name                    download a network's weights; answered by fetching frames,
                                         then fetched or error; cancel stops it
    quit                                 end the engine (as the end of the stream does)

From the engine to the plug-in:

    hello    version, pid
    progress id, fraction, octave, octaves, step, steps, seconds_left (null while unknown),
             number (of the pass, from 0), passes (how many there are)
    preview  id, octave, step            picture: preview (uint8 RGB, srgb)
    note     id, text                    something the artist should know; the dream continues
    frame    id, name                    picture: frame, an intermediate picture (see the recipe's
                                         `keep` and `passes`)
    result   id, seconds, device, recipe picture: result, in the image's size and encoding
    models   id, networks                a list of name, here (whether its weights are on this
                                         computer), mib, licence
    fetching id, done, total             in bytes; total is null while unknown
    fetched  id, name
    error    id, code, message, hint     message says what happened, hint what to do about it

In `dream`, `preview` is the longest side of preview pictures in pixels, 0 for none. `draft` means
that the artist is waiting for a preview: of several waiting dreams, the newest draft goes first.

Sentences and names (`text`, `name`, `message`, `hint`) are in English. The field `messages` holds
the code and the arguments behind each of them under the same name (`Message.as_json`). `send` and
`receive` take care of this: a field that is a `Message` arrives as one, or as plain text if its
code is unknown to the receiver.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Union

from deepdream_core.shared.messages import Message

PROTOCOL_VERSION = 1
MAX_HEADER_BYTES = 1 << 20
MAX_PAYLOAD_BYTES = 1 << 36

_MAGIC = b"DDf1"
_PREFIX = struct.Struct("<4sIQ")
_PIECE = 1 << 20
_SMALL_PIECE = 1 << 12
"""Small enough to allocate even when memory has run out."""
_SAMPLE_BYTES = {"float32": 4, "uint8": 1}

PixelBytes = Union[bytes, bytearray, memoryview]


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


@dataclass(frozen=True)
class Frame:
    """One message, with its pictures by name."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    pictures: Mapping[str, Picture] = field(default_factory=dict)


def send(stream: IO[bytes], frame: Frame) -> None:
    """Write a frame and flush. `stream` must be buffered, so that nothing is written only in part.

    Raises `OSError` if the other side is gone.
    """
    header = {"kind": frame.kind, **frame.fields}
    said = {name: v.as_json() for name, v in frame.fields.items() if isinstance(v, Message)}
    if said:
        header["messages"] = said
    if frame.pictures:
        header["pictures"] = [
            {
                "name": name,
                "width": picture.width,
                "height": picture.height,
                "channels": picture.channels,
                "sample": picture.sample,
                "encoding": picture.encoding,
            }
            for name, picture in frame.pictures.items()
        ]
    text = json.dumps(header).encode()
    payload_bytes = sum(picture.byte_count for picture in frame.pictures.values())
    stream.write(_PREFIX.pack(_MAGIC, len(text), payload_bytes) + text)
    for picture in frame.pictures.values():
        view = memoryview(picture.data).cast("B")
        for start in range(0, len(view), _PIECE):
            stream.write(view[start : start + _PIECE])
    stream.flush()


def receive(stream: IO[bytes]) -> Frame | None:
    """Read one frame, or return None at the end of the stream.

    Raises `ProtocolError`, or `NoRoom` if the frame's pictures do not fit into memory; after
    `NoRoom` the stream is still usable.
    """
    first = stream.read(1)
    if not first:
        return None
    prefix = first + _read(stream, _PREFIX.size - 1)
    magic, header_bytes, payload_bytes = _PREFIX.unpack(prefix)
    if magic != _MAGIC or header_bytes > MAX_HEADER_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        raise ProtocolError("The other side does not speak the frame protocol.")
    try:
        fields = json.loads(bytes(_read(stream, header_bytes)))
        kind = fields.pop("kind")
        listed = fields.pop("pictures", [])
        said = fields.pop("messages", {})
        fields.update((name, Message.from_json(packed)) for name, packed in said.items())
        sizes = [_declared_bytes(entry) for entry in listed]
        if sum(sizes) != payload_bytes:
            raise ProtocolError("A frame's payload does not match its pictures.")
        buffers = _allocate(sizes)
        if buffers is None:
            _skip(stream, payload_bytes)
            raise NoRoom(fields)
        pictures = {
            entry.pop("name"): Picture(data=_fill(stream, buffer), **entry)
            for entry, buffer in zip(listed, buffers)
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProtocolError(f"A frame's header cannot be read ({error}).") from None
    return Frame(kind, fields, pictures)


def _declared_bytes(entry: Mapping[str, Any]) -> int:
    sides = [entry["width"], entry["height"], entry["channels"]]
    if not all(isinstance(side, int) and side > 0 for side in sides):
        raise ValueError("a picture has no valid size")
    count = sides[0] * sides[1] * sides[2] * _SAMPLE_BYTES[entry["sample"]]
    if count > MAX_PAYLOAD_BYTES:
        raise ValueError("a picture is too large")
    return count


def _allocate(sizes: list[int]) -> list[bytearray] | None:
    """Return buffers of these sizes in bytes, or None if memory does not suffice."""
    try:
        return [bytearray(size) for size in sizes]
    except MemoryError:
        return None


def _skip(stream: IO[bytes], count: int) -> None:
    for start in range(0, count, _SMALL_PIECE):
        _read(stream, min(_SMALL_PIECE, count - start))


def _read(stream: IO[bytes], count: int) -> bytearray:
    return _fill(stream, bytearray(count))


def _fill(stream: IO[bytes], data: bytearray) -> bytearray:
    view, got = memoryview(data), 0
    while got < len(data):
        piece = view[got : got + _PIECE]
        n = stream.readinto(piece)  # pyright: ignore[reportAttributeAccessIssue]
        if not n:
            raise ProtocolError("The stream ended in the middle of a frame.")
        got += n
    return data
