"""Dreams of an artist in a GIMP with windows, each of which may be disturbed at any moment."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

from disturbed import KINDS, Outcome
from saboteur import Saboteur, processes_of
from visit import Visit

REPEATED, CHOSEN = "repeated", "chosen"
"""How a dream begins: with Filters > Repeat, in GIMP's progress bar, or with dialog and window."""
_KEYS = {REPEATED: "ctrl+f", CHOSEN: "F9"}
_OF_GIMP = "^GIMP (Message|Warning|Error)$"
_LOOK = 0.1
_HIGHEST = 260
"""In pixels: GIMP shows several messages in one window, which is then higher."""
_STATE = """
image = photo()
answer["layers"] = tree(image.layers)
answer["bounds"] = image.selection_bounds()
answer["dirty"] = image.dirty
answer["images"] = len(gimp.image_list())
"""
_PREPARE = """
image = photo()
layer = image.layers[-1]
if layer.has_alpha != {alpha}:
    layer.add_alpha() if {alpha} else pdb["gimp-layer-flatten"](layer)
pdb["gimp-selection-none"](image)
if {selected}:
    pdb["gimp-image-select-rectangle"](image, CHANNEL_OP_REPLACE, 20, 10, 50, 40)
image.clean_all()
"""


class DisturbedVisit:
    """A GIMP whose dreams a saboteur disturbs."""

    def __init__(
        self, visit: Visit, home: Path, saboteur: Saboteur, draw: random.Random, shots: str
    ) -> None:
        """`home` is the data folder; the names of screenshots begin with `shots`."""
        self._visit, self._home, self._saboteur = visit, home, saboteur
        self._draw, self._shots = draw, shots
        self.windows_seen = 0
        """How many dreams showed the plug-in's own progress window."""

    def dream(self, name: str) -> Outcome:
        """Let a dream of a kind such as "repeated layer" begin and end; return how it ended."""
        how, _, kind = name.partition(" ")
        before = self._prepare(kind)
        ended = self._saboteur.dreams
        self._begin(how)
        errors = self._accompany(ended)
        after = self._settled(before, errors)
        errors += self._messages()
        dreamed = after["layers"][:-1]
        if dreamed:
            after = self._undone(before)
        print(f"{name}, {self._saboteur.struck or 'undisturbed'}: {errors}", flush=True)
        same = {**after, "dirty": False} == before
        return Outcome(name, errors, same, after["dirty"], dreamed)

    def _state(self) -> dict[str, Any]:
        return self._visit.inside(_STATE)

    def _prepare(self, kind: str) -> dict[str, Any]:
        wanted = KINDS[kind]
        (self._home / "last-settings.json").write_text(wanted.remembered, "utf-8")
        (self._home / "unfinished-settings.json").unlink(missing_ok=True)
        prepare = _PREPARE.format(alpha=wanted.alpha, selected=wanted.selected)
        before = self._visit.inside(prepare + _STATE)
        assert not before["dirty"] and len(before["layers"]) == 1
        return before

    def _begin(self, how: str) -> None:
        begun = self._saboteur.begun
        for _ in range(4):
            self._visit.screen.activate(self._visit.window)
            self._visit.screen.keys(_KEYS[how])
            until = time.monotonic() + 10
            while time.monotonic() < until:
                if self._saboteur.begun > begun:
                    return
                time.sleep(_LOOK / 5)
        raise AssertionError(f"no dream began, see {self._shot('failed')}")

    def _accompany(self, ended: int) -> list[str]:
        """Press OK in the dialog, close the plug-in's error window; return what that said."""
        screen, errors = self._visit.screen, []
        pause = self._draw.uniform(0.0, 1.0)
        seen = ok_pressed = told = False
        until = time.monotonic() + 180
        while self._saboteur.dreams == ended:
            assert time.monotonic() < until, f"it does not end, see {self._shot('failed')}"
            time.sleep(_LOOK)
            titles = screen.windows("DeepDream|dreaming$")
            seen = seen or any(title.endswith("dreaming") for title in titles.values())
            for window, title in titles.items():
                if title == "DeepDream: Error":
                    if not told:
                        errors.append(self._last_error())
                        self._shot("error")
                    told = True
                    self._press(window, "Escape")
                elif title == "DeepDream" and not told:
                    if not ok_pressed:
                        time.sleep(pause)
                    ok_pressed = True
                    self._press(window, "alt+o")
        self.windows_seen += seen
        return errors

    def _press(self, window: str, keys: str) -> None:
        if self._visit.screen.ask_for_focus(window):
            self._visit.screen.keys(keys)

    def _last_error(self) -> str:
        return (self._home / "logs" / "last-error.txt").read_text("utf-8").strip()

    def _settled(self, before: dict[str, Any], errors: list[str]) -> dict[str, Any]:
        """Wait until GIMP shows a dream or an error; return what is in the image."""
        until = time.monotonic() + 5
        while True:
            after = self._state()
            shown = errors or self._visit.screen.windows(_OF_GIMP)
            if shown or after["layers"] != before["layers"] or time.monotonic() > until:
                time.sleep(3 * _LOOK)
                return self._state()
            time.sleep(_LOOK)

    def _messages(self) -> list[str]:
        """Return a text for each window with GIMP's own messages, and close them.

        A window with several messages counts twice.
        """
        windows = self._visit.screen.windows(_OF_GIMP)
        if not windows:
            return []
        self._shot("message")
        texts = []
        for window in windows:
            *_, width, height = self._visit.screen.geometry(window)
            texts += [f"GIMP's message, {width} x {height}"] * (2 if height > _HIGHEST else 1)
        while self._visit.screen.windows(_OF_GIMP):
            self._visit.dismiss_messages()
        return texts

    def _undone(self, before: dict[str, Any]) -> dict[str, Any]:
        """Undo one step; return what is in the image then."""
        for _ in range(3):
            self._visit.screen.activate(self._visit.window)
            self._visit.screen.keys("ctrl+z")
            until = time.monotonic() + 3
            while time.monotonic() < until:
                after = self._state()
                if after["layers"] == before["layers"]:
                    return after
                time.sleep(_LOOK)
        return self._state()

    def _shot(self, name: str) -> Path:
        return self._visit.shot(f"{self._shots}-{name}")


def nothing_runs(home: Path) -> bool:
    found = processes_of(home)
    return not found.plug_ins and not found.engines
