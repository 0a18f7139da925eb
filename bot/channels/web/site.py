"""The web chat's pages: the chat, its embedded window, check results, and the files they load."""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import Environment, FunctionLoader
from markupsafe import Markup

from bot.assistant import Assistant
from bot.channels.channel import OpenChannel
from bot.channels.file_types import LARGEST, LARGEST_MB
from bot.channels.limits import Limit, open_files
from bot.channels.peers import Proxies, matches_site
from bot.channels.tally import RefusalTally
from bot.channels.web.face import NAMES, STATIC, Face, face_of, first_face
from bot.channels.web.files import Files
from bot.channels.web.rendering import html, sign_class
from bot.channels.web.sockets import NO_COOKIE, Sockets, dismiss, open_socket
from bot.channels.web.visitor import LASTS, Visitors
from bot.channels.web.way import way
from bot.channels.web.wire import DATA, WebChannel, start_screen
from bot.content.folder import still_there
from bot.json_text import from_text
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import long_date
from bot.model import LANGUAGES, Address, Language
from bot.settings import Settings
from bot.store import as_file
from bot.store.ports import Pages
from handlers.code import code_in
from handlers.handoff import has_consultant

log = logging.getLogger(__name__)

THEMES = ("light", "dark")
COOKIE, EMBEDDED_COOKIE = "merchant_chat", "merchant_chat_embedded"
MOST_SOCKETS, RESERVED = 10_000, 200  # open WebSockets; open files left for the rest of the process
MOST_UNREAD = 10  # turns counted on another site's button
PAGES_PER_MINUTE = 300  # per address, which a whole office may share

# Phrases of the page, filled in by its script.
WORDS = (
    "title", "subtitle", "language", "menu", "close", "topics", "checks", "placeholder", "send", "sending",
    "received", "failed", "again", "offline", "too_long", "no_cookie", "you", "assistant", "today", "older", "new_one",
    "yesterday", "open_result", "choices", "start", "hello", "conversation", "flooded", "full", "source", "new_many",
    "talk_end", "talk_delivered", "talk_seen", "attach", "file_large", "file_lost", "more", "anew", "save", "print", "my_data", "erase", "sound", "privacy", "helped",
)  # fmt: skip


@dataclass(frozen=True)
class OpenSite:
    """The parts that need the assistant, available once it is ready."""

    store: Pages
    assistant: Assistant
    sockets: Sockets
    visitors: Visitors
    files: Files


