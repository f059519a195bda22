"""Make the README's picture of the dialog: a screenshot of GIMP 3.0 on a virtual screen.

    PYTHONPATH=. python docs/make_dialog.py     (a minute)

Needs the same programs as the window tests; `python3 install.py test` installs them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "gimp"))

from hosts import available_hosts, desktop
from visit import Visit

DOCS = Path(__file__).parent
PHOTO = (1024, 768)
_STRIP = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as name, desktop() as screen:
        folder = Path(name)
        visit = Visit(available_hosts()["3.0"], screen, folder, folder, size=PHOTO)
        try:
            dialog = visit.choose("deepdream")
            visit.wait_for_standing(dialog)
            shown = Image.open(screen.screenshot(folder / "dialog.png", dialog)).convert("RGB")
            # A strip of the desktop shows below the window.
            shown = shown.crop((0, 0, shown.width, shown.height - _STRIP))
            shown.save(DOCS / "dialog.webp", quality=85, method=6)
        finally:
            visit.job.stop()


if __name__ == "__main__":
    main()
