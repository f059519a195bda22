"""Where dreams go is checked before the first begins, and every failure is one sentence."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from deepdream_core.cli.main import main
from deepdream_core.pictures.files import read_note, read_picture

ENDLESS = ["--set", "octaves=12;steps=1000;largest_octave=4"]
QUICK = ["--set", "octaves=1;steps=1;objective=block2"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two pictures."""
    for name in ("one.png", "two.png"):
        Image.fromarray(photo[:48, :64]).save(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["one.png", "-o", "two.png/x"], "The folder two.png/x cannot be created"),
        (["one.png", "two.png", "-o", "two.png/x"], "The folder two.png/x cannot be created"),
        (["one.png", "-o", "two.png/x/{name}.png"], "The folder two.png/x cannot be created"),
        (["one.png", "two.png", "-o", "new.png"], "new.png is one picture"),
        (["one.png", "no/out.png"], "The folder no does not exist"),
        (["one.png", "-o", "two.png"], "two.png exists already"),
        (["one.png", "out.nothing"], "no format .nothing; choose .png"),
        (["one.png", "out.pdf"], "no format .pdf; choose .png"),
        (["one.png", "out.png", "--contact-sheet", "out.png"], "out.png is already the name"),
        (["one.png", "out.png", "--contact-sheet", "one.png", "--force"], "one.png is already"),
        (["one.png", "-", "--format", "nothing"], "standard output.nothing cannot be written"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_nothing_is_dreamed_that_cannot_be_written(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], part: str
) -> None:
    assert main(["dream", *arguments, *ENDLESS]) == 1
    told = capsys.readouterr().err
    assert part in told
    assert told.count("\n") == 1
    assert sorted(path.name for path in folder.iterdir()) == ["one.png", "two.png"]


def test_one_picture_may_be_named_after_o(folder: Path) -> None:
    assert main(["dream", "one.png", "-o", "new.png", *QUICK]) == 0
    assert (folder / "new.png").is_file()
    (folder / "a.png").mkdir()
    assert main(["dream", "one.png", "two.png", "-o", "a.png", *QUICK]) == 0
    assert (folder / "a.png" / "two.png").is_file()


def test_standard_input_is_called_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"no picture")))
    assert main(["dream", "-", "out.png", *QUICK]) == 1
    assert capsys.readouterr().err.startswith("deepdream: standard input cannot be read:")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["dream", "one.png", "out.png", "--variants", "0"], "from 1 to 1000"),
        (["dream", "one.png", "out.png", "--variants", "x"], "from 1 to 1000"),
        (["dream", "one.png", "out.png", "--frames", "some"], "--frames"),
        (["noise", "out.png", "--size", "3"], "800x600"),
        (["dream", "one.png", "out.png", "--nothing"], "--nothing"),
    ],
)
def test_a_wrong_command_line_is_short_and_json_where_results_would_be(
    capsys: pytest.CaptureFixture[str], arguments: list[str], part: str
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    told = capsys.readouterr()
    assert (left.value.code, told.out) == (2, "")
    assert part in told.err.splitlines()[-1]
    assert len(told.err.splitlines()[-1]) < 200
    with pytest.raises(SystemExit):
        main([*arguments, "--json"])
    assert part in json.loads(capsys.readouterr().out)["error"]


FORMATS = {
    ".png": "",
    ".jpg": "",
    ".webp": "",
    ".tif": "",
    ".avif": "",
    ".jp2": "",
    ".gif": "GIF files hold at most 256 colours",
    ".bmp": "BMP files hold no metadata",
    ".tga": "TGA files hold no metadata",
}


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_recipe_is_kept_or_its_loss_is_told(
    capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    out = f"out{suffix}"
    assert main(["dream", "one.png", out, *QUICK, "--seed", "9"]) == 0
    told = capsys.readouterr().err
    assert FORMATS[suffix] in told and told.count("\n") == bool(FORMATS[suffix])
    if "no metadata" in told:
        assert read_note(Path(out)) is None
        return
    assert main(["recipe", out]) == 0
    assert json.loads(capsys.readouterr().out)["recipe"]["seed"] == 9
    assert main(["dream", "one.png", f"again{suffix}", "--recipe", out]) == 0
    assert Path(f"again{suffix}").read_bytes() == Path(out).read_bytes()


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_a_gif_is_transparent_where_its_picture_is_more_so_than_not(
    folder: Path, mode: str
) -> None:
    picture = Image.new(mode, (64, 48), "teal" if mode == "RGBA" else 90)
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.save("soft.png")
    assert main(["dream", "soft.png", "out.gif", *QUICK, "--set", "steps=0"]) == 0
    alpha = read_picture(folder / "out.gif").pixels[:, :, 3]
    assert set(np.unique(alpha)) == {0, 255}
    assert np.array_equal(alpha > 0, np.asarray(picture.getchannel("A")) >= 128)


def test_lossy_formats_keep_the_fine_texture(folder: Path, photo: np.ndarray) -> None:
    for suffix, most in ((".jpg", 2.0), (".webp", 2.0), (".avif", 2.0)):
        assert main(["dream", "one.png", f"out{suffix}", *QUICK, "--set", "steps=0"]) == 0
        found = read_picture(folder / f"out{suffix}").pixels.astype(int)
        lost = np.abs(found - photo[:48, :64]).mean()
        print(f"{suffix}: {lost:.2f} of 255")
        assert lost < most
