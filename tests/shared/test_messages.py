"""Messages: English sentences that carry their code and arguments for translation."""

from __future__ import annotations

import ast
import copy
import io
import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest

from deepdream_core.shared.messages import TEMPLATES, DreamError, Message
from deepdream_core.shared.protocol import Frame, receive, send

ROOT = Path(__file__).resolve().parents[2]
GERMAN = {
    "{setting}: {problem}": "{setting}: {problem}",
    "{first} or {second}": "{first} oder {second}",
    'There is no class "{name}" (did you mean {near}?)': "Keine Klasse heißt „{name}“ ({near}?)",
}


def german(template: str) -> str:
    return GERMAN.get(template, template)


def nested() -> Message:
    near = Message("either", first="castle", second="palace")
    return Message("in-setting", setting="a", problem=Message("no-class-near", name="x", near=near))


def test_a_message_is_its_english_sentence() -> None:
    note = Message("octaves-left-out", dropped=2, octaves=7)
    assert note == "Skipping 2 of 7 octaves, which would be too small."
    assert json.dumps([note]) == json.dumps([str(note)])


def test_a_message_within_a_message_is_translated_too() -> None:
    assert nested() == 'a: There is no class "x" (did you mean castle or palace?)'
    assert nested().translated(german) == "a: Keine Klasse heißt „x“ (castle oder palace?)"


def test_braces_in_arguments_are_kept() -> None:
    assert Message("no-file", path="{a}/{0}.png") == "The file {a}/{0}.png does not exist."


def test_an_unknown_code_or_a_missing_argument_raises() -> None:
    with pytest.raises(KeyError):
        Message("no-such-code")
    with pytest.raises(KeyError):
        Message("no-file")


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_says_the_same(twin: Callable[[Message], Message]) -> None:
    assert twin(nested()).translated(german) == nested().translated(german)


def test_an_error_says_its_message() -> None:
    error = DreamError("no-file", path="a.png")
    assert str(error) == error.message == "The file a.png does not exist."


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
def test_a_message_with_an_unknown_code_arrives_as_text(message: object) -> None:
    fields = received({"kind": "note", "text": "New.", "messages": {"text": message}}).fields
    assert fields == {"text": "New."}
    assert not isinstance(fields["text"], Message)


def test_an_argument_with_an_unknown_code_arrives_as_text() -> None:
    packed = nested().as_json()
    packed["arguments"]["problem"]["code"] = "from-the-future"
    fields = received({"kind": "note", "text": "", "messages": {"text": packed}}).fields
    assert fields["text"].translated(german) == str(nested())


def sources() -> list[ast.Module]:
    """Return the modules of the engine and the plug-in, except the table itself."""
    folders = (ROOT / "deepdream_core", ROOT / "plug-ins" / "deepdream")
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    assert len(paths) > 90
    return [ast.parse(path.read_text("utf-8")) for path in paths if path.name != "messages.py"]


def gaps(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def families(modules: list[ast.Module]) -> tuple[set[str], set[str]]:
    """Return the names of all errors with a message, and of those constructed from a code."""
    classes = [n for m in modules for n in ast.walk(m) if isinstance(n, ast.ClassDef)]
    errors = {"DreamError"}
    for _ in classes:
        errors |= {c.name for c in classes if {ast.unparse(base) for base in c.bases} & errors}
    own = {c.name for c in classes for f in c.body if getattr(f, "name", "") == "__init__"}
    return errors, errors - own


def test_everything_that_an_artist_sees_is_in_the_table() -> None:
    """Every message and every error with a message uses a known code and fills all its gaps."""
    modules = sources()
    errors, by_code = families(modules)
    assert {"RecipeError", "ObjectiveError", "PictureError", "DownloadFailed"} <= errors
    faults, handed_on, made = [], [], 0
    for call in (n for m in modules for n in ast.walk(m) if isinstance(n, ast.Call)):
        if ast.unparse(call.func) not in {"Message", *by_code}:
            continue
        made += 1
        (code,) = call.args
        if not isinstance(code, ast.Constant):
            handed_on.append(ast.unparse(call))
        elif {k.arg for k in call.keywords} != gaps(TEMPLATES.get(code.value, "{no such code}")):
            faults.append(ast.unparse(call))
    assert faults == []
    # From the parser of objectives, whose errors and kinds test_objective goes through.
    assert sorted(handed_on) == [
        "Message(problem, **arguments)",
        "Message(self.word, layer=self.layer)",
    ]
    assert made > 60


def test_no_message_is_unused() -> None:
    literals = {n.value for m in sources() for n in ast.walk(m) if isinstance(n, ast.Constant)}
    assert sorted(set(TEMPLATES) - literals) == []


def test_gaps_are_plain_names() -> None:
    """A translator sees `{mib}`, without number formatting."""
    holes = [hole for text in TEMPLATES.values() for hole in re.findall(r"\{[^}]*\}", text)]
    assert [hole for hole in holes if not re.fullmatch(r"\{[a-z_]+[0-9]*\}", hole)] == []
