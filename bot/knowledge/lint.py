"""Lint across files: unknown ids, duplicate phrasings, templates that do not render, invalid links."""

from __future__ import annotations

import fnmatch
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate, chain, islice
from urllib.parse import urlsplit

from jinja2 import meta
from markdown_it import MarkdownIt

from bot.checks import Answers, Check, Unsound, logic, prove, values_for
from bot.content.agency import MenuItem
from bot.content.colour import BLACK, READABLE, WHITE, contrast, readable
from bot.content.figures import latest_day
from bot.content.kinds import (
    Along,
    Course,
    DirectAnswer,
    KeywordReply,
    KeywordRule,
    Missing,
    Text,
    Topic,
    suggest,
    unknown,
)
from bot.content.picture import picture_problem
from bot.content.qr import text_of
from bot.content.said import Notice, Several, said
from bot.content.templates import BadTemplate, Templates, parsed
from bot.content.tree import Mistake, Node, Step, read
from bot.knowledge import accepting
from bot.knowledge.causes import attributed
from bot.knowledge.library import Library, parts_of, phrasings_of, shipped
from bot.language.detect import HAN_CHARACTER
from bot.language.normalize import loose_key, normalize
from bot.model import LANGUAGES, Language
from bot.search import keywords
from bot.search.guards import GAP

FEW_PHRASINGS = 8
LONGEST_TITLE = {"en": 60, "zh": 24}
LONGEST_ANSWER = 3500
MOST_MISTAKES = 1000  # at which lint stops
MOST_CLASHES = 200  # notes
MOST_NAMED = 12  # topics in one note
MOST_GAPS = 2  # in a spelling of a guard: each multiplies the possible matches
LONGEST_STATEMENT = 64  # bytes of a button's statement, `handlers.check.statement`
# Token types of markdown-it that all channels can render.
SHOWN = frozenset(
    [
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "strong_open",
        "strong_close",
        "em_open",
        "em_close",
        "link_open",
        "link_close",
        "softbreak",
        "hardbreak",
        "bullet_list_open",
        "bullet_list_close",
        "ordered_list_open",
        "ordered_list_close",
        "list_item_open",
        "list_item_close",
        "code_inline",
    ]
)
WHAT = {
    "heading_open": said("a-heading"),
    "html_block": said("html"),
    "html_inline": said("html"),
    "image": said("a-picture"),
    "fence": said("a-code-block"),
    "code_block": said("an-indented-code-block"),
    "blockquote_open": said("a-quotation"),
    "hr": said("a-line-across"),
    "table_open": said("a-table"),
}
NAMES = {"en": said("english"), "zh": said("chinese")}
# Codes of unknown names in texts and checks, and the files that define such names.
NAMED_IN_TEXTS = frozenset(["nothing-called", "nothing-called-here", "no-row", "no-step", "no-course-row", "no-figure"])
NAMING = frozenset(["figures", "benefits", "registration", "courses"])
ONE_BRACE = re.compile(r"(?<!\{)\{ ?[a-z_]+(?:\.[a-z_]+| ?\| ?[a-z_]+)+ ?\}(?!\})")
MARKDOWN = MarkdownIt("commonmark").enable("table")
SPLIT_URL = re.compile(r"https?://\S*[?&/=]\s+[?&_]\S+")


def check(library: Library) -> list[Mistake]:
    """Return all mistakes across entries and in rendered texts, sorted."""
    templates = Templates(library.data)
    everything = chain(
        topics(library, templates),
        claimed_twice(library),
        smalltalk(library, templates),
        rules(library, templates),
        canned(library, templates),
        operator(library),
        courses(library),
        benefits(library),
        guards(library),
        phrases(library),
        sources(library),
        checks(library, templates),
    )
    found: set[Mistake] = set()
    left = MOST_MISTAKES
    for one in everything:
        if one.code in NAMED_IN_TEXTS and library.unread & NAMING:
            continue
        found.add(attributed(library, one))
        left -= not one.warning
        if not left:
            break
    return sorted(found)


