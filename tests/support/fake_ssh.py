"""A program called ssh that does not leave this computer, and has the troubles that it is told to.

FAKE_SSH says which, as `kind:value`, or `file:path` of a file that says it at that moment;
FAKE_SSH_ARGUMENTS is a file for what it was called with.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

TINY = """
import json, os, sys
sys.path[:] = {path!r}
from deepdream_core.shared.protocol import Frame, PROTOCOL_VERSION, receive, send
frames = sys.stdin.buffer, sys.stdout.buffer
receive(frames[0])
send(frames[1], Frame("hello", {{"version": {version!r}, "protocol": PROTOCOL_VERSION, "pid": 1}}))
while (frame := receive(frames[0])) is not None:
    files = [frame.fields["recipe"][name] for name in ("guide", "mask")]
    progress = {{"fraction": 0.5, "octave": 0, "octaves": 1, "step": 0, "steps": 1}}
    send(frames[1], Frame("progress", {{"id": 1, **progress}}))
    told = json.dumps([files, sorted(frame.pictures)])
    if file := os.environ.get("FAKE_SSH_TOLD"):
        pictures = {{name: [p.width, p.height, list(p.data[:4])]
                     for name, p in frame.pictures.items()}}
        with open(file, "w") as out:
            json.dump({{"files": files, "pictures": pictures}}, out)
    send(frames[1], Frame("note", {{"id": 1, "text": told}}))
    send(frames[1], Frame("result", {{"id": 1}}, {{"result": frame.pictures["image"]}}))
"""
"""An engine that returns the picture as it is, and tells which files and pictures it was given."""


def install(folder: Path) -> Path:
    """Write the program into a folder."""
    program = folder / "ssh"
    path = repr([entry for entry in sys.path if entry])
    program.write_text(
        f"#!{sys.executable}\nimport runpy, sys\nsys.path[:] = {path}\n"
        f"runpy.run_path({str(Path(__file__).resolve())!r}, run_name='__main__')\n"
    )
    program.chmod(0o755)
    return program


def main() -> int:
    kind, _, value = os.environ["FAKE_SSH"].partition(":")
    if kind == "file":
        kind, _, value = Path(value).read_text().partition(":")
    if given := os.environ.get("FAKE_SSH_ARGUMENTS"):
        Path(given).write_text(json.dumps(sys.argv))
    if kind == "fails":
        code, _, words = value.partition(":")
        print(words, file=sys.stderr)
        return int(code)
    if kind == "noise":
        print("Welcome to gpu-box!\nDD DDf Last login: today", flush=True)
    if kind in ("noise", "slow"):
        command = [sys.executable, "-m", "deepdream_core.engine", "--stdio"]
    else:
        version = value if kind == "version" else os.environ["FAKE_SSH_VERSION"]
        command = [sys.executable, "-c", TINY.format(path=sys.path, version=version)]
    engine = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    threading.Thread(target=carry, args=(0, engine.stdin.fileno(), kind), daemon=True).start()
    most = int(value) if kind in ("half", "stalls") else sys.maxsize
    carry(engine.stdout.fileno(), 1, kind, most)
    engine.kill()
    if kind == "stalls":
        time.sleep(100)
    if kind == "half":
        print("Connection to gpu-box closed by remote host.", file=sys.stderr)
        return 255
    return 0


def carry(there: int, here: int, kind: str, most: int = sys.maxsize) -> None:
    """Carry bytes until the stream ends or it were more than `most`."""
    while most and (piece := os.read(there, min(most, 1 << 16))):
        if kind == "slow":
            time.sleep(0.05)
        view = memoryview(piece)
        while view:
            view = view[os.write(here, view) :]
        most -= len(piece)
    if not most:
        return
    os.close(here)


if __name__ == "__main__":
    sys.exit(main())
