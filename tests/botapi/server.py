"""The stand-in as an HTTP server: calls in, updates out by polling or webhook, faults, and a record of everything."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter, deque
from collections.abc import Callable, MutableSequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from aiohttp.web_request import FileField

from . import description
from .description import Json, Refusal, Upload, bad
from .methods import Files, Methods
from .world import World

TOKEN = "7000000001:AAStandInOfTheBotApi-ForTestsOnly00"
FaultKind = Literal["429", "502", "drop_before", "drop_after", "delay"]
BAD_GATEWAY = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body>\r\n</html>\r\n"
BODY_LIMIT = 60 << 20
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
SECRET = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


@dataclass(slots=True)
class Fault:
    """A fault met with `probability` by calls of `method` ("*": all but getUpdates), `times` at most (None: no end).

    delay and retry_after are seconds. Each fault has its own random numbers, so that a seed repeats a run.
    """

    kind: FaultKind
    method: str = "*"
    probability: float = 1.0
    seed: int = 0
    times: int | None = None
    retry_after: int = 1
    delay: float = 0.0
    random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def strikes(self, method: str) -> bool:
        if self.times == 0 or (self.method != method and (self.method != "*" or method == "getUpdates")):
            return False
        if self.probability < 1 and self.random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class Call:
    """One call: what was asked, and the result, or the error that was answered, or the fault that it met.

    `done` says whether it took effect; time is Unix seconds; `early` that a retry_after had not passed.
    """

    number: int
    method: str
    params: Json
    time: float
    result: Any = None
    error: Json | None = None
    fault: str | None = None
    via: str = "http"
    early: bool = False

    @property
    def done(self) -> bool:
        return self.error is None and self.fault not in ("429", "502", "drop_before")


class BotApi(World):
    """A world that is served: `async with BotApi() as api:`, then `api.url` for aiogram's TelegramAPIServer.from_base,
    `api.ptb_url` and `api.ptb_file_url` for python-telegram-bot.

    keep_calls bounds the record (None: everything); webhook_retry is the first pause, in seconds, after a webhook did
    not answer 2xx (it doubles, up to 32 times); further options are World's.
    """

    def __init__(
        self,
        token: str = TOKEN,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        keep_calls: int | None = None,
        webhook_retry: float = 0.05,
        webhook_timeout: float = 10.0,
        **world: Any,
    ) -> None:
        bot_id = token.partition(":")[0]
        super().__init__(**{"bot_id": int(bot_id) if bot_id.isdigit() else 7000000001, **world})
        self.token, self.host, self.port = token, host, port
        self.calls: MutableSequence[Call] = [] if keep_calls is None else deque(maxlen=keep_calls)
        self.count = 0  # calls so far
        self.counts: Counter[str] = Counter()  # the same by method
        self.conflicts = 0  # polls that another poll ended
        self.faults: list[Fault] = []
        self.webhook: Json | None = None
        self.webhook_error: Json = {}
        self.methods = Methods(self)
        self.webhook_retry, self.webhook_timeout = webhook_retry, webhook_timeout
        self._flood: dict[Any, float] = {}
        self._poll: asyncio.Future[str] | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._queues: dict[int, deque[Json]] = {}
        self._couriers: dict[int, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(40)
        self._session: ClientSession | None = None
        self._runner: web.ServerRunner | None = None

    # --- life ---

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def ptb_url(self) -> str:
        return f"{self.url}/bot"

    @property
    def ptb_file_url(self) -> str:
        return f"{self.url}/file/bot"

    async def __aenter__(self) -> BotApi:
        def request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
            loop = asyncio.get_running_loop()
            return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=BODY_LIMIT)

        server = web.Server(self._serve, request_factory=request, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._session = ClientSession(timeout=ClientTimeout(total=self.webhook_timeout))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._poll and not self._poll.done():
            self._poll.set_result("closed")
        await self._dismiss()
        assert self._session
        assert self._runner
        await self._session.close()
        await self._runner.cleanup()

    # --- for tests ---

    def fault(self, kind: FaultKind, method: str = "*", **options: Any) -> Fault:
        """Switch a fault on: probability, seed, times, retry_after, delay as in Fault. Several may be on at once."""
        made = Fault(kind, method, **options)
        self.faults.append(made)
        return made

    def clear_faults(self) -> None:
        self.faults.clear()
        self._flood.clear()

    def called(self, method: str) -> list[Call]:
        """The recorded calls of a method, in order."""
        return [call for call in self.calls if call.method == method]

    async def until(self, holds: Callable[[], object], timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Wait until `holds()` is true, looked at after every call and every change of the updates.

        Raises TimeoutError.
        """
        async with asyncio.timeout(timeout):
            while not holds():
                change = asyncio.get_running_loop().create_future()
                self._waiting.add(change)
                try:
                    await change
                finally:
                    self._waiting.discard(change)

    def _changed(self) -> None:
        for one in self._waiting:
            if not one.done():
                one.set_result(None)

    # --- requests ---

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        parts = request.rel_url.raw_path.split("/")
        if parts[1] == "control" and len(parts) == 3:
            return await self._control(request, parts[2])
        if parts[1] == "file":
            return self._download(request.rel_url.path)
        if len(parts) != 3 or not parts[1].startswith("bot"):
            return _answer(Refusal(404, "Not Found"))
        if request.rel_url.parts[1] != f"bot{self.token}":
            return _answer(Refusal(401, "Unauthorized"))
        raw: Json = {}
        files: Files = {}
        refusal: Refusal | None = None
        try:
            raw, files = await _parameters(request)
        except Refusal as caught:
            refusal = caught
        except web.HTTPRequestEntityTooLarge:
            refusal = Refusal(413, "Request Entity Too Large")
        return await self._answered(request, parts[2], raw, files, refusal)

    async def _answered(
        self, request: web.BaseRequest, name: str, raw: Json, files: Files, refusal: Refusal | None
    ) -> web.StreamResponse:
        """Meet the faults, do the call, and answer, or drop the connection."""
        call = self._record(name, raw)
        drop = False
        if self.faults:
            for fault in self.faults:
                if not fault.strikes(name):
                    continue
                call.fault = fault.kind
                if fault.kind == "delay":
                    await asyncio.sleep(fault.delay)
                elif fault.kind == "429":
                    self._flood[raw.get("chat_id")] = self.clock() + fault.retry_after
                    after = {"retry_after": fault.retry_after}
                    return self._refused(
                        call, Refusal(429, f"Too Many Requests: retry after {fault.retry_after}", after)
                    )
                elif fault.kind == "502":
                    self._changed()
                    return web.Response(status=502, body=BAD_GATEWAY, content_type="text/html")
                elif fault.kind == "drop_before":
                    return self._dropped(request)
                else:
                    drop = True
        try:
            if refusal:
                raise refusal
            call.result = await self._do(call, raw, files)
        except Refusal as caught:
            refused = self._refused(call, caught)
            return self._dropped(request) if drop else refused
        self._changed()
        if drop:
            return self._dropped(request)
        return _json({"ok": True, "result": call.result})

    def _record(self, name: str, raw: Json, via: str = "http") -> Call:
        self.count += 1
        self.counts[name] += 1
        call = Call(self.count, name, raw, self.clock(), via=via)
        if self._flood:
            call.early = call.time < self._flood.get(raw.get("chat_id"), 0)
        self.calls.append(call)
        return call

    def _refused(self, call: Call, refusal: Refusal) -> web.Response:
        call.error = _error(refusal)
        self._changed()
        return _answer(refusal)

    def _dropped(self, request: web.BaseRequest) -> web.Response:
        if request.transport:
            request.transport.abort()
        self._changed()
        return web.Response()

    async def _do(self, call: Call, raw: Json, files: Files) -> Any:
        """The call's result; its parameters are kept as they were understood."""
        method = description.method(call.method)
        if method is None:
            raise Refusal(404, "Not Found")
        direct = {name: file for name, file in files.items() if name in method.checks}
        if len(direct) < len(files):
            texts = json.dumps(raw)
            for name in files.keys() - direct.keys():
                if f"attach://{name}" not in texts:
                    raise bad(f'stand-in: {call.method} has no parameter "{name}", and no attach:// names it')
        call.params = p = method.read({**raw, **direct} if direct else raw)
        match call.method:
            case "getUpdates":
                return await self._get_updates(p)
            case "setWebhook":
                return await self._set_webhook(p)
            case "deleteWebhook":
                return await self._set_webhook({**p, "url": ""})
            case "getWebhookInfo":
                return self._webhook_info()
        return self.methods.call(call.method, p, files)

    def _download(self, path: str) -> web.Response:
        head = f"/file/bot{self.token}/"
        if not path.startswith(head):
            return _answer(Refusal(401, "Unauthorized"))
        content = self.file_contents.get(path.removeprefix(head))
        if content is None:
            return _answer(Refusal(404, "Not Found"))
        return web.Response(body=content, content_type="application/octet-stream")

    # --- updates out ---

    def arrived(self, update: Json) -> None:
        if self.webhook:
            self._dispatch(update)
        elif self._poll and not self._poll.done():
            self._poll.set_result("arrived")

    async def _get_updates(self, p: Json) -> list[Json]:
        if self.webhook:
            raise Refusal(409, HOOKED)
        if self._poll and not self._poll.done():
            self._poll.set_result("conflict")
        if "allowed_updates" in p:
            self.allowed_updates = p["allowed_updates"]
        offset, limit = p.get("offset", 0), p.get("limit", 100)
        if offset < 0:
            self.pending = self.pending[offset:]
        elif offset and self.pending:
            self.pending = [one for one in self.pending if one["update_id"] >= offset]
        self._changed()
        if not self.pending and p.get("timeout", 0) > 0:
            mine = self._poll = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(p["timeout"]):
                    why = await mine
            except TimeoutError:
                why = "timeout"
            if self._poll is mine:
                self._poll = None
            if why in ("conflict", "webhook"):
                self.conflicts += 1
                raise Refusal(409, CONFLICT if why == "conflict" else "Conflict: terminated by setWebhook request")
        return self.pending[:limit]

    async def _set_webhook(self, p: Json) -> bool:
        url = p.get("url", "")
        parts = urlsplit(url)
        if url and parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if not set(p.get("secret_token", "")) <= SECRET:
            raise bad("secret token contains unallowed characters")
        self.webhook = None  # what arrives meanwhile waits among the pending, behind what is older
        await self._dismiss()
        self.webhook_error = {}
        if p.get("drop_pending_updates"):
            self.pending = []
        if "allowed_updates" in p:
            self.allowed_updates = p["allowed_updates"]
        self.webhook = p if url else None
        if self.webhook:
            if self._poll and not self._poll.done():
                self._poll.set_result("webhook")
            self._slots = asyncio.Semaphore(p.get("max_connections", 40))
            for update in self.pending:
                self._dispatch(update)
        return True

    def _webhook_info(self) -> Json:
        hook = self.webhook or {}
        made: Json = {"url": hook.get("url", ""), "has_custom_certificate": False}
        made["pending_update_count"] = len(self.pending)
        if hook:
            made |= {"max_connections": hook.get("max_connections", 40), **self.webhook_error}
        if self.allowed_updates:
            made["allowed_updates"] = self.allowed_updates
        return made

    async def _dismiss(self) -> None:
        couriers = list(self._couriers.values())
        self._couriers.clear()
        self._queues.clear()
        for one in couriers:
            one.cancel()
        await asyncio.gather(*couriers, return_exceptions=True)

    def _dispatch(self, update: Json) -> None:
        """Queue an update for the webhook: one chat's updates one after another, chats side by side."""
        key = _queue_of(update)
        self._queues.setdefault(key, deque()).append(update)
        if key not in self._couriers:
            self._couriers[key] = asyncio.create_task(self._carry(key))

    async def _carry(self, key: int) -> None:
        queue, pause = self._queues[key], self.webhook_retry
        while queue:
            async with self._slots:
                delivered = await self._deliver(queue[0])
            if delivered:
                done, pause = queue.popleft(), self.webhook_retry
                self.pending = [one for one in self.pending if one is not done]
                self._changed()
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, self.webhook_retry * 32)
        del self._queues[key], self._couriers[key]

    async def _deliver(self, update: Json) -> bool:
        """Post an update to the webhook; a method in its answer is called. True on any 2xx."""
        assert self.webhook
        assert self._session
        headers = {}
        if secret := self.webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        try:
            async with self._session.post(self.webhook["url"], json=update, headers=headers) as answer:
                body = await answer.read()
                if not 200 <= answer.status < 300:
                    self._failed(f"Wrong response from the webhook: {answer.status} {answer.reason}")
                    return False
                kind = answer.content_type
        except (ClientError, TimeoutError, OSError) as error:
            self._failed("Read timeout expired" if isinstance(error, TimeoutError) else "Connection refused")
            return False
        if body:
            await self._reply(body, kind)
        return True

    def _failed(self, words: str) -> None:
        self.webhook_error = {"last_error_date": self.now(), "last_error_message": words}
        self._changed()

    async def _reply(self, body: bytes, kind: str) -> None:
        """Call the method in a webhook's answer; nobody learns its result, but the record shows it."""
        try:
            asked = json.loads(body) if kind == "application/json" else dict(parse_qsl(body.decode()))
        except ValueError:
            return
        if not isinstance(asked, dict) or "method" not in asked:
            return
        call = self._record(asked.pop("method"), asked, via="webhook")
        try:
            call.result = await self._do(call, asked, {})
        except Refusal as refusal:
            call.error = _error(refusal)
        self._changed()

    # --- control, for a stand-in in a process of its own ---

    async def _control(self, request: web.BaseRequest, what: str) -> web.Response:
        """`state`, `calls?since=N&method=M`, `sent?chat=ID`; POSTs of JSON: `push` {"updates"}, `do` {"name", "args",
        "options"} or a list of them (any builder of World), `fault`, `clear_faults`, `until` {"calls"|"pending", "method"}."""
        try:
            asked = json.loads(await request.read()) if request.method == "POST" else dict(request.query)
            return _json(await self._controlled(what, asked))
        except (LookupError, TypeError, ValueError, Refusal, TimeoutError) as error:
            return _json({"error": f"{type(error).__name__}: {error}"}, 400)

    async def _controlled(self, what: str, asked: Any) -> Any:
        match what:
            case "state":
                return {
                    "calls": self.count,
                    "methods": self.counts,
                    "pending": len(self.pending),
                    "conflicts": self.conflicts,
                }
            case "calls":
                since, name = int(asked.get("since", 0)), asked.get("method")
                chosen = [one for one in self.calls if one.number > since and name in (None, one.method)]
                return [asdict(one) for one in chosen]
            case "sent":
                return self.sent(int(asked["chat"]))
            case "push":
                return [self.push(one, check=asked.get("check", True)) for one in asked["updates"]]
            case "do":
                return [self._build(one) for one in asked] if isinstance(asked, list) else self._build(asked)
            case "fault":
                self.fault(asked.pop("kind"), **asked)
                return True
            case "clear_faults":
                self.clear_faults()
                return True
            case "until":
                calls, method, pending = asked.get("calls", 0), asked.get("method"), asked.get("pending")
                await self.until(
                    lambda: (
                        (self.counts[method] if method else self.count) >= calls
                        and (pending is None or len(self.pending) <= pending)
                    ),
                    asked.get("timeout", 30),
                )
                return True
        raise LookupError(f"no control {what!r}")

    def _build(self, asked: Json) -> Any:
        name = asked["name"]
        if name.startswith("_") or name not in World.__dict__:
            raise LookupError(f"no builder {name!r}")
        return getattr(self, name)(*asked.get("args", ()), **asked.get("options", {}))


