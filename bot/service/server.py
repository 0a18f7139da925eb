"""The web server: webhooks, whether this process is alive and ready, and what it counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from bot.service.metrics import Metrics
from bot.settings import Settings
from bot.store import Store

PORT = 8080
LARGEST = 1 << 20  # bytes of a request
PATIENCE = 2.0  # seconds for the store, before this process is not ready


class CannotListen(Exception):
    """The web server's address is not to be had; the message says why."""


@asynccontextmanager
async def listening(
    settings: Settings,
    store: Store,
    routes: Sequence[Callable[[web.Application], None]],
    started: asyncio.Event,
    metrics: Metrics,
) -> AsyncIterator[str]:
    """Serve on HOST and PORT if something has routes or PORT is set; `started` says that messages are answered.

    Gives the address under which it is reached. Raises CannotListen.
    """
    if not routes and settings.port is None:
        yield ""
        return
    app = web.Application(client_max_size=LARGEST)
    for add in routes:
        add(app)

    async def alive(request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(request: web.Request) -> web.Response:
        if not started.is_set():
            return web.Response(status=503, text="starting\n")
        try:
            async with asyncio.timeout(PATIENCE):
                await store.result("")
        except TimeoutError:
            return web.Response(status=503, text="the database does not answer\n")
        return web.Response(text="ready\n")

    async def measured(request: web.Request) -> web.Response:
        return await metrics.serve(request, store)

    app.router.add_get("/healthz", alive)
    app.router.add_get("/metrics", measured)
    app.router.add_get("/readyz", ready)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        port = PORT if settings.port is None else settings.port
        try:
            await web.TCPSite(runner, settings.host, port).start()
        except OSError as error:
            raise CannotListen(
                f"HOST, PORT: cannot listen on {settings.host}:{port}: {error.strerror}; "
                f"if another program listens there, choose another port, for example PORT={port + 1}"
            ) from error
        yield settings.public_url or f"http://{reached_at(settings.host)}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def reached_at(host: str) -> str:
    """The host of an address to open, for one to listen on."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - it is compared, not listened on
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
