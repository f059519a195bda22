"""The code behind `install.py`. Python 3.9 and later, standard library only.

    install           the steps of an installation, and of removing it
    demo              dreaming a photo through GIMP
    testing           running every check, in real GIMPs
    package           the zip file for GIMP's folder for plug-ins, whose dialog installs the engine

    environment       the engine's virtual environment
    pip_progress      how far pip has come
    left_out          what packages contain that a dream does not need
    sizes             how much an installation downloads, and the disk space it takes
    locks             the exact packages of a build of PyTorch, with their files' hashes
    own_data          which files in the data folder are ours, and which are the user's
    python_and_torch  choosing a Python and a build of PyTorch for it
    plug_in           the plug-in in a GIMP configuration folder
    gimps             finding GIMPs and their plug-in folders

    system            subprocesses, files, and the manifest of what was installed
    reports           what is told: sentences for people, or JSON for the dialog

Each module imports only from those below it, and from `deepdream_core.shared`.
"""
