"""A GIMP window with a photo, operated the way an artist would."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hosts import CHECKOUT, PLUG_INS, Desktop, GimpHost, Running, processor_seconds
from inside import SCRIPTS, TEST_PLUG_INS
from PIL import Image

SIZE = (200, 150)
DIALOG = "^DeepDream$"
_SHORTCUTS = {"deepdream": "F9", "deepdream-again": "F7", "deepdream-animation": "F4"}
"""Keyboard shortcuts for the menu entries. GIMP itself does not use these keys."""
_LOOK_SECONDS = 0.15
"""How often conditions are looked at: looking takes the processor from what is waited for."""
_NOWHERE = (5, 5)
"""A mouse position where no tooltip appears."""


class Visit:
    """A running GIMP, operated by keys; a script inside it reports what is in the image."""

    def __init__(
        self,
        gimp: GimpHost,
        screen: Desktop,
        folder: Path,
        shots: Path,
        env: Mapping[str, str] | None = None,
        size: tuple[int, int] = SIZE,
        keys: Mapping[str, str] | None = None,
        plug_ins: Sequence[Path] = (),
        picture: Path = CHECKOUT / "docs" / "photo.jpg",
        ours: Path = PLUG_INS,
    ) -> None:
        """Start GIMP with a picture, resized to `size` (width, height), called photo.png.

        `keys` gives further menu entries keys, such as `image-flatten` the key `ctrl+F7`. `ours`
        is the folder with our plug-ins.
        """
        self.gimp, self.screen, self.folder, self.shots = gimp, screen, folder, shots
        self._numbers = itertools.count(1)
        photo, script = folder / "photo.png", folder / "looking_glass.py"
        Image.open(picture).resize(size).save(photo)
        shutil.copy(SCRIPTS / script.name, script)
        report = folder / "report.json"
        self._assign_keys(keys or {})
        if gimp.is_gimp2:
            batch = ["-b", f'(python-fu-run-file RUN-NONINTERACTIVE "{script}" "{report}")']
        else:
            call = f'(python-fu-run-file #:path "{script}" #:report-path "{report}")'
            batch = ["--batch-interpreter=plug-in-script-fu-eval"]
            batch += ["-b", f"(script-fu-use-v3) {call}"]
        self.job: Running = gimp.open_window(
            folder,
            screen.display,
            images=[photo],
            arguments=batch,
            plug_ins=[ours, TEST_PLUG_INS, *plug_ins],
            env=env,
        )
        self.window = screen.wait_for_window("1 layer", 120)
        screen.point(*_NOWHERE)

    def _assign_keys(self, of_gimp: Mapping[str, str]) -> None:
        profile = self.gimp.profile(self.folder)
        profile.mkdir(exist_ok=True)
        ours = {f"plug-in/python-fu-{name}": key for name, key in _SHORTCUTS.items()}
        theirs = {
            f"{_group(action)}/{action}": key.replace("ctrl+", "<Primary>")
            for action, key in of_gimp.items()
        }
        keys = {**ours, **theirs}
        if self.gimp.is_gimp2:
            rows = [f'(gtk_accel_path "<Actions>/{path}" "{key}")' for path, key in keys.items()]
            (profile / "menurc").write_text("\n".join(rows) + "\n", "utf-8")
        else:
            rows = [f'(action "{path.partition("/")[2]}" "{key}")' for path, key in keys.items()]
            text = "\n".join(["(file-version 1)", *rows])
            (profile / "shortcutsrc").write_text(text + "\n", "utf-8")

    def inside(self, code: str, seconds: float = 30) -> dict[str, Any]:
        """Run code inside GIMP; return the dictionary `answer` that it fills in time."""
        number = next(self._numbers)
        part = self.folder / "ask.part"
        part.write_text(code, "utf-8")
        part.rename(self.folder / f"ask-{number}.py")
        told = self.folder / f"answer-{number}.json"
        self.wait(told.exists, seconds)
        answer = json.loads(told.read_text("utf-8"))
        assert "error" not in answer, answer["error"]
        return answer

    def image(self) -> dict[str, Any]:
        """Return everything that an artist could see in the image.

        The selected layer is left out, because GIMP's redo changes it.
        """
        return self.inside(
            "image = photo()\n"
            "answer['layers'] = tree(image.layers)\n"
            "answer['bounds'] = image.selection_bounds()\n"
        )

    def close_image(self) -> None:
        """Close the only image without saving it."""
        self.inside("pdb['gimp-display-delete'](1)\nassert not gimp.image_list()\n")

    def leave(self) -> None:
        """Close whatever a failed test left open, so that the next one can start."""
        for pid in self.plug_ins():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.dismiss_messages()

    def dismiss_messages(self) -> None:
        """Close GIMP's own message windows."""
        for message in self.screen.windows("^GIMP (Message|Warning|Error)$"):
            self.screen.activate(message)
            self.screen.keys("Escape")

    def wait_for_image(self, wanted: dict[str, Any], seconds: float = 10.0) -> None:
        """Wait until `image` returns `wanted`."""
        until = time.monotonic() + seconds
        while (now := self.image()) != wanted and time.monotonic() < until:
            time.sleep(0.1)
        assert now == wanted, f"see {self.shot('failed')}"

    def choose(self, entry: str) -> str:
        """Run a menu entry by its shortcut; return the dialog that opens.

        Presses again where nothing happens: GIMP ignores keys while it sets up its window.
        """
        for patience in (20, 40, 60):
            self.dismiss_messages()
            self.screen.activate(self.window)
            self.screen.keys(_SHORTCUTS[entry])
            with contextlib.suppress(TimeoutError):
                return self._painted(self.there(DIALOG, patience))
        raise AssertionError(f"nothing opened, see {self.shot('failed')}")

    def _painted(self, dialog: str) -> str:
        self.wait(lambda: self.preview(dialog).std() > 10)
        return dialog

    def press(self, keys: str, heard: Callable[[], Any], seconds: float = 5.0) -> None:
        """Press keys until they take effect, because a window that is opening may miss some."""
        for _ in range(4):
            self.screen.keys(keys)
            if self._comes(heard, seconds):
                return
        raise AssertionError(f"{keys} had no effect, see {self.shot('failed')}")

    def repeat(self) -> None:
        """Run the last plug-in again as Ctrl+F does, and wait until it starts."""
        self.screen.activate(self.window)
        # Only the title is looked at: a script cannot look at an image that is being changed.
        before = self.title()
        self.press("ctrl+f", lambda: self.plug_ins() or self.title() != before, 20)

    def see_change(self, window: str, keys: str = "", text: str = "") -> None:
        """Press keys or type a text; wait until the window has changed and stopped changing.

        Compares the right half only: the left half of the dialog is the preview.
        """
        x, y, width, height = self.screen.geometry(window)
        right_half = (x + width // 2, y, x + width, y + height)
        before = self.screen.seen(right_half)
        if keys:
            self.screen.keys(keys)
        if text:
            self.screen.type(text)

        def changed() -> bool:
            now = self.screen.seen(right_half)
            time.sleep(0.2)
            # A blinking cursor is below the first limit.
            standing = unlike(now, self.screen.seen(right_half)) < 0.05
            return standing and unlike(now, before) > 0.2

        self.wait(changed, 20)

    def choose_file(self, path: Path) -> None:
        """Enter a path in the open file chooser."""
        self.see_change(self.screen.focused(), "slash")  # opens a field for the path
        self.screen.keys("ctrl+a")
        self.screen.type(str(path))
        self.screen.keys("Return")

    def type_into(self, letter: str, text: str, name: str) -> None:
        """Type into the field with this mnemonic until the setting `name` has the new value."""
        for _ in range(4):
            self.screen.keys(f"alt+{letter}")
            self.screen.keys("ctrl+a")
            self.screen.type(f"{text}\t")
            if self._comes(lambda: str(self.chosen().get(name)) == text, 4):
                return
        raise AssertionError(f"{text} was not accepted, see {self.shot('failed')}")

    def press_ok(self) -> None:
        """Press OK in the dialog and wait until it closes."""
        self.press("alt+o", lambda: not self.screen.windows(DIALOG))

    def there(self, window: str, seconds: float = 20.0) -> str:
        """Wait for a window whose title matches, focus it and return it."""
        found = self.screen.wait_for_window(window, seconds)
        self.screen.activate(found)
        return found

    def shot(self, name: str) -> Path:
        return self.screen.screenshot(self.shots / f"{self.gimp.name}-{name}.png")

    def preview_box(self, dialog: str) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom of the preview on the screen."""
        x, y, width, height = self.screen.geometry(dialog)
        return x + 10, y + 10, x + width // 2 - 60, y + height - 240

    def preview(self, dialog: str) -> np.ndarray:
        """Return the current preview: values 0..255 (height, width, 3)."""
        return self.screen.seen(self.preview_box(dialog))

    def wait_for_dream(self, dialog: str) -> float:
        """Wait until the preview changes; return how long that took."""
        now = self.preview(dialog)
        return self.wait(lambda: unlike(self.preview(dialog), now) > 1.5)

    def wait(self, what: Callable[[], Any], seconds: float = 120.0) -> float:
        """Wait until a condition is true; return how long that took."""
        begin = time.monotonic()
        if not self._comes(what, seconds):
            raise AssertionError(f"{self.screen.windows()}, see {self.shot('failed')}")
        return time.monotonic() - begin

    @staticmethod
    def _comes(what: Callable[[], Any], seconds: float) -> bool:
        """Wait until a condition is true, but not longer than this; return whether it is."""
        begin = time.monotonic()
        while not what():
            if time.monotonic() - begin > seconds:
                return False
            time.sleep(_LOOK_SECONDS)
        return True

    def title(self) -> str:
        """Return the title of GIMP's window: * for unsaved changes, the number of layers."""
        self.screen.wait_for_window(" layer", 10)  # a title may be empty while it changes
        return next(iter(self.screen.windows(" layer").values()), "") or self.title()

    def wait_for_layers(self, count: int, seconds: float = 120.0) -> None:
        """Wait until the title of GIMP's window shows this number of layers."""
        self.wait(lambda: re.search(rf"\b{count} layer", self.title()), seconds)

    def plug_ins(self) -> list[int]:
        """Return the process IDs of the plug-in."""
        return [pid for pid, command in self.job.processes() if "deepdream.py" in command]

    def engines(self) -> list[int]:
        """Return the process IDs of the engine."""
        return [pid for pid, command in self.job.processes() if " --socket " in command]

    def work(self) -> float:
        """Return the processor time that the engine has used, in seconds."""
        # For a moment, a process that the engine starts looks like the engine.
        return sum(processor_seconds(engine) for engine in self.engines())

    def wait_for_work(self) -> None:
        """Wait until the engine computes."""
        before = self.work()
        self.wait(lambda: self.work() - before > 0.2, 60)

    def rests(self, seconds: float = 0.7) -> bool:
        """Return whether the engine stays idle for this long."""
        before = self.work()
        time.sleep(seconds)
        return self.work() - before < 0.03

    def wait_for_rest(self) -> None:
        """Wait until the engine is idle."""
        self.wait(lambda: self.engines() and self.rests())

    def wait_for_standing(self, dialog: str) -> None:
        """Wait until the preview is finished and the dialog shows it."""
        x, y, width, height = self.screen.geometry(dialog)
        left_half = (x, y, x + width // 2 - 40, y + height - 20)

        def stands() -> bool:
            before = self.screen.seen(left_half)
            return self.rests() and np.array_equal(before, self.screen.seen(left_half))

        self.wait(lambda: self.engines() and stands())

    def remember(self, settings: Mapping[str, float]) -> None:
        """Have the dialog start with Classic and these settings."""
        kept = {"preset": "classic", "settings": dict(settings), "output": {}}
        (self.folder / "data" / "last-settings.json").write_text(json.dumps(kept), "utf-8")

    def last(self) -> dict[str, Any]:
        """Return the remembered settings of the last dream."""
        return self._kept("last-settings.json")

    def chosen(self, what: str = "settings") -> dict[str, Any]:
        """Return the "settings" or "output" of the open dialog, which saves every change."""
        return (self._kept("unfinished-settings.json") or self.last()).get(what, {})

    def _kept(self, name: str) -> dict[str, Any]:
        path = self.folder / "data" / name
        return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _group(action: str) -> str:
    """Return the name of the group that an action belongs to."""
    return "plug-in" if action.startswith("python-fu-") else action.partition("-")[0]


def unlike(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean difference between two pictures of the screen, 0..255.

    If they differ in size, something in the window has moved, and nothing is alike.
    """
    if one.shape != other.shape:
        return 255.0
    return float(np.abs(one - other).mean())
