"""Picture files: every pixel type survives, with what else the file says."""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image, ImageCms

from deepdream_core.pictures import files
from deepdream_core.pictures.files import read_note, read_picture, write_picture, write_pictures
from deepdream_core.pictures.formats import FORMATS, Alpha, can_write, losses
from deepdream_core.pictures.picture import PictureError, Pixels

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">by Ada</x:xmpmeta>'
CHANNELS = {"gray": (), "gray and alpha": (2,), "RGB": (3,), "RGBA": (4,)}
TYPES = ("uint8", "uint16", "float16", "float32", "float64")


def picture(kind: str, channels: tuple[int, ...]) -> Pixels:
    values = np.random.default_rng(3).random((12, 20, *channels))
    if kind.startswith("float"):
        return (values * 3 - 1).astype(kind)
    return (values * np.iinfo(kind).max).round().astype(kind)


def metadata() -> dict:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ada"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ISOSpeedRatings] = 400
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    return {"icc_profile": PROFILE, "dpi": (300, 300), "xmp": XMP, "exif": exif.tobytes()}


@pytest.mark.parametrize("channels", CHANNELS.values(), ids=list(CHANNELS))
@pytest.mark.parametrize(
    ("kind", "suffix"),
    [*((kind, ".tif") for kind in TYPES), ("uint8", ".png"), ("uint16", ".png")],
)
def test_pixels_and_metadata_survive(
    tmp_path: Path, kind: str, suffix: str, channels: tuple[int, ...]
) -> None:
    pixels, path = picture(kind, channels), tmp_path / f"a{suffix}"
    write_picture(path, pixels, metadata(), '{"a": 1}')
    found = read_picture(path)
    assert found.pixels.dtype == pixels.dtype
    assert np.array_equal(found.pixels, pixels)
    assert losses(path, pixels) == []
    assert found.kept["icc_profile"] == PROFILE
    assert round(found.kept["dpi"][0]) == 300
    assert b"by Ada" in found.kept["xmp"]
    exif = Image.Exif()
    exif.load(found.kept["exif"])
    assert exif[ExifTags.Base.Artist] == "Ada"
    assert exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ISOSpeedRatings] == 400
    assert exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] == "N"
    assert read_note(path) == '{"a": 1}'


@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_pillow_reads_what_is_written_in_16_bits(tmp_path: Path, suffix: str) -> None:
    pixels, path = picture("uint16", (4,)), tmp_path / f"a{suffix}"
    write_picture(path, pixels, metadata(), "note")
    with Image.open(path) as image:
        assert np.abs(np.asarray(image, int) - pixels / 257).max() <= 1
        assert image.info["icc_profile"] == PROFILE
        assert round(float(image.info["dpi"][0])) == 300
        assert image.getexif()[ExifTags.Base.Artist] == "Ada"


def test_metadata_of_large_tiff_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    pixels = picture("uint16", (3,))
    tifffile.imwrite(
        path,
        pixels,
        photometric="rgb",
        bigtiff=True,
        byteorder="<",  # Pillow cannot read the others' tags
        iccprofile=PROFILE,
        resolution=(300, 300),
        resolutionunit="inch",
    )
    found = read_picture(path)
    assert np.array_equal(found.pixels, pixels)
    assert (found.kept["icc_profile"], found.kept["dpi"]) == (PROFILE, (300, 300))


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "lzma"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("kind", ["uint16", "float32"])
def test_tiff_files_of_other_programs_are_read(
    tmp_path: Path, kind: str, planar: str, compression: str | None
) -> None:
    pixels, path = picture(kind, (3,)), tmp_path / "a.tif"
    tifffile.imwrite(
        path,
        pixels if planar == "contig" else np.moveaxis(pixels, 2, 0),
        photometric="rgb",
        planarconfig=planar,
        compression=compression,
        predictor=compression in ("zlib", "lzw"),
        byteorder=">",
        tile=(16, 16),
    )
    assert np.array_equal(read_picture(path).pixels, pixels)