def topics(library: Library, templates: Templates) -> Iterator[Mistake]:
    spoken = {lang for lang in LANGUAGES if any(topic.phrasings[lang] for topic in library.topics.values())}
    made = {course.topic for course in library.data.courses if course.keywords}  # found by their keywords
    for name, topic in library.topics.items():
        place = library.places[f"topics/{name}"]
        for lang in LANGUAGES:
            longest = LONGEST_TITLE["zh" if HAN_CHARACTER.search(topic.title[lang]) else "en"]
            if len(topic.title[lang]) > longest:
                told = said("title-too-long", most=longest, length=len(topic.title[lang]))
                yield place.at(("title", lang)).mistake(told, warning=True)
            if lang in spoken and name not in made and len(topic.phrasings[lang]) < FEW_PHRASINGS:
                told = said("few-phrasings", count=len(topic.phrasings[lang]), language=NAMES[lang])
                yield place.at(("phrasings", lang)).mistake(told, warning=True)
        yield from slips([(("title",), topic.title)], place)
        yield from references(library, topic, place)
        yield from texts_of(topic, place, templates)
        if len(spoken) == len(LANGUAGES):
            yield from untranslated(topic, place)
        if not topic.facts and not topic.instead:
            yield place.mistake(said("no-answer"), key="facts")
        if topic.facts and topic.instead:
            yield place.at(("instead",)).mistake(said("facts-and-instead"))
        if sum(len(fact.en) for fact in topic.facts) > LONGEST_ANSWER:
            yield place.at(("facts",)).mistake(said("answer-too-long"), warning=True)
        yield from parts(library, topic, place)
        for index, fact in enumerate(topic.facts):
            if fact.confirmed and fact.confirmed.date > latest_day():
                told = said("confirmed-in-future", day=fact.confirmed.date)
                yield place.at(("facts", index, "confirmed", "date")).mistake(told)


def references(library: Library, topic: Topic, place: Node) -> Iterator[Mistake]:
    """Yield unknown ids in a topic."""
    for index, other in enumerate(topic.related):
        if not library.has("topics", other):
            yield place.at(("related", index)).mistake(no_topic(other, library))
    if topic.check and not library.has("checks", topic.check):
        yield place.at(("check",)).mistake(no_check(topic.check, library))
    for index, term in enumerate(topic.rests_on):
        if not library.has("glossary", term):
            yield place.at(("rests_on", index)).mistake(unknown("no-term", term, library.terms))
    named = [(("source",), topic.source)]
    named += [(("facts", index, "source"), fact.source) for index, fact in enumerate(topic.facts)]  # type: ignore[misc]
    for path, source in named:
        if source and not library.has("sources", source):
            yield place.at(path).mistake(unknown("no-source", source, library.sources))
    own = topic.id in (course.topic for course in library.data.courses if not course.source)
    if topic.facts and not topic.source and not own and not all(fact.source for fact in topic.facts):
        yield place.mistake(said("source-missing", hint=suggest("", library.sources)), key="source")
    for index, picture in enumerate(topic.pictures):
        if picture not in library.files:
            yield place.at(("pictures", index)).mistake(missing_file(picture, library))


def parts(library: Library, topic: Topic, place: Node) -> Iterator[Mistake]:
    """Yield ids used twice among a topic's parts, unknown facts and sides, and facts that no question asks for."""
    facts, seen = [fact.id for fact in topic.facts], dict[str, str]()
    for path, part in parts_of(topic):
        node = place.at(path)
        if seen.setdefault(part.id, path[0]) != path[0]:
            yield node.at(("id",)).mistake(said("part-id-twice", name=part.id))
        if isinstance(part, DirectAnswer) and part.of not in facts:
            yield node.at(("of",)).mistake(said("no-fact", topic=topic.id, name=part.of, hint=suggest(part.of, facts)))
        if isinstance(part, Missing) and part.along:
            yield from along(library, part.along, node.at(("along",)))
        for kind, value in part.sides.items():
            if kind not in library.sides:
                yield node.at(("sides", kind)).mistake(
                    said("no-side-kind", name=kind, hint=suggest(kind, library.sides))
                )
            elif value not in (known := [side.id for side in library.sides[kind].values]):
                yield node.at(("sides", kind)).mistake(said("no-side", name=value, hint=suggest(value, known)))
    spoken = (fact.id for fact in topic.facts for words in (fact.asked, fact.then) if words.en or words.zh)
    asked = {*spoken, *(part.of for part in topic.answers)}
    if len(facts) > 1 and (left := [name for name in facts[1:] if name not in asked]):
        yield place.at(("facts",)).mistake(said("facts-not-asked", names=tuple(left)), warning=True)


