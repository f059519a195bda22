"""The dialog in which an artist chooses what to dream, and the window that shows it growing.

`state`, `plan` and `previewer` know nothing of GTK; the others are the view, in GTK 3.
No module draws with cairo: GIMP's Python often lacks its binding.
"""
