"""Models trained on the content and texts rendered from it, cached for each version."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path

from bot import compiled
from bot.checks.check import Value
from bot.checks.moving import order_phrases
from bot.checks.pattern import wordings
from bot.checks.vocabulary import LISTS
from bot.compiled import Form
from bot.content.kinds import Text, Topic
from bot.content.templates import Templates
from bot.knowledge.library import Library, phrasings_of
from bot.language.dating import AS_OF
from bot.language.detect import HAN_CHARACTER, LATIN_WORD
from bot.language.normalize import loose_key
from bot.model import LANGUAGES, Language
from bot.search import matching, values
from bot.search.matching import Matcher, Phrasing, semantic_available
from bot.search.matching.follow_ups import FollowUps, Group
from bot.search.matching.matcher import readable
from bot.search.matching.names import Names
from bot.search.own_words import OwnWords, is_pair, words_of
from bot.search.values import ORDERS, Described, Values

PHRASINGS_A_SECOND = 2_300  # learned
SIDE_BY_SIDE = 2  # learned at a time; each takes up to 100 MB
MOST_OUTSIDE = 1500  # phrasings of topics and small talk that mean no value of a check
MOST_USING = 8  # known topics whose phrasings use a telling word of another's title
SHORTEST_OF_TITLE = 4  # letters of a telling word of a title
MOST_WHOLE = 16  # phrasings of a topic as a whole among which its parts are told
SCRIPTS: Mapping[Language, re.Pattern[str]] = {"en": LATIN_WORD, "zh": HAN_CHARACTER}


@dataclass(frozen=True)
class Prepared:
    """Values computed from a library.

    `texts`: the rendered parts of each topic, by id and language. `exact`: labels by the loose key of their phrasings.
    `english`: Latin words of the English phrasings. `neutral`: Latin words of the Chinese phrasings. `keys`: those of each
    language's matcher and follow-ups in the cache. `values_key`: that of what is learned of the checks' values.
    """

    texts: Mapping[str, Mapping[Language, Mapping[str, str]]]
    exact: Mapping[str, str]
    english: frozenset[str]
    neutral: frozenset[str]
    own_words: OwnWords
    keys: Mapping[Language, tuple[str, str]]
    values_key: str

    @classmethod
    def from_library(cls, library: Library) -> Prepared:
        templates, said = Templates(library.data), phrasings_of(library, hidden=True)
        own = [text.en for text in library.phrases.values()]  # more words, for a small knowledge base
        return cls(
            {
                name: {
                    lang: {part: templates.render(words[lang], lang, as_of=AS_OF) for part, words in parts(topic)}
                    for lang in LANGUAGES
                }
                for name, topic in library.topics.items()
            },
            {
                **{
                    loose_key(title): f"topic:{name}"
                    for name, one in library.topics.items()
                    for title in (one.title.en, one.title.zh)
                },
                **{
                    loose_key(text): f"{kind}:{name}"
                    for kind, entries in (("talk", library.smalltalk), ("topic", library.topics))
                    for name, one in entries.items()
                    for text in (*one.exactly.en, *one.exactly.zh)
                },
                **{loose_key(text): label for label, phrasings, _ in said for text in (*phrasings.en, *phrasings.zh)},
            },
            frozenset(latin([*own, *(text for _, phrasings, _ in said for text in phrasings.en)])),
            frozenset(latin(text for _, phrasings, _ in said for text in phrasings.zh)),
            own_words(library),
            {lang: (lesson.key, lesson.spoken_key) for lang, lesson in lessons(library).items()},
            values_key(library),
        )

    def form(self) -> Form:
        facts = {
            "texts": self.texts,
            "exact": self.exact,
            "english": sorted(self.english),
            "neutral": sorted(self.neutral),
            "keys": self.keys,
            "values_key": self.values_key,
        }
        return Form(facts, parts={"own_words": self.own_words.form()})

    @classmethod
    def of(cls, form: Form) -> Prepared:
        facts = form.facts
        return cls(
            facts["texts"],
            facts["exact"],
            frozenset(facts["english"]),
            frozenset(facts["neutral"]),
            OwnWords.of(form.parts["own_words"]),
            facts["keys"],
            facts["values_key"],
        )


def parts(topic: Topic) -> list[tuple[str, Text]]:
    """Return the texts of a topic with their ids."""
    instead: list[tuple[str, Text]] = [("instead", topic.instead)] if topic.instead else []
    return [*((part.id, part) for part in topic.parts), *instead]


def latin(texts: Iterable[str]) -> set[str]:
    return {word.lower() for text in texts for word in LATIN_WORD.findall(text)}


def taught(library: Library) -> list[Phrasing]:
    """Return the training data: all phrasings; those of a topic's parts carry the part."""
    return [
        Phrasing(matched(label), lang, text, label.rpartition("/")[2] if label.startswith("part:") else "")
        for label, phrasings, _ in phrasings_of(library, hidden=True)
        for lang in LANGUAGES
        for text in phrasings[lang]
    ]


