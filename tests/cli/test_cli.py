"""The command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from deepdream_core.cli.main import main
from deepdream_core.dreaming.dream import dream
from deepdream_core.pictures.files import read_picture, write_picture
from deepdream_core.shared.presets import make_recipe

QUICK = ["--set", "octaves=1", "--set", "steps=1"]


@pytest.fixture
def png(tmp_path: Path, photo: np.ndarray) -> Path:
    path = tmp_path / "in.png"
    Image.fromarray(photo[:96, :128]).save(path)
    return path


def test_dream_writes_what_the_engine_dreams(
    png: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.png"
    assert main(["dream", str(png), str(out), *QUICK, "--seed", "5", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {"seconds", "device", "seed", "size", "peak_mib", "recipe"} <= set(report)
    assert (report["seed"], report["size"]) == (5, [128, 96])
    recipe = make_recipe("", "octaves=1;steps=1;seed=5")
    assert report["recipe"] == recipe.as_dict()
    assert np.array_equal(np.array(Image.open(out)), dream(np.array(Image.open(png)), recipe))


def test_it_is_silent_without_a_terminal(
    png: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["dream", str(png), str(tmp_path / "out.png"), *QUICK]) == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "1", "I;16", "CMYK"])
def test_every_mode_of_file_is_read(tmp_path: Path, mode: str) -> None:
    source = tmp_path / ("in.tif" if mode == "CMYK" else "in.png")
    picture = Image.radial_gradient("L").resize((64, 48))
    if mode == "I;16":
        picture = Image.fromarray(np.array(picture).astype(np.uint16) * 257)
    else:
        picture = picture.convert(mode)
    picture.save(source)
    out = tmp_path / "out.png"
    assert main(["dream", str(source), str(out), *QUICK]) == 0
    result = Image.open(out)
    assert result.size == (64, 48)
    if mode in ("L", "LA", "RGB", "RGBA", "I;16"):
        assert result.mode == mode


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--set", "stepz=1"], "Did you mean steps"),
        (["--preset", "nosuch"], "classic"),
        (["--seed", "x"], "seed"),
        (["--set", "objective=block77"], "block15"),
        (["--set", "objective=block77", "--json"], "block15"),
    ],
)
def test_errors_are_one_sentence_and_nothing_is_written(
    png: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], part: str
) -> None:
    out = tmp_path / "out.png"
    assert main(["dream", str(png), str(out), *arguments]) == 1
    error = capsys.readouterr().err
    assert part in error and "Traceback" not in error
    assert sorted(tmp_path.iterdir()) == [png]


def test_files_that_are_not_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "in.png"
    text.write_text("not a picture")
    assert main(["dream", str(text), str(tmp_path / "out.png")]) == 1
    assert main(["dream", str(tmp_path / "none.png"), str(tmp_path / "out.png")]) == 1
    assert main(["dream", str(text), str(tmp_path / "none" / "out.png")]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 3
    assert "cannot be read" in errors[0]
    assert "none.png does not exist" in errors[1]
    assert "none does not exist" in errors[2]


def test_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == main(["layers"]) == main(["classes", "castle"]) == 0
    out = capsys.readouterr().out
    assert "classic" in out
    assert "block10" in out
    assert " 483 castle" in out


def test_files_are_replaced_only_by_force(
    png: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, frame = tmp_path / "out.png", tmp_path / "out-0002.png"
    before = png.read_bytes()
    assert main(["dream", str(png), str(png), *QUICK]) == 1
    assert "in.png exists already. Add --force to replace it." in capsys.readouterr().err
    assert png.read_bytes() == before

    frame.write_bytes(b"mine")
    assert main(["dream", str(png), str(out), *QUICK]) == 0
    out.unlink()
    assert main(["dream", str(png), str(out), *QUICK, "--set", "passes=2"]) == 1
    assert "out-0002.png exists already" in capsys.readouterr().err
    assert frame.read_bytes() == b"mine" and not out.exists()
    assert main(["dream", str(png), str(out), *QUICK, "--set", "passes=2", "--force"]) == 0
    assert frame.read_bytes() != b"mine" and out.exists()


@pytest.mark.parametrize(
    ("name", "reason"), [("out.nothing", "no format .nothing"), ("out", "its name has no ending")]
)
def test_the_format_is_checked_before_the_dream(
    png: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, reason: str
) -> None:
    endless = ["--set", "octaves=12", "--set", "steps=1000"]
    assert main(["dream", str(png), str(tmp_path / name), *endless]) == 1
    assert reason in capsys.readouterr().err


def test_errors_are_json_where_results_would_be(
    png: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dream", str(png), str(tmp_path / "no" / "out.png"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["error"].endswith("does not exist.")


def test_help_has_the_values_that_the_command_uses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["dream", "--help"])
    assert f"here: {make_recipe('').objective!r}" in capsys.readouterr().out


def test_a_preset_is_shown_and_missing_classes_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["presets", "classic"]) == 0
    recipe = make_recipe("classic")
    assert f"objective={recipe.objective}   (usually block10)" in capsys.readouterr().out
    assert main(["presets", "clasic"]) == 1
    assert "Did you mean classic?" in capsys.readouterr().err
    assert main(["classes", "castel"]) == 1
    assert "Did you mean castle" in capsys.readouterr().err
    assert main(["classes", "qqq"]) == 1
    assert "`deepdream classes` lists all." in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["16 bits", "float"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_a_format_that_holds_fewer_bits_gets_the_same_picture(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    wanted = np.tile(np.linspace(0.1, 0.9, 64), (48, 1))
    source, out = tmp_path / "in.tif", tmp_path / f"out{suffix}"
    pixels = wanted.astype(np.float32) if kind == "float" else (wanted * 65535).astype(np.uint16)
    Image.fromarray(pixels).save(source)
    assert main(["dream", str(source), str(out), *QUICK, "--set", "steps=0"]) == 0
    with Image.open(out) as result:
        seen = np.asarray(result, np.float64)
        full = {"F": 1, "I;16": 65535}.get(result.mode, 255)
    assert np.abs((seen if seen.ndim == 2 else seen.mean(2)) / full - wanted).max() < 0.02


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("uint16", ".png"), ("uint16", ".tif"), ("float32", ".tif"), ("float16", ".tif")],
)
def test_a_dream_has_as_many_bits_as_its_picture(
    tmp_path: Path, kind: str, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    full = 1 if kind.startswith("float") else 65535
    pixels = np.tile(np.linspace(0.2, 0.7, 64)[:, None] * full, (48, 1, 3)).astype(kind)
    if full == 1:
        pixels[:8] = 3.0  # brighter than white
    write_picture(source, pixels)
    dream = ["dream", str(source), str(out), *QUICK, "--set", "objective=block2"]
    assert main(dream) == 0
    assert capsys.readouterr().err == ""
    dreamed = read_picture(out).pixels
    assert dreamed.dtype == pixels.dtype
    change = np.abs(dreamed.astype(float) - pixels) / full
    assert 0.001 < change.mean() < 0.2
    if full == 1:
        assert dreamed[:8].min() > 2
    else:
        assert len(np.unique(dreamed % 256)) > 250  # the lower bits are not made up

    assert main([*dream[:2], str(tmp_path / "out.jpg"), *dream[3:]]) == 0
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_without_transparency_a_picture_lies_on_white(tmp_path: Path, mode: str) -> None:
    picture = Image.new(mode, (64, 48), 0)
    picture.paste(Image.new(mode, (32, 48), "gray"), (32, 0))
    source, out = tmp_path / "in.png", tmp_path / "out.jpg"
    picture.save(source)
    assert main(["dream", str(source), str(out), *QUICK, "--set", "steps=0"]) == 0
    with Image.open(out) as result:
        seen = np.asarray(result.convert("L"), int)
    assert seen[:, :28].min() > 250 and abs(seen[:, 36:].mean() - 128) < 3


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
def test_a_dream_can_be_dreamed_again_from_its_file(
    png: Path, tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = tmp_path / f"first{suffix}", tmp_path / f"again{suffix}"
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ada"
    Image.open(png).save(png, exif=exif)
    assert main(["dream", str(png), str(first), *QUICK, "--set", "seed=9;strength=1.5"]) == 0
    assert main(["dream", str(png), str(again), "--recipe", str(first)]) == 0
    assert np.array_equal(np.array(Image.open(first)), np.array(Image.open(again)))
    assert Image.open(again).getexif()[ExifTags.Base.Artist] == "Ada"

    capsys.readouterr()
    assert main(["recipe", str(again)]) == 0
    shown = capsys.readouterr().out
    assert json.loads(shown)["recipe"]["seed"] == 9
    kept = tmp_path / "kept.json"
    kept.write_text(shown, "utf-8")
    assert main(["dream", str(png), str(again), "--force", "--recipe", str(kept)]) == 0
    assert np.array_equal(np.array(Image.open(first)), np.array(Image.open(again)))


def test_a_foreign_recipe_opens_nothing(
    png: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, out = tmp_path / "kept.json", tmp_path / "out.png"
    kept.write_text(json.dumps({"recipe_version": 2, "recipe": {"steps": 1, "guide": "/dev/zero"}}))
    assert main(["dream", str(png), str(out), "--recipe", str(kept)]) == 0
    assert "add --guide /dev/zero to use them" in capsys.readouterr().err

    for text in (
        "[]",
        "{}",
        '{"recipe": 3}',
        "no",
        '{"recipe_version": 2, "recipe": {"steps": -1}}',
    ):
        kept.write_text(text)
        assert main(["dream", str(png), str(out), "--force", "--recipe", str(kept)]) == 1
        told = capsys.readouterr().err
        assert told.startswith("deepdream: ") and "Traceback" not in told
    assert main(["recipe", str(png)]) == 1
    assert "has no recipe" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".avif"])
def test_what_a_picture_says_about_itself_survives(tmp_path: Path, suffix: str) -> None:
    source, out, again = tmp_path / "in.jpg", tmp_path / f"out{suffix}", tmp_path / "again.jpg"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">by Ada</x:xmpmeta>'
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ada"
    exif[ExifTags.Base.Orientation] = 6
    Image.new("RGB", (48, 40), "teal").save(source, dpi=(300, 300), xmp=xmp, exif=exif)
    for one, other in ((source, out), (out, again)):
        assert main(["dream", str(one), str(other), *QUICK, "--set", "steps=0"]) == 0
    with Image.open(again) as result:
        assert result.size == (40, 48)
        assert round(float(result.info["dpi"][0])) == 300
        assert b"by Ada" in result.info["xmp"]
        assert result.getexif()[ExifTags.Base.Artist] == "Ada"
        assert result.getexif().get(ExifTags.Base.Orientation, 1) == 1


@pytest.mark.parametrize("with_profile", [True, False])
def test_lab_colours_become_srgb_and_are_not_called_lab(tmp_path: Path, with_profile: bool) -> None:
    source, out = tmp_path / "in.tif", tmp_path / "out.png"
    lab, srgb = (ImageCms.ImageCmsProfile(ImageCms.createProfile(n)) for n in ("LAB", "sRGB"))
    blue = Image.new("RGB", (48, 40), (90, 130, 150))
    in_lab = ImageCms.profileToProfile(blue, srgb, lab, outputMode="LAB")
    assert in_lab is not None
    in_lab.save(source, icc_profile=lab.tobytes() if with_profile else None)
    assert main(["dream", str(source), str(out), *QUICK, "--set", "steps=0"]) == 0
    with Image.open(out) as result:
        assert "icc_profile" not in result.info
        assert np.abs(np.asarray(result, int) - np.asarray(blue, int)).max() <= 3