def along(library: Library, told: Along, node: Node) -> Iterator[Mistake]:
    """Yield unknown ids of a detail that is told along with other answers."""
    for index, name in enumerate(told.topics):
        if not library.has("topics", name):
            yield node.at(("topics", index)).mistake(no_topic(name, library))
    check = library.checks.get(told.check)
    if check is None:
        if not library.has("checks", told.check):
            yield node.at(("check",)).mistake(no_check(told.check, library))
        return
    values = {one.id: [option.id for option in one.options] for one in check.questions}
    if told.question not in values:
        yield node.at(("question",)).mistake(unknown("no-question", told.question, values))
    elif told.value not in values[told.question]:
        hint = suggest(told.value, values[told.question])
        yield node.at(("value",)).mistake(said("no-value", question=told.question, name=told.value, hint=hint))


def missing_file(name: str, library: Library) -> Notice:
    return unknown("no-file", name, library.files)


def no_topic(name: str, library: Library) -> Notice:
    return unknown("no-topic", name, library.topics)


def no_check(name: str, library: Library) -> Notice:
    return unknown("no-check", name, library.checks)


def untranslated(topic: Topic, place: Node) -> Iterator[Mistake]:
    """Yield answers with one text for both languages, the result of importing a table in one language."""
    parts = [*((("facts", index), fact) for index, fact in enumerate(topic.facts)), (("instead",), topic.instead)]
    for path, text in parts:
        words = re.sub(r"\{[{%].*?[}%]\}|https?://\S+", "", text.en) if text and text.en == text.zh else ""
        if loose_key(words).strip("0123456789"):
            lang: Language = "en" if chinese(words) else "zh"
            told = said("one-text-for-both", language=said("english" if lang == "en" else "chinese"))
            yield place.at((*path, lang)).mistake(told, warning=True)


def texts_of(topic: Topic, place: Node, templates: Templates) -> Iterator[Mistake]:
    for kind, parts in (("facts", topic.facts), ("answers", topic.answers), ("missing", topic.missing)):
        for index, part in enumerate(parts):
            yield from text(part, place, (kind, index), templates, as_of="")
    if topic.instead:
        yield from text(topic.instead, place, ("instead",), templates, as_of="")


def text(
    words: Text, place: Node, path: Sequence[str | int], templates: Templates, **values: object
) -> Iterator[Mistake]:
    """Yield the mistakes in a text: it does not render, or a channel cannot show it."""
    for lang in LANGUAGES:
        node = place.at((*path, lang))
        if slip := slipped(words, lang, node):
            yield slip
            if not slip.warning:
                continue
        try:
            rendered = templates.render(words[lang], lang, **values)
        except BadTemplate as error:
            yield unrendered(node, words[lang], error)
            continue
        if not rendered:
            yield node.mistake(said("text-comes-out-empty"))
        yield from markdown(rendered, node)


def unrendered(node: Node, text: str, error: BadTemplate) -> Mistake:
    """Report a template error on its line; a block text begins on the line below its key."""
    line = node.line + error.line - 1 + ("\n" in text.strip())
    return replace(node, line=line).mistake(error.said)


def slipped(words: Text, lang: Language, node: Node) -> Mistake | None:
    """Report a typing mistake in a text, or a text in the wrong language."""
    if told := mistyped(words, lang):
        return node.mistake(told)
    if words.en == words.zh:
        return None
    if lang == "en" and chinese(words.en):
        return node.mistake(said("chinese-in-english"), warning=True)
    return node.mistake(said("english-in-chinese"), warning=True) if lang == "zh" and english(words.zh) else None


def slips(texts: Iterable[tuple[tuple[str | int, ...], Text | None]], place: Node) -> Iterator[Mistake]:
    """Yield the typing mistakes in texts that are not rendered on their own."""
    for path, words in texts:
        for lang in LANGUAGES if words else ():
            if words and (slip := slipped(words, lang, place.at((*path, lang)))):
                yield slip


