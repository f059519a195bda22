"""The command line `deepdream`."""
