"""A stand-in of the official account platform, on loopback: strict, built from the published description.

What merchants write it signs, encrypts as the account's mode asks, and brings to the account's server: up to three times,
each of which it gives up after `patience` seconds. It takes one passive reply for a message; where it gets garbage it shows
that the service is not available. Its interface refuses what the platform refuses, with the same codes. `endpoints` takes further ones:

    platform.endpoints["POST", "menu/create"] = lambda query, body: {"errcode": 0, "errmsg": "ok"}
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
import secrets
import struct
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Json = dict[str, Any]
XML = {"Content-Type": "text/xml"}
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


@dataclass(frozen=True)
class Shown:
    """What a merchant sees: a text, the hand-over to the platform's desk, or that the service is not available."""

    who: str
    text: str
    by: str  # "reply", "service", "transfer" or "unavailable"
    at: float
    message: str = ""  # the key of the message that a reply answers


@dataclass
class WeChatPlatform:
    """The platform: one account, its merchants, and its interface."""

    account: Account = field(default_factory=Account)
    lasts: float = 7200.0  # seconds for which a token lasts
    clock: Callable[[], float] = time.time
    calls: list[Called] = field(default_factory=list)
    fails: list[int | str] = field(default_factory=list)  # codes (0: none), or "500" or "drop", of the next calls
    endpoints: dict[tuple[str, str], Endpoint] = field(default_factory=dict)
    issued: str = ""
    ends: float = 0.0
    url: str = ""
    servers: list[str] = field(default_factory=list)  # the account's addresses, of which each request goes to the next
    patience: float = 5.0
    loses: int = 0  # of so many answers the platform gives up the request just before they arrive
    shown: list[Shown] = field(default_factory=list)
    followers: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(time.time_ns()))
    turns: Iterator[int] = field(default_factory=itertools.count)
    windows: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    requests: int = 0
    answers: list[bytes] = field(default_factory=list)  # to messages, as they came
    scenes: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.endpoints["POST", "stable_token"] = self.stable_token
        self.endpoints["POST", "message/custom/send"] = self.send_message
        self.endpoints["POST", "qrcode/create"] = self.make_code

    async def __aenter__(self) -> WeChatPlatform:
        app = web.Application(client_max_size=4 << 20)
        app.router.add_route("*", "/cgi-bin/{path:.+}", self.answer)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()
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

    # --- customer service

    def send_message(self, query: Mapping[str, str], body: Json) -> Json:
        if not self.account.verified:
            raise Refused(48001, "api unauthorized")
        who, kind = body.get("touser"), body.get("msgtype")
        if who not in self.followers:
            raise Refused(40003, "invalid openid")
        if kind != "text" or not isinstance(body.get("text"), dict) or not body["text"].get("content"):
            raise Refused(44004, "empty content")
        if len(body["text"]["content"].encode()) > 2048:
            raise Refused(45002, "content size out of limit")
        self.spend(str(who))
        self.show(str(who), body["text"]["content"], "service")
        return {"errcode": 0, "errmsg": "ok"}

    def spend(self, who: str) -> None:
        """Count a message: 5 within 48 hours of what a merchant wrote, 3 within a minute of their tap, follow or scan."""
        open_ = [window for window in self.windows.get(who, {}).values() if window[1] > self.clock()]
        if not open_:
            raise Refused(45015, "response out of time limit or subscription is canceled")
        left = next((window for window in sorted(open_, key=lambda one: one[1]) if window[0] > 0), None)
        if left is None:
            raise Refused(45047, "out of response count limit")
        left[0] -= 1

    def make_code(self, query: Mapping[str, str], body: Json) -> Json:
        name, info = body.get("action_name"), body.get("action_info", {}).get("scene", {})
        scene = info.get("scene_str")
        if not self.account.verified:
            raise Refused(48001, "api unauthorized")
        if (
            name not in ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE")
            or not isinstance(scene, str)
            or not 1 <= len(scene) <= 64
        ):
            raise Refused(40053, "invalid action info")
        if name == "QR_STR_SCENE" and not 1 <= body.get("expire_seconds", 60) <= 2_592_000:
            raise Refused(40052, "invalid action name")
        ticket = secrets.token_urlsafe(48)
        self.scenes[ticket] = {"scene": scene, "permanent": name == "QR_LIMIT_STR_SCENE", **body}
        made: Json = {"ticket": ticket, "url": f"http://weixin.qq.com/q/{ticket[:20]}"}
        return made if name == "QR_LIMIT_STR_SCENE" else {**made, "expire_seconds": body.get("expire_seconds", 60)}

    # --- merchants

    def show(self, who: str, text: str, by: str, message: str = "") -> None:
        self.shown.append(Shown(who, text, by, self.clock(), message))

    def seen(self, who: str) -> list[str]:
        """What a merchant was shown, in order."""
        return [one.text for one in self.shown if one.who == who]

    async def say(self, who: str, text: str, **fields: str) -> Shown | None:
        """A merchant writes. Returns what they are shown for it in a reply, None if nothing."""
        return await self.bring(who, {"MsgType": "text", "Content": text, **fields})

    async def tap(self, who: str, link: str) -> Shown | None:
        """A merchant taps a choice, given by its link."""
        address = urlsplit(link)
        assert (address.scheme, address.netloc) == ("weixin", "bizmsgmenu"), link
        asked = {name: value for name, (value,) in parse_qs(address.query, strict_parsing=True).items()}
        return await self.say(who, asked["msgmenucontent"], bizmsgmenuid=asked["msgmenuid"])

    async def event(self, who: str, event: str, key: str = "", **fields: str) -> Shown | None:
        """A merchant follows, scans, taps the menu, …"""
        if event == "unsubscribe":
            self.followers.discard(who)
        return await self.bring(who, {"MsgType": "event", "Event": event, "EventKey": key, **fields})

    async def bring(self, who: str, fields: Mapping[str, str], tries: int = 3) -> Shown | None:
        """Bring a message or an event to the account's server, up to three times."""
        return await self.deliver(self.message(who, fields), tries)

    async def deliver(self, made: Mapping[str, str], tries: int = 3) -> Shown | None:
        who, loop = made["FromUserName"], asyncio.get_running_loop()
        name = made.get("MsgId") or "/".join((made["CreateTime"], made.get("Event", ""), made.get("EventKey", "")))
        self.allow(who, made)
        for _ in range(tries):
            begun = loop.time()
            try:
                status, _, answer = await self.post(made)
                self.answers.append(answer)
                if not self.loses:
                    return self.take_reply(who, name, status, answer)
                self.loses -= 1
            except (aiohttp.ClientError, OSError, TimeoutError):
                pass
            await asyncio.sleep(begun + self.patience - loop.time())
        self.show(who, "", "unavailable", name)
        return self.shown[-1]

    def message(self, who: str, fields: Mapping[str, str]) -> dict[str, str]:
        number = {} if fields.get("MsgType") == "event" else {"MsgId": str(next(self.numbers))}
        at = str(int(self.clock()))
        return {"ToUserName": self.account.name, "FromUserName": who, "CreateTime": at, **number, **fields}

    def allow(self, who: str, made: Mapping[str, str]) -> None:
        windows = self.windows.setdefault(who, {})
        event = made.get("Event", "")
        if event == "unsubscribe":
            return
        self.followers.add(who)
        if made["MsgType"] != "event":
            windows["message"] = [5, self.clock() + 48 * 3600]
        elif event in ("subscribe", "SCAN", "CLICK"):
            windows["event"] = [3, self.clock() + 60]

    async def post(self, made: Mapping[str, str], at: int | None = None) -> tuple[int, str, bytes]:
        """One request to the account's server, given up after `patience` seconds. A proxy before several processes takes the
        next one where nobody listens."""
        self.requests += 1
        query, body = self.request(made, int(self.clock()) if at is None else at)
        first = next(self.turns)
        async with asyncio.timeout(self.patience):
            for number, _ in enumerate(self.servers, 1):
                url = self.servers[(first + number) % len(self.servers)]
                try:
                    async with self.session.post(url, params=query, data=body, headers=XML) as response:
                        return response.status, response.content_type, await response.read()
                except aiohttp.ClientConnectorError:
                    if number == len(self.servers):
                        raise
        raise AssertionError("there is no server")

    def request(self, made: Mapping[str, str], at: int) -> tuple[dict[str, str], bytes]:
        """The query and the body of a request, signed, and encrypted as the account's mode asks."""
        nonce, stamp = secrets.token_hex(5), str(at)
        query = {"signature": sign(self.account.token, stamp, nonce), "timestamp": stamp, "nonce": nonce}
        query["openid"] = made.get("FromUserName", "")
        plain = "".join(f"<{name}>{element(name, value)}</{name}>" for name, value in made.items())
        if self.account.mode == "plain":
            return query, f"<xml>{plain}</xml>".encode()
        sealed = self.seal(f"<xml>{plain}</xml>".encode())
        query |= {"encrypt_type": "aes", "msg_signature": sign(self.account.token, stamp, nonce, sealed)}
        beside = plain if self.account.mode == "compatible" else f"<ToUserName>{cdata(made['ToUserName'])}</ToUserName>"
        return query, f"<xml>{beside}<Encrypt>{cdata(sealed)}</Encrypt></xml>".encode()

    def seal(self, text: bytes) -> str:
        whole = secrets.token_bytes(16) + struct.pack(">I", len(text)) + text + self.account.app_id.encode()
        padding = 32 - len(whole) % 32
        key = base64.b64decode(self.account.aes_key + "=")
        made = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
        return base64.b64encode(made.update(whole + bytes([padding] * padding)) + made.finalize()).decode()

    def unseal(self, sealed: str) -> bytes:
        key = base64.b64decode(self.account.aes_key + "=")
        made = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).decryptor()
        whole = made.update(base64.b64decode(sealed, validate=True)) + made.finalize()
        whole = whole[: -whole[-1]]
        (length,) = struct.unpack(">I", whole[16:20])
        assert whole[20 + length :] == self.account.app_id.encode()
        return whole[20 : 20 + length]

    def take_reply(self, who: str, name: str, status: int, answer: bytes) -> Shown | None:
        """Show a passive reply; whatever is none shows that the service is not available."""
        if status == 200 and answer in (b"", b"success"):
            return None
        try:
            assert status == 200
            read = self.read_reply(answer)
            assert read["ToUserName"] == who
            assert read["FromUserName"] == self.account.name
            assert read["CreateTime"].isdigit()
            assert read["MsgType"] in ("text", "transfer_customer_service")
            assert read["MsgType"] != "text" or 0 < len(read["Content"].encode()) <= 2048
        except (AssertionError, KeyError, ValueError, SyntaxError):
            self.show(who, answer.decode(errors="replace"), "unavailable", name)
        else:
            by = "reply" if read["MsgType"] == "text" else "transfer"
            self.show(who, read.get("Content", ""), by, name)
        return self.shown[-1]

    def read_reply(self, answer: bytes) -> dict[str, str]:
        read = {one.tag: one.text or "" for one in ElementTree.fromstring(answer)}
        if self.account.mode == "plain":
            return read
        assert sign(self.account.token, read["TimeStamp"], read["Nonce"], read["Encrypt"]) == read["MsgSignature"]
        return {one.tag: one.text or "" for one in ElementTree.fromstring(self.unseal(read["Encrypt"]))}

    async def until(self, holds: Callable[[], bool], seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.01)


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def element(name: str, value: str) -> str:
    """The platform writes numbers plain."""
    return value if name in ("CreateTime", "MsgId") else cdata(value)
