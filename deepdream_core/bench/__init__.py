"""Measuring: how fast dreams are beside a plain program, and beside what the machine could do."""
