"""The batch commands from the README, run in real GIMPs."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from hosts import GimpHost
from PIL import Image

ROOT = Path(__file__).parents[2]
COMMANDS = re.findall(
    r"GIMP (\S+), (Script-Fu|Python):\n\n```sh\n(.*?)```",
    (ROOT / "README.md").read_text("utf-8"),
    re.DOTALL,
)


@pytest.mark.usually_in("2.10", "3.0")
@pytest.mark.parametrize("language", ["Script-Fu", "Python"])
def test_readme_commands(gimp: GimpHost, language: str, tmp_path: Path) -> None:
    series = "2.10" if gimp.is_gimp2 else "3"
    found = [c for version, written, c in COMMANDS if (version, written) == (series, language)]
    if gimp.is_gimp2 and language == "Python":
        assert not found
        return
    words = shlex.split(found[0])
    code = words[words.index("-b") + 1].replace("octaves=3; steps=5", "octaves=1; steps=1")
    with Image.open(ROOT / "docs" / "photo.jpg") as photo:
        photo.resize((96, 72)).save(tmp_path / "photo.jpg")
    interpreter = "python" if language == "Python" else "script-fu"
    result = gimp.batch(code, tmp_path, language=interpreter)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "dream.xcf").stat().st_size > 10_000, result.output
    shutil.rmtree(tmp_path)