def mistyped(words: Text, lang: Language) -> Notice | None:
    """Detect full-width braces and quotation marks, and single braces."""
    text = words[lang]
    if "｛" in text or "｝" in text:
        return said("wide-braces")
    if one := ONE_BRACE.search(text):
        return said("one-brace", text=one[0], inner=one[0].strip("{} "))
    if lang == "en" and text.startswith("“") and text.endswith("”"):
        return said("wide-quotes-shown")
    return None


def english(text: str) -> bool:
    """True if the text has at least three Latin words and no Chinese."""
    plain = re.sub(r"\{[{%].*?[%}]\}|https?://\S+", "", text)
    return len(re.findall("[A-Za-z]{2,}", plain)) >= 3 and not HAN_CHARACTER.search(text)


def chinese(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    return len(HAN_CHARACTER.findall(text)) * 2 > len(letters)


def checks(library: Library, templates: Templates) -> Iterator[Mistake]:
    """Yield the mistakes in checks: problems found by `prove`, unknown ids, texts that do not render, long statements."""
    called: dict[str, str] = {}
    for name, one in library.checks.items():
        place = library.places[f"checks/{name}"]
        yield from accepting.located(library, name, prove(one, library.data.figures).problems)
        named: list[tuple[tuple[str | int, ...], str]] = []
        named += [(("related", index), topic) for index, topic in enumerate(one.related)]
        named += [(("rules", index, "topic"), rule.topic) for index, rule in enumerate(one.rules)]
        for path, topic in named:
            if not library.has("topics", topic):
                yield place.at(path).mistake(no_topic(topic, library))
        for index, rule in enumerate(one.rules):
            behind = library.topic_behind(rule.topic)
            ids = [fact.id for fact in behind.facts] if behind else []
            for number, fact in enumerate(rule.facts if ids else ()):
                if fact not in ids:
                    told = said("no-fact", topic=rule.topic, name=fact, hint=suggest(fact, ids))
                    yield place.at(("rules", index, "facts", number)).mistake(told)
        yield from slips(one.texts(), place)
        yield from check_texts(library, one, place, templates)
        yield from statements(one, place)
        for path, text in calls(one):
            taken = called.setdefault(loose_key(text), name)
            if taken != name:
                yield place.at(path).mistake(said("check-called-so", other=taken, text=text))


def calls(one: Check) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the names of a check with their paths."""
    for lang in LANGUAGES if one.names else ():
        for index, text in enumerate(one.names[lang] if one.names else ()):
            yield ("names", lang, index), text


def check_texts(library: Library, one: Check, place: Node, templates: Templates) -> Iterator[Mistake]:
    """Render every text of a check, without answers and with an answer to each question."""
    try:
        ready = logic(one, library.data.figures)
    except Unsound:
        return  # reported by `prove`
    full = Answers({classes.question.id: classes.example(classes.count - 1) for classes in ready.classes})
    for lang in LANGUAGES:
        for answers in (Answers(), full):
            values = {**values_for(one, answers, lang), "more": 1, "less": 1, "to": 1}
            for path, words in one.texts():
                node = place.at((*path, lang))
                try:
                    yield from markdown(templates.render(words[lang], lang, **values), node)
                except BadTemplate as error:
                    yield unrendered(node, words[lang], error)


def statements(one: Check, place: Node) -> Iterator[Mistake]:
    """Yield the ids that make a button's statement (check, question, value and run) too long."""
    for number, question in enumerate(one.questions):
        for index, option in enumerate(question.values):
            length = len(f"{one.id}.{question.id}=+{option.id}#0000".encode())
            if length > LONGEST_STATEMENT:
                told = said("ids-too-long-for-button", more=length - LONGEST_STATEMENT)
                yield place.at(("questions", number, "values", index, "id")).mistake(told)


def markdown(rendered: str, node: Node) -> Iterator[Mistake]:
    yield from map(node.mistake, unfit(rendered))


@lru_cache(4096)  # most texts were checked before: with other answers, or before an edit of another file
def unfit(rendered: str) -> tuple[Notice, ...]:
    """Return the parts of a rendered text that a channel cannot show, and its invalid links."""
    found: list[Notice] = []
    for token in MARKDOWN.parse(rendered):
        for inner in (token, *(token.children or ())):
            if inner.type not in SHOWN and inner.type.removesuffix("_close") + "_open" not in WHAT:
                found.append(said("cannot-be-shown", what=WHAT.get(inner.type, inner.type)))
            if inner.type == "text" and "**" in inner.content:
                found.append(said("stars-show"))
            if inner.type == "link_open":
                found += bad_link(str(inner.attrGet("href")))
    if SPLIT_URL.search(rendered):
        found.append(said("space-in-link"))
    for url in re.findall(r"https?://[^\s)>\]*“”，。；]+", rendered):
        found += bad_link(url)
    return tuple(found)


def link(url: str, node: Node) -> Iterator[Mistake]:
    yield from map(node.mistake, bad_link(url))


def bad_link(url: str) -> list[Notice]:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https", "mailto", "tg") and (
            "." in parts.netloc or parts.scheme in ("mailto", "tg")
        )
    except ValueError:
        fine = False
    return [] if fine and " " not in url else [said("no-link", url=url)]


