"""`python3 -m gimpfu.convert PLUGIN.py`: make a plug-in for GIMP 3 of one written in Python 2.

It writes a folder as GIMP 3 wants it, with the plug-in and gimpfu, and prints what a person must
look at. The parts that do the work are in `conversion/`.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from gimpfu.conversion import Conversion, convert
from gimpfu.conversion.syntax import NoFissix, Unreadable

SHEBANG = "#!/usr/bin/env python3"
_PACKAGE = Path(__file__).resolve().parent
_ONLY_FOR_CONVERTING = ("__pycache__", "convert.py", "conversion")


class Problem(Exception):
    """What keeps a plug-in from being converted, as a sentence for its author."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        written, said = convert_plug_in(
            options.plug_in, options.output, force=options.force, with_gimpfu=options.gimpfu
        )
    except NoFissix:
        print("Converting needs the package fissix: pip install fissix", file=sys.stderr)
        return 1
    except (Problem, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    for line in said:
        print(line)
    print(f"Wrote {written}. Lines to look at: {len(said)}.")
    return 0


def convert_plug_in(
    plug_in: Path, output: Path, *, force: bool = False, with_gimpfu: bool = True
) -> tuple[Path, list[str]]:
    """Write the folder of a converted plug-in into `output`.

    Modules of its own beside the plug-in are converted too. Returns the new plug-in file and a
    line for each place that a person must look at. Raises `Problem` if the plug-in is not Python,
    or if the folder exists and `force` is not set; nothing is written then.
    """
    folder = output / plug_in.stem
    if folder.exists() and not force:
        raise Problem(f"{folder} exists already. Use --force to write into it.")
    files = _converted(plug_in)
    said = [
        f"{path.name}:{note.line}: {note.text}"
        for path, conversion in files.items()
        for note in conversion.notes
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for path, conversion in files.items():
        text = _with_shebang(conversion.text) if path == plug_in else conversion.text
        made = folder / path.name
        made.write_bytes(text.encode(conversion.encoding))
        made.chmod(0o755 if path == plug_in else 0o644)
    if with_gimpfu:
        shutil.rmtree(folder / _PACKAGE.name, ignore_errors=True)
        left_out = shutil.ignore_patterns(*_ONLY_FOR_CONVERTING)
        shutil.copytree(_PACKAGE, folder / _PACKAGE.name, ignore=left_out)
        for module in (_PACKAGE / "beside").glob("*.py"):
            # A plug-in may import them before it imports gimpfu.
            shutil.copy(module, folder)
    return folder / plug_in.name, said


def _converted(plug_in: Path) -> dict[Path, Conversion]:
    """Convert the plug-in and the modules beside it that it imports."""
    found: dict[Path, Conversion] = {}
    waiting = [plug_in]
    while waiting:
        path = waiting.pop()
        try:
            found[path] = convert(path.read_bytes())
        except Unreadable as problem:
            raise Problem(f"{path} is neither Python 2 nor Python 3: {problem}") from None
        for name in found[path].imports:
            module = path.with_name(f"{name}.py")
            if module.is_file() and module not in (*found, *waiting) and name != "gimpfu":
                waiting.append(module)
    return found


def _with_shebang(text: str) -> str:
    """Let the file start with the line that runs it with Python 3."""
    text = re.sub(r"\A\s*#!.*\n", "", text)
    return f"{SHEBANG}\n{text}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m gimpfu.convert",
        description="Make a plug-in for GIMP 3 of a gimpfu plug-in written in Python 2, and list "
        "what a person must look at.",
    )
    parser.add_argument("plug_in", type=Path, metavar="PLUGIN.py")
    parser.add_argument(
        *("-o", "--output"),
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="where the plug-in's own folder is made, such as GIMP's plug-ins folder "
        "(default: the current one)",
    )
    parser.add_argument(
        "--force", action="store_true", help="write into the plug-in's folder if it exists"
    )
    parser.add_argument(
        "--no-gimpfu",
        dest="gimpfu",
        action="store_false",
        help="do not put gimpfu beside the plug-in",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