def test_alpha_becomes_straight_and_white_zero_becomes_black_zero(tmp_path: Path) -> None:
    straight = np.full((4, 4, 4), 0.5, np.float32)
    multiplied = straight * (0.5, 0.5, 0.5, 1)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, multiplied.astype("f4"), photometric="rgb", extrasamples=["assocalpha"])
    assert np.allclose(read_picture(path).pixels, straight)
    tifffile.imwrite(path, np.full((4, 4), 65535 - 1000, "u2"), photometric="miniswhite")
    assert read_picture(path).pixels.max() == 1000


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_16_bits_are_turned_upright_as_8_are(tmp_path: Path, suffix: str, orientation: int) -> None:
    pixels = picture("uint8", (3,))
    exif, shallow, deep = Image.Exif(), tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(pixels).save(shallow, exif=exif)
    deeper = pixels.astype(np.uint16) * 257
    if suffix == ".tif":
        tags = [(int(ExifTags.Base.Orientation), "H", 1, orientation, True)]
        tifffile.imwrite(deep, deeper, photometric="rgb", extratags=tags)
    else:
        write_picture(deep, deeper, {"exif": exif.tobytes()})
    assert np.array_equal(read_picture(deep).pixels, read_picture(shallow).pixels * np.uint16(257))


@pytest.mark.parametrize(
    ("kind", "most", "full"),
    [
        ("uint32", 2**32 - 1, 2**32 - 1),
        ("int32", 2**31 - 1, 2**31 - 1),
        ("int32", 60000, 65535),
        ("uint32", 255, 255),
        ("int16", 2**15 - 1, 2**15 - 1),
    ],
)
def test_other_integers_become_floats_by_their_range(
    tmp_path: Path, kind: str, most: int, full: int
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.linspace(0, most, 64, dtype=kind).reshape(8, 8))
    found = read_picture(path)
    assert found.pixels.dtype == np.float32
    assert found.pixels.max() == pytest.approx(most / full)
    assert "become floats" in str(found.told[0])


@pytest.mark.parametrize("channels", CHANNELS.values(), ids=list(CHANNELS))
@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_takes_every_kind_of_pixels(
    tmp_path: Path, suffix: str, kind: str, channels: tuple[int, ...]
) -> None:
    path, form = tmp_path / f"a{suffix}", FORMATS[suffix]
    if not can_write(path):
        pytest.skip(f"Pillow was built without {form.name}")
    values = np.full((16, 24, *channels), 0.2)
    full = 1 if kind == "float32" else np.iinfo(kind).max
    if channels in ((2,), (4,)):
        values[..., -1] = 0.6
    write_picture(path, (values * full).astype(kind), metadata(), '{"a": 1}')
    found = read_picture(path).pixels
    shown = found / (1 if found.dtype.kind == "f" else np.iinfo(found.dtype.name).max)
    has_alpha = channels in ((2,), (4,))
    wanted = 0.6 * 0.2 + 0.4 if has_alpha and form.alpha is Alpha.NONE else 0.2
    assert np.abs(shown[..., :3] - wanted).max() < 0.03 or shown.shape[2:] == (2,)
    told = " ".join(map(str, losses(path, (values * full).astype(kind))))
    if form.alpha is Alpha.SOFT and has_alpha:
        assert shown[..., -1] == pytest.approx(0.6, abs=0.01)
    elif form.alpha is Alpha.NONE:
        assert ("on white" in told) == has_alpha
    assert (found.dtype == kind) == ("rounded" not in told)
    assert read_note(path) == (None if "hold no metadata" in told else '{"a": 1}')


def test_what_a_format_cannot_hold_is_said(tmp_path: Path) -> None:
    deep, floats = picture("uint16", (4,)), picture("float32", (3,))
    told = [str(loss) for loss in losses(tmp_path / "a.jpg", deep)]
    assert len(told) == 2 and "has 16" in told[0] and "on white" in told[1]
    assert "brighter than white" in str(losses(tmp_path / "a.png", floats)[0])
    write_picture(tmp_path / "a.webp", deep)
    write_picture(tmp_path / "a.png", floats)
    with Image.open(tmp_path / "a.webp") as image:
        shown = np.asarray(image.convert("RGBA"), float)[:, :, 3]
    assert np.abs(shown - deep[:, :, 3] / 257).max() <= 1
    expected = (floats.clip(0, 1) * 65535.0).round()
    assert np.abs(read_picture(tmp_path / "a.png").pixels - expected).max() <= 1


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tif"])
def test_animations_are_written_and_counted(tmp_path: Path, suffix: str) -> None:
    frames = [np.full((20, 24, 3), value, np.uint8) for value in (0, 120, 255)]
    path = tmp_path / f"a{suffix}"
    write_pictures(path, frames, {"duration": [50, 100, 150], "loop": 0})
    first = read_picture(path)
    found = list(files.read_pictures(path, first))
    assert first.pictures == len(found) == 3
    for frame, one in zip(frames, found, strict=True):
        assert np.abs(one.pixels[:, :, :3].astype(int) - frame).max() <= 4
    if suffix != ".tif":
        assert [one.kept["duration"] for one in found] == [50, 100, 150]


