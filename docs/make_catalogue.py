#!/usr/bin/env python3
"""Collect every text that an artist can see, and update the translations.

    python3 docs/make_catalogue.py            write deepdream.pot, and update every .po next to it
    python3 docs/make_catalogue.py --check    change nothing; fail if a file is stale or faulty

A slightly changed text keeps its translation, marked as fuzzy until a translator has checked it. A
new text gets an empty translation. Unused texts are removed.
Standard library only.
"""

# ruff: noqa: E402 - the plug-in's folder must be put on the path first
from __future__ import annotations

import argparse
import ast
import difflib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLUG_IN = ROOT / "plug-ins" / "deepdream"
sys.path[:0] = [str(ROOT), str(PLUG_IN)]

from deepdream_plugin.texts import LOCALE_FOLDER, Entry, read_entries

from deepdream_core.shared import messages, outputs, presets, recipe

TEMPLATE = LOCALE_FOLDER / "deepdream.pot"

_HEADER = """\
# Texts of DeepDream for GIMP, collected by docs/make_catalogue.py.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"""
_SIMILAR = 0.8
"""Similarity (0..1) above which a text counts as a changed version of another."""


def texts() -> dict[str, list[str]]:
    """Return each text and its comment lines in the catalogue: its source and its role."""
    found: dict[str, list[str]] = {}
    for text, place, remark in _texts():
        notes = [f"#. {remark}"] if remark else []
        if text and text not in found:
            found[text] = [*notes, f"#: {place}"]
    return found


def _texts() -> Iterator[tuple[str, str, str]]:
    """Yield (text, file, role of the text) for every occurrence."""
    for path in sorted(PLUG_IN.rglob("*.py")):
        for text in _literals(path):
            yield text, _place(path), ""
    path = _place(Path(messages.__file__))
    for code, text in messages.TEMPLATES.items():
        yield text, path, code
    path = _place(Path(recipe.__file__))
    for row in recipe.PARAMETERS.values():
        for text in (row.group, row.label, row.term, row.help, row.unit, *row.choices.values()):
            yield text, path, row.name
    path = _place(Path(outputs.__file__))
    for kind in outputs.OUTPUT_KINDS.values():
        yield kind.label, path, kind.name
        yield kind.explanation, path, kind.name
    for label in outputs.OUTPUT_PARAMETERS["again"].choices.values():
        yield label, path, "again"
    for name in ("layer_mask", "layer_mode", "opacity", "carry"):
        row = outputs.OUTPUT_PARAMETERS[name]
        for text in (row.label, row.help, *row.choices.values()):
            yield text, path, name
    path = _place(Path(presets.__file__))
    for preset in presets.SHIPPED:
        yield preset.title, path, preset.name
        yield preset.description, path, preset.name
    yield from _of_pictures(PLUG_IN / "pictures" / "index.json")


def _literals(path: Path) -> Iterator[str]:
    """Yield the literals that a module passes to `_`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _of_pictures(path: Path) -> Iterator[tuple[str, str, str]]:
    entries = json.loads(path.read_text("utf-8"))
    for entry in entries:
        if (title := entry.get("title", "")) != entry.get("objective"):
            yield title, _place(path), "title of a picture"
    for word in sorted({word for entry in entries for word in entry.get("words", "").split()}):
        yield word, _place(path), "what a picture is found by"


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def template(wanted: Mapping[str, list[str]]) -> str:
    """Return the content of the .pot file."""
    return _HEADER + "".join(_block(Entry(text), notes) for text, notes in wanted.items())


def updated(path: Path, wanted: Mapping[str, list[str]]) -> str:
    """Return the content of a .po file with the wanted texts, in the order of the template."""
    header, *entries = read_entries(path)
    known = {entry.original: entry for entry in entries}
    gone = [text for text in known if text not in wanted]
    lines = [*header.remarks, 'msgid ""', 'msgstr ""']
    lines += [_quoted(line) for line in header.translation.splitlines(keepends=True)]
    content = "\n".join(lines) + "\n"
    for text, notes in wanted.items():
        entry = known.get(text) or Entry(text)
        if text not in known and (near := difflib.get_close_matches(text, gone, 1, _SIMILAR)):
            old = known[near[0]]
            entry = Entry(text, old.translation, True, old.remarks, old.original)
        content += _block(entry, notes)
    return content


def _block(entry: Entry, notes: list[str]) -> str:
    """Return an entry as text for the file, preceded by an empty line."""
    lines = ["", *entry.remarks, *notes]
    flags = ["fuzzy"] if entry.fuzzy else []
    flags += ["python-brace-format"] if _gaps(entry.original) else []
    if flags:
        lines.append(f"#, {', '.join(flags)}")
    if entry.former:
        lines.append(f"#| msgid {_quoted(entry.former)}")
    lines += [f"msgid {_quoted(entry.original)}", f"msgstr {_quoted(entry.translation)}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _gaps(text: str) -> list[str]:
    return sorted(re.findall(r"\{[^}]*\}", text))


def faults(path: Path, wanted: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield problems with the translations in a .po file."""
    for entry in read_entries(path)[1:]:
        if entry.original not in wanted:
            continue
        if entry.fuzzy or not entry.translation:
            yield f"not translated: {entry.original}"
        elif _gaps(entry.translation) != _gaps(entry.original):
            yield f"different {{gaps}}: {entry.original}"
        elif bool(re.search(r"_\w", entry.translation)) != bool(re.search(r"_\w", entry.original)):
            yield f"underscore in only one of them: {entry.original}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing, fail if stale")
    options = parser.parse_args()
    wanted = texts()
    catalogues = sorted(LOCALE_FOLDER.glob("*.po"))
    contents = {TEMPLATE: template(wanted), **{p: updated(p, wanted) for p in catalogues}}
    found = []
    for path, content in contents.items():
        if options.check:
            if not path.is_file() or path.read_text("utf-8") != content:
                found.append(f"{path.name} is stale: run docs/make_catalogue.py")
        else:
            path.write_text(content, "utf-8")
    found += [f"{path.name}: {fault}" for path in catalogues for fault in faults(path, wanted)]
    for line in found:
        print(line)
    return 1 if found and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
