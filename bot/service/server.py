"""The web server: the channels' routes, /robots.txt, health checks (/healthz, /readyz) and /metrics, which strangers cannot read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from hmac import compare_digest

from aiohttp import web
from aiohttp.log import server_logger
from aiohttp.typedefs import Handler

from bot.channels.channel import Unreachable
from bot.channels.peers import Proxies
from bot.knowledge.last_good import LastGood
from bot.redaction import redacted
from bot.service.door import BETWEEN, Door
from bot.service.metrics import Metrics
from bot.service.pulse import Pulse
from bot.settings import Settings
from bot.store.ports import Health

PORT = 8080
LARGEST = 1 << 20  # bytes per request
LINGER = 2.0  # seconds for the unread rest of a request
LOCAL = "127.0.0.1"  # where METRICS_PORT listens
ON_METRICS_PORT = web.AppKey("on_metrics_port", bool)
# Results of checks are not named here: who may not read them does not read either that they are not to be listed.
ROBOTS = "User-agent: *\nDisallow: /console\nDisallow: /socket\nDisallow: /unread\n"
CLOSED = "metrics are on METRICS_PORT of this machine, or behind METRICS_TOKEN: Authorization: Bearer …\n"


class CannotListen(Unreachable):
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
    probes = Probes(settings, store, started, metrics, content)
    try:
        async with probes.serve_locally():
            if routes or settings.port is not None:
                async with serve_routes(settings, routes, probes) as url:
                    yield url
            else:
                yield ""
    finally:
        probes.pulse.close()


@asynccontextmanager
async def serve_routes(
    settings: Settings, routes: Sequence[Callable[[web.Application], None]], probes: Probes
) -> AsyncIterator[str]:
    """Serve the routes and the probes on HOST and PORT. Yields the server's URL. Raises CannotListen."""
    door = Door(Proxies(settings.trusted_networks))

    @web.middleware
    async def attended(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await door.attend(request, handler)

    app = web.Application(client_max_size=LARGEST, middlewares=[attended])
    app.on_response_prepare.append(hide_version)
    for add in routes:
        add(app)

    probes.add_to(app)
    app.router.add_get("/robots.txt", robots)
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


class Probes:
    """/healthz, /readyz and /metrics. Metrics and what is wrong are told on METRICS_PORT, or to who knows METRICS_TOKEN."""

    def __init__(
        self, settings: Settings, store: Health, started: asyncio.Event, metrics: Metrics, content: LastGood | None
    ) -> None:
        self.settings, self.store, self.started, self.metrics, self.content = settings, store, started, metrics, content
        self.pulse = Pulse(store)

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/healthz", alive)
        app.router.add_get("/metrics", self.measured)
        app.router.add_get("/readyz", self.ready)

    @asynccontextmanager
    async def serve_locally(self) -> AsyncIterator[None]:
        """Serve them on METRICS_PORT of this machine alone, if it is set. Raises CannotListen."""
        port = self.settings.metrics_port
        if port is None:
            yield
            return
        app = web.Application()
        app.on_response_prepare.append(hide_version)
        self.add_to(app)
        app[ON_METRICS_PORT] = True
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=LINGER)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, LOCAL, port).start()
            except OSError as error:
                raise CannotListen(f"METRICS_PORT: cannot listen on {LOCAL}:{port}: {error.strerror}") from error
            yield
        finally:
            await runner.cleanup()

    def may_read_metrics(self, request: web.Request) -> bool:
        """Return true if a request may read metrics: with METRICS_TOKEN if it is set, else on METRICS_PORT alone.

        No header but the token counts: which ones a proxy sets is up to it.
        """
        token = self.settings.metrics_token
        if token is None:
            return ON_METRICS_PORT in request.app
        given = request.headers.get("Authorization", "")
        return compare_digest(given.encode("utf-8", "replace"), f"Bearer {token.get_secret_value()}".encode())

    async def ready(self, request: web.Request) -> web.Response:
        if not self.started.is_set():
            return web.Response(status=503, text="starting\n")
        if trouble := await self.pulse.trouble():
            why = f": {redacted(trouble)}" if self.may_read_metrics(request) else ""
            return web.Response(status=503, text=f"the database keeps nothing{why}\n")
        rejected = self.content.rejected if self.content and self.may_read_metrics(request) else None
        told = f"the changed content is not used since {rejected.since}:\n{rejected.text()}\n" if rejected else ""
        return web.Response(text=f"ready\n{told}")

    async def measured(self, request: web.Request) -> web.Response:
        if not self.may_read_metrics(request):
            return web.Response(status=403, text=CLOSED)
        return await self.metrics.serve(self.store, self.pulse)


async def alive(request: web.Request) -> web.Response:
    return web.Response(text="alive\n")


async def robots(request: web.Request) -> web.Response:
    return web.Response(text=ROBOTS)


async def hide_version(request: web.Request, response: web.StreamResponse) -> None:
    """Remove the header with the server's version, which tells attackers what to try."""
    response.headers.popall("Server", None)


def browser_host(host: str) -> str:
    """Return the host to open in a browser, for a host to listen on."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - it is compared, not listened on
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