def huge_png(side: int, depth: int = 8) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + name + content + check

    header = struct.pack(">IIBBBBB", side, side, depth, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("name", ["8.png", "16.png", "16.tif", "8.tif"])
def test_a_small_file_that_claims_to_be_huge_takes_no_memory(tmp_path: Path, name: str) -> None:
    path, side = tmp_path / name, 100_000
    if name.endswith(".png"):
        path.write_bytes(huge_png(side, int(path.stem)))
    else:
        dtype = f"uint{path.stem}"
        tifffile.imwrite(path, np.zeros((16, 16), dtype), metadata=None)
        with tifffile.TiffFile(path, mode="r+") as file:
            for tag in ("ImageWidth", "ImageLength"):
                file.pages.first.tags[tag].overwrite(side, dtype="I")
    with pytest.raises(PictureError) as caught:
        read_picture(path)
    assert "claims to be 100000 x 100000 pixels" in str(caught.value)


def test_large_pictures_are_opened_without_warnings(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("1", (13_500, 13_400)).save(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Image.open(path) as image:
            assert image.size == (13_500, 13_400)


@pytest.mark.slow
def test_large_pictures_are_read_and_written(tmp_path: Path) -> None:
    source, path = tmp_path / "a.png", tmp_path / "b.tif"
    Image.new("L", (13_500, 13_400), 9).save(source)
    found = read_picture(source)
    write_picture(path, found.pixels)
    assert read_picture(path).pixels.shape == (13_400, 13_500)


def test_damaged_files_are_one_sentence(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    for suffix in (".tif", ".png"):
        path = tmp_path / f"a{suffix}"
        write_picture(path, picture("uint16", (3,)), metadata(), "note")
        whole = path.read_bytes()
        for _ in range(150):
            broken = bytearray(whole[: random.integers(8, len(whole))])
            for place in random.integers(0, len(broken), 4):
                broken[place] = random.integers(256)
            path.write_bytes(broken)
            try:
                read_picture(path)
                read_note(path)
            except PictureError as error:
                assert len(str(error)) <= 300


@pytest.mark.parametrize(
    ("photometric", "stored", "colours", "seen"),
    [
        ("cielab", np.array([34893, 20503, 17203], np.uint16), "Lab", (1, 0, 0)),
        ("cielab", np.array([57495, 43474, 21294], np.uint16), "Lab", (0, 1, 0)),
        ("icclab", np.array([34893, 53271, 49971], np.uint16), "Lab", (1, 0, 0)),
        ("cielab", np.array([53.24, 80.09, 67.2], np.float32), "Lab", (1, 0, 0)),
        ("separated", np.array([0, 65535, 65535, 0], np.uint16), "CMYK", (1, 0, 0)),
    ],
)
@pytest.mark.parametrize("profile", [b"", b"junk" * 60])
def test_colours_of_printers_and_lab_become_srgb_in_16_bits(
    tmp_path: Path,
    photometric: str,
    stored: np.ndarray,
    colours: str,
    seen: tuple[int, int, int],
    profile: bytes,
) -> None:
    path, pixels = tmp_path / "a.tif", np.tile(stored, (6, 8, 1))
    tifffile.imwrite(path, pixels, photometric=photometric, iccprofile=profile or None)
    found = read_picture(path)
    assert (found.pixels.dtype, found.pixels.shape) == (np.uint16, (6, 8, 3))
    assert np.abs(found.pixels[0, 0] / 65535 - seen).max() < 0.06
    assert "icc_profile" not in found.kept
    assert f"in {colours}; its dream is in sRGB" in str(found.told[0])