async def _parameters(request: web.BaseRequest) -> tuple[Json, Files]:
    """Parameters and files of a request, whatever its encoding."""
    query = dict(request.query) if request.rel_url.raw_query_string else {}
    kind = request.content_type
    if kind == "multipart/form-data":
        raw: Json = query
        files: Files = {}
        for name, value in (await request.post()).items():
            if isinstance(value, FileField):
                files[name] = Upload(value.filename, value.content_type, value.file.read())
            else:
                raw[name] = value
        return raw, files
    body = await request.read()
    if not body:
        return query, {}
    if kind == "application/json":
        try:
            parsed = json.loads(body)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise bad("Can't parse request JSON object")
        return query | parsed, {}
    return query | dict(parse_qsl(body.decode(), keep_blank_values=True)), {}


def _queue_of(update: Json) -> int:
    """The chat, else the person, of an update."""
    for key, value in update.items():
        if key != "update_id" and isinstance(value, dict):
            chat = value.get("chat") or value.get("message", {}).get("chat") or value.get("from") or value.get("user")
            return int(chat["id"]) if chat else 0
    return 0


def _error(refusal: Refusal) -> Json:
    made: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    return {**made, "parameters": refusal.parameters} if refusal.parameters else made


def _answer(refusal: Refusal) -> web.Response:
    return _json(_error(refusal), refusal.code)


def _plain(value: Any) -> Any:
    if isinstance(value, Upload):
        return {"filename": value.filename, "bytes": len(value.data)}
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, random.Random):
        return None
    raise TypeError(type(value).__name__)


def _json(value: Any, status: int = 200) -> web.Response:
    body = json.dumps(value, default=_plain).encode()
    return web.Response(status=status, body=body, content_type="application/json")
