"""The syntax of objectives, and their equivalents in other networks."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from deepdream_core.shared.depths import DEPTHS
from deepdream_core.shared.objective import (
    KINDS,
    Channel,
    Class,
    Expression,
    Layer,
    ObjectiveError,
    Target,
    Term,
    Unit,
    parse_objective,
    written,
)
from deepdream_core.shared.recipe import PARAMETERS, Recipe

README = Path(__file__).parents[2] / "README.md"
patient = settings(deadline=None, database=None)


def terms_of(text: str) -> tuple[Term, ...]:
    return parse_objective(text).terms


def test_every_kind_of_target_is_registered() -> None:
    def kinds(of: type[Target]) -> set[type[Target]]:
        below = {kind for direct in of.__subclasses__() for kind in kinds(direct)}
        return below if inspect.isabstract(of) else {of, *below}

    assert kinds(Target) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_target_is_complete(kind: type[Target]) -> None:
    """Binding is tested in `test_every_kind_of_target_gives_a_gradient`, with a network."""
    (term,) = terms_of(f" 2 * {kind.example} ")
    assert type(term.target) is kind
    assert (term.weight, term.position) == (2.0, 5)
    assert str(term.target) == kind.example
    assert term.target.wording
    (elsewhere,) = terms_of(parse_objective(kind.example).without_layer_names())
    assert elsewhere.target == term.target.without_layer_name()
    assert elsewhere.target.without_layer_name() == elsewhere.target


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_target_is_explained(kind: type[Target]) -> None:
    assert f"({kind.example}" in PARAMETERS["objective"].help
    assert f"| `{kind.example}` |" in README.read_text("utf-8")
    if kind.extends is None:
        with pytest.raises(ObjectiveError, match=f"something like .*{kind.example}"):
            parse_objective("block4 + ")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("block10", [Term(1, Layer("block10"))]),
        ("-block2", [Term(-1, Layer("block2"))]),
        ("features.3*.5", [Term(0.5, Layer("features.3"))]),
        ("2*block4*3 - block2", [Term(6, Layer("block4")), Term(-1, Layer("block2"))]),
        ("0.5 * block10 : 42", [Term(0.5, Channel("block10", 42))]),
        ("block10:42@0.3,0.6*2", [Term(2, Unit("block10", 42, 0.3, 0.6))]),
        (
            "class:black-footed ferret - class:483",
            [Term(1, Class("black-footed ferret")), Term(-1, Class("483"))],
        ),
        ("class : tabby+block2", [Term(1, Class("tabby")), Term(1, Layer("block2"))]),
    ],
)
def test_objectives(text: str, terms: list[Term]) -> None:
    assert list(terms_of(text)) == terms


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("block4 +", 8),
        ("block4 block5", 7),
        ("2 block4", 2),
        ("block4:x", 7),
        ("block4:12345678901234567890", 7),
        ("block4:1@2,0", 9),
        ("block4:1@0.5", 12),
        ("class:", 6),
        ("block4*", 7),
        ("*block4", 0),
        ("block2 + 1" + 400 * "0" + "*block4", 9),
    ],
)
def test_a_wrong_objective_points_at_the_character(text: str, position: int) -> None:
    with pytest.raises(ObjectiveError, match=f"at character {position + 1} of") as error:
        parse_objective(text)
    assert error.value.position == position


def test_a_recipe_parses_its_objective_once_and_stays_the_same_recipe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed = []
    monkeypatch.setattr(
        "deepdream_core.shared.recipe.parse_objective",
        lambda text: parsed.append(text) or parse_objective(text),
    )
    recipe = Recipe(objective="block4 - class:castle")
    assert recipe.expression is recipe.expression
    assert recipe.expression.terms == terms_of("block4 - class:castle")
    assert parsed == ["block4 - class:castle"]
    assert "expression" not in recipe.as_dict()
    assert recipe == Recipe(**recipe.as_dict())


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        ("block10", "objects"),
        ("0.5*block4 + block10", "0.5*textures + objects"),
        ("-block2 + block9:42@0.3,0.6", "-textures + parts"),
        ("block1 - 0.5*class:black-footed ferret", "textures - 0.5*class:black-footed ferret"),
        ("class:castle", "class:castle"),
        ("stem + parts", "edges + parts"),
        ("relu4_3", "parts"),
        # Terms with the same word are added up; the weight of a single term is dropped.
        ("block10 + 0.7*block12", "objects"),
        ("-block2 - block3", "-textures"),
        ("block10 + 0.7*block12 + block4", "1.7*objects + textures"),
        ("0.1*block1 + 0.2*block2 + stem", "0.3*textures + edges"),
        # Both raised and suppressed: the suppressed one moves, to a shallower depth if possible.
        ("block13 - block12", "objects - parts"),
        ("-block13 + block12", "-parts + objects"),
        ("block7 - block8", "parts - patterns"),
        ("block7 - block8:3 + block6 - 2*block5", "parts - objects + patterns - 2*textures"),
        ("edges + textures + patterns + parts + objects - block12", None),
        ("class:castle - class:castle", "class:castle - class:castle"),
        ("0*block4", "0*textures"),
    ],
)
def test_objectives_without_layer_names(objective: str, words: str | None) -> None:
    words = words or "edges + textures + patterns + parts + objects - edges"
    assert parse_objective(objective).without_layer_names() == words
    assert parse_objective(words).without_layer_names() == words


_spaces = st.sampled_from(["", " ", "  ", "\t"])
_weights = st.one_of(
    st.integers(0, 1000).map(str),
    st.decimals(0, 1000, places=3).map(str),
    st.sampled_from(["0.5", ".25", "3.", "0.0000001", "100000000000000000000000"]),
)
_layers = st.one_of(
    st.sampled_from(["stem", "logits", "features.3.conv/1", "inception4c", *DEPTHS]),
    st.integers(0, 15).map("block{}".format),
    st.text("abc_é٣./", max_size=6).map("c{}".format),
)
_channels = st.integers(0, 2000).map(str)
_coordinates = st.one_of(st.sampled_from(["0", "1", "1.0", ".5"]), st.floats(0.001, 1).map(str))
_names = st.one_of(
    st.sampled_from(["castle", "black-footed ferret", "483", "soft-coated wheaten terrier"]),
    st.text("abcé²٣@:,./*+- \n", min_size=1),
).filter(str.strip)


@st.composite
def objectives(draw: st.DrawFn) -> str:
    """Draw the text of an objective, with spaces wherever they are allowed."""

    def spaced(*parts: str) -> str:
        return "".join(f"{draw(_spaces)}{part}{draw(_spaces)}" for part in parts)

    def term() -> str:
        kind = draw(st.sampled_from(KINDS))
        parts = ["class:", draw(_names)] if kind is Class else [draw(_layers)]
        if kind in (Channel, Unit):
            parts += [":", draw(_channels)]
        if kind is Unit:
            parts += ["@", draw(_coordinates), ",", draw(_coordinates)]
        before, after = draw(st.booleans()), draw(st.booleans())
        factors = [draw(_weights), "*"] if before else [], ["*", draw(_weights)] if after else []
        return spaced(*factors[0], *parts, *factors[1])

    text = draw(st.sampled_from(["", "-", "+"])) + term()
    for _ in range(draw(st.integers(0, 5))):
        text += f" {draw(st.sampled_from('+-'))} {term()}"
    return text


@patient
@given(objectives())
def test_an_objective_survives_writing_and_reading(text: str) -> None:
    assume(_is_valid(text))
    expression = parse_objective(text)
    assert terms_of(str(expression)) == expression.terms


@patient
@given(st.text("bl0.7:@,*+- _cas/e\n"))
def test_any_text_is_either_parsed_or_refused_at_a_position_within_it(text: str) -> None:
    try:
        expression = parse_objective(text)
    except ObjectiveError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert terms_of(str(expression)) == expression.terms
        assert all(text.startswith(str(term.target)[0], term.position) for term in expression.terms)


@patient
@given(objectives())
@example("stem - block0 + block1 - block2 + block5 - block6 + block7 - block8 + block12 - block13")
def test_no_sign_and_no_class_is_lost_for_another_network(text: str) -> None:
    assume(_is_valid(text))
    before = parse_objective(text)
    words = before.without_layer_names()
    after = terms_of(words)
    for sign in (-1, 1):
        signed = [term for term in after if term.weight * sign > 0]
        assert bool(signed) == any(term.weight * sign > 0 for term in before.terms)
        assert _classes(signed) == _classes(t for t in before.terms if t.weight * sign > 0)
    assert all(isinstance(t.target, Class) or str(t.target) in DEPTHS for t in after)
    assert parse_objective(words).without_layer_names() == words
    # The terms do not cancel out: at least one word is really raised or suppressed.
    says: dict[Target, float] = {}
    for term in after:
        says[term.target] = says.get(term.target, 0) + term.weight
    layers = [t for t in before.terms if t.weight and not isinstance(t.target, Class)]
    assert not layers or any(says[t] for t in says if isinstance(t, Layer))


def _classes(terms: object) -> set[Target]:
    return {term.target for term in terms if isinstance(term.target, Class)}


def _is_valid(text: str) -> bool:
    try:
        parse_objective(text)
    except ObjectiveError:
        return False
    return True


def test_only_the_terms_are_written() -> None:
    assert written([Term(-0.5, Class("castle")), Term(1e-7, Layer("a"))]) == (
        "-0.5*class:castle + 0.0000001*a"
    )
    assert str(Expression("anything", (Term(1, Layer("a")),))) == "a"
