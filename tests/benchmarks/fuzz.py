"""Sends what strangers and editors could send, by the million: no exception, no growth of memory.

    python tests/benchmarks/fuzz.py -n 1000000 [--only updates frames] [--seed 1]

Inputs are shared out among the readers; the costly ones get a twentieth of the others' each. Memory is that of the
process, after each tenth; growth is from the second tenth to the last, since caches fill in the first.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

from tests import fuzz
from tests.contract.test_fuzz import COSTLY

TENTHS = 10


def resident() -> float:
    """Return this process's memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=10_000, help="inputs in all")
    parser.add_argument("--only", nargs="+", choices=fuzz.TARGETS, default=list(fuzz.TARGETS))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # what is refused is logged
    weights = {name: 1 if name in COSTLY else 20 for name in options.only}
    whole, sizes, begun = sum(weights.values()), [], time.monotonic()
    for tenth in range(TENTHS):
        for name, weight in weights.items():
            fuzz.run(name, max(1, options.n * weight // whole // TENTHS), options.seed * TENTHS + tenth)
        sizes.append(resident())
        print(f"{tenth + 1} of {TENTHS}: {sizes[-1]:,.0f} MB, {time.monotonic() - begun:,.0f} s", flush=True)
    print(f"{options.n:,} inputs, no exception; growth {sizes[-1] - sizes[1]:+.1f} MB")


if __name__ == "__main__":
    main()
