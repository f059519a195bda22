"""What the menu says where GIMP brings a Python that is too old, such as 2.10 for Windows.

It must run in Python 2, whose GIMP has a gimpfu of its own.
"""

import sys

SENTENCE = (
    "DeepDream cannot run in this GIMP, which brings Python %d.%d: install GIMP 3 from gimp.org, "
    "then run DeepDream's install.py again."
)


def explain():
    """Register DeepDream's menu entry, which says why it cannot dream."""
    import gimp  # pyright: ignore[reportMissingImports]
    from gimpfu import PF_DRAWABLE, PF_IMAGE, main, register

    def say(image, drawable):
        gimp.message(SENTENCE % tuple(sys.version_info[:2]))

    register(
        "python-fu-deepdream",
        "Say what DeepDream needs",
        "DeepDream needs a newer Python than this GIMP has.",
        "DeepDream for GIMP",
        "GPL-3.0-or-later",
        "2026",
        "DeepDream...",
        "*",
        [
            (PF_IMAGE, "image", "The image", None),
            (PF_DRAWABLE, "drawable", "The layer", None),
        ],
        [],
        say,
        menu="<Image>/Filters/Artistic",
    )
    main()
