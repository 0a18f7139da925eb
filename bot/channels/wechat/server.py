"""The server that the platform asks: it checks the address, and brings each message, up to three times."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus

from aiohttp import web

from bot.channels.responses import Responses
from bot.channels.tally import RefusalTally
from bot.channels.wechat.channel import TRIES, WeChatChannel
from bot.channels.wechat.envelope import BadEnvelope, Envelope, is_signed, signature
from bot.channels.wechat.messages import BadMessage, arrival, check, is_answered, is_known
from bot.channels.wechat.xml import BadXml, passive_reply, read_fields, write_fields
from bot.store import Arrival, StoreError, Taken

log = logging.getLogger(__name__)

LARGEST = 64 << 10  # bytes of a message; the platform's have a few thousand
BODY_PATIENCE = 4.0  # seconds to receive a message
OLDEST = 300.0  # seconds by which a request's time may differ from ours
NOTHING = "success"  # tells the platform that there is no answer, so that it neither asks again nor complains


class Refused(Exception):
    """A request that is not answered, and why; nothing of it is repeated."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Server:
    """Answers the platform's requests for one account. `envelope`: messages come encrypted, and none is taken plain."""

    def __init__(
        self,
        channel: WeChatChannel,
        responses: Responses,
        app_id: str,
        token: str,
        envelope: Envelope | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.channel, self.responses, self.app_id, self.token = channel, responses, app_id, token
        self.envelope, self.clock = envelope, clock
        self.refusals = RefusalTally(log, "WeChat")

    def add_to(self, app: web.Application, prefix: str) -> None:
        for path in dict.fromkeys((f"{prefix}/wechat", "/wechat")):
            app.router.add_get(path, self.confirm, allow_head=False)
            app.router.add_post(path, self.receive)
        app.on_shutdown.append(self.close)

    async def close(self, app: web.Application) -> None:
        self.refusals.close()

    # --- requests

    async def confirm(self, request: web.Request) -> web.Response:
        """Answer the check of the address, made when it is entered in the console."""
        try:
            self.require_signature(request.query)
        except Refused as refused:
            return self.refuse(refused)
        return web.Response(text=request.query.get("echostr", ""))

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Answer a message."""
        try:
            self.require_signature(request.query)
            fields = self.fields_of(await self.body(request), request.query)
        except Refused as refused:
            return self.refuse(refused)
        if not is_known(fields):
            self.refusals.count("messages of an unknown type")
        if not is_answered(fields):
            return web.Response(text=NOTHING)
        found, begun = arrival(self.app_id, fields, self.clock()), asyncio.get_running_loop().time()
        try:
            return await self.answer(request, found, fields)
        except TimeoutError:
            pass
        except StoreError as error:
            log.error("a message cannot be stored, and is asked for again: %s", error)
        # The platform gives this request up and asks again; an answer now would be the only one.
        await asyncio.sleep(begun + self.channel.patience * 1.1 - asyncio.get_running_loop().time())
        if request.transport is not None:
            request.transport.abort()
        return web.Response(text=NOTHING)

    async def answer(self, request: web.Request, found: Arrival, fields: Mapping[str, str]) -> web.StreamResponse:
        """Answer a message. Raises TimeoutError if the answer is late and the platform will ask again, or StoreError."""
        last = await self.is_last(found, fields)

        async def write(taken: Taken | None) -> web.StreamResponse:
            if taken is None and not last:
                raise TimeoutError
            return await self.response(taken, fields)

        return await self.responses.respond(request, found, write, last=last)

    async def is_last(self, found: Arrival, fields: Mapping[str, str]) -> bool:
        """Return true for the last request for a message, after which the platform asks no more."""
        patience, now = self.channel.patience, self.clock()
        arrived = await self.responses.store.arrival_time(found)
        if arrived is not None and now - arrived >= patience * (TRIES - 1.3):
            return True
        # No process may have got the requests before. The message's own time is in whole seconds.
        return now - float(fields["CreateTime"]) >= max(patience * (TRIES - 1.3), patience + 1.2)

    async def response(self, taken: Taken | None, fields: Mapping[str, str]) -> web.Response:
        if not taken or not taken.calls:
            return web.Response(text=NOTHING)
        text = await self.channel.response_text(taken)
        # The message's own time, so that a repeated request gets the same answer to the letter.
        reply = passive_reply(fields, int(fields["CreateTime"]), text)
        return web.Response(text=self.seal(reply) if self.envelope else reply, content_type="application/xml")

    def seal(self, reply: str) -> str:
        assert self.envelope
        sealed, at, nonce = self.envelope.seal(reply), int(self.clock()), secrets.token_hex(8)
        signed = signature(self.token, str(at), nonce, sealed)
        return write_fields({"Encrypt": sealed, "MsgSignature": signed, "TimeStamp": at, "Nonce": nonce})

    # --- refusals

    def refuse(self, refused: Refused) -> web.Response:
        self.refusals.count(refused.why)
        return web.Response(status=refused.status, text=f"{refused.why}\n")

    def require_signature(self, query: Mapping[str, str]) -> None:
        """Check who asks, and when. Raises Refused."""
        at, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not is_signed(query.get("signature", ""), self.token, at, nonce):
            raise Refused(
                HTTPStatus.FORBIDDEN, "the signature is missing or wrong; the platform signs with WECHAT_TOKEN"
            )
        self.require_now(at)

    def require_now(self, at: str) -> None:
        if not at.isascii() or not at.isdigit() or len(at) > 12 or abs(self.clock() - int(at)) > OLDEST:
            raise Refused(
                HTTPStatus.FORBIDDEN, "the request is older than five minutes, or this machine's clock is wrong"
            )

    async def body(self, request: web.Request) -> bytes:
        """Receive a message. Raises Refused."""
        received = bytearray()
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                async for chunk in request.content.iter_any():
                    received += chunk
                    if len(received) > LARGEST:
                        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the message has more than {LARGEST} bytes")
        except TimeoutError as error:
            raise Refused(
                HTTPStatus.REQUEST_TIMEOUT, f"the message took more than {BODY_PATIENCE:.0f} seconds"
            ) from error
        return bytes(received)

    def fields_of(self, body: bytes, query: Mapping[str, str]) -> dict[str, str]:
        """Read a message's fields, from its envelope if there is a key. Raises Refused."""
        try:
            fields = read_fields(body)
            if self.envelope:
                fields = read_fields(self.opened(self.envelope, fields.get("Encrypt", ""), query))
            elif "Encrypt" in fields and "FromUserName" not in fields:
                raise BadEnvelope("the message is encrypted; set WECHAT_AES_KEY to the console's EncodingAESKey")
            check(fields)
        except (BadXml, BadMessage) as error:
            raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from error
        except BadEnvelope as error:
            raise Refused(HTTPStatus.FORBIDDEN, str(error)) from error
        return fields

    def opened(self, envelope: Envelope, sealed: str, query: Mapping[str, str]) -> bytes:
        """Open an encrypted message, whose signature covers its text. Raises BadEnvelope."""
        if not sealed:
            raise BadEnvelope("the message is plain, but WECHAT_AES_KEY is set; choose the safe mode in the console")
        if not is_signed(
            query.get("msg_signature", ""), self.token, query.get("timestamp", ""), query.get("nonce", ""), sealed
        ):
            raise BadEnvelope("the message's signature is missing or wrong")
        return envelope.open(sealed)
