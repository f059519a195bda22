"""The log stays short and private, and nothing is written through a link."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pytest

from deepdream_core.shared.log_files import MAX_LOG_BYTES, open_log


def test_a_log_is_private_even_if_it_was_not(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "engine.log"
    open_log(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    with open_log(path) as log:
        log.write(b"a line\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_long_log_keeps_its_last_part_and_all_its_writers(tmp_path: Path) -> None:
    path = tmp_path / "engine.log"
    lines = [f"line {number:09}\n".encode() for number in range(100_000)]
    with open_log(path) as one:
        one.writelines(lines)
        one.flush()
        with open_log(path) as other:
            assert path.stat().st_size < MAX_LOG_BYTES / 2
            one.write(b"one\n")
            one.flush()
            other.write(b"other\n")
    kept = path.read_bytes().splitlines(keepends=True)
    assert kept[-2:] == [b"one\n", b"other\n"]
    assert kept[:-2] == lines[-len(kept) + 2 :]


def test_a_link_and_a_pipe_are_refused_and_unchanged(tmp_path: Path) -> None:
    precious, link, pipe = (tmp_path / name for name in ("precious", "link", "pipe"))
    precious.write_bytes(bytes(2 * MAX_LOG_BYTES))
    precious.chmod(0o644)
    link.symlink_to(precious)
    os.mkfifo(pipe)
    for path in (link, pipe):
        with pytest.raises(OSError):
            open_log(path)
    assert precious.stat().st_size == 2 * MAX_LOG_BYTES
    assert stat.S_IMODE(precious.stat().st_mode) == 0o644


def test_an_engine_that_writes_without_end_stays_below_the_limit(tmp_path: Path) -> None:
    code = """
import os, time
from deepdream_core.engine import log
log._PAUSE = 0.1
log.keep_log_short()
for _ in range(40):
    os.write(2, b"a line of a log\\n" * 6250)
    time.sleep(0.02)
time.sleep(0.3)
"""
    path = tmp_path / "logs" / "engine.log"
    with open_log(path) as file:
        env = {**os.environ, "DEEPDREAM_HOME": str(tmp_path)}
        engine = subprocess.Popen([sys.executable, "-c", code], stderr=file, env=env)
        longest = 0
        while engine.poll() is None:
            longest = max(longest, path.stat().st_size)
            time.sleep(0.01)
    assert engine.returncode == 0
    assert longest < 2.5 * MAX_LOG_BYTES
    assert 0 < path.stat().st_size <= MAX_LOG_BYTES


@pytest.mark.parametrize("linked", [False, True])
def test_a_file_that_is_not_the_engines_log_is_never_shortened(
    tmp_path: Path, linked: bool
) -> None:
    """Not even if a link has the log's name."""
    mine = tmp_path / "my own file"
    if linked:
        (tmp_path / "logs").mkdir()
        (tmp_path / "logs" / "engine.log").symlink_to(mine)
    with mine.open("w+b") as file:
        write_three_mebibytes(file, tmp_path)
    assert mine.stat().st_size == 3 << 20


def test_the_log_is_shortened_if_its_folder_is_linked(tmp_path: Path) -> None:
    (tmp_path / "another name").symlink_to(tmp_path)
    with open_log(tmp_path / "logs" / "engine.log") as file:
        write_three_mebibytes(file, tmp_path / "another name")
    assert (tmp_path / "logs" / "engine.log").stat().st_size < MAX_LOG_BYTES


def write_three_mebibytes(file: IO[bytes], home: Path) -> None:
    """Run an engine's log with a file as its stderr."""
    code = "import os, time\nfrom deepdream_core.engine import log\nlog._PAUSE = 0.05\n"
    code += "log.keep_log_short()\nos.write(2, bytes(3 << 20))\ntime.sleep(0.3)"
    env = {**os.environ, "DEEPDREAM_HOME": str(home)}
    subprocess.run([sys.executable, "-c", code], stderr=file, env=env, check=True)
