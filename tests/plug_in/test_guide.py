"""The user guide: its page, its pictures, and that both are installed with the plug-in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from deepdream_core.installer.plug_in import plug_in_files

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "make_guide.py"
GUIDE = ROOT / "docs" / "guide.md"
PAGE = ROOT / "plug-ins" / "deepdream" / "guide" / "index.html"
_LARGEST = 60_000
_SAMPLE = """# Guide

Two lines of
`code <b>` and [a link](x.html).

## First page

![A picture](../plug-ins/deepdream/guide/a.webp)

1. **One**
   goes on
2. Two

- Three

```
a < b

c
```
"""


def test_the_page_is_made_from_the_guide() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], timeout=60)
    assert done.returncode == 0, "run docs/make_guide.py"


def test_every_kind_of_paragraph_becomes_html(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    (tmp_path / "plug-ins" / "deepdream").mkdir(parents=True)
    folder.mkdir()
    (folder / SCRIPT.name).write_text(SCRIPT.read_text("utf-8"), "utf-8")
    (folder / GUIDE.name).write_text(_SAMPLE, "utf-8")
    subprocess.run([sys.executable, folder / SCRIPT.name], check=True, timeout=60)
    page = (tmp_path / PAGE.relative_to(ROOT)).read_text("utf-8")
    body = page[page.index("<body>") :]
    assert body == (
        "<body>\n"
        '<h1 id="guide">Guide</h1>\n'
        '<p>Two lines of <code>code &lt;b&gt;</code> and <a href="x.html">a link</a>.</p>\n'
        '<nav><ul>\n<li><a href="#first-page">First page</a></li>\n</ul></nav>\n'
        '<h2 id="first-page">First page</h2>\n'
        '<p><img src="a.webp" alt="A picture"></p>\n'
        "<ol>\n<li><strong>One</strong> goes on</li>\n<li>Two</li>\n</ol>\n"
        "<ul>\n<li>Three</li>\n</ul>\n"
        "<pre><code>a &lt; b\n\nc\n</code></pre>\n"
        "</body>\n</html>\n"
    )


def test_pictures_are_there_small_used_and_installed() -> None:
    named = set(re.findall(r'<img src="(.*?)"', PAGE.read_text("utf-8")))
    assert len(named) > 5
    assert named == {path.name for path in PAGE.parent.iterdir()} - {PAGE.name}
    assert all((PAGE.parent / name).stat().st_size <= _LARGEST for name in named)
    assert {f"guide/{name}" for name in (*named, PAGE.name)} <= plug_in_files().keys()


def test_the_page_needs_no_network() -> None:
    assert "http" not in PAGE.read_text("utf-8")


def test_every_page_of_the_guide_is_in_its_list() -> None:
    titles = re.findall(r"^## (.*)", GUIDE.read_text("utf-8"), re.M)
    listed = re.findall(r'<li><a href="#(.*?)">(.*?)</a></li>', PAGE.read_text("utf-8"))
    assert [title for _, title in listed] == titles
    assert all(f'<h2 id="{anchor}">' in PAGE.read_text("utf-8") for anchor, _ in listed)