def claimed_twice(library: Library) -> Iterator[Mistake]:
    """Yield phrasings that occur twice."""
    first: dict[str, tuple[str, Node, Sequence[Step]]] = {}
    for label, phrasings, place in phrasings_of(library):
        for lang in LANGUAGES:
            for index, words in enumerate(phrasings[lang]):
                path, key = (lang, index), loose_key(words)
                if not key:
                    yield place.at(path).mistake(said("phrasing-without-letters", words=words))
                    continue
                if lang == "en" and "，" in words and not HAN_CHARACTER.search(words):
                    yield place.at(path).mistake(said("phrasing-with-wide-comma", words=words), warning=True)
                if key not in first:
                    first[key] = (label, place, path)
                    continue
                other, file, at = first[key]
                there = file.at(at)
                where = f"{there.file}:{there.line}"
                if other == label:
                    yield place.at(path).mistake(said("phrasing-twice", words=words, place=where), warning=True)
                else:
                    yield place.at(path).mistake(said("phrasing-claimed", words=words, place=where))


def smalltalk(library: Library, templates: Templates) -> Iterator[Mistake]:
    for name, talk in library.smalltalk.items():
        place = library.places[f"smalltalk/{name}"]
        if (talk.reply is None) == (talk.does is None):
            yield place.mistake(said("reply-or-does"))
        for index, reply in enumerate(talk.replies):
            path = ("also", index - 1) if index else ("reply",)
            yield from text(reply, place, path, templates, offer="")


def canned(library: Library, templates: Templates) -> Iterator[Mistake]:
    """Yield the mistakes in the consultants' replies: texts that do not render, and titles given twice."""
    titled: dict[str, str] = {}
    for name, reply in library.replies.items():
        place = library.places[f"replies/{name}"]
        yield from slips([(("title",), reply.title)], place)
        yield from text(reply.text, place, ("text",), templates, name="Anna")
        for lang in LANGUAGES:
            other = titled.setdefault(loose_key(reply.title[lang]), name)
            if other != name:
                yield place.at(("title", lang)).mistake(said("reply-title-taken", title=reply.title[lang], other=other))
        if name in library.topics:
            yield place.at(("id",)).mistake(said("reply-before-topic", name=name), warning=True)


def rules(library: Library, templates: Templates) -> Iterator[Mistake]:
    """Yield the mistakes in reply keywords: ambiguous entries, unknown ids, missing files, and clashing rules."""
    for name, rule in library.rules.items():
        place = library.places[f"keywords/{name}"]
        for index, keyword in enumerate(rule.keywords):
            node = place.at(("keywords", index))
            if [value for _, value in keyword].count(None) != 2:
                yield node.mistake(said("equal-or-contain"))
            elif not loose_key(keyword.text):
                yield node.mistake(said("keyword-without-letters"))
        for index, reply in enumerate(rule.replies):
            node = place.at(("replies", index))
            given = [key for key, value in reply if value is not None]
            if len(given) != 1:
                yield node.mistake(said("one-reply-each"))
            if reply.topic and not library.has("topics", reply.topic):
                yield node.at(("topic",)).mistake(no_topic(reply.topic, library))
            if reply.check and not library.has("checks", reply.check):
                yield node.at(("check",)).mistake(no_check(reply.check, library))
            for key, file in (("picture", reply.picture), ("file", reply.file)):
                if file and file not in library.files:
                    yield node.at((key,)).mistake(missing_file(file, library))
            if reply.link:
                yield from link(reply.link.url, node.at(("link", "url")))
            if reply.text:
                yield from text(reply.text, place, ("replies", index, "text"), templates, offer="")
    yield from swallowed(library)
    for clash in islice(keywords.clashes(library.rules.values()), MOST_CLASHES):
        place = library.places[f"keywords/{clash.second}"]
        settled = said("priority-decides" if clash.settled else "give-priority")
        yield place.mistake(
            said("rules-clash", message=clash.message, first=clash.first, settled=settled), warning=True
        )


