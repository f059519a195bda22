"""What has no equivalent in Python 3 or GIMP 3: a person must decide."""

from __future__ import annotations

import ast

from gimpfu.conversion.edits import Findings
from gimpfu.conversion.kinds import Kinds

_OLD_WINDOWS = (
    "This opens windows of its own with GTK 2, which no longer exists. Let register() ask for the "
    "values, or rewrite the windows for GTK 3."
)
_MODULES = {
    **dict.fromkeys(("gtk", "pygtk", "gobject", "gimpui", "glib"), _OLD_WINDOWS),
    "md5": "The module md5 is gone: use hashlib.md5.",
    "sha": "The module sha is gone: use hashlib.sha1.",
    "sets": "The module sets is gone: set() is built in.",
    "imp": "The module imp is gone since Python 3.12: use importlib.",
    "popen2": "The module popen2 is gone: use subprocess.",
    "Image": "The module Image is now PIL.Image, in the package Pillow.",
}
_CALLS = {
    **dict.fromkeys(("os.popen2", "os.popen3", "os.popen4"), "is gone: use subprocess.Popen."),
    "os.spawnvp": "does not exist on Windows: use subprocess.Popen.",
}


def examine(tree: ast.Module, kinds: Kinds, findings: Findings) -> None:
    """Say what no rule can rewrite."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if said := _CALLS.get(called := findings.source(node.func)):
                findings.note(node, f"{called} {said}")
            continue
        else:
            continue
        for name in names:
            if said := _MODULES.get(name.partition(".")[0]):
                findings.note(node, said)
