"""Sends what strangers and editors could send, by the million: no exception, no growth of memory.

    python tests/benchmarks/fuzz.py -n 1000000 [--only updates frames] [--seed 1]

Inputs are shared out among the readers; the costly ones get a twentieth of the others' each. Memory is told after each tenth:
what the process itself holds (RssAnon) once freed memory went back, with what makes the inputs; and the pages of mapped files
that were read so far, which the system takes back when it needs them, and which are at most these files' sizes: what was learned,
and the encoder. Growth is that of the former from the second tenth to the last, since caches fill in the first.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

from bot.memory import settle
from tests import fuzz
from tests.contract.test_fuzz import COSTLY

TENTHS = 10


def held() -> tuple[float, float]:
    """Return this process's own memory, freed memory given back, and the pages of mapped files, in MB."""
    settle(replaced=True)
    status = Path("/proc/self/status").read_text()
    own, mapped = (int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) * 1024 / 1e6 for name in ("RssAnon", "RssFile"))
    return own, mapped


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
        own, mapped = held()
        sizes.append(own)
        seconds = time.monotonic() - begun
        print(f"{tenth + 1} of {TENTHS}: {own:,.1f} MB, and {mapped:,.0f} MB of files; {seconds:,.0f} s", flush=True)
    print(f"{options.n:,} inputs, no exception; growth {sizes[-1] - sizes[1]:+.1f} MB")


if __name__ == "__main__":
    main()
