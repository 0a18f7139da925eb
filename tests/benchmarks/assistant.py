"""Time to the first answer, answers a second, and memory of `merchant-bot`, in one run on one machine.

python tests/benchmarks/assistant.py
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUESTION = "how much is the deposit"
OWN_WORDS = (
    "what must we pay as a deposit for a shop of ours"  # stands nowhere in the content, so all is loaded that reads
)
LINES = 4000
STARTS = 7


def run(*arguments: str, cache: str, stdin: bytes = b"") -> tuple[float, float, bytes]:
    """Seconds, peak megabytes and output of one process."""
    before = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "MERCHANT_BOT_CACHE": cache},
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(stdin)
    process.stdin.close()
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - before
    if status:
        raise SystemExit(f"merchant-bot {' '.join(arguments)} ended with status {status}")
    return seconds, usage.ru_maxrss / 1024, output


def questions() -> list[str]:
    """Lines as merchants write them: the phrasings of the content, with an ending that makes each a new text."""
    from bot.knowledge.library import load, phrasings_of

    library, _ = load([])
    known = [text for _, phrasings, _ in phrasings_of(library) for text in (*phrasings.en, *phrasings.zh)]
    step = max(1, len(known) // LINES)
    return [f"{text} {number}" for number, text in enumerate(known[::step][:LINES])]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        cold, _, _ = run("ask", QUESTION, cache=folder)
        warm = [run("ask", QUESTION, cache=folder)[0] for _ in range(STARTS)]
        _, memory, _ = run("ask", OWN_WORDS, cache=folder)
        lines = questions()
        stdin = ("\n".join(lines) + "\n").encode()
        empty, _, _ = run("ask", "--batch", "-", stdin=b"hello\n", cache=folder)
        seconds, batch_memory, output = run("ask", "--batch", "-", stdin=stdin, cache=folder)
        assert len(output.splitlines()) == len(lines)
    print(
        json.dumps(
            {
                "first start, with training, s": round(cold, 2),
                "start to first answer, median s": round(statistics.median(warm), 2),
                "start to first answer, worst s": round(max(warm), 2),
                "memory after one answer, MB": round(memory),
                "answers a second": round(len(lines) / (seconds - empty)),
                "memory of the batch, MB": round(batch_memory),
                "lines": len(lines),
                "python": sys.version.split()[0],
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main()
