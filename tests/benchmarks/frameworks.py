"""Updates a second of `serve` with each framework, beside that framework's bare echo bot, in one run.

    python tests/benchmarks/frameworks.py [--updates 3000]

Each is measured as `throughput.py` does it, with SQLite; the bare bot before and after, since a machine is not always as fast.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.throughput import Load, measure

LIBRARIES = {"aiogram": "aiogram", "ptb": "python-telegram-bot"}


async def compare(library: str, updates: int) -> None:
    name = LIBRARIES[library]
    load = Load.of(updates)
    with tempfile.TemporaryDirectory() as folder:
        before = await measure(f"bare {name}", None, 1, load, library)
        served = await measure(f"serve with {name}", f"sqlite:///{folder}/assistant.db", 1, load, library)
        after = await measure(f"bare {name}, again", None, 1, load, library)
    print(f"serve with {name}: {200 * served / (before + after):.0f} % of its bare echo bot", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=3000)
    asked = parser.parse_args()
    for library in LIBRARIES:
        asyncio.run(compare(library, asked.updates))


if __name__ == "__main__":
    main()
