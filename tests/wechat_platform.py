"""A stand-in of the official account platform, on loopback: strict, built from the published description.

Its interface refuses what the platform refuses, with the same codes. `endpoints` takes further ones:

    platform.endpoints["POST", "menu/create"] = lambda query, body: {"errcode": 0, "errmsg": "ok"}
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Endpoint = Callable[[Mapping[str, str], Json], Json | bytes | Awaitable[Json | bytes]]


class Refused(Exception):
    """An answer with an error code."""

    def __init__(self, code: int, message: str = "refused") -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Account:
    """An official account, as its console shows it."""

    app_id: str = "wx0123456789abcdef"
    token: str = "aWordOfOurs"
    secret: str = "0123456789abcdef" * 2
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    name: str = "gh_0123456789ab"
    verified: bool = True
    mode: str = "plain"  # or "compatible" or "safe"


@dataclass(frozen=True)
class Called:
    """A call of the interface, and the code of its answer."""

    path: str
    query: Mapping[str, str]
    body: Json
    code: int = 0


@dataclass
class WeChatPlatform:
    """The platform: the interface of one account."""

    account: Account = field(default_factory=Account)
    lasts: float = 7200.0  # seconds for which a token lasts
    clock: Callable[[], float] = time.time
    calls: list[Called] = field(default_factory=list)
    fails: list[int | str] = field(default_factory=list)  # codes (0: none), or "500" or "drop", of the next calls
    endpoints: dict[tuple[str, str], Endpoint] = field(default_factory=dict)
    issued: str = ""
    ends: float = 0.0
    url: str = ""

    def __post_init__(self) -> None:
        self.endpoints["POST", "stable_token"] = self.stable_token

    async def __aenter__(self) -> WeChatPlatform:
        app = web.Application(client_max_size=4 << 20)
        app.router.add_route("*", "/cgi-bin/{path:.+}", self.answer)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.runner.cleanup()

    def called(self, path: str) -> list[Called]:
        return [one for one in self.calls if one.path == path]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path, query = request.match_info["path"], dict(request.query)
        raw = await request.read()
        body: Json = {}
        try:
            fault = self.fails.pop(0) if self.fails else None
            if fault == "drop":
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            if fault == "500":
                return web.Response(status=502, text="<html>bad gateway</html>", content_type="text/html")
            if isinstance(fault, int) and fault:
                raise Refused(fault)
            if raw:
                body = self.read_body(raw)
            endpoint = self.endpoints.get((request.method, path))
            if endpoint is None:
                raise Refused(43001 if any(known == path for _, known in self.endpoints) else 40066, "invalid url")
            if path != "stable_token":
                self.require_token(query.get("access_token", ""))
            made = endpoint(query, body)
            answer = await made if isinstance(made, Awaitable) else made
        except Refused as refused:
            answer = {"errcode": refused.code, "errmsg": refused.message}
        code = answer.get("errcode", 0) if isinstance(answer, dict) else 0
        self.calls.append(Called(path, query, body, code))
        if isinstance(answer, bytes):
            return web.Response(body=answer, content_type="image/jpeg")
        return web.Response(text=json.dumps(answer, ensure_ascii=False), content_type="application/json")

    def read_body(self, raw: bytes) -> Json:
        try:
            found = json.loads(raw.decode())
        except ValueError:
            raise Refused(47001, "data format error") from None
        if not isinstance(found, dict):
            raise Refused(47001, "data format error")
        if b"\\u" in raw.replace(b"\\\\", b""):
            raise Refused(47001, "merchants would read \\u…: send UTF-8")
        return found

    # --- the access token

    def stable_token(self, query: Mapping[str, str], body: Json) -> Json:
        if body.get("grant_type") != "client_credential":
            raise Refused(40002, "invalid grant_type")
        if body.get("appid") != self.account.app_id:
            raise Refused(40013, "invalid appid")
        if body.get("secret") != self.account.secret:
            raise Refused(40125, "invalid appsecret")
        if body.get("force_refresh") or self.ends - 300 <= self.clock():
            self.replace_token()
        return {"access_token": self.issued, "expires_in": int(self.ends - self.clock())}

    def replace_token(self) -> None:
        self.issued, self.ends = secrets.token_urlsafe(90), self.clock() + self.lasts

    def require_token(self, given: str) -> None:
        if not given:
            raise Refused(41001, "access_token missing")
        if given != self.issued:
            raise Refused(40001, "invalid credential, access_token is invalid or not latest")
        if self.ends <= self.clock():
            raise Refused(42001, "access_token expired")

    async def until(self, holds: Callable[[], bool], seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.01)
