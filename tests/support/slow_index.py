"""A package index on this machine, as slow as somebody's network, with packages that only weigh."""

from __future__ import annotations

import http.server
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from small_wheels import make_wheel

_CHUNK = 64 * 1024


@dataclass
class SlowIndex:
    """What the index serves, and what it was asked for."""

    address: str
    hashes: Mapping[str, str]
    """The hash of the file of each package."""
    seconds: float = 0.0
    """How long each mebibyte takes."""
    sent: Counter[str] = field(default_factory=Counter)
    """How often the whole of each package was sent."""

    def lock(self, header: str) -> str:
        """Return a lock file of all packages, with their hashes."""
        lines = [header]
        for name, digest in self.hashes.items():
            lines.append(f"{name}==1.0 --hash=sha256:{digest}")
        return "\n".join(lines) + "\n"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which pip uses this index and no other."""
        return {
            "PIP_INDEX_URL": f"{self.address}/simple/",
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_EXTRA_INDEX_URL": "",
            "PIP_FIND_LINKS": "",
            "PIP_RETRIES": "0",
            # pip keeps nothing that came without encryption from a host that it does not trust.
            "PIP_TRUSTED_HOST": self.address.removeprefix("http://"),
        }


@contextmanager
def slow_index(folder: Path, mebibytes: Mapping[str, int]) -> Iterator[SlowIndex]:
    """Serve packages of these sizes on a port of this machine during the block."""
    weights = {name: size * 2**20 for name, size in mebibytes.items()}
    hashes = {name: make_wheel(folder, name, weight=size) for name, size in weights.items()}
    index = SlowIndex("", hashes)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = self.path.strip("/").rpartition("/")[2]
            if name in index.hashes:
                file = f"{name}-1.0-py3-none-any.whl"
                self._answer("text/html", f'<a href="/files/{file}">{file}</a>'.encode())
            elif name.endswith(".whl"):
                self._answer("application/octet-stream", (folder / name).read_bytes())
                index.sent[name.partition("-")[0]] += 1
            else:
                self.send_error(404)

        def _answer(self, kind: str, data: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            if kind != "text/html":  # as PyPI says of its files, so that pip keeps them
                self.send_header("Cache-Control", "max-age=365000000, immutable, public")
            self.end_headers()
            for start in range(0, len(data), _CHUNK):
                self.wfile.write(data[start : start + _CHUNK])
                time.sleep(index.seconds * _CHUNK / 2**20)

        def log_message(self, *_: Any) -> None:
            """What it was asked for is counted instead."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    index.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
