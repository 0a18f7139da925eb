"""What the assistant knows, ready for use: rendered answers, reply keywords and the matcher over one set of folders."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from bot.knowledge import compiled, eligibility, lint, search
from bot.knowledge.answering import Answer, Manner, Writer
from bot.knowledge.content import KeywordRule, Missing, Text, Topic
from bot.knowledge.dating import AS_OF
from bot.knowledge.details import Details
from bot.knowledge.eligibility import Logic
from bot.knowledge.eligibility.request import Requests
from bot.knowledge.finding import Finder
from bot.knowledge.guards import Guards
from bot.knowledge.keywords import Keywords
from bot.knowledge.language import HAN_CHARACTER, LATIN_WORD
from bot.knowledge.library import Library, fingerprint, load, phrasings_of, shipped
from bot.knowledge.normalize import loose_key
from bot.knowledge.own_words import OwnWords
from bot.knowledge.reading import Mistake
from bot.knowledge.search import Matcher, Phrasing, semantic_available
from bot.knowledge.templates import Templates
from bot.model import LANGUAGES, Language

MADE_READY = ("templates", "logics", "requests", "versions", "answers")  # made when first needed, in each process
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

    def __init__(self, library: Library, matchers: Mapping[Language, Matcher]) -> None:
        self.library = library
        self.matchers = matchers
        self.keywords = Keywords(library.rules.values())
        templates = Templates(library.data)
        self.texts: dict[tuple[str, Language], dict[str, str]] = {
            (name, lang): {part: templates.render(words[lang], lang, as_of=AS_OF) for part, words in parts(topic)}
            for name, topic in library.topics.items()
            for lang in LANGUAGES
        }
        self.areas = areas(library)
        known = [name for name, topic in library.topics.items() if topic.known]
        self.most_asked = tuple(name for name in library.operator.most_asked if name in known) or tuple(known)
        said = phrasings_of(library)
        own = [text.en for text in library.phrases.values()]  # a small knowledge base has few words
        self.english = frozenset(latin([*own, *(text for _, phrasings, _ in said for text in phrasings.en)]))
        # Latin words that Chinese merchants use too: they say nothing about a message's language.
        self.neutral = frozenset(latin(text for _, phrasings, _ in said for text in phrasings.zh))
        self.finder = Finder(
            matchers,
            details(library, semantic_available()),
            Guards(library.guards.values(), known),
            exact={loose_key(text): label for label, phrasings, _ in said for text in (*phrasings.en, *phrasings.zh)},
            unknown=[name for name, topic in library.topics.items() if not topic.known],
            near={
                name: (topic.title.en, topic.title.zh, *topic.related)
                for name, topic in library.topics.items()
                if topic.known
            },
            checks={name: check.related for name, check in library.checks.items()},
            own_words=own_words(library),
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
            self.logics[check] = eligibility.logic(one, self.library.data.figures)
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
            content = self.library.checks[check].model_dump_json() + repr(self.library.data.figures)
            self.versions[check] = hashlib.sha256(content.encode()).hexdigest()[:8]
        return self.versions[check]

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in MADE_READY}

    @classmethod
    def open(cls, folders: Sequence[Path] = (), *, only: bool = False, cache: bool = True) -> Knowledge:
        """Load the content of the folders, from the cache where nothing has changed.

        Raises Unreadable for a folder that is none, BadContent where the content has mistakes.
        """
        layers = list(folders) if only else [shipped(), *folders]
        key = compiled.digest(
            [
                fingerprint([*layers, shipped()] if only else layers),
                compiled.program(Path(__file__).parent),
                str(semantic_available()),
            ]
        )
        kept = compiled.read("knowledge", key) if cache else None
        if isinstance(kept, cls):
            return kept
        library, mistakes = load(folders, only=only)
        mistakes += lint.check(library)
        bad = sorted(mistake for mistake in mistakes if not mistake.warning)
        if bad:
            raise BadContent(bad)
        knowledge = cls(library, fit(library))
        if cache:
            compiled.write("knowledge", key, knowledge)
        return knowledge

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
        told = self.say("seller_backend", lang) in beside
        return self.say("no_consultant_beside_backend" if told else "no_consultant", lang)

    def detail(self, topic: str, name: str) -> Missing:
        return next(detail for detail in self.topic(topic).missing if detail.id == name)

    def answer(
        self, name: str, lang: Language, today: date, detail: Missing | None = None, manner: Manner = USUAL
    ) -> Answer:
        """The answer of a topic; where a missing detail was asked for, that it is missing comes first."""
        return self.answers(name, lang, today, replace(manner, detail=detail.id) if detail else manner)

    @cached_property
    def answers(self) -> Callable[[str, Language, date, Manner], Answer]:
        """What the writer gives, remembered: what merchants ask is mostly asked often."""
        return lru_cache(ANSWERS)(Writer(self.library, self.texts, self.say, self.offer_consultant).written)


def parts(topic: Topic) -> list[tuple[str, Text]]:
    """The texts of a topic by their ids."""
    instead: list[tuple[str, Text]] = [("instead", topic.instead)] if topic.instead else []
    return [*((fact.id, fact) for fact in topic.facts), *((detail.id, detail) for detail in topic.missing), *instead]


def areas(library: Library) -> dict[str, tuple[str, ...]]:
    """The known topics by area; the areas in the order in which the sentences name them, others after."""
    named = [name.removeprefix("area_") for name in library.phrases if name.startswith("area_")]
    found: dict[str, list[str]] = {name: [] for name in named}
    for name, topic in library.topics.items():
        if topic.known:
            found.setdefault(topic.area or "other", []).append(name)
    return {area: tuple(names) for area, names in found.items() if names}


def latin(texts: Iterable[str]) -> set[str]:
    return {word.lower() for text in texts for word in LATIN_WORD.findall(text)}


def taught(library: Library) -> list[Phrasing]:
    """All that merchants are known to say; a missing detail counts for its topic."""
    return [
        Phrasing(matched(label), lang, text)
        for label, phrasings, _ in phrasings_of(library)
        for lang in LANGUAGES
        for text in phrasings[lang]
    ]


def own_words(library: Library) -> OwnWords:
    """The words that each topic is asked for with; small talk and the starts of checks use words too."""
    titles = ((name, (topic.title.en, topic.title.zh)) for name, topic in library.topics.items())
    said = ((matched(label).removeprefix("topic:"), (*each.en, *each.zh)) for label, each, _ in phrasings_of(library))
    return OwnWords(chain(titles, said))


def fit(library: Library) -> dict[Language, Matcher]:
    """A matcher for each language: training takes a quarter of the time that one for both would.

    A phrasing that mixes them counts in both. What is trained is kept by the phrasings alone, so that an edit of an
    answer does not train again.
    """
    said = taught(library)
    outside = frozenset(f"topic:{name}" for name, topic in library.topics.items() if not topic.known)
    spoken = {
        "en": [phrasing for phrasing in said if LATIN_WORD.search(phrasing.text)],
        "zh": [phrasing for phrasing in said if HAN_CHARACTER.search(phrasing.text)],
    }
    with ThreadPoolExecutor() as pool:  # most of the time goes into products of matrices, which release the interpreter
        return dict(zip(LANGUAGES, pool.map(lambda lang: trained(spoken[lang], outside), LANGUAGES), strict=True))


def trained(phrasings: Sequence[Phrasing], outside: frozenset[str]) -> Matcher:
    key = compiled.digest(
        [
            compiled.program(Path(search.__file__).parent),
            str(semantic_available()),
            *sorted(outside),
            *(f"{phrasing.label}\t{phrasing.text}" for phrasing in phrasings),
        ]
    )
    return compiled.keep("matcher", key, Matcher, lambda: Matcher.fit(phrasings, outside=outside))


def matched(label: str) -> str:
    """The label under which the matcher learns it: a missing detail counts for its topic."""
    kind, _, name = label.partition(":")
    return f"topic:{name.rpartition('/')[0]}" if kind == "missing" else label


def details(library: Library, semantic: bool) -> dict[str, Details]:
    """For each topic that lacks details: what tells a question for one of them from a question for what is known."""
    return {
        name: Details(
            [
                Phrasing(part, lang, text)
                for part, phrasings in (("", topic.phrasings), *((detail.id, detail.asked) for detail in topic.missing))
                for lang in LANGUAGES
                for text in phrasings[lang]
            ],
            semantic,
        )
        for name, topic in library.topics.items()
        if topic.missing
    }