def swallowed(library: Library) -> Iterator[Mistake]:
    """Report the keywords that take questions away from topics, whose merchants would get the wrong reply."""
    for rule, index, taken in losses(library, library.rules.values()):
        word, topics = rule.keywords[index], tuple(taken)[:MOST_NAMED]
        told = (
            said(
                "takes-questions-away-from-more",
                kind=word.kind,
                word=word.text,
                topics=topics,
                more=len(taken) - MOST_NAMED,
            )
            if len(taken) > MOST_NAMED
            else said("takes-questions-away", kind=word.kind, word=word.text, topics=topics)
        )
        yield library.places[f"keywords/{rule.id}"].at(("keywords", index)).mistake(told, warning=True)


def losses(library: Library, rules: Iterable[KeywordRule]) -> Iterator[tuple[KeywordRule, int, dict[str, list[str]]]]:
    """Yield the `contain` and `anywhere` keywords (rule, index) that match phrasings of other topics, with both."""
    parts = [
        (rule, index, spelling)
        for rule in rules
        for index, spelling in enumerate(keywords.spell(rule))
        if not spelling.whole
    ]
    asked = [
        (re.split("[:/]", label)[1], text)
        for label, phrasings, _ in (phrasings_of(library) if parts else ())
        if label.startswith(("topic:", "part:"))
        for text in (*phrasings.en, *phrasings.zh)
    ]
    # One text of each form, which is searched at once: an account's auto-replies have hundreds of parts.
    words, keys = Lines([normalize(text) for _, text in asked]), Lines([loose_key(text) for _, text in asked])
    for rule, index, spelling in parts:
        given = {reply.topic for reply in rule.replies}
        found = words.holding(spelling.words) if spelling.words else keys.holding(re.compile(re.escape(spelling.key)))
        taken: dict[str, list[str]] = {}
        for name, text in map(asked.__getitem__, found):
            if name not in given:
                taken.setdefault(name, []).append(text)
        if taken:
            yield rule, index, taken


