"""`import gimpui` fails with a sentence: PyGTK does not exist for Python 3."""

raise ImportError(
    "This plug-in draws its own windows with PyGTK (gimpui), which does not exist for Python 3. "
    "Rewrite its windows with GTK 3 (PyGObject), or let gimpfu ask for its arguments."
)
