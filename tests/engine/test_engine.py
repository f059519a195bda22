"""The engine process, over its real pipes."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from deepdream_core.dreaming.dream import dream
from deepdream_core.engine.frames import array_of, picture_of
from deepdream_core.models.precision import with_precision
from deepdream_core.shared.protocol import PROTOCOL_VERSION, Frame, Picture, receive, send
from deepdream_core.shared.recipe import Recipe
from deepdream_core.video.film_dream import FilmDream, FilmState

LONG = {"steps": 1000, "octaves": 1}


class Engine:
    def __init__(self) -> None:
        command = [sys.executable, "-m", "deepdream_core.engine", "--stdio"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.tell("hello")
        self.hello = self.hear()

    def tell(self, kind: str, pictures: dict[str, Picture] | None = None, **fields: object) -> None:
        send(self.process.stdin, Frame(kind, fields, pictures or {}))

    def ask(self, image: np.ndarray, number: int = 1, **fields: object) -> None:
        self.tell("dream", {"image": picture_of(image)}, id=number, **fields)

    def hear(self) -> Frame | None:
        return receive(self.process.stdout)

    def hear_until(self, *kinds: str) -> list[Frame]:
        heard = [self.hear()]
        while heard[-1].kind not in kinds:
            heard.append(self.hear())
        return heard


@pytest.fixture
def own_engine() -> Iterator[Engine]:
    """An engine for a test that ends it or is about its start."""
    engine = Engine()
    yield engine
    engine.process.kill()
    engine.process.wait()


@pytest.fixture(scope="module")
def shared_engines() -> Iterator[list[Engine]]:
    """The engine that is shared, or nothing."""
    engines: list[Engine] = []
    yield engines
    for engine in engines:
        engine.process.kill()
        engine.process.wait()


@pytest.fixture
def engine(shared_engines: list[Engine], request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine that dreams for many tests; after one that fails, the next gets a new one."""
    if not shared_engines:
        shared_engines.append(Engine())
    failures = request.session.testsfailed
    yield shared_engines[-1]
    if request.session.testsfailed > failures:
        engine = shared_engines.pop()
        engine.process.kill()
        engine.process.wait()


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(3).random((48, 64, 4), dtype=np.float32)


def test_a_dream_equals_the_one_called_directly(engine: Engine, image: np.ndarray) -> None:
    recipe = Recipe(octaves=2, steps=2)
    engine.ask(image, recipe=recipe.as_dict(), preview=32)
    heard = engine.hear_until("result", "error")
    result = heard[-1]
    assert [f.kind for f in heard].count("progress") == 4
    previews = [f.pictures["preview"] for f in heard if f.kind == "preview"]
    assert previews and (previews[0].width, previews[0].height) == (32, 24)
    assert np.array_equal(array_of(result.pictures["result"]), dream(image, recipe))
    assert result.fields["recipe"] == recipe.as_dict()
    assert result.fields["precision"] == with_precision(recipe).precision != "auto"
    assert result.fields["id"] == 1


def test_a_draft_is_composed_anew_while_it_grows_and_when_it_is_there(
    engine: Engine, image: np.ndarray
) -> None:
    recipe = Recipe(octaves=2, steps=12, seed=44)
    engine.ask(image, 5, recipe=recipe.as_dict(), preview=32, draft=True)
    engine.hear_until("progress")
    weaker = recipe.changed(strength=0.5)
    engine.tell("compose", id=5, recipe=weaker.as_dict(), preview=48)
    heard = engine.hear_until("result", "error")
    assert heard[-1].fields["recipe"] == weaker.as_dict()
    assert [f.pictures["preview"].width for f in heard if f.kind == "preview"][-1] == 48
    result = array_of(heard[-1].pictures["result"])
    assert np.array_equal(result, dream(image, weaker))

    engine.ask(image, 6, recipe=recipe.as_dict(), preview=32, draft=True)
    heard = engine.hear_until("result", "error")
    assert [frame.kind for frame in heard] == ["progress", "preview", "result"]
    assert np.array_equal(array_of(heard[-1].pictures["result"]), dream(image, recipe))

    engine.ask(image, 7, recipe=recipe.as_dict())
    assert [f.kind for f in engine.hear_until("result", "error")].count("progress") == 24


def test_linear_light_stays_linear(engine: Engine, image: np.ndarray) -> None:
    engine.tell("dream", {"image": picture_of(image, "linear")}, id=1, recipe={"strength": 0.0})
    result = engine.hear_until("result", "error")[-1].pictures["result"]
    assert result.encoding == "linear"
    assert np.array_equal(array_of(result), image)


