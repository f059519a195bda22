"""Messages: English to those who read, code and arguments to those who translate."""

from __future__ import annotations

import copy
import io
import json
import pickle
from collections.abc import Callable

import pytest

from deepdream_core.shared.messages import DreamError, Message
from deepdream_core.shared.protocol import Frame, receive, send

GERMAN = {
    "{setting}: {problem}": "{setting}: {problem}",
    "{first} or {second}": "{first} oder {second}",
    'No class is called "{name}" (did you mean {near}?)': "Keine Klasse heißt „{name}“ ({near}?)",
}


def german(template: str) -> str:
    return GERMAN.get(template, template)


def nested() -> Message:
    near = Message("either", first="castle", second="palace")
    return Message("in-setting", setting="a", problem=Message("no-class-near", name="x", near=near))


def test_a_message_is_its_english_sentence() -> None:
    note = Message("octaves-left-out", dropped=2, octaves=7)
    assert note == "2 of 7 octaves would be too small and are left out."
    assert json.dumps([note]) == json.dumps([str(note)])


def test_a_message_within_a_message_is_translated_too() -> None:
    assert nested() == 'a: No class is called "x" (did you mean castle or palace?)'
    assert nested().translated(german) == "a: Keine Klasse heißt „x“ (castle oder palace?)"


def test_braces_in_what_is_filled_in_stay() -> None:
    assert Message("no-file", path="{a}/{0}.png") == "There is no file {a}/{0}.png."


def test_what_is_not_in_the_table_is_no_message() -> None:
    with pytest.raises(KeyError):
        Message("no-such-code")
    with pytest.raises(KeyError):
        Message("no-file")


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_says_the_same(twin: Callable[[Message], Message]) -> None:
    assert twin(nested()).translated(german) == nested().translated(german)


def test_an_error_says_its_message() -> None:
    error = DreamError("no-file", path="a.png")
    assert str(error) == error.message == "There is no file a.png."


def received(header: dict[str, object]) -> Frame:
    text = json.dumps(header).encode()
    return receive(io.BytesIO(b"DDf1" + len(text).to_bytes(4, "little") + bytes(8) + text))


def test_messages_cross_the_process_boundary() -> None:
    stream = io.BytesIO()
    send(stream, Frame("error", {"id": 3, "message": nested(), "hint": "", "code": "bad-recipe"}))
    stream.seek(0)
    fields = receive(stream).fields
    assert fields == {"id": 3, "message": str(nested()), "hint": "", "code": "bad-recipe"}
    assert fields["message"].translated(german) == nested().translated(german)


@pytest.mark.parametrize(
    "message",
    [
        {"code": "from-the-future", "arguments": {}, "text": "New."},
        {"code": "no-file", "arguments": {"file": "x"}, "text": "New."},
        {"code": "no-file", "arguments": ["x"], "text": "New."},
        {"code": ["no-file"], "arguments": {}, "text": "New."},
    ],
)
def test_a_message_that_is_not_known_here_comes_as_text(message: object) -> None:
    fields = received({"kind": "note", "text": "New.", "messages": {"text": message}}).fields
    assert fields == {"text": "New."}
    assert not isinstance(fields["text"], Message)


def test_a_part_that_is_not_known_here_comes_as_text() -> None:
    packed = nested().as_json()
    packed["arguments"]["problem"]["code"] = "from-the-future"
    fields = received({"kind": "note", "text": "", "messages": {"text": packed}}).fields
    assert fields["text"].translated(german) == str(nested())
