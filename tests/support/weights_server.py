"""A server of weights that works, fails or hangs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Server:
    """A server of one file, and the requests it received."""

    content: bytes
    url: str = ""
    status: int = 200
    breaks_after: int | None = None
    """Bytes after which a connection ends."""
    breaks: int = 0
    """How many connections end early."""
    stalls: bool = False
    """Whether a connection hangs instead of ending."""
    knows_ranges: bool = True
    says_its_size: bool = True
    ranges: list[str | None] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def serving(content: bytes, port: int = 0) -> Iterator[Server]:
    """Serve a file on this machine while the block runs; port 0 selects a free port."""
    plan = Server(content)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            plan.ranges.append(asked)
            if plan.status != 200:
                self.send_error(plan.status)
                return
            begin = int(asked[len("bytes=") : -1]) if asked and plan.knows_ranges else 0
            if begin >= len(plan.content):
                self.send_error(416)
                return
            body = plan.content[begin:]
            self.send_response(206 if begin else 200)
            if begin:
                last = len(plan.content) - 1
                self.send_header("Content-Range", f"bytes {begin}-{last}/{len(plan.content)}")
            if plan.says_its_size:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if plan.breaks:
                plan.breaks -= 1
                self.wfile.write(body[: plan.breaks_after])
                self.wfile.flush()
                if plan.stalls:
                    plan.over.wait(30)
                return
            # A client may have had enough.
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *what: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=running.serve_forever, args=[0.02], daemon=True).start()
    plan.url = f"http://127.0.0.1:{running.server_port}/weights.pth"
    try:
        yield plan
    finally:
        plan.over.set()
        running.shutdown()
        running.server_close()
