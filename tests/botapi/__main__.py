"""Serve the stand-in: prints {"url", "token"} as one JSON line, then runs until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json

from .server import TOKEN, BotApi


async def serve(api: BotApi) -> None:
    async with api:
        print(json.dumps({"url": api.url, "token": api.token}), flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.botapi", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--no-privacy", action="store_true", help="the bot reads everything in groups")
    parser.add_argument("--keep-calls", type=int, default=None, help="how many calls are recorded; all by default")
    asked = parser.parse_args()
    api = BotApi(asked.token, port=asked.port, privacy=not asked.no_privacy, keep_calls=asked.keep_calls)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(api))


if __name__ == "__main__":
    main()
