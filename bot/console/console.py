"""The console as `serve` runs it: all pages, on the web server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from aiohttp import web

from bot.assistant import Assistant
from bot.channels.channel import Desk, News
from bot.console import access
from bot.console.account_pages import AccountPages
from bot.console.agency_page import AgencyPage
from bot.console.aging_pages import AgingPages
from bot.console.answers import AnswersPages
from bot.console.broadcasts_pages import BroadcastsPages
from bot.console.check_form import CheckForm
from bot.console.checks_pages import ChecksPages
from bot.console.draft_pages import DraftPages
from bot.console.drafting import Drafting
from bot.console.entrance import Entrance
from bot.console.figures_pages import FiguresPages
from bot.console.keyword_pages import KeywordPages
from bot.console.people_pages import PeoplePages
from bot.console.questions import QuestionsPages
from bot.console.report_pages import ReportPages
from bot.console.sheets_pages import SheetsPages
from bot.console.site import Site
from bot.console.tickets_pages import TicketsPages
from bot.console.today import Today
from bot.console.trial import all_ended
from bot.console.weekly import Weekly
from bot.console.weekly_texts import aging_text, report_text
from bot.desk.consulting import Consulting
from bot.knowledge.last_good import LastGood
from bot.settings import Settings
from bot.store import Store

OWNER = "owner"  # the name of the first person


class Console:
    def __init__(self, settings: Settings, store: Store, content: LastGood | None = None) -> None:
        self.site = Site(settings, store, content)
        self.drafting = Drafting(store, content, lambda: self.site.ready.knowledge.library)
        Today(self.site)
        self.tickets, self.people = TicketsPages(self.site), PeoplePages(self.site)
        self.broadcasts = BroadcastsPages(self.site)
        self.questions = QuestionsPages(self.site, self.drafting)
        AnswersPages(self.site, self.drafting, self.questions)
        FiguresPages(self.site, self.drafting)
        KeywordPages(self.site, self.drafting)
        CheckForm(self.site, self.drafting, ChecksPages(self.site, self.drafting))
        AgencyPage(self.site, self.drafting)
        AccountPages(self.site, self.drafting, SheetsPages(self.site, self.drafting))
        DraftPages(self.site, self.drafting)
        self.weekly = Weekly(store)
        AgingPages(self.site, self.drafting, self.weekly)
        ReportPages(self.site, self.questions, self.weekly)

    def add_to(self, app: web.Application) -> None:
        self.site.add_to(app)
        app.on_shutdown.append(self.close)

    async def close(self, app: web.Application) -> None:
        await self.tickets.live.close()
        self.questions.grouping.close()
        self.drafting.end()
        await all_ended()

    def open(self, assistant: Assistant) -> None:
        """Show the pages from now on."""
        self.site.assistant = assistant

    def messages(self, ways: Mapping[str, News]) -> Weekly:
        """Return the sender of the weekly messages, by the channels that can deliver them."""
        self.weekly.texts = {"report": partial(report_text, self.site), "aging": partial(aging_text, self.site)}
        self.weekly.open(ways, lambda: datetime.now(self.site.ready.knowledge.library.operator.zone))
        return self.weekly

    def connect(self, desk: Consulting, most_files: int) -> None:
        """Let consultants answer at the console; `most_files` is the most bytes of all files together."""
        self.tickets.open(desk, most_files)
        self.people.desk = desk

    def entrance(self, desk: Desk | None, url: str) -> Entrance:
        """Return the handler that gives members of the consultants' group their links."""
        return Entrance(self.site.store, desk, url, public=self.site.settings.public_url is not None)

    async def first_link(self, url: str) -> str:
        """Return the line that lets the first person in, for a terminal; "" if somebody is signed in already."""
        if any(one.sessions for one in await self.site.store.staff()):
            return ""
        made = await access.invite(self.site.store, OWNER, "owner")
        assert made
        return f"The console is at {url}/console/in/{made[1]} (once, within ten minutes)."
