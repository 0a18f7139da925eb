"""The official account's interface: the access token, GET and POST of JSON, and media."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from bot.channels.channel import RetryLater
from bot.channels.wechat.errors import BUSY, STALE_TOKEN, refused
from bot.json_text import from_text, to_text
from bot.model import Address
from bot.settings import Settings
from bot.store.ports import Leases, Notes

OFFICIAL = "https://api.weixin.qq.com"
TIMEOUT = aiohttp.ClientTimeout(total=15.0)
LARGEST = 20 << 20  # bytes of a downloaded file; the platform's own limits are lower
EARLY = 300.0  # seconds before its end from which a token is renewed
OTHERS = 3.0  # seconds for another process to fetch a token
LOOK = 0.1  # seconds between looks for it


class TokenNotes(Notes, Leases, Protocol):
    """The part of a store that keeps the token for all processes; one with the lease fetches it, the others wait."""


class OwnNotes:
    """Notes of this process alone, for a command without a database."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def recall(self, name: str) -> str | None:
        return self.values.get(name)

    async def remember(self, name: str, value: str, whose: Address | None = None) -> None:
        self.values[name] = value

    async def lease(self, name: str) -> bool:
        return True


class WeChatUnreachable(RetryLater):
    """The interface cannot be reached, or is too busy to answer; the message gives the reason."""


@dataclass(frozen=True)
class Token:
    """An access token, and when it ends (Unix seconds)."""

    value: str
    until: float

    @classmethod
    def of(cls, text: str | None) -> Token | None:
        return cls(**from_text(text)) if text else None


