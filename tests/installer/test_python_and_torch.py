"""Choosing the build of PyTorch for a machine, with local package indexes."""

from __future__ import annotations

import http.server
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deepdream_core.installer import python_and_torch
from deepdream_core.installer.python_and_torch import choose_torch


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """A package index that offers the builds in the returned set."""
    builds: set[str] = set()

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            build, _, package = self.path.strip("/").partition("/")
            self.send_response(200 if build in builds and package == "torch" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(python_and_torch, "TORCH_INDEX", f"http://127.0.0.1:{server.server_port}")
    yield builds
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere PyPI has the right builds")
@pytest.mark.parametrize(
    ("wanted", "driver", "capabilities", "there", "build", "tag"),
    [
        ("auto", "", "", {"cpu"}, "cpu", "cpu"),
        ("auto", "", "", set(), "cpu", ""),
        ("cpu", "13.0", "", {"cpu", "cu130"}, "cpu", "cpu"),
        ("auto", "13.1", "", {"cu130"}, "cuda", ""),
        ("auto", "12.8", "", {"cu130", "cu129", "cu128", "cu126"}, "cuda", "cu128"),
        ("auto", "12.7", "", {"cu130", "cu128", "cu126"}, "cuda", "cu126"),
        ("auto", "12.7", "", set(), "cuda", ""),
        ("cuda", "", "", {"cu126"}, "cuda", ""),
        ("rocm", "", "", {"rocm6.4", "rocm6.3"}, "rocm", "rocm6.4"),
        ("rocm", "", "", {"cpu"}, "cpu", "cpu"),
        ("pypi", "12.8", "", {"cu128"}, "pypi", ""),
        # GTX 1080, Titan V, RTX 2080; an old one beside a new one; a GPU of 2012.
        ("auto", "13.0", "6.1", {"cpu", "cu130", "cu126"}, "cuda", "cu126"),
        ("auto", "12.8", "7.0", {"cpu", "cu128", "cu126"}, "cuda", "cu126"),
        ("cuda", "12.4", "6.1", {"cpu", "cu126"}, "cuda", "cu126"),
        ("auto", "13.0", "7.5", {"cpu", "cu126"}, "cuda", ""),
        ("auto", "13.0", "6.1 12.0", {"cpu", "cu126"}, "cuda", ""),
        ("auto", "12.8", "8.6", {"cu128", "cu126"}, "cuda", "cu128"),
        ("auto", "13.0", "6.1", {"cpu"}, "cpu", "cpu"),
        ("auto", "13.0", "6.1", set(), "cpu", ""),
        ("auto", "11.4", "3.5", {"cpu", "cu126"}, "cpu", "cpu"),
        ("auto", "11.4", "6.1", {"cpu", "cu126"}, "cpu", "cpu"),
        ("cpu", "13.0", "6.1", {"cpu", "cu126"}, "cpu", "cpu"),
    ],
)
def test_the_build_of_torch_matches_the_machine(
    index: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wanted: str,
    driver: str,
    capabilities: str,
    there: set[str],
    build: str,
    tag: str,
) -> None:
    if driver:
        # Simulates the output of the driver's tool, since the hardware may be missing.
        tool = tmp_path / "nvidia-smi"
        tool.write_text(
            "#!/bin/sh\n"
            f"[ $# -gt 0 ] && {{ printf '%s\\n' {capabilities or 'No valid field'}; exit; }}\n"
            f"echo '| Driver Version: 570.1   CUDA Version: {driver} |'\n"
        )
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin" if driver else str(tmp_path))
    index |= there
    chosen = choose_torch(wanted)
    assert (chosen.build, chosen.index.rpartition("/")[2]) == (build, tag)
    unused_gpu = wanted == "auto" and bool(driver) and build == "cpu"
    assert ("cannot use this NVIDIA GPU" in capsys.readouterr().out) == unused_gpu


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere PyPI has the right builds")
@pytest.mark.parametrize(
    ("versions", "build", "said"),
    [
        ([], "cpu", ""),
        ([0], "cpu", ""),
        ([0, 110000], "rocm", ""),
        ([0, 90010], "rocm", ""),
        ([0, 90402], "rocm", ""),
        # GPUs built into processors, one beside a Radeon RX 6800.
        ([110003], "cpu", "gfx1103"),
        ([0, 90012], "cpu", "gfx90c"),
        ([0, 100306, 100300], "rocm", ""),
    ],
)
def test_rocm_is_chosen_only_for_gpus_that_it_supports(
    index: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    versions: list[int],
    build: str,
    said: str,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(python_and_torch, "_AMD_NODES", tmp_path / "nodes")
    for number, version in enumerate(versions):
        node = tmp_path / "nodes" / str(number)
        node.mkdir(parents=True)
        (node / "properties").write_text(f"simd_count 0\ngfx_target_version {version}\ndrm 0\n")
    index |= {"cpu", "rocm7.1"}
    assert choose_torch("auto").build == build
    shown = capsys.readouterr().out
    assert said in shown if said else shown == ""
    # Whoever asks for it gets it.
    assert choose_torch("rocm").build == "rocm"
