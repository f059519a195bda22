"""The dialog in which an artist chooses what to dream, and the window that shows it growing.

`state`, `plan` and `previewer` do not use GTK; the other modules are the view, in GTK 3.
No module draws with cairo, because GIMP's Python often lacks the bindings.
"""
