"""Every kind of layer, dreamed in every GIMP and compared with the engine called directly."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hosts import GimpHost
from inside import SharedEngine, complaints, run_inside
from PIL import Image, ImageCms
from profiles import profile

from deepdream_core import __version__, dream
from deepdream_core.models.precision import with_precision
from deepdream_core.shared.presets import make_recipe

pytestmark = pytest.mark.usually_in("2.10", "3.2")

RGB, GRAY, INDEXED = range(3)
U8, U16, U32, HALF, FLOAT = 100, 200, 300, 500, 600
GAMMA = 50
SMALL = "steps=1;octaves=1;jitter=4"
HDR = (-0.3, 1.9)


def _case(name: str, base: int, precision: int, alpha: bool, **more: Any) -> dict[str, Any]:
    gray, linear = base == GRAY, precision % 100 == 0
    colour = "Y" if gray else "RGB"
    encoded = colour if linear else "'".join(colour) + "'"
    case = {
        "name": name,
        "base": base,
        "precision": precision,
        "alpha": alpha,
        "format": f"{encoded}{'A' if alpha else ''} float",
        "size": [48, 40],
        "canvas": [64, 56],
        "offsets": [5, 7],
        "groups": [],
        "selection": None,
        "mask": False,
        "target": "layer",
        "filter": "",
        "made_by": "",
        "locked": False,
        "since": [2, 10],
        "stretch": 1,
        "settings": SMALL,
        "range": [0.05, 0.95],
    }
    return {**case, **more}


CASES = [
    _case("u8", RGB, U8 + GAMMA, True),
    _case("u8-linear", RGB, U8, False),
    _case("u8-unchanged", RGB, U8 + GAMMA, True, settings=f"{SMALL};strength=0"),
    _case("u16-beyond-canvas", RGB, U16 + GAMMA, False, size=[60, 50], offsets=[-9, 30]),
    _case("u16-linear", RGB, U16, True),
    _case("half", RGB, HALF + GAMMA, True),
    _case("half-linear", RGB, HALF, False),
    _case("float-unchanged", RGB, FLOAT + GAMMA, True, range=HDR, settings=f"{SMALL};steps=0"),
    _case("float-linear", RGB, FLOAT, True, range=HDR),
    _case("gray", GRAY, U8 + GAMMA, False),
    _case("gray-alpha-linear", GRAY, FLOAT, True),
    _case("indexed", INDEXED, U8 + GAMMA, False),
    _case("indexed-alpha", INDEXED, U8 + GAMMA, True),
    _case(
        "in-groups", RGB, U8 + GAMMA, True, groups=["outer", "inner"], selection=[20, 15, 20, 18]
    ),
    _case("group", RGB, U8 + GAMMA, True, groups=["trip"], target="group"),
    _case("masked", RGB, U8 + GAMMA, True, mask=True, target="mask"),
    _case("filtered", RGB, U8 + GAMMA, True, filter="gegl:invert-gamma", since=[3, 0]),
    _case(
        *("filtered-group", RGB, U8 + GAMMA, True),
        groups=["trip"],
        target="group",
        filter="gegl:invert-gamma",
        since=[3, 0],
    ),
    _case("locked", RGB, U8 + GAMMA, True, groups=["locked too"], locked=True),
    _case("profiled", RGB, U8 + GAMMA, False, made_by="profile", offsets=[0, 0], stretch=3),
    _case("profiled-gray", GRAY, U8 + GAMMA, False, made_by="profile", offsets=[0, 0], stretch=3),
    _case("text", RGB, U8 + GAMMA, True, made_by="text"),
    _case("vector", RGB, U8 + GAMMA, True, made_by="vector", since=[3, 2]),
    _case("link", RGB, U8 + GAMMA, True, made_by="link", since=[3, 2]),
]
BY_NAME = {case["name"]: case for case in CASES}
_QUANTUM = {U8: 1 / 255, U16: 1 / 65535}


def _write_profiled(folder: Path) -> None:
    """Write pictures with colour profiles; all their colours are within the sRGB gamut."""
    colours = np.random.default_rng(1).integers(90, 160, (40, 48, 3), dtype=np.uint8)
    Image.fromarray(colours).save(folder / "profiled.png", icc_profile=profile(gray=False))
    gray = Image.fromarray(colours[:, :, 0])
    gray.save(folder / "profiled-gray.png", icc_profile=profile(gray=True))


@pytest.fixture(scope="module")
def job(
    gimp: GimpHost, engine: SharedEngine, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """A single GIMP run that dreams all cases."""
    folder = tmp_path_factory.mktemp("kinds")
    before = engine.log()
    files = {"cases.json": json.dumps(CASES)}
    _write_profiled(folder)
    report, result = run_inside(gimp, folder, "kinds.py", engine=engine, files=files, fonts=True)
    said = engine.log()[len(before) :]
    return {"report": report, "result": result, "folder": folder, "host": gimp, "said": said}


def _told(job: dict[str, Any], name: str) -> dict[str, Any]:
    since = tuple(BY_NAME[name]["since"])
    if tuple(map(int, job["host"].version.split(".")))[:2] < since:
        pytest.skip("This GIMP does not have this kind of layer")
    return job["report"][name]


def _pixels(job: dict[str, Any], name: str, what: str) -> np.ndarray:
    told = job["report"][name]
    data = np.frombuffer((job["folder"] / f"{name}.{what}").read_bytes(), np.float32)
    return data.reshape(told["height"], told["width"], -1)


def _expected(job: dict[str, Any], name: str) -> np.ndarray:
    case, told = BY_NAME[name], job["report"][name]
    palette = np.array(told["palette"]).reshape(-1, 3).tolist() or None
    mask = None
    if case["selection"]:  # the new layer's mask softens its edges
        mask = (_pixels(job, name, "selection")[:, :, 0] >= 0.5 / 255).astype(np.float32)
    return dream(
        _pixels(job, name, "before"),
        make_recipe("", case["settings"]),
        linear=case["precision"] % 100 == 0,
        mask=mask,
        palette=palette,
    )


@pytest.mark.parametrize("name", BY_NAME)
def test_pixels_are_those_of_the_engine(job: dict[str, Any], name: str) -> None:
    _told(job, name)
    after, expected = _pixels(job, name, "after"), _expected(job, name)
    precision = BY_NAME[name]["precision"] // 100 * 100
    if precision == FLOAT:
        assert np.array_equal(after, expected)
    elif precision == HALF:
        assert np.allclose(after, expected, rtol=2**-10, atol=2**-14)
    else:
        # Integer pixels are limited to 0..1 and to their own quantisation steps, which are
        # coarser in sRGB if the image's colour space is wider.
        step = _QUANTUM[precision] * BY_NAME[name]["stretch"]
        assert np.abs(after - expected.clip(0, 1)).max() <= 0.501 * step + 1e-6


@pytest.mark.parametrize("name", BY_NAME)
def test_source_is_untouched(job: dict[str, Any], name: str) -> None:
    told = _told(job, name)
    assert np.array_equal(_pixels(job, name, "source"), _pixels(job, name, "before"))
    assert not told["dirty_by_reading"]
    assert told["images"] == 1
    assert told["locked"] == BY_NAME[name]["locked"]
    assert told["filters"] == (1 if BY_NAME[name]["filter"] else 0)


@pytest.mark.parametrize("name", BY_NAME)
def test_something_was_dreamed(job: dict[str, Any], name: str) -> None:
    _told(job, name)
    case = BY_NAME[name]
    change = np.abs(_pixels(job, name, "after") - _pixels(job, name, "before"))
    if "strength=0" in case["settings"] or "steps=0" in case["settings"]:
        assert change.max() == 0
    else:
        assert change.max() > 0.004
    if case["alpha"]:
        assert change[:, :, -1].max() == 0


@pytest.mark.parametrize("name", BY_NAME)
def test_new_layer_lies_right_above_its_source(job: dict[str, Any], name: str) -> None:
    case, told = BY_NAME[name], _told(job, name)
    (made,) = told["made"]
    source = case["groups"][-1] if case["target"] == "group" else "photo"
    groups = case["groups"][:-1] if case["target"] == "group" else case["groups"]
    assert made["name"] == "DeepDream Classic"
    assert made["siblings"][made["siblings"].index(source) - 1] == made["name"]
    assert made["parent"] == (groups[-1] if groups else None)
    assert made["selected"] == [made["name"]]
    assert made["size"] == [told["width"], told["height"]]
    if case["target"] != "group":
        assert made["offsets"] == case["offsets"]
    first_type = {RGB: 0, GRAY: 2, INDEXED: 4}[case["base"]]
    assert made["type"] == first_type + case["alpha"]
    assert (made["visible"], made["opacity"], made["mode"]) == (True, 100.0, 28)


@pytest.mark.parametrize("name", BY_NAME)
def test_recipe_is_kept_on_the_layer(job: dict[str, Any], name: str) -> None:
    case, told = BY_NAME[name], _told(job, name)
    (made,) = told["made"]
    note = made["note"]
    assert note["recipe"] == with_precision(make_recipe("", case["settings"])).as_dict()
    assert note["preset"] == "classic"
    assert note["version"] == __version__
    source = case["groups"][-1] if case["target"] == "group" else "photo"
    assert note["source"] == {"name": source, "tattoo": told["tattoo"]}
    assert made["note_flags"] == 1


def test_selection_limits_the_dream_and_becomes_the_mask(job: dict[str, Any]) -> None:
    assert job["report"]["in-groups"]["made"][0]["has_mask"]
    selection = _pixels(job, "in-groups", "selection")
    assert np.count_nonzero((selection > 0.1) & (selection < 0.9)) > 0, "not feathered"
    mask = _pixels(job, "in-groups", "mask")
    assert np.abs(mask - selection).max() < 1 / 255
    change = np.abs(_pixels(job, "in-groups", "after") - _pixels(job, "in-groups", "before"))
    assert change[selection[:, :, 0] == 0].max() == 0
    assert change[selection[:, :, 0] > 0.9].max() > 0.004


@pytest.mark.parametrize(("name", "masked"), [("u8", False), ("masked", True)])
def test_without_a_selection_only_the_layers_own_mask_is_copied(
    job: dict[str, Any], name: str, masked: bool
) -> None:
    assert job["report"][name]["made"][0]["has_mask"] == masked


@pytest.mark.parametrize("name", ["filtered", "filtered-group"])
def test_filters_are_dreamed_as_seen(job: dict[str, Any], name: str) -> None:
    _told(job, name)
    before, unfiltered = _pixels(job, name, "before"), _pixels(job, name, "unfiltered")
    drawn = unfiltered[:, :, 3] > 0
    assert np.abs(before[:, :, :3] - (1 - unfiltered[:, :, :3]))[drawn].max() <= 1 / 255


@pytest.mark.parametrize("name", ["profiled", "profiled-gray"])
def test_profiles_are_dreamed_as_seen(job: dict[str, Any], name: str) -> None:
    with Image.open(job["folder"] / f"{name}.png") as picture:
        stored = np.asarray(picture) / 255
        own = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
        seen = ImageCms.profileToProfile(
            picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    seen = np.asarray(seen) / 255
    stored = stored if stored.ndim == 3 else np.repeat(stored[:, :, None], 3, axis=2)
    assert np.abs(seen - stored).max() > 10 / 255, "the profile changes nothing"
    assert np.abs(_pixels(job, name, "before") - seen).max() < 1.5 / 255


def test_indexed_dream_keeps_to_the_palette(job: dict[str, Any]) -> None:
    palette = np.array(job["report"]["indexed"]["palette"]).reshape(-1, 3)
    colours = np.rint(_pixels(job, "indexed", "after") * 255).astype(int).reshape(-1, 3)
    assert {*map(tuple, colours.tolist())} <= {*map(tuple, palette.tolist())}


def test_several_layers_each_get_their_own(job: dict[str, Any]) -> None:
    if job["host"].is_gimp2:
        pytest.skip("GIMP 2.10 can only select one layer")
    told = job["report"]["several"]
    one, three = told["made"]
    assert told["stack"] == [three, "three", "two", one, "one"]
    assert sorted(told["selected"]) == sorted(told["made"])
    assert told["notes"] == ["one", "three"]


def test_recipe_survives_a_saved_image(job: dict[str, Any]) -> None:
    told = job["report"]["file"]
    assert told["layers"] == ["DeepDream Classic", "photo"]
    assert told["note"]["recipe"]["seed"] == 77
    assert told["note"]["source"]["tattoo"] == told["tattoo"]


def test_nothing_is_left_behind(job: dict[str, Any]) -> None:
    result = job["result"]
    assert result.exit_code == 0
    assert result.left_behind == ()
    assert complaints(result) == []
    assert job["report"]["images_left"] == 0
    log = Path(job["folder"], "data", "logs", "engine.log").read_text("utf-8")
    assert [line for line in log.splitlines() if not line.startswith("---")] == []
    assert job["said"] == ""