def test_an_indexed_picture_stays_on_its_palette(engine: Engine) -> None:
    palette = [[0, 0, 0], [255, 255, 255], [200, 30, 30], [30, 30, 200]]
    numbers = np.random.default_rng(2).integers(0, 4, (48, 64))
    image = np.asarray(palette, np.float32)[numbers] / 255
    engine.ask(image, recipe={"octaves": 1, "steps": 4, "step_size": 20}, palette=palette)
    result = array_of(engine.hear_until("result", "error")[-1].pictures["result"])
    colours = {tuple(c) for c in np.rint(result.reshape(-1, 3) * 255).astype(int).tolist()}
    assert colours <= {tuple(c) for c in palette}
    assert not np.array_equal(result, image)


def test_cancelling_answers_at_once_and_the_next_dream_works(
    engine: Engine, image: np.ndarray
) -> None:
    engine.ask(image, recipe=LONG)
    engine.hear_until("progress")
    engine.tell("cancel", id=1)
    error = engine.hear_until("error", "result")[-1]
    assert error.fields["code"] == "cancelled"
    engine.ask(image, 2, recipe={"octaves": 1, "steps": 1})
    assert engine.hear_until("error", "result")[-1].fields["id"] == 2


def test_finishing_early_returns_the_dream_so_far(engine: Engine, image: np.ndarray) -> None:
    engine.ask(image, recipe=LONG)
    engine.hear_until("progress")
    engine.tell("finish", id=1)
    result = engine.hear_until("error", "result")[-1]
    assert result.kind == "result"
    assert not np.array_equal(array_of(result.pictures["result"]), image)


def test_a_paused_dream_waits_and_continues(engine: Engine, image: np.ndarray) -> None:
    engine.ask(image, recipe={"octaves": 1, "steps": 30})
    engine.hear_until("progress")
    engine.tell("pause", id=1)
    engine.tell("resume", id=1)
    assert engine.hear_until("error", "result")[-1].kind == "result"


@pytest.mark.parametrize("paused", [False, True])
def test_a_draft_is_dreamed_between_the_steps_of_a_dream(
    engine: Engine, image: np.ndarray, paused: bool
) -> None:
    recipe = Recipe(octaves=2, steps=20, seed=8)
    engine.ask(image, recipe=recipe.as_dict())
    engine.hear_until("progress")
    if paused:
        engine.tell("pause", id=1)
    draft = Recipe(octaves=2, steps=3, objective="-block4")  # opens blocked units
    engine.ask(image, 2, recipe=draft.as_dict(), draft=True)
    drawn = engine.hear_until("result", "error")[-1]
    assert (drawn.kind, drawn.fields["id"]) == ("result", 2)
    assert np.array_equal(array_of(drawn.pictures["result"]), dream(image, draft))
    engine.tell("resume", id=1)
    dreamed = engine.hear_until("result", "error")[-1]
    assert dreamed.fields["id"] == 1
    assert np.array_equal(array_of(dreamed.pictures["result"]), dream(image, recipe))


def test_a_waiting_dream_is_cancelled_at_once(engine: Engine, image: np.ndarray) -> None:
    for number in (1, 2):
        engine.ask(image, number, recipe=LONG)
    engine.hear_until("progress")
    engine.tell("cancel", id=2)
    error = engine.hear_until("error", "result")[-1]
    assert (error.fields["id"], error.fields["code"]) == (2, "cancelled")
    engine.tell("cancel", id=1)
    assert engine.hear_until("error", "result")[-1].fields["id"] == 1


@pytest.mark.parametrize(
    ("recipe", "code", "part"),
    [
        ({"steps": -1}, "bad-recipe", "0 to 1000"),
        ({"objective": "block99"}, "bad-recipe", "block15"),
        ({"objective": "class:panda"}, "bad-recipe", "giant panda"),
        ({"model": "nosuchnet"}, "bad-recipe", "nosuchnet"),
    ],
)
def test_requests_that_cannot_be_dreamed_are_explained(
    engine: Engine, image: np.ndarray, recipe: dict, code: str, part: str
) -> None:
    engine.ask(image, recipe=recipe)
    error = engine.hear_until("error", "result")[-1]
    assert error.fields["code"] == code
    assert part in error.fields["message"]


def test_the_engine_ends_with_its_input_even_while_dreaming(
    own_engine: Engine, image: np.ndarray
) -> None:
    own_engine.ask(image, recipe=LONG)
    own_engine.hear_until("progress")
    own_engine.process.stdin.close()
    assert own_engine.process.wait(timeout=5) == 0


def test_quit_ends_it(own_engine: Engine) -> None:
    own_engine.tell("quit")
    assert own_engine.process.wait(timeout=5) == 0


def test_junk_ends_it_with_a_log_line(own_engine: Engine) -> None:
    own_engine.process.stdin.write(b"GET / HTTP/1.1\r\n\r\n....")
    own_engine.process.stdin.flush()
    own_engine.process.wait(timeout=5)
    assert b"frame protocol" in own_engine.process.stderr.read()


NOT_A_REQUEST = {
    "a list as id": b'{"kind": "dream", "id": [1]}',
    "deeply nested": b'{"kind": "dream", "id": ' + b"[" * 100_000 + b"}",
    "no kind": b"{}",
    "a list": b"[]",
}


