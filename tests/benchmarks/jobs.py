"""Run every job of `deepdream bench` and print the results as a table.

    python tests/benchmarks/jobs.py [--rounds 3] [--jobs standard,default,preview]

The ratio compares the medians of alternating rounds. On a machine with other load, the ratio of
processor times is more reliable.
"""

from __future__ import annotations

import argparse

from deepdream_core.bench.jobs import BENCHMARKS
from deepdream_core.bench.report import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", default=",".join(name for name in BENCHMARKS if name != "large"))
    parser.add_argument("--precisions", default="float32,bfloat16")
    options = parser.parse_args()
    print(
        "job       precision  median s (min - max)     plain s (min - max)     "
        "ratio  of cpu  limit  MiB"
    )
    for job in options.jobs.split(","):
        for precision in options.precisions.split(","):
            report = run(job, options.rounds, precision=precision)
            ours, plain = (
                f"{t.median:8.2f} ({min(t.wall):.2f} - {max(t.wall):.2f})"
                for t in (report.ours, report.yardstick)
            )
            print(
                f"{job:9} {precision:9} {ours:24} {plain:24} {report.ratio:5.2f} "
                f"{report.cpu_ratio:7.2f} {report.limit_share:6.0%} {report.peak_mib:6.0f}"
            )


if __name__ == "__main__":
    main()
