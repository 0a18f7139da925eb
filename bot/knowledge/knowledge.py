"""The knowledge of one set of content folders: rendered answers, reply keywords, checks and the matcher."""

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
from bot.content.folder import Unreadable
from bot.content.kinds import Along, Asked, KeywordRule, Missing, Topic
from bot.content.templates import Templates
from bot.content.tree import Mistake
from bot.knowledge.courtesies import Courtesies
from bot.knowledge.learned import Prepared, fit, fit_values, learn, related, titles_outside
from bot.knowledge.library import STOREYS, Library, Trees, fingerprint, made_of, read_trees, shipped
from bot.knowledge.writer import Manner, Writer, Written
from bot.language.detect import is_english, other_language
from bot.language.normalize import loose_key
from bot.memory import uncollected
from bot.model import LANGUAGES, Language
from bot.search.finding import Finder
from bot.search.following import Following
from bot.search.guards import Guards
from bot.search.keywords import Keywords
from bot.search.matching import semantic_available
from bot.search.remarks import remarks
from bot.search.sides import Sides

USUAL = Manner()
MOST_TOLD = 20  # mistakes in an error message
ANSWERS = 1024  # cached answers: about a day's, in both languages


class BadContent(Exception):
    """The content has mistakes; `mistakes` lists all of them."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        rest = f"\n… and {len(mistakes) - MOST_TOLD} more" if len(mistakes) > MOST_TOLD else ""
        super().__init__("\n".join(map(str, mistakes[:MOST_TOLD])) + rest)
        self.mistakes = tuple(mistakes)


class Knowledge:
    """One immutable version of the content; changed files are loaded as a new one."""

    def __init__(self, library: Library, prepared: Prepared) -> None:
        self.library = library
        learned = fit(library, prepared.keys)
        self.matchers = {lang: matcher for lang, (matcher, _) in learned.items()}
        self.values = fit_values(library, prepared.values_key)
        self.keywords = Keywords(library.rules.values())
        self.texts = {(name, lang): texts[lang] for name, texts in prepared.texts.items() for lang in LANGUAGES}
        self.areas = areas(library)
        known = [name for name, topic in library.topics.items() if topic.known]
        self.most_asked = tuple(name for name in library.operator.most_asked if name in known) or tuple(known)
        self.english = prepared.english
        self.spoken: dict[str, frozenset[str]] = {}  # see `sentences`
        self.neutral = prepared.neutral  # words that do not indicate a message's language
        self.finder = Finder(
            self.matchers,
            Guards(library.guards.values(), known),
            exact=prepared.exact,
            unknown=[name for name, topic in library.topics.items() if not topic.known],
            hidden=library.hidden,
            checks={name: check.related for name, check in library.checks.items()},
            following=Following(
                {lang: spoken for lang, (_, spoken) in learned.items()},
                near=related(library),
                sides=Sides(library.sides.values()),
                sided={(name, part.id): part.sides for name in known for part in library.topics[name].parts},
                own_words=prepared.own_words,
            ),
            remarks=remarks(library.smalltalk.values()),
            titles=titles_outside(library, prepared.own_words),
        )

    def foreign(self, text: str) -> bool:
        """Return true if a message, with its spelling corrected, is in a language that is neither English nor Chinese."""
        finder, english = self.finder, self.english
        foreign = other_language(text, english) and other_language(finder.spelled(finder.typed(text)), english)
        return foreign and not is_english(text)

    @cached_property
    def templates(self) -> Templates:
        return Templates(self.library.data)

    @cached_property
    def along(self) -> tuple[tuple[str, Missing, Along], ...]:
        """The missing details that are told along with answers of other topics, with their topics."""
        parts = ((name, part) for name, topic in self.library.topics.items() for part in topic.missing)
        return tuple((name, part, part.along) for name, part in parts if part.along)

    @cached_property
    def logics(self) -> dict[str, Logic]:
        """Cache of `logic`."""
        return {}

    @cached_property
    def versions(self) -> dict[str, str]:
        """Cache of `rules_version`."""
        return {}

    def logic(self, check: str) -> Logic:
        """Return a check's decision logic; at the first call, build it and compile the check's texts."""
        if check not in self.logics:
            one = self.library.checks[check]
            self.logics[check] = checks.logic(one, self.library.data.figures)
            phrases = [text for name, text in self.library.phrases.items() if name.startswith("check_")]
            for text in (*phrases, *(text for _, text in one.texts())):
                for lang in LANGUAGES:
                    self.templates.prepare(text[lang], lang)
        return self.logics[check]

    @cached_property
    def courtesies(self) -> Courtesies:
        """The small talk that is no words."""
        return Courtesies.of(self.library.smalltalk.values())

    @cached_property
    def requests(self) -> Requests:
        """The checks by their names in messages."""
        return Requests(self.library.checks)

    def rules_version(self, check: str) -> str:
        """Hash everything that a check's result depends on: its rules, texts and figures."""
        if check not in self.versions:
            content = self.library.checks[check].model_dump_json() + repr(
                (self.library.data.figures, self.library.sourced)
            )
            self.versions[check] = hashlib.sha256(content.encode()).hexdigest()[:8]
        return self.versions[check]

    @classmethod
    def open(cls, folders: Sequence[Path] = (), *, only: bool = False, cache: bool = True) -> Knowledge:
        """Load the content of the folders, from the cache if nothing has changed.

        Raises Unreadable if a folder cannot be read, BadContent if the content has mistakes.
        """
        with uncollected():
            return cls(*content_of(folders, only, cache))

    @staticmethod
    def learn(folders: Sequence[Path] = (), *, only: bool = False) -> None:
        """Fill the cache with the content of the folders. Raises Unreadable, BadContent."""
        library, prepared = content_of(folders, only, cache=True)
        learn(library, prepared.values_key)

    @classmethod
    def is_cached(cls, folders: Sequence[Path] = (), *, only: bool = False) -> bool:
        """Return true if the cache has the folders' content, or cannot have it, since no folder can be read."""
        try:
            return compiled.exists("knowledge", version_and_key(folders, only)[1])
        except Unreadable:
            return True

    @property
    def version(self) -> str:
        return self.library.version

    def topic(self, name: str) -> Topic:
        return self.library.topics[name]

    def rule(self, text: str) -> KeywordRule | None:
        """Return the reply-keyword rule matching a message, or None."""
        name = self.keywords.find(text)
        return self.library.rules[name] if name else None

    def say(self, phrase: str, lang: Language, **values: object) -> str:
        """Render one of the assistant's own sentences. Raises BadTemplate."""
        return self.templates.render(self.library.phrases[phrase][lang], lang, **values)

    def sentences(self, phrase: str) -> frozenset[str]:
        """Return the keys of a phrase's sentences, which bars separate, in both languages."""
        if phrase not in self.spoken:
            words = self.library.phrases[phrase]
            self.spoken[phrase] = frozenset(loose_key(one) for text in (words.en, words.zh) for one in text.split("|"))
        return self.spoken[phrase]

    def offer_consultant(self, lang: Language, *, connected: bool = False, beside: str = "") -> str:
        """Return the offer of a consultant, or the alternative if none can be reached.

        `connected`: the chat can hand over to a consultant. `beside`: the preceding text, which may name the alternative.
        """
        operator = self.library.operator
        if operator.consultant:
            return self.say("ask_consultant", lang, contact=operator.consultant[lang])
        if connected:
            return self.say("ask_consultant_no_contact", lang, agency=operator.agency[lang])
        told = operator.authority is not None and operator.authority[lang] in beside
        return self.say("no_consultant_beside_backend" if told else "no_consultant", lang)

    def part(self, topic: str, name: str) -> Asked:
        """Return a topic's part by id. Raises StopIteration if there is none."""
        return next(part for part in self.topic(topic).parts if part.id == name)

    def tell(
        self, name: str, lang: Language, today: date, part: Asked | None = None, manner: Manner = USUAL
    ) -> Written:
        """Return the answer of a topic; the requested part comes first."""
        return self.answers(name, lang, today, replace(manner, detail=part.id) if part else manner)

    @cached_property
    def answers(self) -> Callable[[str, Language, date, Manner], Written]:
        """The writer with a cache, since most questions are frequent ones."""
        return lru_cache(ANSWERS)(Writer(self.library, self.texts, self.say, self.offer_consultant).written)


