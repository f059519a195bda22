"""Generated settings, objectives, presets and recipes, as careless or hostile people write them."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable

from deepdream_core.shared.outputs import OUTPUT_PARAMETERS
from deepdream_core.shared.presets import SHIPPED
from deepdream_core.shared.recipe import PARAMETERS, Parameter

ROWS = {**PARAMETERS, **OUTPUT_PARAMETERS}
_LAYERS = ("block4", "block10", "edges", "parts", "stem", "block77", "conv1/7x7", "a.b.c", "_")
_CLASSES = ("castle", "483", "black-footed ferret", "tabby", "dog", "no such thing", "9" * 5000)
_TEXTS = (
    *("", " ", "x", "ü▸„“", "\0", "a\0b", "\ud800", "\udc80", "\u202egnp.jpg", "\n\r\t", "None"),
    *("NaN", "Infinity", "-0", "1e999", "0x10", "٣", "1_0", "{}", "[]", "a=b;c=d", "|", "%s{x}"),
    *("/etc/passwd", "//server/share/x.png", "~", "x" * 10_000, "9" * 5000, "[" * 100_000),
)
_NUMBERS = (
    *(0, 1, -1, 2, 7, 2**31 - 1, 2**31, 2**63, -(2**63), 10**400, True, False, None),
    *(0.5, 1.0, -0.0, 1e-320, 1e308, math.nan, math.inf, -math.inf, 1.0000001),
)


class Generator:
    """Draws texts and values; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def _one(self, *makers: Callable[[], object]) -> object:
        return self._random.choice(makers)()

    def value(self, depth: int = 3) -> object:
        """Return anything that JSON can hold."""
        makers = [lambda: self._random.choice(_TEXTS), lambda: self._random.choice(_NUMBERS)]
        if depth:
            makers += [
                lambda: [self.value(depth - 1) for _ in range(self._random.randrange(3))],
                lambda: {self.text(): self.value(depth - 1) for _ in range(2)},
            ]
        return self._one(*makers)

    def text(self) -> str:
        return self._random.choice(_TEXTS)

    def objective(self) -> str:
        """Return an objective, usually a valid one."""
        parts = [self._term() for _ in range(self._random.choice((1, 1, 1, 2, 3)))]
        return self._damaged(self._random.choice((" + ", " - ", "+", "-")).join(parts))

    def _term(self) -> str:
        draw = self._random
        layer, number = draw.choice(_LAYERS), draw.choice(("0", "3", "42", "999999999", "9" * 5000))
        place = f"@{draw.choice(('0.3', '1', '1.5', '.5'))},{draw.choice(('0.6', '0', ''))}"
        target = draw.choice(
            (
                *(layer, layer, f"{layer}:{number}", f"{layer}:{number}{place}"),
                f"class:{draw.choice(_CLASSES)}",
            )
        )
        factor = draw.choice(("", "", "", "0.5*", "2 * ", "1e5*", "9" * 400 + "*", "0*"))
        return f"{factor}{target}"

    def allowed(self, row: Parameter) -> object:
        """Return a value that is usually allowed for a setting."""
        draw = self._random
        if row.name == "objective":
            return self.objective()
        if row.name == "features":
            return "|".join(self.objective() for _ in range(draw.randrange(3)))
        if row.name == "model":
            return draw.choice(
                ("efficientnet_lite0", "efficientnet_lite0", "googlenet", "vit_b_16")
            )
        if row.kind == "text":
            return draw.choice(("", "", "nowhere.png", "/dev/zero", self.text()))
        if row.kind == "choice":
            return draw.choice(tuple(row.choices))
        number = draw.choice((row.low, row.high, draw.uniform(row.low, row.high), row.default))
        return round(float(number)) if row.kind == "int" else number

    def settings(self) -> dict[str, object]:
        """Return some settings, most of them allowed."""
        draw, chosen = self._random, {}
        for name in draw.sample(list(ROWS), draw.choice((0, 1, 2, 3, 8))):
            foreign = draw.random() < 0.07
            chosen[name] = self.value() if foreign else self.allowed(ROWS[name])
        if draw.random() < 0.03:
            chosen[draw.choice(("stepz", "Steps", "", *_TEXTS))] = self.value()
        return chosen

    def settings_text(self) -> str:
        """Return the argument `settings` of a procedure: pairs or JSON."""
        settings = self.settings()
        if self._random.random() < 0.5:
            return self._damaged(json.dumps(settings))
        return self._damaged(";".join(f"{name}={value}" for name, value in settings.items()))

    def preset_name(self) -> str:
        draw = self._random
        return draw.choice(("", "fish", "classic", "clasic", self._damaged(SHIPPED[0].name)))

    def preset(self) -> bytes:
        """Return the content of a preset's file."""
        recipe = {n: v for n, v in self.settings().items() if n in PARAMETERS}
        content = {"title": self._rarely("My own"), "description": "", "settings": recipe}
        return self._file(content)

    def note(self) -> bytes:
        """Return the parasite of a dreamed layer."""
        settings = self.settings()
        content = {
            "version": self._rarely("0.1"),
            "preset": self._rarely("fish"),
            "recipe": self._rarely({n: v for n, v in settings.items() if n in PARAMETERS}),
            "output": self._rarely({n: v for n, v in settings.items() if n in OUTPUT_PARAMETERS}),
            "source": self._rarely({"name": "photo", "tattoo": self._rarely(5)}),
        }
        return self._file(content)

    def _file(self, content: object) -> bytes:
        text = self._damaged(json.dumps(self._rarely(content)))
        data = bytearray(text, "utf-8", "surrogatepass")
        if data and self._random.random() < 0.03:
            data[self._random.randrange(len(data))] = self._random.randrange(256)
        return bytes(data)

    def _rarely(self, usual: object) -> object:
        """Return `usual`, or rarely something else."""
        return self.value() if self._random.random() < 0.03 else usual

    def _damaged(self, text: str) -> str:
        """Return a text that is rarely changed at one place."""
        if self._random.random() > 0.08:
            return text
        at = self._random.randrange(len(text) + 1)
        return text[:at] + self.text() + text[at + self._random.randrange(3) :]