def own_words(library: Library) -> OwnWords:
    """Collect the words of titles and phrasings by topic, small talk and check."""
    topics = {**library.topics, **library.hidden}
    titles = ((name, (topic.title.en, topic.title.zh)) for name, topic in topics.items())
    every = phrasings_of(library, hidden=True)
    said = ((matched(label).removeprefix("topic:"), (*each.en, *each.zh)) for label, each, _ in every)
    then = ((name, (*part.then.en, *part.then.zh)) for name, topic in topics.items() for part in topic.parts)
    return OwnWords(chain(said, then), titles)


def spoken_of(library: Library) -> list[Phrasing]:
    """Return the phrasings of the known topics' parts, by which follow-ups are read; of a whole topic, its title and some."""
    found = []
    for name, topic in library.topics.items():
        for lang in LANGUAGES if topic.known else ():
            whole = topic.phrasings[lang]
            texts = [("", topic.title[lang]), *(("", text) for text in whole[:: max(1, len(whole) // MOST_WHOLE)])]
            texts += [(part.id, text) for part in topic.parts for text in (*part.asked[lang], *part.then[lang])]
            found += [Phrasing(name, lang, text, part) for part, text in texts]
    return found


def related(library: Library) -> dict[str, tuple[str, ...]]:
    """Return the known topics related to each known topic."""
    known = {name: topic for name, topic in library.topics.items() if topic.known}
    return {name: tuple(one for one in topic.related if one in known) for name, topic in known.items()}


def titles_outside(library: Library, own_words: OwnWords) -> dict[str, frozenset[str]]:
    """Return the telling words of the titles of topics without an answer, which no known topic's title has."""
    words = {name: words_of(" ".join((topic.title.en, topic.title.zh))) for name, topic in library.topics.items()}
    told = [name for name, topic in library.topics.items() if topic.known]
    used = Counter(word for name in told for word in own_words.of_topic(name))
    usual = (word for word, topics in used.items() if topics > MOST_USING)
    known = frozenset().union(*(words[name] for name in told), own_words.common, usual)
    return {
        name: frozenset(word for word in words[name] - known if is_pair(word) or len(word) >= SHORTEST_OF_TITLE)
        for name, topic in library.topics.items()
        if not topic.known
    }


@dataclass(frozen=True)
class Lesson:
    """The training texts of a language's matcher, and its follow-ups."""

    phrasings: Sequence[Phrasing]
    spoken: Sequence[Phrasing]
    outside: frozenset[str]  # labels of subjects that the assistant does not know
    names: Sequence[str]  # of the platform
    groups: Sequence[Group]  # of topics, in which follow-ups are read

    @property
    def key(self) -> str:
        """The matcher's key in the cache: it depends on phrasings alone, so that edited answers cause no learning."""
        return self.key_of(self.phrasings, self.outside)

    @property
    def spoken_key(self) -> str:
        """The follow-ups' key in the cache."""
        return self.key_of(self.spoken, map(" ".join, self.groups))

    def key_of(self, phrasings: Iterable[Phrasing], more: Iterable[str]) -> str:
        return compiled.digest(
            [
                compiled.program(Path(matching.__file__).parent),
                str(semantic_available()),
                *sorted(more),
                *self.names,
                *(f"{one.label}\t{one.part}\t{one.lang}\t{one.text}" for one in phrasings),
            ]
        )

    def matcher(self) -> Matcher:
        courteous = {one.label for one in self.phrasings if one.label.startswith("talk:")}
        return Matcher.fit(self.phrasings, outside=self.outside, courteous=courteous, names=self.names)

    def follow_ups(self) -> FollowUps:
        return FollowUps.fit(self.spoken, semantic=semantic_available(), names=self.names, groups=self.groups)


def lessons(library: Library) -> dict[Language, Lesson]:
    """Return the lesson of each language. Mixed-language phrasings count in both."""
    said, spoken = taught(library), spoken_of(library)
    topics = {**library.topics, **library.hidden}
    outside = frozenset(f"topic:{name}" for name, topic in topics.items() if not topic.known)
    platform = library.operator.platform
    names = (*platform.en, *platform.zh)
    groups = [group for name, near in related(library).items() for group in dict.fromkeys(((name,), (name, *near)))]
    return {
        lang: Lesson(
            [one for one in said if script.search(one.text)],
            [one for one in spoken if script.search(one.text)],
            outside,
            names,
            groups,
        )
        for lang, script in SCRIPTS.items()
    }


def fit(library: Library, keys: Mapping[Language, tuple[str, str]]) -> dict[Language, tuple[Matcher, FollowUps]]:
    """Return the matcher and the follow-ups of each language, from the cache or learned. `keys` are theirs in the cache."""
    every = cache(partial(lessons, library))  # made only if the cache lacks something

    def kept(lang: Language) -> tuple[Matcher, FollowUps]:
        key, spoken_key = keys[lang]
        return (
            compiled.keep("matcher", key, Matcher.of, Matcher.form, lambda: every()[lang].matcher()),
            compiled.keep("follow-ups", spoken_key, FollowUps.of, FollowUps.form, lambda: every()[lang].follow_ups()),
        )

    if not all(compiled.exists("matcher", key) for key, _ in keys.values()):
        told(every().values())
    with ThreadPoolExecutor() as pool:  # matrix products, which dominate, release the interpreter lock
        return dict(zip(keys, pool.map(kept, keys), strict=True))


def values_key(library: Library) -> str:
    """Return the key in the cache of what is learned of the checks' values: edits of answers and figures keep it."""
    platform = library.operator.platform
    return compiled.digest(
        [
            compiled.program(Path(matching.__file__).parents[1]),
            *platform.en,
            *platform.zh,
            repr(sorted(descriptions(library).items())),
            *(one.text for one in outside_checks(library)),
        ]
    )


def fit_values(library: Library, key: str) -> Values:
    """Return the model of the checks' values, from the cache or newly trained; nothing without embeddings."""
    if not semantic_available():
        return Values({})
    return compiled.keep(
        "values", key, Values.of, Values.form, lambda: values.fit(descriptions(library), far_from_checks(library))
    )


ASIDES: Mapping[str, str] = LISTS["asides"]  # what merchants tell that answers no question


def descriptions(library: Library) -> dict[tuple[str, str], Described]:
    """Return the questions with values, and what these are called, said and described like; and what is asked of a check."""
    orders = {name: [(readable(one),) for one in phrases] for name, phrases in order_phrases().items()}
    asked = {"explain": [*orders.pop("why"), *orders.pop("explain")], "verdict": orders.pop("verdict")}
    asides = [readable(one) for lang in LANGUAGES for one in ASIDES[lang].splitlines()]
    found = {ORDERS: Described(asked, [text for groups in orders.values() for (text,) in groups])}
    for check in library.checks.values():
        spoken = {one.id: {option.id: spoken_as(option) for option in one.options} for one in check.questions}
        for one in check.questions:
            others = [
                text
                for name, options in spoken.items()
                for groups in options.values()
                for group in groups
                for text in group
                if name != one.id
            ]
            if one.options:
                found[check.id, one.id] = Described(spoken[one.id], [*others, *asides], one.kind == "choices")
    return found


def spoken_as(option: Value) -> list[Sequence[str]]:
    """Return a value's names, patterns and descriptions in groups: the wordings of a pattern form one."""
    names = [text[lang] for text in (option.label, option.means) if text for lang in LANGUAGES]
    plain = [text for more in (option.also, option.like) if more for lang in LANGUAGES for text in more[lang]]
    patterns = [*option.said.en, *option.said.zh] if option.said else []
    every = [*((text,) for text in (*names, *plain)), *map(wordings, patterns)]
    return [tuple(map(readable, group)) for group in every]


def far_from_checks(library: Library) -> list[str]:
    """Return phrasings of topics and small talk, spread over all of them."""
    platform = library.operator.platform
    names = Names((*platform.en, *platform.zh))
    texts = sorted({names.masked(readable(one.text)) for one in outside_checks(library)})
    return texts[:: max(1, len(texts) // MOST_OUTSIDE)]


def outside_checks(library: Library) -> Iterator[Phrasing]:
    """Yield the phrasings of topics and small talk."""
    return (one for one in taught(library) if not one.label.startswith("check:"))


def learn(library: Library, values_key: str) -> None:
    """Learn what the cache lacks into it."""
    every = lessons(library).values()

    def matcher(lesson: Lesson) -> None:
        compiled.write("matcher", lesson.key, lesson.matcher().form())

    def follow_ups(lesson: Lesson) -> None:
        if not compiled.exists("follow-ups", lesson.spoken_key):
            compiled.write("follow-ups", lesson.spoken_key, lesson.follow_ups().form())

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:  # what takes longest first
        under_way: list[Future[object]] = [pool.submit(matcher, lesson) for lesson in told(every)]
        under_way += [pool.submit(follow_ups, lesson) for lesson in every]
        under_way.append(pool.submit(fit_values, library, values_key))
        for one in under_way:
            one.result()


def told(every: Iterable[Lesson]) -> list[Lesson]:
    """Tell how long it takes to learn the lessons that the cache lacks, and return them."""
    new = [lesson for lesson in every if not compiled.exists("matcher", lesson.key)]
    compiled.tell("learning the content", sum(len(lesson.phrasings) for lesson in new) / PHRASINGS_A_SECOND)
    return new


def shipped_texts(library: Library) -> list[str]:
    """Return the phrasings as they are embedded, for the embeddings that come with the package."""
    platform = library.operator.platform
    names = Names((*platform.en, *platform.zh))
    every = [*taught(library), *spoken_of(library)]
    masked = [names.masked(text) for phrasing in every if (text := readable(phrasing.text))]
    told = [text for one in descriptions(library).values() for text in values.every_text(one)]
    return [*masked, *filter(None, told), *far_from_checks(library)]


def matched(label: str) -> str:
    """Return the matcher's label: a topic's part has the topic's."""
    kind, _, name = label.partition(":")
    return f"topic:{name.rpartition('/')[0]}" if kind == "part" else label
