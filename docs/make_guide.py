"""Make the page that F1 opens, plug-ins/deepdream/guide/index.html, from docs/guide.md.

    python docs/make_guide.py            write the page
    python docs/make_guide.py --check    fail if it is not up to date

It knows the Markdown that the guide uses: headings, paragraphs, lists, code blocks, pictures on
lines of their own, and links, bold and code within a line. Its pictures are made by
docs/make_guide_pictures.py.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parent
SOURCE = DOCS / "guide.md"
PAGE = DOCS.parent / "plug-ins" / "deepdream" / "guide" / "index.html"
_PICTURES = "../plug-ins/deepdream/guide/"
"""Where docs/guide.md finds the pictures that lie beside the page."""
_STYLE = """
:root { color-scheme: light dark; }
body { font: 17px/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 1rem; }
h1, h2 { line-height: 1.2; }
h2 { border-top: 1px solid #8885; margin-top: 3rem; padding-top: 2rem; }
img { border-radius: 6px; height: auto; max-width: 100%; }
code { background: #8882; border-radius: 4px; padding: 0.1em 0.3em; }
pre { background: #8882; border-radius: 6px; overflow-x: auto; padding: 0.8em; }
pre code { background: none; padding: 0; }
a { color: #3584e4; }
""".strip()


def page_from(text: str) -> str:
    """Return the HTML page for the guide in Markdown, with a list of its pages at the top."""
    blocks = list(_blocks(text))
    titles = [block.removeprefix("## ") for block in blocks if block.startswith("## ")]
    entries = "\n".join(f'<li><a href="#{_anchor(title)}">{title}</a></li>' for title in titles)
    contents = f"<nav><ul>\n{entries}\n</ul></nav>"
    body, listed = [], False
    for block in blocks:
        if block.startswith("## ") and not listed:
            body.append(contents)
            listed = True
        body.append(_block(block))
    title = html.escape(blocks[0].removeprefix("# "))
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
            f"<title>{title}</title>",
            f"<style>\n{_STYLE}\n</style></head>",
            "<body>",
            *body,
            "</body>",
            "</html>",
            "",
        ]
    )


def _blocks(text: str) -> Iterator[str]:
    """Yield the parts between empty lines; a code block is one part."""
    for number, part in enumerate(re.split(r"^```\w*\n(.*?)^```$", text, flags=re.M | re.S)):
        if number % 2:
            yield f"```{part}"
        else:
            yield from filter(None, (block.strip() for block in re.split(r"\n\s*\n", part)))


def _block(block: str) -> str:
    if block.startswith("```"):
        return f"<pre><code>{html.escape(block[3:])}</code></pre>"
    if heading := re.match(r"(#+) (.*)", block):
        level, title = len(heading[1]), heading[2]
        return f'<h{level} id="{_anchor(title)}">{_inline(title)}</h{level}>'
    if picture := re.fullmatch(r"!\[(.*?)\]\((.*?)\)", block, re.S):
        name = picture[2].removeprefix(_PICTURES)
        return f'<p><img src="{name}" alt="{html.escape(" ".join(picture[1].split()))}"></p>'
    if re.match(r"- |\d+\. ", block):
        kind = "ul" if block.startswith("- ") else "ol"
        items = re.split(r"\n(?=- |\d+\. )", block)
        rows = [f"<li>{_inline(re.sub(r'^(- |[0-9]+[.] )', '', item))}</li>" for item in items]
        return "\n".join([f"<{kind}>", *rows, f"</{kind}>"])
    return f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    text = html.escape(" ".join(text.split()), quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r'<a href="\2">\1</a>', text)


def _anchor(title: str) -> str:
    """Return the name of a heading in links, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def main() -> int:
    page = page_from(SOURCE.read_text("utf-8"))
    if "--check" in sys.argv[1:]:
        return int(PAGE.read_text("utf-8") != page)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
