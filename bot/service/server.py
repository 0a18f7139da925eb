"""The web server: the channels' routes, health checks (/healthz, /readyz) and /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.log import server_logger
from aiohttp.typedefs import Handler

from bot.channels.peers import Proxies
from bot.knowledge.last_good import LastGood
from bot.service.door import BETWEEN, Door
from bot.service.metrics import Metrics, is_proxied
from bot.settings import Settings
from bot.store.ports import Health

PORT = 8080
LARGEST = 1 << 20  # bytes per request
LINGER = 2.0  # seconds for the unread rest of a request
PATIENCE = 2.0  # seconds for the store to answer a readiness check


class CannotListen(Exception):
    """The web server's address cannot be bound; the message gives the reason and a port to try."""


@asynccontextmanager
async def serve_web(
    settings: Settings,
    store: Health,
    routes: Sequence[Callable[[web.Application], None]],
    started: asyncio.Event,
    metrics: Metrics,
    content: LastGood | None = None,
) -> AsyncIterator[str]:
    """Serve on HOST and PORT if there are routes or PORT is set; /readyz answers 503 until `started` is set.

    Yields the server's URL, "" if nothing is served. Raises CannotListen.
    """
    if not routes and settings.port is None:
        yield ""
        return
    door = Door(Proxies(settings.trusted_networks))

    @web.middleware
    async def attended(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await door.attend(request, handler)

    app = web.Application(client_max_size=LARGEST, middlewares=[attended])
    app.on_response_prepare.append(hide_version)
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
        rejected = content.rejected if content and not is_proxied(request) else None
        told = f"the changed content is not used since {rejected.since}:\n{rejected.text()}\n" if rejected else ""
        return web.Response(text=f"ready\n{told}")

    async def measured(request: web.Request) -> web.Response:
        return await metrics.serve(request, store)

    app.router.add_get("/healthz", alive)
    app.router.add_get("/metrics", measured)
    app.router.add_get("/readyz", ready)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0, keepalive_timeout=BETWEEN, lingering_time=LINGER)
    await runner.setup()
    door.server = runner.server
    server_logger.addFilter(door.is_logged)
    listener: asyncio.Server | None = None
    try:
        port = PORT if settings.port is None else settings.port
        try:
            loop = asyncio.get_running_loop()
            listener = await loop.create_server(door, settings.host, port, backlog=door.backlog)
        except OSError as error:
            raise CannotListen(
                f"HOST, PORT: cannot listen on {settings.host}:{port}: {error.strerror}; "
                f"if another program listens there, choose another port, for example PORT={port + 1}"
            ) from error
        bound = listener.sockets[0].getsockname()[1]
        yield settings.public_url or f"http://{browser_host(settings.host)}:{bound}"
    finally:
        if listener is not None:
            listener.close()
        await runner.cleanup()
        server_logger.removeFilter(door.is_logged)
        door.refused.close()


async def hide_version(request: web.Request, response: web.StreamResponse) -> None:
    """Remove the header with the server's version, which tells attackers what to try."""
    response.headers.popall("Server", None)


def browser_host(host: str) -> str:
    """Return the host to open in a browser, for a host to listen on."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - it is compared, not listened on
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
