"""Make the pictures of the user guide: screenshots of GIMP 3.0 on a virtual screen.

    PYTHONPATH=. python docs/make_guide_pictures.py     (some minutes)

Needs the same programs as the window tests; `python3 install.py test` installs them. The photo is
"coffee" from scikit-image, by Rachel Michetti, in the public domain.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import skimage
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "gimp"))

from hosts import Desktop, available_hosts, desktop
from make_guide import PAGE
from visit import DIALOG, Visit

_PHOTO = Path(skimage.__file__).parent / "data" / "coffee.png"
_SIZE = (1200, 800)
_WIDTH = 920
"""The width of the pictures, in pixels."""
_LARGEST = 60_000
"""Bytes of a picture at most."""
_PATIENCE = 900
"""Seconds that a preview may take."""
_SURPRISE = "^DeepDream: Surprise me$"
_DREAMING = "dreaming$"
_STRIP = 5
"""Pixels of the desktop that show below a window."""
_PAGES = (0.524, 0.033)
"""Where the pages begin, as shares of the dialog's width and height."""


class Pictures:
    """Takes the pictures, one after the other."""

    def __init__(self, screen: Desktop, folder: Path) -> None:
        self._screen, self._folder = screen, folder
        gimp = available_hosts()["3.0"]
        # Other window tests have the engine rest; here it dreams the presets on the photo.
        kept = folder / "data" / "favourites.json"
        kept.parent.mkdir()
        kept.write_text('{"starred": [], "recent": [], "thumbnails": true}', "utf-8")
        self.visit = Visit(gimp, screen, folder, folder, size=_SIZE, picture=_PHOTO)

    def take_all(self) -> None:
        visit = self.visit
        dialog = self._open("deepdream")
        self._keep("first-dream", dialog)
        self._with_a_mix(dialog)
        self._keep("strip", dialog, (0.0, 0.65, 0.52, 1.0))
        visit.press("alt+h", lambda: True)
        time.sleep(2)
        self._keep("how", dialog, (*_PAGES, 1.0, 1.0))
        visit.press("alt+e", lambda: True)
        time.sleep(2)
        self._keep("where", dialog, (*_PAGES, 1.0, 1.0))
        visit.press("alt+w", lambda: True)
        visit.press("alt+r", lambda: not visit.chosen())
        self._surprises(dialog)
        visit.press("Escape", lambda: not self._screen.windows(DIALOG))
        self._a_part()
        self._again()

    def _with_a_mix(self, dialog: str) -> None:
        """Find a picture by a word, and add another one to it."""
        visit, screen = self.visit, self._screen
        screen.keys("ctrl+f")
        screen.type("dog")
        screen.keys("Return")
        visit.wait(lambda: visit.chosen().get("objective"))
        self._settle(dialog)
        self._keep("search", dialog)
        screen.keys("ctrl+f", "ctrl+a")
        screen.type("peacock")
        time.sleep(3)
        x, y, width, _height = screen.geometry(dialog)
        screen.click(x + round(0.575 * width), y + 190, held="ctrl")
        visit.wait(lambda: "peacock" in visit.chosen().get("objective", ""), 20)
        screen.point(5, 5)
        self._settle(dialog)
        self._keep("mix", dialog)

    def _surprises(self, dialog: str) -> None:
        screen = self._screen
        self._settle(dialog)
        screen.keys("ctrl+f", "Tab", "space")
        window = self.visit.there(_SURPRISE)
        screen.point(5, 5)
        self.visit.wait(self.visit.rests, _PATIENCE)
        self._keep("surprise", window)
        self.visit.press("Escape", lambda: not screen.windows(_SURPRISE))

    def _a_part(self) -> None:
        """Dream what is selected of the photo, and show it growing."""
        visit, screen = self.visit, self._screen
        visit.inside(
            "image = gimp.image_list()[0]\n"
            "pdb['gimp-context-set-feather'](1)\n"
            "pdb['gimp-context-set-feather-radius'](20.0, 20.0)\n"
            "pdb['gimp-image-select-ellipse'](image, CHANNEL_OP_REPLACE, 150, 20, 830, 700)\n"
        )
        dialog = self._open("deepdream")
        self._keep("part", dialog)
        visit.press_ok()
        window = visit.there(_DREAMING)
        time.sleep(4)
        if screen.windows(_DREAMING):
            self._keep("dreaming", window, width=560)
        visit.wait_for_layers(2, _PATIENCE)
        visit.wait(lambda: not visit.plug_ins(), 60)

    def _again(self) -> None:
        dialog = self._open("deepdream-again")
        self._keep("again", dialog, (*_PAGES, 1.0, 0.5))
        self.visit.press("Escape", lambda: not self._screen.windows(DIALOG))

    def _open(self, entry: str) -> str:
        dialog = self.visit.choose(entry)
        self._settle(dialog)
        return dialog

    def _settle(self, dialog: str) -> None:
        """Wait until the preview, and the small pictures of the list, are finished."""
        begin = time.monotonic()
        while True:
            try:
                self.visit.wait_for_standing(dialog)
            except AssertionError:
                if time.monotonic() - begin > _PATIENCE:
                    raise
            else:
                return

    def _keep(
        self,
        name: str,
        window: str,
        part: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
        width: int = _WIDTH,
    ) -> None:
        """Keep a part (0..1) of a window as a picture of the guide."""
        shot = self._screen.screenshot(self._folder / f"{name}.png", window)
        shown = Image.open(shot).convert("RGB")
        shown = shown.crop((0, 0, shown.width, shown.height - _STRIP))
        sides = shown.width, shown.height, shown.width, shown.height
        shown = shown.crop([round(share * side) for share, side in zip(part, sides)])
        shown.thumbnail((width, 4 * width), Image.Resampling.LANCZOS)
        path = PAGE.parent / f"{name}.webp"
        for quality in range(85, 20, -5):
            shown.save(path, quality=quality, method=6)
            if path.stat().st_size <= _LARGEST:
                break
        print(f"{path.name}: {shown.width}x{shown.height}, {path.stat().st_size} bytes")


def main() -> None:
    PAGE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, desktop() as screen:
        pictures = Pictures(screen, Path(name))
        try:
            pictures.take_all()
        finally:
            pictures.visit.job.stop()


if __name__ == "__main__":
    main()