class Lines:
    """Lines to be searched together."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.text = "\n".join(lines)
        self.starts = [0, *accumulate(len(line) + 1 for line in lines)]

    def holding(self, pattern: re.Pattern[str]) -> Iterator[int]:
        """Yield the numbers of the lines that hold a pattern."""
        at = 0
        while found := pattern.search(self.text, at):
            line = bisect_right(self.starts, found.start()) - 1
            yield line
            at = self.starts[line + 1]


def operator(library: Library) -> Iterator[Mistake]:
    place = library.places.get("operator")
    if place is None:
        return
    own = library.operator
    written = [(("agency",), own.agency), (("gift",), own.gift), (("consultant",), own.consultant)]
    yield from slips([*written, *((("subjects", name), words) for name, words in own.subjects.items())], place)
    known = {course.id for course in library.data.courses}
    for course, url in library.operator.course_links.items():
        node = place.at(("course_links", course))
        if course not in known:
            yield node.mistake(said("no-course", name=course, hint=suggest(course, known)))
        yield from link(url, node)
    for index, name in enumerate(library.operator.most_asked):
        if not library.has("topics", name):
            yield place.at(("most_asked", index)).mistake(no_topic(name, library))
    yield from menu(library, place)
    if library.operator.registration_link:
        yield from link(library.operator.registration_link, place.at(("registration_link",)))
    contact = library.operator.consultant
    if contact and contact.qr and contact.qr not in library.files:
        yield place.at(("consultant", "qr")).mistake(missing_file(contact.qr, library))
    elif contact and contact.qr and text_of(library.files[contact.qr]) is None:
        yield place.at(("consultant", "qr")).mistake(said("no-qr-code", name=contact.qr), warning=True)
    yield from brand(library, place.at(("brand",)))
    if empty := unset(library):
        things = Several(tuple(empty), "semicolon")
        yield place.mistake(said("not-set-yet", things=things), warning=True)


def brand(library: Library, place: Node) -> Iterator[Mistake]:
    """Yield the mistakes in the brand: pictures that are too large or hold a script, a colour that white words are not read on."""
    own = library.operator.brand
    yield from slips([((name,), text) for name in ("name", "greeting") if (text := getattr(own, name))], place)
    for field, name in own.pictures.items():
        problem = picture_problem(name, library.files[name]) if name in library.files else missing_file(name, library)
        if problem:
            yield place.at((field,)).mistake(problem)
    if own.privacy:
        yield from link(own.privacy, place.at(("privacy",)))
    if own.colour and (found := contrast(own.colour, WHITE)) < READABLE:
        better = readable(own.colour, WHITE, BLACK)
        values = {"colour": own.colour, "found": f"{found:.1f}", "least": READABLE, "better": better}
        yield place.at(("colour",)).mistake(said("colour-too-pale", **values))


def menu(library: Library, place: Node) -> Iterator[Mistake]:
    """Yield the mistakes in the menu; its lengths are those of a platform, and checked where it is set."""
    shown: list[tuple[tuple[str | int, ...], MenuItem, int]] = []
    for number, entry in enumerate(library.operator.menu):
        shown.append((("menu", number), entry, len(entry.items)))
        shown += [(("menu", number, "items", index), item, 0) for index, item in enumerate(entry.items)]
    for path, item, below in shown:
        node = place.at(path)
        yield from slips([((*path, "name"), item.name)], place)
        if len(item.targets) + bool(below) != 1:
            yield node.mistake(said("one-target-each"))
        if item.topic and not library.has("topics", item.topic):
            yield node.at(("topic",)).mistake(no_topic(item.topic, library))
        if item.check and not library.has("checks", item.check):
            yield node.at(("check",)).mistake(no_check(item.check, library))
        if item.keyword and item.keyword not in library.rules and "keywords" not in library.unread:
            yield node.at(("keyword",)).mistake(unknown("no-rule", item.keyword, library.rules))
        if item.link:
            yield from link(item.link, node.at(("link",)))


def unset(library: Library) -> list[Notice]:
    """List the operator's unset entries with their use, and the keywords without a link or a text."""
    set_by = library.operator
    empty = [] if set_by.named else [said("agency-unset")]
    empty += [] if set_by.consultant else [said("consultant-unset")]
    without = [course for course in library.data.courses if not set_by.link_of(course)]
    links = tuple(brought(library, course) for course in without)
    empty += [said("links-unset", courses=links)] if without else []
    empty += [] if set_by.gift else [said("gift-unset")]
    unknown = (rule for rule in library.rules.values() if all(gives_nothing(library, one) for one in rule.replies))
    return [*empty, *(said("keyword-brings-nothing", word=first_word(rule)) for rule in unknown)]


def gives_nothing(library: Library, reply: KeywordReply) -> bool:
    """True if a reply is a known unknown."""
    return reply.topic is not None and reply.topic in library.topics and not library.topics[reply.topic].known


def first_word(rule: KeywordRule) -> str:
    return next((word.text for word in rule.keywords), rule.id)


def brought(library: Library, course: Course) -> str | Notice:
    """Describe a course with its keyword, if it has one."""
    rules = library.rules.values()
    words = [first_word(rule) for rule in rules if course.topic in (reply.topic for reply in rule.replies)]
    return said("course-brought", course=course.id, word=words[0]) if words else course.id


