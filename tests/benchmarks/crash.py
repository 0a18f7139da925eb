"""Kill -9 at random moments under load: every update answered, in order, and how many answers came twice.

python tests/benchmarks/crash.py [--kills 50] [--only NAME]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.knowledge.knowledge import Knowledge
from tests import postgres
from tests.crash import BotApiProcess, Report, Serve, crash, expected, free_port, webhook

CASES = {
    "sqlite, polling": (False, 1, False),
    "sqlite, webhook": (False, 1, True),
    "postgresql, polling": (True, 1, False),
    "postgresql, webhook": (True, 1, True),
    "postgresql, polling, three processes": (True, 3, False),
}


async def run(database: str, processes: int, hooked: bool, kills: int, texts: list[str]) -> tuple[Report, list[int]]:
    """One case: what merchants got, and the exit codes at the end."""
    async with BotApiProcess() as api:
        settings = webhook(free_port()) if hooked else {}
        serving = [Serve(api, database, **settings) for _ in range(processes)]
        report = await crash(api, serving, texts, kills=kills, merchants=40, seed=kills)
        return report, [(await one.stop())[0] for one in serving]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--only", choices=CASES)
    asked = parser.parse_args()
    texts = expected(Knowledge.open(), 5000)
    for name, (on_postgres, processes, hooked) in CASES.items():
        if asked.only not in (None, name):
            continue
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            database = f"sqlite:///{folder}/assistant.db"
            if on_postgres:
                database = stack.enter_context(postgres.cluster(fsync=True)).url
            report, codes = asyncio.run(run(database, processes, hooked, asked.kills, texts))
        print(
            f"{name}: {asked.kills} kills, {report.updates} updates, {report.lost} lost, "
            f"{report.out_of_order} out of order, {report.twice} twice ({report.twice / asked.kills:.1f} a kill), "
            f"{report.seconds} s, ended with {codes}",
            flush=True,
        )


if __name__ == "__main__":
    main()