class Site:
    """The web chat. It shows a starting page until `open` is called."""

    def __init__(self, settings: Settings, store: Pages) -> None:
        self.settings, self.store = settings, store
        self.channel = WebChannel(self.wake)
        self.opened: OpenSite | None = None
        public = urlsplit(settings.public_url or "")
        self.origin = f"{public.scheme}://{public.netloc}" if public.netloc else None
        self.proxies = Proxies(settings.trusted_networks)
        self.secure = public.scheme == "https"
        self.prefix = public.path.rstrip("/")
        self.pages = Environment(autoescape=True, loader=FunctionLoader(template), trim_blocks=True, lstrip_blocks=True)
        self.pages.filters |= {"markdown": lambda text: Markup(html(text)), "sign_class": sign_class}
        self.first_brand, self.first_files = first_face(settings.knowledge_folders)
        self.by_address = Limit(PAGES_PER_MINUTE)
        self.refused = RefusalTally(log, "web chat")

    @property
    def open_channel(self) -> OpenChannel:
        return OpenChannel(
            self.channel,
            routes=[self.add_to],
            intakes=[self.poll_other_processes, self.watch_talks],
            url_line=lambda url: f"The web chat is at {url}/ and stops with Ctrl+C.",
            begin=self.open,
        )

    async def open(self, assistant: Assistant) -> str:
        """Open the chat to visitors."""
        store = self.store
        secret = self.settings.secret.get_secret_value() if self.settings.secret else None
        secret = secret or await store.kept("secret", secrets.token_urlsafe(32))
        per_minute, queued = self.settings.messages_per_minute, self.settings.over_limit == "queue"
        widget = self.settings.widget_secret.get_secret_value() if self.settings.widget_secret else None
        sockets = Sockets(
            store, assistant, most_sockets(), per_minute, self.refused, self.typing, queued=queued, widget_secret=widget
        )
        files = Files(store, assistant, self.settings.most_files)
        self.opened = OpenSite(store, assistant, sockets, Visitors(secret), files)
        return ""

    def wake(self, visitor: str) -> None:
        if self.opened:
            self.opened.sockets.wake(visitor)

    async def typing(self, visitor: Address) -> None:
        """Tell the consultants' desk that a visitor is typing, if there is one."""
        if self.channel.typing:
            await self.channel.typing(visitor)

    async def poll_other_processes(self) -> None:
        """Poll for replies made by other processes, until cancelled."""
        assert self.opened is not None
        await self.opened.sockets.poll_other_processes()

    async def watch_talks(self) -> None:
        """Show claims and other changes of talks, until cancelled."""
        assert self.opened is not None
        await self.opened.sockets.watch_talks()

    def add_to(self, app: web.Application) -> None:
        """Add the routes under the path of PUBLIC_URL, and also without it, for proxies that strip it."""
        for prefix in dict.fromkeys((self.prefix, "")):
            if prefix:
                app.router.add_get(prefix, self.redirect_to_folder)
            app.router.add_get(f"{prefix}/", self.chat)
            app.router.add_get(f"{prefix}/embed", self.embedded)
            app.router.add_get(f"{prefix}/socket", self.socket)
            app.router.add_get(f"{prefix}/r/{{code}}", self.result)
            app.router.add_get(f"{prefix}/checks/{{name}}", self.check)
            app.router.add_get(f"{prefix}/files/{{name:.+}}", self.file)
            app.router.add_get(f"{prefix}/sent/{{id}}", self.sent_file)
            app.router.add_post(f"{prefix}/sent", self.take_file)
            app.router.add_get(f"{prefix}/{DATA}", self.data)
            app.router.add_get(f"{prefix}/unread", self.unread)
            app.router.add_get(f"{prefix}/favicon.ico", self.favicon)
            for name in NAMES:
                app.router.add_get(f"{prefix}/{name}", self.asset)
        app.middlewares.append(self.not_found)
        app.on_shutdown.append(self.close)

    async def close(self, app: web.Application) -> None:
        if self.opened:
            await self.opened.sockets.close()
        self.refused.close()

    @property
    def face(self) -> Face:
        """The brand of the pages: that of the content, or until it is open what is read of it at once."""
        if self.opened is None:
            return face_of(self.first_brand, self.first_files)
        library = self.opened.assistant.knowledge.library
        return face_of(library.operator.brand, library.files)

    # --- pages

    async def redirect_to_folder(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPMovedPermanently(f"{request.path}/")

    async def chat(self, request: web.Request) -> web.StreamResponse:
        return self.chat_page(request, embedded=False)

    async def embedded(self, request: web.Request) -> web.StreamResponse:
        """Serve the chat for the window that widget.js adds to other sites."""
        return self.chat_page(request, embedded=True)

    def chat_page(self, request: web.Request, *, embedded: bool) -> web.StreamResponse:
        lang = preferred_language(request)
        ancestors = " ".join(["'self'", *self.settings.embedding_sites]) if embedded else "'none'"
        opened = self.ready(request, ancestors)
        if isinstance(opened, web.Response):
            return opened
        knowledge = opened.assistant.knowledge
        page = self.page(
            "chat.html",
            ancestors,
            lang=lang,
            title=title_of(knowledge, lang),
            description=knowledge.say("web_subtitle", lang),
            picture=f"{self.address(request)}/{self.face.icon}" if self.face.logo else "",
            address=self.address(request),
            embedded=embedded,
            consultant=has_consultant(knowledge, opened.assistant.terms),
            theme=theme if (theme := request.query.get("theme", "")) in THEMES else "",
            data=start_data(knowledge),
            words={name: knowledge.say(f"web_{name}", lang) for name in ("conversation", "no_script")},
        )
        name = EMBEDDED_COOKIE if embedded else COOKIE
        visitor = self.visitor(request, name) or opened.visitors.new()
        self.set_cookie(page, name, opened.visitors.sign(visitor), embedded=embedded)
        return page

    def ready(self, request: web.Request, ancestors: str = "'none'") -> OpenSite | web.Response:
        """Return the open site, or the response before the start. Raises HTTPTooManyRequests."""
        self.hold_back(request)
        if self.opened is not None:
            return self.opened
        lang, theme = preferred_language(request), request.query.get("theme", "")
        name = self.face.brand.name
        page = self.page(
            "starting.html",
            ancestors,
            lang=lang,
            title=name[lang] if name else "",
            theme=theme if theme in THEMES else "",
        )
        page.headers["Retry-After"] = "1"  # the page's script looks for it, and so need not load the page each time
        if "code" in request.match_info:
            page.headers["X-Robots-Tag"] = "noindex"  # the address of a result is not to be listed
        return page

    @web.middleware
    async def not_found(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Serve a page where a browser asks for a page that does not exist."""
        try:
            return await handler(request)
        except web.HTTPNotFound:
            if request.method != "GET" or "text/html" not in request.headers.get("Accept", "") or not self.opened:
                raise
        lang, knowledge = preferred_language(request), self.opened.assistant.knowledge
        words = {name: knowledge.say(f"web_{name}", lang) for name in ("not_found", "to_chat")}
        root = f"{self.prefix if request.path.startswith(f'{self.prefix}/') else ''}/"
        title = title_of(knowledge, lang)
        return self.page("missing.html", status=HTTPStatus.NOT_FOUND, lang=lang, title=title, words=words, root=root)

    def set_cookie(self, response: web.Response, name: str, value: str, *, embedded: bool) -> None:
        """Set a visitor's cookie. Browsers keep those of embedded windows only if partitioned: one per embedding site.

        The header is written by hand, since Python's cookies support "Partitioned" only from 3.14.
        """
        kind = "; SameSite=None; Partitioned" if embedded and self.secure else "; SameSite=Lax"
        secure = "; Secure" if self.secure else ""
        cookie = f"{name}={value}; Max-Age={LASTS}; Path={self.prefix}/; HttpOnly{secure}{kind}"
        response.headers.add("Set-Cookie", cookie)

    async def check(self, request: web.Request) -> web.StreamResponse:
        """Serve a check's way as a diagram; status 404 if there is no such check."""
        opened, lang = self.ready(request), preferred_language(request)
        if isinstance(opened, web.Response):
            return opened
        knowledge = opened.assistant.knowledge
        found = knowledge.library.checks.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        words = ("print", "to_chat", "language", "way", "any_answer", "other_answers", "question")
        about = self.about(knowledge, lang, words) | {"title": found.title[lang]}
        return self.page("check.html", way=way(knowledge, found.id, lang), **about)

    def about(self, knowledge: Knowledge, lang: Language, words: Iterable[str]) -> dict[str, Any]:
        """Return the common values of the pages below the chat's, with these phrases."""
        other: Language = "en" if lang == "zh" else "zh"
        said = {name: knowledge.say(f"web_{name}", lang) for name in words}
        title = title_of(knowledge, lang)
        said |= {"other": lang_name(knowledge, other), "name": title}
        return {"lang": lang, "other": other, "words": said, "title": title, "root": "../"}

    async def result(self, request: web.Request) -> web.StreamResponse:
        """Serve a check's result by its code, as a page to print; status 404 if unknown, 410 if expired."""
        opened, lang = self.ready(request), preferred_language(request)
        if isinstance(opened, web.Response):
            return opened
        knowledge = opened.assistant.knowledge
        code = code_in(request.match_info["code"])
        found = await opened.store.result(code) if code else None
        contact = knowledge.library.operator.consultant
        words = ("print", "to_chat", "language", "reasons", "asked", "privacy", "show_way")
        about = self.about(knowledge, lang, words) | {
            "contact": contact[lang] if contact else "",
            "contact_code": contact.qr if contact and contact.qr in knowledge.library.files else "",
        }
        if found is None:
            note = knowledge.say("check_code_unknown", lang)
            return self.page("result.html", status=HTTPStatus.NOT_FOUND, note=note, **about)
        until = date.fromisoformat(found.until)
        if date.today() > until:
            note = knowledge.say("check_code_expired", lang, until=long_date(until, lang))
            return self.page("result.html", status=HTTPStatus.GONE, note=note, **about)
        check = knowledge.library.checks.get(found.check)
        sheet = found.sheet(lang)
        address = f"{self.address(request)}/r/{found.code}"
        about["title"] = sheet.title if sheet else check.title[lang] if check else found.check
        about["words"]["result_of"] = knowledge.say(
            "web_result_of", lang, date=long_date(date.fromisoformat(found.made), lang)
        )
        return self.page(
            "result.html",
            check=check.id if check else "",
            verdict=found.verdict,
            sheet=sheet,
            text=found.text(lang),
            code=knowledge.say("check_code", lang, code=found.code, until=long_date(until, lang)),
            address=address,
            qr=qr_code(address),
            **about,
        )

    def address(self, request: web.Request) -> str:
        """Return the web chat's address without a slash at its end: PUBLIC_URL, or the one asked for."""
        return f"{self.origin or request.url.origin()}{self.prefix}"

    def page(self, name: str, ancestors: str = "'none'", status: int = HTTPStatus.OK, **values: object) -> web.Response:
        text = self.pages.get_template(name).render(face=self.face, **values)
        response = web.Response(text=text, content_type="text/html", status=status)
        response.enable_compression()
        response.headers.update(
            {
                "Cache-Control": "no-store",
                "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
                f"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}",
                "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
                "Referrer-Policy": "no-referrer",
                **({"X-Robots-Tag": "noindex"} if name == "result.html" else {}),
                "X-Content-Type-Options": "nosniff",
            }
        )
        return response

    async def unread(self, request: web.Request) -> web.StreamResponse:
        """Count the turns after one, for the button on another site: `{"unread", "desk"}`, with `desk` if a consultant wrote."""
        origin = request.headers.get("Origin", "")
        visitor, after = self.visitor(request, cookie_name(request)), request.query.get("after", "")
        self.hold_back(request)
        count, desk = 0, False
        if self.opened and visitor and re.fullmatch("[0-9]{1,18}", after):
            turns = await self.opened.store.history(self.channel.name, visitor, int(after), MOST_UNREAD)
            count, desk = len(turns), any(from_text(one.payload).get("desk") for one in turns)
        headers = {"Cache-Control": "no-store", "Vary": "Origin", "X-Content-Type-Options": "nosniff"}
        if origin and matches_site(origin, self.settings.embedding_sites):
            headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
        return web.json_response({"unread": count, "desk": desk}, headers=headers)

    # --- files of the pages

    async def favicon(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPMovedPermanently("icon.svg")

    async def asset(self, request: web.Request) -> web.StreamResponse:
        asset = self.face.assets[request.path.rpartition("/")[2]]
        headers = {
            "Access-Control-Allow-Origin": "*",  # for script elements with crossorigin or type="module"
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return asset.response(request, **headers)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Serve a picture or document of the content; status 404 if unknown."""
        known: Mapping[str, str] = self.opened.assistant.knowledge.library.files if self.opened else self.first_files
        path = known.get(request.match_info["name"])
        if path is None or not still_there(path):
            raise web.HTTPNotFound
        headers = {
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "cross-origin",  # the button on another site shows the logo
            "X-Content-Type-Options": "nosniff",
        }
        return web.FileResponse(path, headers=headers)

    async def take_file(self, request: web.Request) -> web.StreamResponse:
        """Take a visitor's file for their consultant."""
        self.hold_back(request)
        visitor = self.visitor(request, cookie_name(request))
        if not self.opened or not visitor or not self.is_own_page(request):
            raise web.HTTPForbidden
        return await self.opened.files.take(request, visitor, preferred_language(request))

    async def sent_file(self, request: web.Request) -> web.StreamResponse:
        """Serve a file of a talk with a consultant to its visitor."""
        self.hold_back(request)
        visitor = self.visitor(request, cookie_name(request))
        if not self.opened or not visitor:
            raise web.HTTPNotFound
        return await self.opened.files.show(request.match_info["id"], visitor)

    def hold_back(self, request: web.Request) -> None:
        """Refuse a request of an address that has made too many. Raises HTTPTooManyRequests."""
        if self.by_address.wait(self.proxies.client(request)):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "60"})

    async def data(self, request: web.Request) -> web.StreamResponse:
        """Serve the requesting visitor's own stored data as a JSON file."""
        self.hold_back(request)
        visitor = self.visitor(request, cookie_name(request))
        if not self.opened or not visitor:
            raise web.HTTPNotFound
        own = await self.opened.store.belongings(Address(self.channel.name, visitor, visitor))
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        headers["Content-Disposition"] = f'attachment; filename="{DATA}"'
        return web.Response(text=as_file(own), content_type="application/json", headers=headers)

    # --- WebSockets

    async def socket(self, request: web.Request) -> web.StreamResponse:
        if not self.is_own_page(request):
            self.refused.count("WebSockets of pages that are not ours (behind a proxy, set PUBLIC_URL)")
            text = (
                f"WebSockets are open only to pages of {self.origin or request.host}; behind a proxy, set PUBLIC_URL\n"
            )
            return web.Response(status=HTTPStatus.FORBIDDEN, text=text)
        if self.opened is None:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="starting\n")
        visitor = self.visitor(request, cookie_name(request))
        if visitor is None:
            socket = await open_socket(request)
            await dismiss(socket, request.transport, NO_COOKIE, "the cookie is missing or invalid; reload the page")
            return socket
        return await self.opened.sockets.serve(request, visitor, self.proxies.client(request))

    def visitor(self, request: web.Request, cookie: str) -> str | None:
        """Return the visitor of a request's cookie, or None if it is missing or its signature is invalid."""
        brought = request.cookies.get(cookie)
        visitor = self.opened.visitors.read(brought) if self.opened else None
        if brought and self.opened and visitor is None:
            self.refused.count("cookies with an invalid signature")
        return visitor

    def is_own_page(self, request: web.Request) -> bool:
        """Return true if a WebSocket's Origin is this site or one that embeds it.

        Without PUBLIC_URL, this site is the request's Host.
        """
        origin = request.headers.get("Origin", "")
        ours = [self.origin] if self.origin else [f"http://{request.host}", f"https://{request.host}"]
        return matches_site(origin, [*ours, *self.settings.embedding_sites])


def cookie_name(request: web.Request) -> str:
    """Return the name of the page's cookie; embedded pages have their own."""
    return EMBEDDED_COOKIE if "embedded" in request.query else COOKIE


def template(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


@lru_cache(maxsize=256)
def qr_code(text: str) -> str:
    """Return a QR code as an SVG element."""
    import segno  # when a result's page is first shown

    return str(
        segno.make(text, error="m", micro=False).svg_inline(
            omitsize=True, border=2, svgclass="qr", lineclass=None, light="#fff"
        )
    )


def start_data(knowledge: Knowledge) -> str:
    """Return the chat page's phrases and start screen as JSON, safe inside a script element; cached for each content."""
    if knowledge not in _start_data:
        _start_data[knowledge] = start_json(knowledge)
    return _start_data[knowledge]


# Weak, since a content takes 100 MB: one that was replaced is freed at once.
_start_data: WeakKeyDictionary[Knowledge, str] = WeakKeyDictionary()


def start_json(knowledge: Knowledge) -> str:
    words = {
        lang: {name: knowledge.say(f"web_{name}", lang) for name in WORDS}
        | {"name": lang_name(knowledge, lang), "consultant": knowledge.say("consultant_button", lang)}
        for lang in LANGUAGES
    }
    brand = knowledge.library.operator.brand
    for lang in LANGUAGES:
        words[lang] |= {"title": title_of(knowledge, lang)}
        if brand.greeting:
            words[lang] |= {"hello": brand.greeting[lang]}
    made = {"words": words, "start": start_screen(knowledge), "privacy": brand.privacy or ""}
    made |= {"largest": LARGEST, "largest_mb": LARGEST_MB}
    data = json.dumps(made, ensure_ascii=False)
    return data.replace("<", "\\u003c")


def title_of(knowledge: Knowledge, lang: Language) -> str:
    """Return the assistant's name: the brand's, or the one that ships."""
    name = knowledge.library.operator.brand.name
    return name[lang] if name else knowledge.say("web_title", lang)


def lang_name(knowledge: Knowledge, lang: Language) -> str:
    return knowledge.say("language_name", lang)


def preferred_language(request: web.Request) -> Language:
    """Return the language of the query, of the embedding page, the first supported one of Accept-Language, or English."""
    said = [
        request.query.get("lang", ""),
        request.query.get("page", ""),
        *request.headers.get("Accept-Language", "").lower().split(","),
    ]
    found = next((lang for one in said for lang in LANGUAGES if re.match(rf"\s*{lang}\b", one)), None)
    return found or "en"


def most_sockets() -> int:
    """Return the limit of open WebSockets, given the process's limit of open files."""
    return max(1, min(MOST_SOCKETS, open_files(MOST_SOCKETS + RESERVED) - RESERVED))
