"""The page of what merchants asked in vain, and what is done about each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from bot.console.drafting import Drafting
from bot.console.editor_pages import EditorPages
from bot.console.edits import Edit
from bot.console.grouping import Group, Grouping, phrasings, plain
from bot.console.site import Route, Site, Tab, Visit, day
from bot.knowledge.library import Library
from bot.model import LANGUAGES, Language

PER_PAGE = 20
MOST_PHRASINGS = 3  # in each language, of one group
MOST_EXAMPLES = 20  # of one group


class QuestionsPages(EditorPages):
    tab = "questions"

    def __init__(self, site: Site, drafting: Drafting) -> None:
        super().__init__(site, drafting)
        self.grouping = Grouping(site.store)
        site.add(
            [
                Route("GET", "/questions", "editor", self.show),
                Route("GET", "/questions/near", "editor", self.near),
                Route("POST", "/questions/topic", "editor", self.is_topic),
                Route("POST", "/questions/leave", "editor", self.leave),
            ],
            [Tab("questions", "/questions", "editor")],
        )

    async def groups(self, *, whole: bool = False) -> tuple[Group, ...] | None:
        """Return the groups without those that the draft settles; `whole`: once all that is there is grouped."""
        found = await self.grouping.now(whole=whole)
        drafted = {one for row in await self.site.store.edits() for one in Edit.of(row.edit).questions}
        return None if found is None else tuple(one for one in found if not drafted.issuperset(one.questions))

    async def show(self, visit: Visit) -> web.StreamResponse:
        groups = await self.groups()
        topics = self.site.ready.knowledge.library.topics
        page = visit.page
        shown = (groups or ())[(page - 1) * PER_PAGE : page * PER_PAGE]
        return self.page(
            visit,
            "questions_list.html" if visit.is_fragment else "questions.html",
            groups=shown if groups is not None else None,
            total=len(groups or ()),
            asked=sum(one.count for one in groups or ()),
            pages=max(1, -(-len(groups or ()) // PER_PAGE)),
            page=page,
            topics=topics,
            title=lambda name: topics[name].title[visit.lang] if name in topics else name,
            every=sorted((topic.title[visit.lang], name) for name, topic in topics.items()),
            day=day,
            near=lambda group: self.grouping.near(group, self.site.ready.knowledge),
        )

    async def near(self, visit: Visit) -> web.StreamResponse:
        """The likeliest topics of the groups asked for; parts of the page."""
        wanted = set(visit.request.query.getall("group", [])[:PER_PAGE])
        groups = [one for one in await self.groups() or () if str(one.id) in wanted]
        await self.grouping.look_up(groups, self.site.ready.knowledge)
        topics = self.site.ready.knowledge.library.topics
        return self.page(
            visit,
            "questions_near.html",
            groups=[(one, self.grouping.near(one, self.site.ready.knowledge)) for one in groups],
            title=lambda name: topics[name].title[visit.lang],
        )

    async def is_topic(self, visit: Visit) -> web.StreamResponse:
        """Write a group's wordings as phrasings of a topic into the draft, and the group as accepted examples."""
        group = await self.chosen(visit)
        knowledge = self.site.ready.knowledge
        name = visit.field("topic") or visit.field("other")
        if group is None or name not in knowledge.library.topics or self.drafting.folder is None:
            return self.gone(visit)
        edits = edits_for(group, name, knowledge.library, phrasings(group, knowledge, MOST_PHRASINGS))
        await self.draft(visit, f"topics/{name}", edits)
        raise self.site.redirect("/draft")

    async def leave(self, visit: Visit) -> web.StreamResponse:
        group = await self.chosen(visit)
        if group is not None:
            await self.site.store.leave(group.questions)
            # Without the words: they are erased with their merchants, the log is not.
            await self.site.logged(visit, "leave", f"{group.count} questions")
        raise self.site.redirect("/questions")

    async def chosen(self, visit: Visit) -> Group | None:
        chosen = visit.field("group")
        return next((one for one in await self.groups(whole=True) or () if str(one.id) == chosen), None)


def edits_for(group: Group, topic: str, library: Library, words: Mapping[Language, Sequence[str]]) -> list[Edit]:
    """Return the edits that make a group a topic's: phrasings, and examples that later publications are held against."""
    title, area = library.topics[topic].title, library.topics[topic].area
    made = [
        Edit(
            "add", f"topics/{topic}", ("phrasings", lang), one, area=area, about=f"{title.en} / {title.zh}: + {one}",
            questions=group.questions,
        )
        for lang in LANGUAGES
        for one in words.get(lang, [])
    ]  # fmt: skip
    examples = list(dict.fromkeys((plain(one.words), one.lang) for one in group.said))[:MOST_EXAMPLES]
    known = library.topics[topic].known
    made += [
        Edit(
            "example", "", value={"text": text, "topics": [topic], "lang": lang},
            about=f"{title.en} / {title.zh}: ✓ {text}", questions=group.questions,
        )
        for text, lang in examples
        if known
    ]  # fmt: skip
    return made
