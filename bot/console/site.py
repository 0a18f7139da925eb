"""The console's web pages: who may see them, and what every page has in common."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.assistant import Assistant
from bot.channels.assets import Asset
from bot.channels.limits import Limit
from bot.channels.peers import Proxies, matches_site
from bot.channels.tally import RefusalTally
from bot.console import access
from bot.console.words import Words
from bot.knowledge.last_good import LastGood
from bot.model import LANGUAGES, Language
from bot.settings import Settings
from bot.store import Change, Role, Staff, Store

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
COOKIE, LANG_COOKIE = "merchant_console", "merchant_console_lang"
YEAR = 365 * 24 * 3600
PAGES_PER_MINUTE = 600  # per address, which a whole office may share
SIGN_INS_PER_MINUTE = 20
MOST_PAGES = 99_999  # of a list
TEMPLATES: web.AppKey[jinja2.Environment] = web.AppKey("merchant_console_templates", jinja2.Environment)
ASSETS = {"console.css": "console.css", "console.js": "console.js", "htmx.js": "vendor/htmx.min.js"}  # name → file
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Visit:
    """A request of a person who is signed in and may make it; `form` holds the fields of a POST."""

    request: web.Request
    staff: Staff
    lang: Language
    session: str
    form: Any = None

    @property
    def token(self) -> str:
        """The token of its session's forms."""
        return access.form_token(self.session)

    @property
    def say(self) -> Words:
        return Words(self.lang)

    @property
    def is_fragment(self) -> bool:
        """True if a part of a page is asked for, by htmx."""
        return "HX-Request" in self.request.headers

    def field(self, name: str) -> str:
        """Return a field of the form, with the line ends of files; "" if it is missing or a file."""
        value = self.form.get(name, "") if self.form is not None else ""
        return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""

    @property
    def page(self) -> int:
        """The number of the page of a list that is asked for, from 1."""
        return max(1, min(number(self.request.query.get("page", "")) or 1, MOST_PAGES))

    def fields(self, name: str) -> list[str]:
        return [one for one in self.form.getall(name, []) if isinstance(one, str)] if self.form is not None else []


Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Route:
    """A page: its address below the console's, and who may use it."""

    method: str
    path: str
    role: Role
    handler: Handler
    most: int = 0  # bytes of its form; 0: what the server takes of all requests


@dataclass(frozen=True)
class Tab:
    """An entry of the navigation; its words are `nav_` and the name."""

    name: str
    path: str
    role: Role


