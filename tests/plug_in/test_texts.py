"""Every text of the plug-in has a German translation, and is shown in the user's language."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from deepdream_plugin.texts import LOCALE_FOLDER, Catalogue, read_catalogue

from deepdream_core.models.catalogue import CATALOGUE
from deepdream_core.models.weights import WeightsMissing, by_hand, weights_file
from deepdream_core.shared.messages import Message

ROOT = Path(__file__).resolve().parents[2]
PLUG_IN = ROOT / "plug-ins" / "deepdream"


def make_catalogue(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = root / "docs" / "make_catalogue.py"
    command = [sys.executable, script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def test_catalogues_are_complete_and_up_to_date() -> None:
    """They contain every text of the plug-in, the tables and the engine, with its German."""
    done = make_catalogue(ROOT, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    template = (PLUG_IN / "locale" / "deepdream.pot").read_text("utf-8")
    assert template.count("\nmsgid ") > 900


def test_a_catalogue_follows_the_texts(tmp_path: Path) -> None:
    """Changed texts are marked fuzzy, new ones empty, unused ones removed; faults are reported."""
    for folder in ("docs", "deepdream_core", "plug-ins/deepdream"):
        files = [
            p for kind in ("py", "po", "pot", "json") for p in (ROOT / folder).rglob(f"*.{kind}")
        ]
        for file in files:
            copy = tmp_path / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    assert make_catalogue(tmp_path, "--check").returncode == 0
    table = tmp_path / "deepdream_core" / "shared" / "messages.py"
    text = table.read_text("utf-8").replace('"The dream was cancelled."', '"Quite another thing."')
    text = text.replace("octaves, which would be too small", "octaves, which are too small")
    table.write_text(text, "utf-8")
    stale = make_catalogue(tmp_path, "--check")
    assert stale.returncode == 1
    assert "deepdream.pot is stale: run docs/make_catalogue.py\nde.po is stale" in stale.stdout
    assert make_catalogue(tmp_path).returncode == 0
    german = (tmp_path / "plug-ins" / "deepdream" / "locale" / "de.po").read_text("utf-8")
    assert "The dream was cancelled" not in german
    assert 'msgid "Quite another thing."\nmsgstr ""\n' in german
    assert (
        "#, fuzzy, python-brace-format\n"
        '#| msgid "Skipping {dropped} of {octaves} octaves, which would be too small."\n'
        'msgid "Skipping {dropped} of {octaves} octaves, which are too small."\n'
        'msgstr "{dropped} von {octaves} Oktaven wären zu klein und entfallen."\n'
    ) in german
    german = german.replace("{file} ist keine", "{datei} ist keine")
    german = german.replace('"_Schließen"', '"Schließen"')
    (tmp_path / "plug-ins" / "deepdream" / "locale" / "de.po").write_text(german, "utf-8")
    assert make_catalogue(tmp_path, "--check").stdout.splitlines() == [
        "de.po: underscore in only one of them: _Close",
        "de.po: different {gaps}: {file} is not a preset. {reason}",
        "de.po: not translated: Quite another thing.",
        "de.po: not translated: Skipping {dropped} of {octaves} octaves, which are too small.",
    ]


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
        "from deepdream_plugin.atlas import choosables, search_of\n"
        "items = choosables('efficientnet_lite0')\n"
        f"found = search_of(items).find({typed!r}).places\n"
        "print(*(items[place].title for place in found), sep='\\n')"
    )
    path = f"{PLUG_IN}:{PLUG_IN.parent}:{ROOT}"
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
            'Message("octave-left-out", octaves=7)',
            "Eine von 7 Oktaven wäre zu klein und entfällt.",
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
def test_messages_are_translated(code: str, german: str) -> None:
    assert _in_german(f"translated({code})") == german


@pytest.mark.parametrize(
    ("settings", "german"),
    [
        (
            "octaves=viele",
            "octaves: „viele“ ist ungültig; erlaubt ist eine ganze Zahl von 0 bis 12.",
        ),
        ("octave=3", "Es gibt keine Einstellung „octave“. Meinten Sie octaves? Erlaubt: "),
        (
            "objective=block10 block4",
            "objective: Zeichen 9 von „block10 ▸block4“: Erwartet wird + oder -.",
        ),
    ],
)
def test_errors_in_settings_are_translated(settings: str, german: str) -> None:
    assert _in_german(f"why(lambda: make_recipe('', {settings!r}))").startswith(german)


def test_german_has_german_quotation_marks() -> None:
    german = read_catalogue(LOCALE_FOLDER / "de.po").values()
    assert [text for text in german if '"' in text or text.count("„") != text.count("“")] == []


def test_sentences_about_downloads_are_short() -> None:
    """They are the longest, as they name a URL."""
    german = Catalogue(read_catalogue(LOCALE_FOLDER / "de.po")).gettext
    reasons = [
        Message("connection-ended", done=1234567890, total=1234567890),
        Message("server-not-found"),
        Message("server-untrusted"),
    ]
    for name, entry in CATALOGUE.items():
        hand = by_hand(entry)
        for message in (
            Message("weights-missing", network=name, mib=entry.mib, by_hand=hand),
            *(Message("download-broken", network=name, reason=r, by_hand=hand) for r in reasons),
            Message("download-altered", by_hand=hand),
        ):
            assert max(len(message), len(message.translated(german))) <= 300, message


def test_missing_weights_are_reported_in_german(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))
    with pytest.raises(WeightsMissing) as raised:
        weights_file("vgg16")
    packed = raised.value.message.as_json()
    told = _in_german(f"translated(Message.from_json({packed!r}))")
    assert told.startswith("Die Gewichte von vgg16 sind nicht auf diesem Rechner. Laden Sie sie")
    assert ", oder laden Sie https://download.pytorch.org/" in told


def _in_german(expression: str) -> str:
    """Evaluate an expression in a plug-in that runs in German."""
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
    path = f"{PLUG_IN}:{ROOT}"
    env = {"PYTHONPATH": path, "PYTHONUTF8": "1", "LANGUAGE": "de"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"LANGUAGE": "de_AT:xx", "LANG": "en_GB.UTF-8"}, "Die Engine wacht auf…"),
        ({"LANG": "de_DE.UTF-8"}, "Die Engine wacht auf…"),
        ({"LANGUAGE": "xx:de"}, "Die Engine wacht auf…"),
        ({"LANGUAGE": "en:de"}, "Waking the engine…"),
        ({"LANG": "C.UTF-8"}, "Waking the engine…"),
    ],
)
def test_language_is_the_users(variables: dict[str, str], said: str) -> None:
    code = 'from deepdream_plugin.texts import _; print(_("Waking the engine…"))'
    path = f"{PLUG_IN}:{ROOT}"
    env = {"PYTHONPATH": path, "PYTHONUTF8": "1", **variables}
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert told.stdout.strip() == said, told.stderr
