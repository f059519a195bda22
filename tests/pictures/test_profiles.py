"""Colour profiles: pictures that are not in sRGB are dreamed in sRGB, and stay in their own."""

from __future__ import annotations

import io
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from deepdream_core.cli.main import main
from deepdream_core.pictures.deep_files import adobe_rgb
from deepdream_core.pictures.files import PictureFile, read_picture, write_picture
from deepdream_core.pictures.picture import Pixels
from deepdream_core.pictures.profiles import Profiled, in_srgb

ADOBE = imagecodecs.cms_profile("adobergb")
LINEAR = imagecodecs.cms_profile(
    "rgb",
    whitepoint=[0.3127, 0.3290, 1],
    primaries=[0.64, 0.33, 1, 0.30, 0.60, 1, 0.15, 0.06, 1],
    gamma=1.0,
)
GRAY = imagecodecs.cms_profile("gray", gamma=1.8)
PROFILES = {"Adobe RGB": ADOBE, "linear": LINEAR, "gray": GRAY}
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
QUICK = ["--set", "octaves=1;steps=1;step_size=12;objective=block2;jitter=0"]
TABLE = [
    *(("RGB", name, kind) for name in ("Adobe RGB", "linear") for kind in ("uint8", "uint16")),
    *(("RGBA", "Adobe RGB", kind) for kind in ("uint8", "uint16", "float16", "float32")),
    *(("RGB", "Adobe RGB", kind) for kind in ("float32", "float64")),
    *((mode, "gray", kind) for mode in ("L", "LA") for kind in ("uint8", "uint16", "float32")),
]
CHANNELS = {"L": (), "LA": (2,), "RGB": (3,), "RGBA": (4,)}


def picture(mode: str, kind: str) -> Pixels:
    values = np.random.default_rng(4).random((24, 32, *CHANNELS[mode]))
    full = 1 if kind.startswith("float") else np.iinfo(kind).max
    return (values * full).astype(kind) if full == 1 else (values * full).round().astype(kind)


def by_pillow(pixels: Pixels, profile: bytes, to: bytes) -> np.ndarray:
    """Convert 8 bits with Pillow, as an independent judge."""
    both = (ImageCms.ImageCmsProfile(io.BytesIO(data)) for data in (profile, to))
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    image = Image.fromarray(pixels)
    converted = ImageCms.profileToProfile(image, *both, renderingIntent=intent, outputMode="RGB")
    assert converted is not None
    return np.asarray(converted, int)


@pytest.mark.parametrize(("mode", "name"), [("RGB", "Adobe RGB"), ("RGB", "linear"), ("L", "gray")])
def test_colours_are_seen_as_pillow_sees_them(mode: str, name: str) -> None:
    pixels, profile = picture(mode, "uint8"), PROFILES[name]
    seen = in_srgb(PictureFile(pixels, {"icc_profile": profile}))
    assert np.abs(seen.clip(0, 1) * 255 - by_pillow(pixels, profile, SRGB)).max() < 2


@pytest.mark.parametrize(
    "profile", [None, SRGB, b"junk" * 60, GRAY], ids=["none", "sRGB", "junk", "of gray pictures"]
)
def test_what_is_in_srgb_or_has_no_usable_profile_stays(profile: bytes | None) -> None:
    pixels = picture("RGB", "uint8")
    given = PictureFile(pixels, {"icc_profile": profile} if profile else {})
    profiled = Profiled(given, Path("a.png"))
    assert profiled.seen is pixels
    assert (profiled.kept, profiled.told) == (given.kept, ())


@pytest.mark.parametrize(("mode", "name", "kind"), TABLE)
def test_the_picture_keeps_its_type_and_every_bit_that_is_not_dreamed(
    mode: str, name: str, kind: str
) -> None:
    pixels, profile = picture(mode, kind), PROFILES[name]
    profiled = Profiled(PictureFile(pixels, {"icc_profile": profile}), Path("a.tif"))
    assert profiled.seen.dtype == np.float32
    assert not np.allclose(profiled.seen[..., 0], pixels.reshape(24, 32, -1)[..., 0])
    changed = profiled.seen.copy()
    changed[:, 16:, :3] += 0.05
    back = profiled.dreamed(changed)
    assert (back.dtype, back.shape) == (pixels.dtype, pixels.shape)
    assert np.array_equal(back[:, :16], pixels[:, :16])
    assert not np.array_equal(back[:, 16:], pixels[:, 16:])
    again = in_srgb(PictureFile(back, {"icc_profile": profile}))
    room = (changed > 0.1).all(axis=2) & (changed < 0.9).all(axis=2)
    assert room[:, 16:].any()
    assert np.abs(again - changed)[room].max() < 0.01


