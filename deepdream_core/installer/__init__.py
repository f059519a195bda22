"""What `install.py` does. Python 3.9 and later, standard library only.

    install           the whole installation, in order, and taking it all back
    demo              a photo dreamed through GIMP
    testing           every check, with real GIMPs

    environment       the engine's virtual environment and what goes into it
    python_and_torch  which Python and which build of PyTorch that environment gets
    plug_in           the plug-in in a GIMP's configuration folder
    gimps             which GIMPs there are, and where each keeps its plug-ins

    system            messages, other programs, files, and the list of what was put where

Each module imports only from those below it, and from `deepdream_core.shared`.
"""
