"""Benchmarks: how fast dreams are, compared with a plain program and with the machine's limits."""