def content_of(folders: Sequence[Path], only: bool, cache: bool) -> tuple[Library, Prepared]:
    """Read the content of the folders, or what the cache has of it. Raises Unreadable, BadContent."""
    version, key = version_and_key(folders, only)
    kept = compiled.read("knowledge", key, opened) if cache else None
    if kept is not None:
        return kept
    from bot.knowledge import lint  # deferred: with its parser of Markdown slow to load, and cached content was checked

    trees, mistakes = read_trees(folders, only=only)
    library, more = made_of(trees)
    mistakes += more + lint.check(library)
    bad = sorted(mistake for mistake in mistakes if not mistake.warning)
    if bad:
        raise BadContent(bad)
    prepared = Prepared.from_library(library)
    if cache and trees.version == version:  # else a file changed while loading
        compiled.write("knowledge", key, Form(parts={"trees": trees.form(), "prepared": prepared.form()}))
    return library, prepared


def version_and_key(folders: Sequence[Path], only: bool) -> tuple[str, str]:
    """Return the content's version and its key in the cache. Raises Unreadable."""
    version = fingerprint(list(folders) if only else [shipped(), *folders])
    lent = fingerprint([shipped()]) if only else ""
    return version, compiled.digest([version, lent, compiled.program(*STOREYS), str(semantic_available())])


def opened(form: Form) -> tuple[Library, Prepared]:
    """Restore a cached library. Raises ValueError if it has mistakes."""
    library, mistakes = made_of(Trees.of(form.parts["trees"]))
    if any(not mistake.warning for mistake in mistakes):
        raise ValueError(f"it has mistakes: {mistakes[0]}")
    return library, Prepared.of(form.parts["prepared"])


def areas(library: Library) -> dict[str, tuple[str, ...]]:
    """Group the known topics by area, in the order of the `area_…` phrases; other areas come last."""
    named = [name.removeprefix("area_") for name in library.phrases if name.startswith("area_")]
    found: dict[str, list[str]] = {name: [] for name in named}
    for name, topic in library.topics.items():
        if topic.known:
            found.setdefault(topic.area or "other", []).append(name)
    return {area: tuple(names) for area, names in found.items() if names}
