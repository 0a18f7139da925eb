"""What the assistant knows, ready for use: rendered answers, reply keywords and the matcher over one set of folders."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from bot import checks, compiled
from bot.checks import Logic
from bot.checks.request import Requests
from bot.compiled import Form
from bot.content.kinds import KeywordRule, Missing, Topic
from bot.content.templates import Templates
from bot.content.tree import Mistake
from bot.knowledge import lint
from bot.knowledge.learned import Prepared, details, fit
from bot.knowledge.library import STOREYS, Library, Trees, fingerprint, made_of, read_trees, shipped
from bot.knowledge.writer import Manner, Writer, Written
from bot.model import LANGUAGES, Language
from bot.search.finding import Finder
from bot.search.guards import Guards
from bot.search.keywords import Keywords
from bot.search.matching import semantic_available

USUAL = Manner()
MOST_TOLD = 20  # mistakes in a log
ANSWERS = 1024  # answers remembered: those of a day, in both languages


class BadContent(Exception):
    """Content with mistakes; `mistakes` names each with its file and line."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        rest = f"\n… and {len(mistakes) - MOST_TOLD} more" if len(mistakes) > MOST_TOLD else ""
        super().__init__("\n".join(map(str, mistakes[:MOST_TOLD])) + rest)
        self.mistakes = tuple(mistakes)


class Knowledge:
    """One version of the content. It never changes; changed files make a new one."""

    def __init__(self, library: Library, prepared: Prepared) -> None:
        self.library = library
        self.matchers = fit(library)
        self.keywords = Keywords(library.rules.values())
        self.texts = {(name, lang): texts[lang] for name, texts in prepared.texts.items() for lang in LANGUAGES}
        self.areas = areas(library)
        known = [name for name, topic in library.topics.items() if topic.known]
        self.most_asked = tuple(name for name in library.operator.most_asked if name in known) or tuple(known)
        self.english = prepared.english
        self.neutral = prepared.neutral  # they say nothing about a message's language
        self.finder = Finder(
            self.matchers,
            details(library),
            Guards(library.guards.values(), known),
            exact=prepared.exact,
            unknown=[name for name, topic in library.topics.items() if not topic.known],
            hidden=library.hidden,
            near={
                name: (topic.title.en, topic.title.zh, *topic.related)
                for name, topic in library.topics.items()
                if topic.known
            },
            checks={name: check.related for name, check in library.checks.items()},
            own_words=prepared.own_words,
        )

    @cached_property
    def templates(self) -> Templates:
        return Templates(self.library.data)

    @cached_property
    def logics(self) -> dict[str, Logic]:
        """The checks made ready so far."""
        return {}

    @cached_property
    def versions(self) -> dict[str, str]:
        """The versions of the checks' rules worked out so far."""
        return {}

    def logic(self, check: str) -> Logic:
        """A check, ready for deciding and speaking; made ready when it is first needed."""
        if check not in self.logics:
            one = self.library.checks[check]
            self.logics[check] = checks.logic(one, self.library.data.figures)
            phrases = [text for name, text in self.library.phrases.items() if name.startswith("check_")]
            for text in (*phrases, *(text for _, text in one.texts())):
                for lang in LANGUAGES:
                    self.templates.prepare(text[lang], lang)
        return self.logics[check]

    @cached_property
    def requests(self) -> Requests:
        """The checks by what they are called."""
        return Requests(self.library.checks)

    def rules_version(self, check: str) -> str:
        """A hash that changes with anything that a check's result may say: its rules, its words, the figures."""
        if check not in self.versions:
            content = self.library.checks[check].model_dump_json() + repr(
                (self.library.data.figures, self.library.sourced)
            )
            self.versions[check] = hashlib.sha256(content.encode()).hexdigest()[:8]
        return self.versions[check]

    @classmethod
    def open(cls, folders: Sequence[Path] = (), *, only: bool = False, cache: bool = True) -> Knowledge:
        """Load the content of the folders, from the cache where nothing has changed.

        Raises Unreadable for a folder that is none, BadContent where the content has mistakes.
        """
        layers = list(folders) if only else [shipped(), *folders]
        version = fingerprint(layers)
        parts = [
            version,
            fingerprint([shipped()]) if only else "",
            compiled.program(*STOREYS),
            str(semantic_available()),
        ]
        key = compiled.digest(parts)
        kept = compiled.read("knowledge", key, opened) if cache else None
        if kept is not None:
            return cls(*kept)
        trees, mistakes = read_trees(folders, only=only)
        library, more = made_of(trees)
        mistakes += more + lint.check(library)
        bad = sorted(mistake for mistake in mistakes if not mistake.warning)
        if bad:
            raise BadContent(bad)
        prepared = Prepared.from_library(library)
        if cache and trees.version == version:  # else a file was changed meanwhile
            compiled.write("knowledge", key, Form(parts={"trees": trees.form(), "prepared": prepared.form()}))
        return cls(library, prepared)

    @property
    def version(self) -> str:
        return self.library.version

    def topic(self, name: str) -> Topic:
        return self.library.topics[name]

    def rule(self, text: str) -> KeywordRule | None:
        """The reply-keyword rule that this message hits."""
        name = self.keywords.find(text)
        return self.library.rules[name] if name else None

    def say(self, phrase: str, lang: Language, **values: object) -> str:
        """One of the assistant's own sentences."""
        return self.templates.render(self.library.phrases[phrase][lang], lang, **values)

    def offer_consultant(self, lang: Language, *, connected: bool = False, beside: str = "") -> str:
        """The sentence that offers a consultant, or says that none can be reached here and where to look instead.

        `connected`: merchants reach one by a button or the word. `beside`: what it follows, which may say where to look.
        """
        operator = self.library.operator
        if operator.consultant:
            return self.say("ask_consultant", lang, contact=operator.consultant[lang])
        if connected:
            return self.say("ask_consultant_no_contact", lang, agency=operator.agency[lang])
        told = operator.authority is not None and operator.authority[lang] in beside
        return self.say("no_consultant_beside_backend" if told else "no_consultant", lang)

    def detail(self, topic: str, name: str) -> Missing:
        return next(detail for detail in self.topic(topic).missing if detail.id == name)

    def tell(
        self, name: str, lang: Language, today: date, detail: Missing | None = None, manner: Manner = USUAL
    ) -> Written:
        """The answer of a topic; where a missing detail was asked for, that it is missing comes first."""
        return self.answers(name, lang, today, replace(manner, detail=detail.id) if detail else manner)

    @cached_property
    def answers(self) -> Callable[[str, Language, date, Manner], Written]:
        """What the writer gives, remembered: what merchants ask is mostly asked often."""
        return lru_cache(ANSWERS)(Writer(self.library, self.texts, self.say, self.offer_consultant).written)


def opened(form: Form) -> tuple[Library, Prepared]:
    """What was read and prepared at an earlier start. Raises ValueError where that does not fit."""
    library, mistakes = made_of(Trees.of(form.parts["trees"]))
    if any(not mistake.warning for mistake in mistakes):
        raise ValueError(f"it has mistakes: {mistakes[0]}")
    return library, Prepared.of(form.parts["prepared"])


def areas(library: Library) -> dict[str, tuple[str, ...]]:
    """The known topics by area; the areas in the order in which the sentences name them, others after."""
    named = [name.removeprefix("area_") for name in library.phrases if name.startswith("area_")]
    found: dict[str, list[str]] = {name: [] for name in named}
    for name, topic in library.topics.items():
        if topic.known:
            found.setdefault(topic.area or "other", []).append(name)
    return {area: tuple(names) for area, names in found.items() if names}
