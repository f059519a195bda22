"""The process that serves dreams over frames (see `deepdream_core.shared.protocol`)."""