class WeChatApi:
    """Calls of the interface, with an access token that all processes share.

    Each raises WeChatRefused with the platform's code in plain words, or WeChatUnreachable.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        app_id: str,
        secret: str,
        url: str | None = None,
        notes: TokenNotes | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.session, self.app_id, self.secret, self.clock = session, app_id, secret, clock
        self.url, self.notes = url or OFFICIAL, notes or OwnNotes()
        self.note, self.fetching = f"wechat-token:{app_id}", asyncio.Lock()
        self.known: Token | None = None

    # --- calls

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """GET a path like "menu/get", below /cgi-bin/."""
        return await self.call("GET", path, None, query)

    async def post(self, path: str, body: Mapping[str, Any], **query: str) -> dict[str, Any]:
        """POST JSON to a path like "menu/create", below /cgi-bin/."""
        return await self.call("POST", path, body, query)

    async def download(self, url_or_media_id: str) -> bytes:
        """Return the bytes of a URL, or of a media id."""
        if url_or_media_id.startswith(("http://", "https://")):
            status, _, body = await self.request("GET", url_or_media_id, None, {})
            if status != 200:
                raise refused(status, f"the file's address answers with status {status}")
            return body
        return await self.with_token("GET", "media/get", None, {"media_id": url_or_media_id})

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, str]
    ) -> dict[str, Any]:
        return read_json(await self.with_token(method, path, body, query))

    async def with_token(
        self, method: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, str]
    ) -> bytes:
        """Make a call; if the platform says that the token is stale, make it once more with another one."""
        token = await self.token()
        for stale in (True, False):
            url = f"{self.url}/cgi-bin/{path.removeprefix('/').removeprefix('cgi-bin/')}"
            status, kind, answer = await self.request(method, url, body, {**query, "access_token": token})
            if status >= 500:
                raise WeChatUnreachable(f"the interface answers with status {status}")
            found = read_error(answer) if answer[:1] == b"{" or "json" in kind or "text/plain" in kind else None
            if found is None:
                return answer
            code, message = found
            if not (stale and code in STALE_TOKEN):
                break
            token = await self.token(instead_of=token)
        if code == BUSY:
            raise WeChatUnreachable("the platform is busy")
        raise refused(code, message)

    async def request(
        self, method: str, url: str, body: Mapping[str, Any] | None, query: Mapping[str, str]
    ) -> tuple[int, str, bytes]:
        """Make a request. Returns the status, the type and the body of its answer. Raises WeChatUnreachable."""
        # Not escaped: the platform shows \uXXXX to merchants as it stands.
        data = to_text(body).encode("utf-8", "replace") if body is not None else None
        headers = {"Content-Type": "application/json"} if data is not None else {}
        try:
            async with self.session.request(
                method, url, data=data, params=query, headers=headers, timeout=TIMEOUT
            ) as response:
                received = bytearray()
                async for chunk in response.content.iter_any():
                    received += chunk
                    if len(received) > LARGEST:
                        raise refused(45001, f"the file has more than {LARGEST >> 20} MB")
                return response.status, response.content_type, bytes(received)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            reason = "it does not answer" if isinstance(error, TimeoutError) else type(error).__name__
            raise WeChatUnreachable(f"the interface cannot be reached at {self.url}: {reason}") from error

    # --- the access token

    async def token(self, instead_of: str | None = None) -> str:
        """Return the token that all processes share, fetched if there is none or if it is the stale one `instead_of`."""
        if (own := self.usable(self.known, instead_of)) is not None:
            return own.value
        async with self.fetching:
            found = self.usable(self.known, instead_of) or self.usable(await self.shared(), instead_of)
            if found is None and not await self.notes.lease(self.note):
                found = await self.wait_for_others(instead_of)
            if found is None:
                found = await self.fetch(instead_of)
            self.known = found
            return found.value

    def usable(self, token: Token | None, instead_of: str | None) -> Token | None:
        good = token is not None and token.value != instead_of and token.until - EARLY > self.clock()
        return token if good else None

    async def shared(self) -> Token | None:
        return Token.of(await self.notes.recall(self.note))

    async def wait_for_others(self, instead_of: str | None) -> Token | None:
        """Wait for the token that another process fetches; None if it does not come."""
        loop = asyncio.get_running_loop()
        until = loop.time() + OTHERS
        while loop.time() < until:
            if (found := self.usable(await self.shared(), instead_of)) is not None:
                return found
            await asyncio.sleep(LOOK)
        return None

    async def fetch(self, instead_of: str | None) -> Token:
        """Fetch a token and keep it. The platform gives every process the same one, unless it is told to replace it."""
        made = await self.ask_for_token(replace=False)
        if made.value == instead_of:
            made = await self.ask_for_token(replace=True)
        await self.notes.remember(self.note, to_text(made))
        return made

    async def ask_for_token(self, *, replace: bool) -> Token:
        body = {
            "grant_type": "client_credential",
            "appid": self.app_id,
            "secret": self.secret,
            "force_refresh": replace,
        }
        status, _, answer = await self.request("POST", f"{self.url}/cgi-bin/stable_token", body, {})
        if status >= 500:
            raise WeChatUnreachable(f"the interface answers with status {status}")
        if (found := read_error(answer)) is not None:
            if found[0] == BUSY:
                raise WeChatUnreachable("the platform is busy")
            raise refused(*found)
        given = read_json(answer)
        try:
            return Token(str(given["access_token"]), self.clock() + float(given["expires_in"]))
        except (KeyError, TypeError, ValueError) as error:
            raise WeChatUnreachable("the interface answers without an access token") from error


def read_json(answer: bytes) -> dict[str, Any]:
    """Read an answer's JSON object. Raises WeChatUnreachable, since something between us and the platform answered."""
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise WeChatUnreachable("the interface answers with something else than JSON") from error
    if not isinstance(found, dict):
        raise WeChatUnreachable("the interface answers with something else than an object")
    return found


def read_error(answer: bytes) -> tuple[int, str] | None:
    """Return the code and the message of a refusal, or None for any other answer."""
    try:
        found = json.loads(answer)
        code = int(found.get("errcode", 0)) if isinstance(found, dict) else 0
    except (ValueError, TypeError, RecursionError):
        return None
    return (code, str(found.get("errmsg", ""))) if code else None


@asynccontextmanager
async def open_api(settings: Settings, notes: TokenNotes | None = None) -> AsyncIterator[WeChatApi]:
    """Open the interface of the settings' account. Raises ValueError without WECHAT_APP_ID and WECHAT_SECRET."""
    if settings.wechat_app_id is None or settings.wechat_secret is None:
        missing = "WECHAT_APP_ID" if settings.wechat_app_id is None else "WECHAT_SECRET"
        raise ValueError(f"{missing}: it is not set; the account's console shows it under basic configuration")
    async with aiohttp.ClientSession() as session:
        yield WeChatApi(
            session,
            settings.wechat_app_id,
            settings.wechat_secret.get_secret_value(),
            settings.wechat_api_url,
            notes,
        )
