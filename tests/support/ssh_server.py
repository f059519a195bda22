"""Another computer: an SSH server on the loopback device, where another user has the engine."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
USER = "deepdream-test"
_PROGRAM = """#!{python} -I
import sys
sys.path[:] = {path}
sys.dont_write_bytecode = True
from deepdream_core.cli.main import main
sys.exit(main())
"""
_SERVER = """ListenAddress 127.0.0.1:{port}
HostKey {folder}/host-key
AuthorizedKeysFile {folder}/authorized
PidFile none
AllowUsers {user}
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
"""
_CLIENT = """Host gpu-box
  HostName 127.0.0.1
  Port {port}
  User {user}
  IdentityFile {folder}/key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known
  GlobalKnownHostsFile /dev/null
"""
# Folders of the tests' user, such as /root, are often closed to others. In the server's own view of
# the file system, they hold nothing but what the engine is imported from.
_OPENED = r"""
set -e
box=$(mktemp -d)
mount -t tmpfs -o mode=755 box "$box"
count=0
for folder in {folders}; do
    count=$((count + 1)); mkdir "$box/$count"; mount --bind "$folder" "$box/$count"
done
for closed in {closed}; do mount -t tmpfs -o mode=755 closed "$closed"; done
count=0
for folder in {folders}; do
    count=$((count + 1)); mkdir -p "$folder"; mount --bind "$box/$count" "$folder"
done
exec {sshd} -D -e -f {folder}/server
"""


@dataclass(frozen=True)
class OtherComputer:
    """A running server."""

    folder: Path
    process: subprocess.Popen
    home: Path
    """The home folder of the user there."""
    uid: int

    @property
    def command(self) -> str:
        """What an artist would type into the setting."""
        return f"ssh -F {self.folder}/client gpu-box"

    def sessions(self) -> list[int]:
        """Return the server's processes that serve this user's connections."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                name = (folder / "cmdline").read_bytes()
                if name.startswith(b"sshd: " + USER.encode() + b"@"):
                    found.append(int(folder.name))
        return found

    def engines(self) -> list[int]:
        """Return the user's engines that run."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if folder.stat().st_uid == self.uid and b"engine" in words:
                    found.append(int(folder.name))
        return found


def why_no_server() -> str:
    """Return why there can be no other computer here, or an empty string."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "an SSH server for another user needs root on Linux"
    missing = [name for name in ("sshd", "ssh", "ssh-keygen", "useradd") if not _program(name)]
    if missing:
        return f"{', '.join(missing)} not installed (Debian's openssh-server)"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
        return "mount namespaces are not allowed here"
    return ""


@contextlib.contextmanager
def other_computer() -> Iterator[OtherComputer]:
    """Run a server with a user of its own, and remove both at the end."""
    folder = Path(tempfile.mkdtemp(prefix="deepdream-ssh-", dir="/tmp"))
    folder.chmod(0o755)
    home, port = folder / "home", _free_port()
    _quietly("userdel", USER)
    subprocess.run(
        ["useradd", "--system", "-m", "-d", home, "-s", "/bin/bash", "-p", "*", USER],
        check=True,
        capture_output=True,
    )
    uid = pwd.getpwnam(USER).pw_uid
    try:
        _write(folder, home, port)
        Path("/run/sshd").mkdir(exist_ok=True)
        process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", folder / "start"],
            stderr=(folder / "server.log").open("wb"),
        )
        try:
            _wait_for(port, folder)
            yield OtherComputer(folder, process, home, uid)
        finally:
            process.kill()
            process.wait()
            for left in OtherComputer(folder, process, home, uid).sessions():
                with contextlib.suppress(OSError):
                    os.kill(left, signal.SIGKILL)
    finally:
        _quietly("userdel", USER)
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, home: Path, port: int) -> None:
    for name in ("host-key", "key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name]
        subprocess.run(command, check=True)
    (folder / "authorized").write_text((folder / "key.pub").read_text())
    public = (folder / "host-key.pub").read_text()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {public}")
    (folder / "client").write_text(_CLIENT.format(port=port, user=USER, folder=folder))
    (folder / "server").write_text(_SERVER.format(port=port, folder=folder, user=USER))
    path = [str(ROOT), *(entry for entry in sys.path if entry and Path(entry).is_dir())]
    program = home / ".local" / "bin" / "deepdream"
    program.parent.mkdir(parents=True)
    program.write_text(_PROGRAM.format(python=sys.executable, path=[*dict.fromkeys(path)]))
    program.chmod(0o755)
    subprocess.run(["chown", "-R", USER, home], check=True)
    needed = {ROOT, Path(sys.prefix), Path(sys.base_prefix), *map(Path, path)}
    inside = {one for one in needed if any(other in one.parents for other in needed)}
    folders = sorted(one for one in needed - inside if _first_closed(one))
    closed = sorted({str(_first_closed(one)) for one in folders})
    (folder / "start").write_text(
        _OPENED.format(
            folders=" ".join(map(str, folders)),
            closed=" ".join(closed),
            sshd=_program("sshd"),
            folder=folder,
        )
    )


def _first_closed(path: Path) -> Path | None:
    """Return the topmost folder on the way to a path that other users may not enter."""
    return next((one for one in reversed(path.parents) if not one.stat().st_mode & 0o001), None)


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


def _quietly(*command: str) -> None:
    subprocess.run(command, capture_output=True)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def _wait_for(port: int, folder: Path) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError((folder / "server.log").read_text())
