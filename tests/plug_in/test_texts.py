"""Everything that the plug-in says has a German translation, and the files are read as they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deepdream_core.models.weights import WeightsMissing, weights_file

PLUG_IN = Path(__file__).resolve().parents[2] / "plug-ins" / "deepdream"


def test_catalogues_are_complete_and_up_to_date() -> None:
    """Every text of the plug-in, the tables and the engine is in them, in German too."""
    script = PLUG_IN.parents[1] / "docs" / "make_catalogue.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    template = (PLUG_IN / "locale" / "deepdream.pot").read_text("utf-8")
    assert template.count("\nmsgid ") > 900


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
    ("code", "german"),
    [
        (
            'Message("octaves-left-out", dropped=2, octaves=7)',
            "2 von 7 Oktaven wären zu klein und entfallen.",
        ),
        (
            'Message("in-pass", number=2, name=Message("octave-step", octave=1, step=5))',
            "Durchgang 2, Oktave 1, Schritt 5",
        ),
        (
            '"Something from an engine that knows more."',
            "Something from an engine that knows more.",
        ),
    ],
)
def test_messages_are_said_in_german(code: str, german: str) -> None:
    assert _in_german(f"translated({code})") == german


@pytest.mark.parametrize(
    ("settings", "german"),
    [
        ("octaves=viele", 'octaves: "viele" geht nicht; erlaubt ist eine ganze Zahl von 1 bis 12.'),
        ("octave=3", "Eine Einstellung „octave“ gibt es nicht. Meinten Sie octaves? Erlaubt: "),
        (
            "objective=block10 block4",
            "objective: Zeichen 9 von „block10 ▸block4“: Erwartet wird + oder -.",
        ),
    ],
)
def test_wrong_settings_are_told_in_german(settings: str, german: str) -> None:
    assert _in_german(f"why(lambda: make_recipe('', {settings!r}))").startswith(german)


def test_missing_weights_are_told_in_german(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))
    with pytest.raises(WeightsMissing) as raised:
        weights_file("vgg16")
    packed = raised.value.message.as_json()
    told = _in_german(f"translated(Message.from_json({packed!r}))")
    assert told.startswith(
        "Die Gewichte von vgg16 sind nicht auf diesem Rechner; `deepdream models"
    )
    assert " Oder laden Sie https://download.pytorch.org/" in told


def _in_german(expression: str) -> str:
    """Return what an expression gives in a plug-in whose artist speaks German."""
    code = f"""
from deepdream_core.shared.messages import DreamError, Message
from deepdream_core.shared.presets import make_recipe
from deepdream_plugin.texts import sentence, translated

def why(act):
    try:
        act()
    except DreamError as problem:
        return sentence(problem)

print({expression}, end="")
"""
    path = f"{PLUG_IN}:{PLUG_IN.parents[1]}"
    env = {"PYTHONPATH": path, "PYTHONUTF8": "1", "LANGUAGE": "de"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


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
    path = f"{PLUG_IN}:{PLUG_IN.parents[1]}"
    env = {"PYTHONPATH": path, "PYTHONUTF8": "1", **variables}
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert told.stdout.strip() == said, told.stderr