@pytest.mark.parametrize("text", NOT_A_REQUEST.values(), ids=NOT_A_REQUEST)
def test_nonsense_ends_it_with_its_stream(own_engine: Engine, text: bytes) -> None:
    own_engine.process.stdin.write(struct.pack("<4sIQ", b"DDf1", len(text), 0) + text)
    own_engine.process.stdin.close()
    assert own_engine.process.wait(timeout=5) == 0


def test_frames_of_an_unknown_kind_are_ignored(engine: Engine) -> None:
    engine.tell("future", id=1)
    engine.tell("alive")
    engine.tell("models", id=2)
    assert engine.hear().kind == "models"


def test_an_id_that_is_still_in_use_is_refused(own_engine: Engine, image: np.ndarray) -> None:
    for _ in range(2):
        own_engine.ask(image, recipe=LONG)
    assert own_engine.process.wait(timeout=10) == 0
    assert b"has not been answered" in own_engine.process.stderr.read()


@pytest.mark.parametrize("setting", ["guide", "mask"])
def test_a_pipe_as_guide_or_mask_blocks_nobody(
    engine: Engine, image: np.ndarray, setting: str, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    engine.ask(image, recipe={setting: str(pipe)})
    error = engine.hear_until("error", "result")[-1]
    assert error.fields["message"] == f"{pipe} is not a regular file; choose a picture file."
    engine.ask(image, 2, recipe={"octaves": 1, "steps": 0})
    assert engine.hear_until("error", "result")[-1].kind == "result"


def test_libraries_see_neither_the_frames_nor_their_stream(own_engine: Engine) -> None:
    descriptors = Path(f"/proc/{own_engine.process.pid}/fd")
    assert (descriptors / "0").resolve() == Path("/dev/null")
    assert (descriptors / "1").readlink() == (descriptors / "2").readlink()


def test_it_lets_gimp_have_the_processor_first(engine: Engine) -> None:
    assert os.getpriority(os.PRIO_PROCESS, engine.process.pid) >= 10


def test_it_answers_hello_before_loading_torch(own_engine: Engine) -> None:
    assert own_engine.hello.fields["protocol"] == PROTOCOL_VERSION
    mapped = f"/proc/{own_engine.process.pid}/maps"
    time.sleep(0.1)
    with open(mapped) as maps:  # noqa: PTH123 (the kernel's file has no size)
        assert "torch" not in maps.read()


def test_intermediate_pictures_arrive_as_frames_and_a_guide_steers(
    engine: Engine, image: np.ndarray
) -> None:
    recipe = {"octaves": 2, "steps": 1, "keep": "octaves"}
    engine.ask(image, recipe=recipe)
    heard = engine.hear_until("error", "result")
    frames = [f for f in heard if f.kind == "frame"]
    assert [f.fields["name"] for f in frames] == ["octave 1", "octave 2"]
    last, result = frames[-1].pictures["frame"], heard[-1].pictures["result"]
    assert np.array_equal(array_of(last), array_of(result))
    guide = {"image": picture_of(image), "guide": picture_of(image[:32, :40, :3])}
    engine.tell("dream", guide, id=2, recipe=recipe)
    guided = engine.hear_until("error", "result")[-1].pictures["result"]
    assert not np.array_equal(array_of(guided), array_of(result))


def test_frames_of_a_film_are_dreamed_as_in_one_process(engine: Engine, photo: np.ndarray) -> None:
    film_of = photo.astype(np.float32) / 255
    frames = [np.ascontiguousarray(film_of[8:56, 8 + 2 * n : 72 + 2 * n]) for n in range(3)]
    recipe = Recipe(octaves=1, steps=5, objective="block2")

    def through_engine(name: str, frame: np.ndarray) -> np.ndarray:
        engine.ask(frame, recipe=recipe.as_dict(), film={"name": name, "carry": 1.0})
        heard = engine.hear_until("result", "error")
        fractions = [f.fields["fraction"] for f in heard if f.kind == "progress"]
        assert fractions == sorted(fractions) and fractions[-1] == 1.0
        return array_of(heard[-1].pictures["result"])

    film, state = FilmDream(recipe), FilmState()
    for frame in frames:
        dreamed, state = film.next(frame, state)
        assert np.array_equal(through_engine("one", frame), dreamed)
    first, _ = film.next(frames[0], FilmState())
    assert np.array_equal(through_engine("another", frames[0]), first)
    assert not np.array_equal(first, film.next(frames[0], state)[0])


def test_a_frames_transparency_stays(engine: Engine, image: np.ndarray) -> None:
    image[:, :20, 3] = 0
    engine.ask(image, recipe={"octaves": 1, "steps": 2}, film={"name": "clear"})
    result = array_of(engine.hear_until("result", "error")[-1].pictures["result"])
    assert np.array_equal(result[..., 3], image[..., 3])
    assert np.array_equal(result[:, :20], image[:, :20])
    assert np.abs(result[:, 20:, :3] - image[:, 20:, :3]).mean() > 0.003
