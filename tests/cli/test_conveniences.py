"""The configuration file, completion in shells, own presets, and helpful errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepdream_core.cli.configuration import configuration_file
from deepdream_core.cli.main import main
from deepdream_core.models.precision import with_precision
from deepdream_core.pictures.files import read_note
from deepdream_core.shared.presets import presets
from deepdream_core.shared.recipe import Recipe

ROOT = Path(__file__).resolve().parents[2]
CLASSIC, WHISPER = (presets()[name].settings["objective"] for name in ("classic", "whisper"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder without the user's own presets and configuration."""
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def png(tmp_path: Path) -> Path:
    path = tmp_path / "in.png"
    Image.fromarray(np.full((40, 48, 3), 99, np.uint8)).save(path)
    return path


def test_the_configuration_chooses_what_no_option_does(png: Path, home: Path) -> None:
    assert configuration_file().parent == home
    chosen = 'preset = "whisper"\n[settings]\nsteps = 0\nseed = 4\noctaves = 1\n'
    configuration_file().write_text(chosen)
    for options, seed in (([], 4), (["--seed", "9"], 9), (["--set", "seed=5"], 5)):
        out = png.with_name(f"{seed}.png")
        assert main(["dream", str(png), str(out), *options]) == 0
        recipe = json.loads(read_note(out) or "")["recipe"]
        assert recipe["precision"] == with_precision(Recipe()).precision != "auto"
        whisper = presets()["whisper"].settings
        assert (recipe["seed"], recipe["objective"]) == (seed, whisper["objective"])
    again = png.with_name("again.png")
    assert main(["dream", str(png), str(again), "--recipe", str(png.with_name("9.png"))]) == 0
    assert json.loads(read_note(again) or "")["recipe"]["seed"] == 9


@pytest.mark.parametrize("text", ["preset = 3", "a = [", "colour = 'keep'", "settings = 'x'"])
def test_a_wrong_configuration_is_one_sentence(
    png: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configuration_file().write_text(text)
    assert main(["dream", str(png), str(png.with_name("out.png"))]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "deepdream.toml" in told


@pytest.mark.parametrize(
    ("text", "command", "expected"),
    [
        ("", "dream", ("preset classic:", CLASSIC)),
        (
            'preset = "whisper"',
            "dream",
            ("preset whisper:", WHISPER),
        ),
        ('[settings]\nobjective = "block3"', "dream", ("preset classic and ", "block3")),
        ('[settings]\nobjective = "block3"', "noise", ("noise and ", "block3")),
        ("preset = 3", "dream", ("preset classic:", CLASSIC)),
        (
            'preset = "none"',
            "dream",
            ("preset classic:", CLASSIC),
        ),
    ],
)
def test_help_shows_what_counts_unless_something_else_is_said(
    text: str, command: str, expected: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    configuration_file().write_text(text)
    with pytest.raises(SystemExit):
        main([command, "--help"])
    shown = capsys.readouterr().out
    where, objective = expected
    assert f"with their values for {where}" in shown
    assert f"here: {objective!r}" in shown


def completed(line: str) -> list[str]:
    """Return what argcomplete offers a shell for a line whose last word is unfinished."""
    code = "import sys; from deepdream_core.cli.main import main; main([])"
    env = {**os.environ, "_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line))}
    env |= {"_ARGCOMPLETE_STDOUT_FILENAME": "/dev/stdout", "_ARGCOMPLETE_IFS": "\n"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    return [word.strip() for word in done.stdout.splitlines()]


@pytest.mark.skipif(sys.platform == "win32", reason="completion is for POSIX shells")
def test_shells_complete_commands_presets_and_settings() -> None:
    assert completed("deepdream pres") == ["presets"]
    assert "classic" in completed("deepdream dream a b --preset cl")
    assert "octaves=" in completed("deepdream dream a b --set oc")
    assert "googlenet" in completed("deepdream models add goo")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    told = capsys.readouterr().out
    assert "deepdream" in told and ("complete --command" in told) == (shell == "fish")


def test_a_preset_is_saved_and_used(png: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save = ["presets", "save", "My Towers"]
    changes = ["--set", "seed=3;steps=0", "--set", '{"octaves": 1}']
    assert main([*save, "--preset", "castles", *changes]) == 0
    saved = presets()["my-towers"]
    castles = dict(presets()["castles"].settings)
    assert saved.title == "My Towers"
    assert saved.settings == {**castles, "seed": 3, "steps": 0, "octaves": 1}
    assert main(save) == 1
    assert "Add --force" in capsys.readouterr().err
    out = png.with_name("out.png")
    assert main(["dream", str(png), str(out), "--preset", "my-towers"]) == 0
    assert main([*save, "--recipe", str(out), "--force"]) == 0
    assert presets()["my-towers"].settings == saved.settings
    assert main(["presets", "--set", "seed=3"]) == main(["presets", "classic", "x"]) == 1
    assert main([*save, "--set", "stepz=1", "--force"]) == 1
    assert "Did you mean steps?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("objective", "parts"),
    [
        ("class:dog", ["Maltese dog (153)", "African hunting dog (275)"]),
        ("blok10", ["did you mean block10?"]),
        ("block77", ["did you mean block7?"]),
    ],
)
def test_unknown_names_get_what_they_could_mean(
    png: Path, objective: str, parts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(png.with_name("out.png"))
    assert main(["dream", str(png), out, "--set", f"objective={objective}"]) == 1
    told = capsys.readouterr().err
    assert len(told) < 320
    for part in parts:
        assert part in told


def test_an_error_fits_its_cause(png: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for output, options in (("/proc/out.png", []), ("out.png", ["--device", "gpu"])):
        arguments = ["dream", str(png), str(png.parent / output), "--set", "steps=0", *options]
        assert main(arguments) == 1
    told = capsys.readouterr().err
    assert "layer" not in told
    assert "auto, cpu, cuda, mps" in told