@pytest.mark.parametrize(("suffix", "told"), [(".png", ""), (".gif", "no colour profile")])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_dream_has_the_colours_that_its_picture_has_in_srgb(
    tmp_path: Path,
    photo: np.ndarray,
    mode: str,
    suffix: str,
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = ADOBE if mode == "RGB" else GRAY
    pixels = photo[:96, :128] if mode == "RGB" else photo[:96, :128, 1]
    source, out, plain = (tmp_path / name for name in ("in.png", f"out{suffix}", "plain.png"))
    write_picture(source, pixels, {"icc_profile": own})
    write_picture(tmp_path / "srgb.png", by_pillow(pixels, own, SRGB).astype(np.uint8))
    assert main(["dream", str(source), str(out), *QUICK]) == 0
    shown = capsys.readouterr().err
    assert main(["dream", str(tmp_path / "srgb.png"), str(plain), *QUICK]) == 0
    assert told in shown
    found, wanted = read_picture(out), read_picture(plain).pixels.astype(int)
    assert found.kept.get("icc_profile") == (None if told else own)
    dreamed = found.pixels if told else by_pillow(found.pixels, own, SRGB)
    if mode == "L":
        weights = (0.2126, 0.7152, 0.0722)
        dreamed, wanted = (values @ weights for values in (dreamed, wanted))
    apart = np.abs(dreamed - wanted).mean()
    print(f"{mode}{suffix}: {apart:.2f} of 255 apart")
    assert apart < (4.5 if suffix == ".gif" else 2.5)


def test_pictures_in_printers_colours_become_srgb_and_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("CMYK", (40, 32), (90, 20, 10, 0)).save(tmp_path / "in.jpg")
    assert main(["dream", str(tmp_path / "in.jpg"), str(tmp_path / "out.jpg"), *QUICK]) == 0
    assert capsys.readouterr().err == "deepdream: in.jpg is in CMYK; its dream is in sRGB.\n"


@pytest.mark.filterwarnings("error")  # EXIF data that point nowhere
def test_cameras_say_adobe_rgb_without_a_profile(tmp_path: Path) -> None:
    pixels, exif = np.full((8, 8, 3), (200, 40, 40), np.uint8), Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.IFD.Interop] = {1: "R03"}
    Image.fromarray(pixels).save(tmp_path / "in.jpg", exif=exif, quality=100)
    seen = in_srgb(read_picture(tmp_path / "in.jpg"))
    assert np.abs(seen.clip(0, 1) * 255 - by_pillow(pixels, ADOBE, SRGB)).max() < 4
    assert main(["dream", str(tmp_path / "in.jpg"), str(tmp_path / "out.jpg"), *QUICK]) == 0
    assert read_picture(tmp_path / "out.jpg").kept["icc_profile"] == adobe_rgb()


def test_a_guide_is_seen_in_srgb(tmp_path: Path, photo: np.ndarray) -> None:
    """The same guide, with its profile or converted, steers alike."""
    pixels, guide = photo[:96, :128], photo[100:180, 100:180]
    source, results = tmp_path / "in.png", []
    write_picture(source, pixels)
    for number, (values, kept) in enumerate(
        (
            (guide, {"icc_profile": ADOBE}),
            (by_pillow(guide, ADOBE, SRGB).astype(np.uint8), {}),
            (guide, {}),
        )
    ):
        file, out = tmp_path / f"guide{number}.png", tmp_path / f"out{number}.png"
        write_picture(file, values, kept)
        arguments = ["dream", str(source), str(out), "--guide", str(file)]
        assert main([*arguments, "--set", "octaves=1;steps=2;colour=guide;objective=block4"]) == 0
        results.append(read_picture(out).pixels.astype(int))
    profiled, converted, taken_as_srgb = results
    apart = np.abs(profiled - converted).mean()
    assert apart < 0.5 * np.abs(profiled - taken_as_srgb).mean()
