"""Very many topics through the command line: time and memory of the import, the first answer, and a cached one.

    python tests/benchmarks/many_topics.py [TOPICS]

Each topic has two phrasings of made-up words. Times are of the processor; the peak of memory is that of any command so far.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

STARTS, MIDDLES, ENDS = "ba ko ri mu te sa lo ni", "dar fen gol hik jun pra vos", "a el is on um ix"
WORDS = ["".join(parts) for parts in product(STARTS.split(), MIDDLES.split(), ENDS.split())]


def table(topics: int) -> list[str]:
    rows = ["topic,lang,phrasing"]
    for number in range(topics):
        one, two, three, four = random.Random(number).sample(WORDS, 4)
        rows += [f"t{number},en,how do I {one} the {two} {three}", f"t{number},en,{two} {three} {four} number {number}"]
    return rows


def run(title: str, *arguments: str) -> str:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-m", "bot", *arguments], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    print(f"{title:24} {seconds:6.1f} s  {after.ru_maxrss / 1024:6.0f} MB", flush=True)
    return done.stdout


def main() -> None:
    topics = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MERCHANT_BOT_CACHE"] = f"{folder}/cache"
        rows = table(topics)
        Path(folder, "table.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        own = f"{folder}/own"
        run("import", "knowledge", "import", "csv", f"{folder}/table.csv", "--to", own)
        topic, _, phrasing = rows[topics].split(",")
        ask = ("ask", "--json", phrasing, "--only-knowledge", own)
        run("first answer, learning", *ask)
        answered = json.loads(run("next answer", *ask))["topic"]
        assert answered == topic, f"{phrasing}: {topic} is right, {answered} was given"


if __name__ == "__main__":
    main()