class Site:
    """The base of all pages. Parts of the console `add` their pages; each is shown once the assistant is ready."""

    def __init__(self, settings: Settings, store: Store, content: LastGood | None = None) -> None:
        self.settings, self.store, self.content = settings, store, content
        public = urlsplit(settings.public_url or "")
        self.prefix, self.secure = public.path.rstrip("/"), public.scheme == "https"
        self.base = f"{self.prefix}/console"
        self.proxies = Proxies(settings.trusted_networks)
        self.by_address, self.sign_ins = Limit(PAGES_PER_MINUTE), Limit(SIGN_INS_PER_MINUTE)
        self.refused = RefusalTally(log, "console")
        self.routes: list[Route] = []
        self.tabs: list[Tab] = []
        self.assets = {name: Asset.of(name, (HERE / "static" / file).read_bytes()) for name, file in ASSETS.items()}
        self.assistant: Assistant | None = None

    @property
    def ready(self) -> Assistant:
        """The assistant; pages are handled only once there is one."""
        assert self.assistant is not None
        return self.assistant

    def add(self, routes: Sequence[Route], tabs: Sequence[Tab] = ()) -> None:
        self.routes += routes
        self.tabs += tabs

    def add_to(self, app: web.Application) -> None:
        """Add the routes under the path of PUBLIC_URL, and also without it, for proxies that strip it."""
        aiohttp_jinja2.setup(
            app,
            app_key=TEMPLATES,
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        for prefix in dict.fromkeys((self.prefix, "")):
            base = f"{prefix}/console"
            app.router.add_get(f"{base}/", self.redirect_to_base)
            app.router.add_get(f"{base}/in/{{link}}", self.ask_to_sign_in)
            app.router.add_post(f"{base}/in/{{link}}", self.sign_in)
            app.router.add_get(f"{base}/static/{{name}}", self.asset)
            app.router.add_post(f"{base}/out", self.guarded(Route("POST", "/out", "consultant", self.sign_out)))
            for route in self.routes:
                app.router.add_route(route.method, f"{base}{route.path}", self.guarded(route))
        app.on_shutdown.append(self.close)

    async def close(self, app: web.Application) -> None:
        self.refused.close()

    async def redirect_to_base(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPSeeOther(self.base)

    # --- who may see what

    def guarded(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return a page's handler behind the sign-in, the role, and for changes the form's token."""

        async def handle(request: web.Request) -> web.StreamResponse:
            lang = language(request)
            if self.by_address.wait(self.proxies.client(request)):
                return self.note(request, lang, "too_many", HTTPStatus.TOO_MANY_REQUESTS)
            session = request.cookies.get(COOKIE, "")
            staff = await self.store.signed_in(access.digest(session)) if session else None
            if staff is None:
                return self.signed_out(request, lang)
            if not staff.may(route.role):
                self.refused.count("pages that the person's role does not give")
                return self.note(request, lang, "not_yours", HTTPStatus.FORBIDDEN, staff=staff, session=session)
            try:
                sent = request.clone(client_max_size=route.most) if route.most else request
                form = await sent.post() if request.method == "POST" else None
            except web.HTTPRequestEntityTooLarge:
                status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                return self.note(request, lang, "too_large", status, staff=staff, session=session)
            if form is not None and not access.is_form_token(session, str(form.get("token", ""))):
                self.refused.count("forms without the token of their session")
                return self.note(request, lang, "stale_form", HTTPStatus.FORBIDDEN, staff=staff, session=session)
            if self.assistant is None:
                page = self.note(request, lang, "starting", HTTPStatus.SERVICE_UNAVAILABLE)
                page.headers["Refresh"] = "1"
                return page
            try:
                made = await route.handler(Visit(request, staff, lang, session, form))
            finally:
                for file in form.values() if form is not None else ():
                    if isinstance(file, web.FileField):
                        file.file.close()  # the server closes those of its own request, not of one with another limit
            if request.query.get("lang") in LANGUAGES:
                made.set_cookie(LANG_COOKIE, lang, path=self.base, samesite="Strict", secure=self.secure, max_age=YEAR)
            return made

        return handle

    def is_own_page(self, request: web.Request) -> bool:
        """Return true if a request's Origin is the console's: that of PUBLIC_URL, or else the request's Host."""
        public = urlsplit(self.settings.public_url or "")
        ours = [f"{public.scheme}://{public.netloc}"] if public.netloc else []
        ours = ours or [f"http://{request.host}", f"https://{request.host}"]
        return matches_site(request.headers.get("Origin", ""), ours)

    def signed_out(self, request: web.Request, lang: Language) -> web.StreamResponse:
        page = self.note(request, lang, "signed_out", HTTPStatus.UNAUTHORIZED)
        if "HX-Request" in request.headers:
            page.headers["HX-Redirect"] = self.base
        return page

    async def ask_to_sign_in(self, request: web.Request) -> web.StreamResponse:
        """Ask for a press of a button: programs that look at a link to show it beforehand must not use it up."""
        return self.render(request, "sign_in.html", language(request), link=request.match_info["link"])

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        lang = language(request)
        if self.sign_ins.wait(self.proxies.client(request)):
            return self.note(request, lang, "too_many", HTTPStatus.TOO_MANY_REQUESTS)
        session = await access.sign_in(self.store, request.match_info["link"])
        if session is None:
            self.refused.count("links that were used or have expired")
            return self.note(request, lang, "link_over", HTTPStatus.FORBIDDEN)
        response = web.HTTPSeeOther(self.base)
        response.set_cookie(
            COOKIE, session, path=self.base, max_age=access.SESSION_LASTS, httponly=True, secure=self.secure,
            samesite="Strict",
        )  # fmt: skip
        raise response

    async def sign_out(self, visit: Visit) -> web.StreamResponse:
        await self.store.sign_out(access.digest(visit.request.cookies.get(COOKIE, "")))
        response = web.HTTPSeeOther(self.base)
        response.del_cookie(COOKIE, path=self.base)
        raise response

    async def logged(self, visit: Visit, did: str, place: str = "", before: str = "", after: str = "") -> None:
        """Add a change to the audit log."""
        await self.store.log_change(Change(visit.staff.name, did, place, before, after))

    # --- pages

    def page(
        self, visit: Visit, template: str, tab: str = "", status: int = HTTPStatus.OK, **values: object
    ) -> web.Response:
        """Render a page, or a part of it that has a template of its own."""
        return self.render(
            visit.request, template, visit.lang, status, staff=visit.staff, token=visit.token, tab=tab, **values
        )

    def note(
        self,
        request: web.Request,
        lang: Language,
        about: str,
        status: int,
        staff: Staff | None = None,
        session: str = "",
    ) -> web.Response:
        """Render a page that says one thing: the words `about` and `about_more`."""
        token = access.form_token(session) if session else ""
        return self.render(request, "note.html", lang, status, about=about, staff=staff, token=token)

    def notice(self, visit: Visit, about: str, status: int = HTTPStatus.NOT_FOUND) -> web.Response:
        """Render such a page for a person who is signed in."""
        return self.note(visit.request, visit.lang, about, status, staff=visit.staff, session=visit.session)

    def render(
        self, request: web.Request, template: str, lang: Language, status: int = HTTPStatus.OK, **values: Any
    ) -> web.Response:
        staff = values.setdefault("staff", None)
        shared = {
            "say": Words(lang),
            "lang": lang,
            "other": "en" if lang == "zh" else "zh",
            "base": self.base,
            "home": f"{self.prefix}/",
            "here": f"{self.prefix}{request.path.removeprefix(self.prefix)}" if request.method == "GET" else self.base,
            "tabs": [one for one in self.tabs if staff and staff.may(one.role)],
            "versions": {name: asset.version for name, asset in self.assets.items()},
        }
        values = {"tab": "", "token": "", **shared, **values}
        text = aiohttp_jinja2.render_string(template, request, values, app_key=TEMPLATES)
        response = web.Response(text=text, content_type="text/html", status=status, headers=HEADERS)
        response.enable_compression()
        return response

    def redirect(self, path: str = "") -> web.HTTPException:
        """Lead to another page of the console, after a change."""
        return web.HTTPSeeOther(f"{self.base}{path}")

    async def asset(self, request: web.Request) -> web.StreamResponse:
        asset = self.assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return asset.response(request)


def number(text: str) -> int | None:
    """Return the number that up to 18 digits say, None for other texts."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(seconds)) if seconds else ""


def minute(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def download(body: bytes, type: str, name: str) -> web.Response:
    """Return a file to save."""
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"', "Content-Type": type}
    return web.Response(body=body, headers=headers)


def language(request: web.Request) -> Language:
    """Return the language of the query, the one chosen before, or the browser's first; else English."""
    said = [request.query.get("lang", ""), request.cookies.get(LANG_COOKIE, "")]
    said += request.headers.get("Accept-Language", "").lower().split(",")
    return next((lang for one in said for lang in LANGUAGES if one.strip().startswith(lang)), "en")
