"""What `install.py` does, a job a module. Python 3.9 and later, standard library only.

    installing    everything, in its order             demo          a photo through GIMP
    uninstalling  what `uninstall` removes             testing       every check, with real GIMPs

    environment   the engine's environment             plug_in       the plug-in in a profile
    project       the project's package in it          program_link  the program `deepdream`
    torch_choice  which build of PyTorch               pythons       the Python to make it from
    pip           pip, and why it failed               apt           Debian's packages
    warm_engine   sent away before its files go        profiles      of a GIMP never started

    manifest      what was put where                   places        what is where
    running       other programs, shown at work        files         whole or not at all
    words         what is said

Each imports from its own block and from those below.
"""
