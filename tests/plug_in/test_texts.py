"""Everything that the plug-in says has a German translation, and the files are read as they are."""

# ruff: noqa: E402 - the plug-in lies beside its gimpfu, not on the path
from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PLUG_IN = Path(__file__).resolve().parents[2] / "plug-ins" / "deepdream"
from deepdream_plugin import texts

from deepdream_core.models.weights import WeightsMissing, weights_file
from deepdream_core.shared.outputs import OUTPUT_KINDS
from deepdream_core.shared.presets import SHIPPED
from deepdream_core.shared.recipe import PARAMETERS

GERMAN = texts.read_catalogue(PLUG_IN / "locale" / "de.po")


def _said() -> set[str]:
    """Return every text that goes through `_` in the plug-in, and those of the tables."""
    said = set()
    for path in (PLUG_IN / "deepdream_plugin").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
                said |= {a.value for a in node.args if isinstance(a, ast.Constant)}
    for row in PARAMETERS.values():
        said |= {row.label, row.help, row.group, row.unit, *row.choices.values()}
    for kind in OUTPUT_KINDS.values():
        said |= {kind.label, kind.explanation}
    for preset in SHIPPED:
        said |= {preset.title, preset.description}
    for entry in json.loads((PLUG_IN / "pictures" / "index.json").read_text("utf-8")):
        named = entry.get("title", "") != entry.get("objective")
        said |= {*entry.get("words", "").split(), *([entry.get("title", "")] if named else [])}
    return said - {""}


def test_german_is_complete() -> None:
    said = _said()
    assert len(said) > 200
    assert sorted(said - set(GERMAN)) == []
    assert all(GERMAN.values())


@pytest.mark.parametrize(
    ("language", "typed", "found"),
    [
        ("de", "auge", "Schlangenauge"),
        ("de", "burg", "Burg"),
        ("de", "fisch", "Goldfisch"),
        ("de", "goldfish", "Goldfisch"),
        ("en", "eye", "Snake's eye"),
    ],
)
def test_pictures_are_found_in_the_users_words(language: str, typed: str, found: str) -> None:
    code = (
        "from deepdream_plugin.dialog.pictures import choosables\n"
        f"print(*(c.title for c in choosables() if c.matches({typed!r})), sep='\\n')"
    )
    path = f"{PLUG_IN}:{PLUG_IN.parent}:{PLUG_IN.parents[1]}"
    env = {"PYTHONPATH": path, "PYTHONUTF8": "1", "LANGUAGE": language}
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert found in told.stdout.splitlines(), told.stderr


@pytest.mark.parametrize(
    ("engine_says", "german"),
    [
        (
            "2 of 7 octaves would be too small and are left out.",
            "2 von 7 Oktaven wären zu klein und entfallen.",
        ),
        (
            "The memory is short: going on in windows of 512 pixels.",
            "Der Speicher ist knapp: Es geht in Ausschnitten von 512 Pixeln weiter.",
        ),
        ("There was not enough memory for this dream.", "Der Speicher reicht nicht"),
        ("Something that nobody translated.", "Something that nobody translated."),
    ],
)
def test_what_the_engine_says_is_translated(engine_says: str, german: str) -> None:
    assert _in_german(engine_says).startswith(german)


def test_missing_weights_are_told_in_german(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))
    with pytest.raises(WeightsMissing) as raised:
        weights_file("vgg16")
    assert _in_german(str(raised.value)).startswith("Die Gewichte von vgg16 sind nicht auf")


def _in_german(sentence: str) -> str:
    code = f"from deepdream_plugin.texts import told; print(told({sentence!r}))"
    env = {"PYTHONPATH": str(PLUG_IN), "PYTHONUTF8": "1", "LANGUAGE": "de"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("text", sorted(GERMAN))
def test_translations_keep_what_is_filled_in(text: str) -> None:
    def holes(words: str) -> list[str]:
        return sorted(re.findall(r"\{[^}]*\}", words))

    assert holes(GERMAN[text]) == holes(text)
    assert (re.search(r"_\w", text) is None) == (re.search(r"_\w", GERMAN[text]) is None)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"LANGUAGE": "de_AT:fr", "LANG": "en_GB.UTF-8"}, "Der Motor wacht auf…"),
        ({"LANG": "de_DE.UTF-8"}, "Der Motor wacht auf…"),
        ({"LANGUAGE": "fr:de"}, "Der Motor wacht auf…"),
        ({"LANGUAGE": "en:de"}, "Waking the engine…"),
        ({"LANG": "C.UTF-8"}, "Waking the engine…"),
    ],
)
def test_language_is_the_users(variables: dict[str, str], said: str) -> None:
    code = 'from deepdream_plugin.texts import _; print(_("Waking the engine…"))'
    env = {"PYTHONPATH": str(PLUG_IN), "PYTHONUTF8": "1", **variables}
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert told.stdout.strip() == said, told.stderr