def courses(library: Library) -> Iterator[Mistake]:
    for course in library.data.courses:
        place = library.places[f"courses/{course.id}"]
        yield from slips([(("title",), course.title), (("covers",), course.covers)], place)
        if course.source and not library.has("sources", course.source):
            yield place.at(("source",)).mistake(unknown("no-source", course.source, library.sources))
        if course.link:
            yield from link(course.link, place.at(("link",)))
        if library.operator.link_of(course) and not reached(library, course):
            yield place.mistake(said("nothing-leads-to-course"), key="keywords")


def reached(library: Library, course: Course) -> bool:
    """True if merchants can reach a course, by its topic or an answer that names it."""
    named = re.compile(rf"""course\(\s*["']{re.escape(course.id)}["']""")
    texts = (text for topic in library.topics.values() for text in (*topic.facts, *topic.missing))
    return library.has("topics", course.topic) or any(named.search(text.en + text.zh) for text in texts)


def benefits(library: Library) -> Iterator[Mistake]:
    for row in library.data.benefits:
        for key, names in (("tiers", row.tiers), ("announced_for", row.announced_for)):
            for number, name in enumerate(names):
                if name not in library.data.tiers:
                    place = library.place("benefits", row.id, key, number)
                    yield place.mistake(said("no-tier", name=name, hint=suggest(name, library.data.tiers)))
        if not library.has("topics", row.id):
            yield library.place("benefits", row.id, "id").mistake(no_topic(row.id, library))
    for step in library.data.steps:
        if not library.has("topics", step.topic):
            yield library.place("registration", step.id, "topic").mistake(no_topic(step.topic, library))


def guards(library: Library) -> Iterator[Mistake]:
    for name, guard in library.guards.items():
        place = library.places[f"guards/{name}"]
        for index, side in enumerate(guard.sides):
            for lang in LANGUAGES:
                for number, words in enumerate(side.said[lang]):
                    if words.count(GAP) > MOST_GAPS:
                        told = said("too-many-gaps", gap=GAP, count=words.count(GAP), most=MOST_GAPS)
                        yield place.at(("sides", index, "said", lang, number)).mistake(told)
            for number, topic in enumerate(side.topics):
                if not fnmatch.filter(library.topics, topic) and not library.has("topics", topic):
                    yield place.at(("sides", index, "topics", number)).mistake(no_topic(topic, library))


def phrases(library: Library) -> Iterator[Mistake]:
    """Yield mistakes in the assistant's own sentences: unknown or missing names, and unknown variables."""
    base = shipped()
    own = read(base / "phrases.yaml", f"{base.name}/phrases.yaml", [])
    known = own.value if own and isinstance(own.value, dict) else {}
    place = library.places.get("phrases", Node(None, f"{base.name}/phrases.yaml", 1))
    for name in known:
        if name not in library.phrases:
            yield place.mistake(said("sentence-missing", name=name), key=name)
    yield from slips((((name,), words) for name, words in library.phrases.items()), place)
    for name, words in library.phrases.items():
        if name not in known and not name.startswith("area_"):
            yield place.at((name,)).mistake(said("no-sentence", name=name, hint=suggest(name, known)))
            continue
        for lang in LANGUAGES:
            node = place.at((name, lang))
            try:
                used = variables(words[lang])
            except BadTemplate as error:
                yield unrendered(node, words[lang], error)
                continue
            shipped_words = known[name].at((lang,)).value if name in known else ""
            allowed = variables(shipped_words if isinstance(shipped_words, str) else "")
            for extra in sorted(used - allowed):
                yield node.mistake(said("not-filled-in", name=extra, hint=suggest(extra, allowed)))


@lru_cache(4096)
def variables(template: str) -> frozenset[str]:
    """Return the names in a template. Raises BadTemplate."""
    return frozenset(meta.find_undeclared_variables(parsed(template)) if "{" in template else ())


def sources(library: Library) -> Iterator[Mistake]:
    for name, source in library.sources.items():
        place = library.places[f"sources/{name}"]
        if source.date > latest_day():
            yield place.at(("date",)).mistake(said("published-in-future", day=source.date))
        if source.url:
            yield from link(source.url, place.at(("url",)))
    for name, term in library.terms.items():
        if term.confirmed and term.confirmed.date > latest_day():
            told = said("reading-confirmed-in-future", day=term.confirmed.date)
            yield library.place("glossary", name, "confirmed", "date").mistake(told)
