"""What can be wrong between the files: unknown ids, phrasings claimed twice, templates that do not render, dead links."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, islice
from urllib.parse import urlsplit

from jinja2 import meta
from markdown_it import MarkdownIt

from bot.knowledge import keywords
from bot.knowledge.content import Course, KeywordReply, KeywordRule, Text, Topic, suggest
from bot.knowledge.eligibility import Answers, Check, Unsound, logic, prove, values_for
from bot.knowledge.guards import GAP
from bot.knowledge.language import HAN_CHARACTER
from bot.knowledge.library import Library, phrasings_of, shipped
from bot.knowledge.normalize import loose_key, normalize
from bot.knowledge.reading import Mistake, Node, read
from bot.knowledge.templates import BadTemplate, Templates, parsed
from bot.model import LANGUAGES, Language

FEW_PHRASINGS = 8
LONGEST_TITLE = {"en": 60, "zh": 24}
LONGEST_ANSWER = 3500
MOST_MISTAKES = 1000  # looked for; mending these comes first
MOST_CLASHES = 200  # noted
MOST_NAMED = 12  # topics in one note
MOST_GAPS = 2  # in a spelling of a guard: each multiplies the ways to read a message
LONGEST_STATEMENT = 64  # bytes of what a button says, `handlers.check.statement`
# What the renderers of all channels can show.
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
    "heading_open": "a heading",
    "html_block": "HTML",
    "html_inline": "HTML",
    "image": "a picture",
    "fence": "a code block",
    "code_block": "a code block (a line indented by four spaces)",
    "blockquote_open": "a quotation",
    "hr": "a line across",
    "table_open": "a table",
}
ONE_BRACE = re.compile(r"(?<!\{)\{ ?[a-z_]+(?:\.[a-z_]+| ?\| ?[a-z_]+)+ ?\}(?!\})")
MARKDOWN = MarkdownIt("commonmark").enable("table")
SPLIT_URL = re.compile(r"https?://\S*[?&/=]\s+[?&_]\S+")


def check(library: Library) -> list[Mistake]:
    """Every mistake that needs more than one entry, or the rendered text, to be seen."""
    templates = Templates(library.data)
    everything = chain(
        topics(library, templates),
        claimed_twice(library),
        smalltalk(library, templates),
        rules(library, templates),
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
        found.add(one)
        left -= not one.warning
        if not left:
            break
    return sorted(found)


def topics(library: Library, templates: Templates) -> Iterator[Mistake]:
    spoken = {lang for lang in LANGUAGES if any(topic.phrasings[lang] for topic in library.topics.values())}
    made = {course.topic for course in library.data.courses if course.keywords}  # their keywords find them
    for name, topic in library.topics.items():
        place = library.places[f"topics/{name}"]
        for lang in LANGUAGES:
            longest = LONGEST_TITLE["zh" if HAN_CHARACTER.search(topic.title[lang]) else "en"]
            if len(topic.title[lang]) > longest:
                yield place.at(("title", lang)).mistake(
                    f"the title is also a button: at most {longest} characters, this has {len(topic.title[lang])}",
                    warning=True,
                )
            if lang in spoken and name not in made and len(topic.phrasings[lang]) < FEW_PHRASINGS:
                language = "English" if lang == "en" else "Chinese"
                yield place.at(("phrasings", lang)).mistake(
                    f"only {len(topic.phrasings[lang])} {language} phrasings: the topic will not be found well; write at least 12",
                    warning=True,
                )
        yield from references(library, topic, place)
        yield from texts_of(topic, place, templates)
        if not topic.facts and not topic.instead:
            yield place.mistake('this topic has no answer: give it "facts", or "instead" if the answer is not known')
        if topic.facts and topic.instead:
            yield place.at(("instead",)).mistake('this topic has "facts" now: take "instead" away')
        if sum(len(fact.en) for fact in topic.facts) > LONGEST_ANSWER:
            yield place.at(("facts",)).mistake(
                "this answer is too long to be read on a phone; split the topic", warning=True
            )
        for index, fact in enumerate(topic.facts):
            if fact.confirmed and fact.confirmed.date > date.today():
                yield place.at(("facts", index, "confirmed", "date")).mistake(
                    f"{fact.confirmed.date} lies in the future; write the day on which the fact was confirmed"
                )


def references(library: Library, topic: Topic, place: Node) -> Iterator[Mistake]:
    """Ids that a topic names and that do not exist."""
    for index, other in enumerate(topic.related):
        if not library.has("topics", other):
            yield place.at(("related", index)).mistake(
                f'no topic is called "{other}"; {suggest(other, library.topics)}'
            )
    if topic.check and not library.has("checks", topic.check):
        yield place.at(("check",)).mistake(
            f'no check is called "{topic.check}"; {suggest(topic.check, library.checks)}'
        )
    for index, term in enumerate(topic.rests_on):
        if term not in library.terms:
            yield place.at(("rests_on", index)).mistake(f'no term is called "{term}"; {suggest(term, library.terms)}')
    named = [(("source",), topic.source)]
    named += [(("facts", index, "source"), fact.source) for index, fact in enumerate(topic.facts)]  # type: ignore[misc]
    for path, source in named:
        if source and source not in library.sources:
            yield place.at(path).mistake(f'no source is called "{source}"; {suggest(source, library.sources)}')
    own = topic.id in (course.topic for course in library.data.courses if not course.source)
    if topic.facts and not topic.source and not own and not all(fact.source for fact in topic.facts):
        yield place.mistake(
            f'the key "source" is missing here: every answer names its article; {suggest("", library.sources)}'
        )
    for index, picture in enumerate(topic.pictures):
        if picture not in library.files:
            yield place.at(("pictures", index)).mistake(missing_file(picture, library))


def missing_file(name: str, library: Library) -> str:
    return f'there is no file "files/{name}"; {suggest(name, library.files)}'


def texts_of(topic: Topic, place: Node, templates: Templates) -> Iterator[Mistake]:
    for kind, parts in (("facts", topic.facts), ("missing", topic.missing)):
        for index, part in enumerate(parts):
            yield from text(part, place, (kind, index), templates, as_of="")
    if topic.instead:
        yield from text(topic.instead, place, ("instead",), templates, as_of="")


def text(
    words: Text, place: Node, path: Sequence[str | int], templates: Templates, **values: object
) -> Iterator[Mistake]:
    """A text that does not render, or that a channel could not show."""
    for lang in LANGUAGES:
        node = place.at((*path, lang))
        if told := mistyped(words, lang):
            yield node.mistake(told)
            continue
        if lang == "en" and words.en != words.zh and chinese(words.en):
            yield node.mistake("this is the English text, and it is Chinese", warning=True)
        try:
            rendered = templates.render(words[lang], lang, **values)
        except BadTemplate as error:
            yield Mistake(node.file, node.line + error.line - 1 + ("\n" in words[lang].strip()), str(error))
            continue
        if not rendered:
            yield node.mistake("this text comes out empty")
        yield from markdown(rendered, node)


def mistyped(words: Text, lang: Language) -> str:
    """What a Chinese keyboard or a lost brace does to a text, in words; "" where there is nothing of it."""
    text = words[lang]
    if "｛" in text or "｝" in text:
        return 'the braces "｛ ｝" are full-width here; write {{ … }} with plain ones'
    if one := ONE_BRACE.search(text):
        return f'"{one[0]}" has one brace and is shown as it stands; write {{{{ {one[0].strip("{} ")} }}}} with two'
    if lang == "en" and text.startswith("“") and text.endswith("”"):
        return 'the quotation marks “ ” are full-width and would be shown; write " or none'
    return ""


def chinese(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    return len(HAN_CHARACTER.findall(text)) * 2 > len(letters)


def checks(library: Library, templates: Templates) -> Iterator[Mistake]:
    """What the proof of each check has found, ids that there are not, texts that do not render, and long statements."""
    called: dict[str, str] = {}
    for name, one in library.checks.items():
        place = library.places[f"checks/{name}"]
        for problem in prove(one, library.data.figures).problems:
            yield place.at(problem.path).mistake(problem.message)
        named: list[tuple[tuple[str | int, ...], str]] = []
        named += [(("related", index), topic) for index, topic in enumerate(one.related)]
        named += [(("rules", index, "topic"), rule.topic) for index, rule in enumerate(one.rules)]
        for path, topic in named:
            if not library.has("topics", topic):
                yield place.at(path).mistake(f'no topic is called "{topic}"; {suggest(topic, library.topics)}')
        for index, rule in enumerate(one.rules):
            ids = [fact.id for fact in library.topics[rule.topic].facts] if rule.topic in library.topics else []
            for number, fact in enumerate(rule.facts if ids else ()):
                if fact not in ids:
                    yield place.at(("rules", index, "facts", number)).mistake(
                        f'"{rule.topic}" has no fact "{fact}"; {suggest(fact, ids)}'
                    )
        yield from check_texts(library, one, place, templates)
        yield from statements(one, place)
        for path, text in calls(one):
            taken = called.setdefault(loose_key(text), name)
            if taken != name:
                yield place.at(path).mistake(
                    f'the check "{taken}" is called "{text}" already; give this one another name'
                )


def calls(one: Check) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What a check is called, each with its place."""
    for lang in LANGUAGES if one.names else ():
        for index, text in enumerate(one.names[lang] if one.names else ()):
            yield ("names", lang, index), text


def check_texts(library: Library, one: Check, place: Node, templates: Templates) -> Iterator[Mistake]:
    """Every text of a check, rendered without any answer and with one to each question."""
    try:
        ready = logic(one, library.data.figures)
    except Unsound:
        return  # the proof has told why
    full = Answers({classes.question.id: classes.example(classes.count - 1) for classes in ready.classes})
    for lang in LANGUAGES:
        for answers in (Answers(), full):
            values = {**values_for(one, answers, lang), "more": 1, "less": 1, "to": 1}
            for path, words in one.texts():
                node = place.at((*path, lang))
                try:
                    yield from markdown(templates.render(words[lang], lang, **values), node)
                except BadTemplate as error:
                    yield Mistake(node.file, node.line + error.line - 1 + ("\n" in words[lang].strip()), str(error))


def statements(one: Check, place: Node) -> Iterator[Mistake]:
    """A button says check, question, value and run, and no channel may cut it off."""
    for number, question in enumerate(one.questions):
        for index, option in enumerate(question.values):
            length = len(f"{one.id}.{question.id}=+{option.id}#0000".encode())
            if length > LONGEST_STATEMENT:
                yield place.at(("questions", number, "values", index, "id")).mistake(
                    f"the ids of this check, question and value are {length - LONGEST_STATEMENT} letters too long "
                    "for a button; shorten one of them"
                )


def markdown(rendered: str, node: Node) -> Iterator[Mistake]:
    for token in MARKDOWN.parse(rendered):
        for inner in (token, *(token.children or ())):
            if inner.type not in SHOWN and inner.type.removesuffix("_close") + "_open" not in WHAT:
                what = WHAT.get(inner.type, inner.type)
                yield node.mistake(f"{what} cannot be shown on every channel; use paragraphs, bold, lists and links")
            if inner.type == "text" and "**" in inner.content:
                yield node.mistake('the stars of a bold text show: in Chinese, write "**文字**：", not "**文字：**"')
            if inner.type == "link_open":
                yield from link(str(inner.attrGet("href")), node)
    if SPLIT_URL.search(rendered):
        yield node.mistake("a link has a space inside; take it out")
    for url in re.findall(r"https?://[^\s)>\]*“”，。；]+", rendered):
        yield from link(url, node)


def link(url: str, node: Node) -> Iterator[Mistake]:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https", "mailto", "tg") and (
            "." in parts.netloc or parts.scheme in ("mailto", "tg")
        )
    except ValueError:
        fine = False
    if not fine or " " in url:
        yield node.mistake(f'"{url}" is no link that can be opened; write it whole, like https://example.com/page')


def claimed_twice(library: Library) -> Iterator[Mistake]:
    """A phrasing may belong to one topic only."""
    first: dict[str, tuple[str, Node]] = {}
    for label, phrasings, place in phrasings_of(library):
        for lang in LANGUAGES:
            for index, words in enumerate(phrasings[lang]):
                node, key = place.at((lang, index)), loose_key(words)
                if not key:
                    yield node.mistake(f'"{words}" has no letters; take it away')
                    continue
                if lang == "en" and "，" in words and not HAN_CHARACTER.search(words):
                    yield node.mistake(
                        f'the comma in "{words}" is full-width, so this is one phrasing; write ", "', warning=True
                    )
                if key not in first:
                    first[key] = (label, node)
                    continue
                other, there = first[key]
                where = f"{there.file}:{there.line}"
                if other == label:
                    yield node.mistake(f'"{words}" stands here twice (also {where}); keep one', warning=True)
                else:
                    yield node.mistake(f'"{words}" is also claimed by {where}; give it to one of the two')


def smalltalk(library: Library, templates: Templates) -> Iterator[Mistake]:
    for name, talk in library.smalltalk.items():
        yield from text(talk.reply, library.places[f"smalltalk/{name}"], ("reply",), templates, offer="")


def rules(library: Library, templates: Templates) -> Iterator[Mistake]:
    """Reply keywords: exactly one meaning each, known ids, existing files, and rules that one message can hit."""
    for name, rule in library.rules.items():
        place = library.places[f"keywords/{name}"]
        for index, keyword in enumerate(rule.keywords):
            node = place.at(("keywords", index))
            if (keyword.equal is None) == (keyword.contain is None):
                yield node.mistake(
                    'a keyword is either "equal: …" (the whole message) or "contain: …" (anywhere in it)'
                )
            elif not loose_key(keyword.equal or keyword.contain or ""):
                yield node.mistake("a keyword needs letters or digits")
        for index, reply in enumerate(rule.replies):
            node = place.at(("replies", index))
            given = [key for key, value in reply if value is not None]
            if len(given) != 1:
                yield node.mistake(
                    'a reply is exactly one of: text, link, picture, file, topic, check; begin a new one with "- "'
                )
            if reply.topic and not library.has("topics", reply.topic):
                yield node.mistake(f'no topic is called "{reply.topic}"; {suggest(reply.topic, library.topics)}')
            if reply.check and not library.has("checks", reply.check):
                yield node.mistake(f'no check is called "{reply.check}"; {suggest(reply.check, library.checks)}')
            for file in (reply.picture, reply.file):
                if file and file not in library.files:
                    yield node.mistake(missing_file(file, library))
            if reply.link:
                yield from link(reply.link.url, node)
            if reply.text:
                yield from text(reply.text, place, ("replies", index, "text"), templates, offer="")
    yield from swallowed(library)
    for clash in islice(keywords.clashes(library.rules.values()), MOST_CLASHES):
        place = library.places[f"keywords/{clash.second}"]
        settled = "its higher priority decides" if clash.settled else "give one of them a higher priority"
        yield place.mistake(
            f'the message "{clash.message}" hits this rule and "{clash.first}", which wins: {settled}', warning=True
        )


def swallowed(library: Library) -> Iterator[Mistake]:
    """The topics whose questions a keyword to `contain` takes away: they get its reply instead of their answers."""
    contains = [spelling for rule in library.rules.values() for spelling in keywords.spell(rule) if not spelling.whole]
    if not contains:
        return
    said = [
        (re.split("[:/]", label)[1], normalize(text), loose_key(text))
        for label, phrasings, _ in phrasings_of(library)
        if label.startswith(("topic:", "missing:"))
        for text in (*phrasings.en, *phrasings.zh)
    ]
    for one in contains:
        rule = library.rules[one.rule]
        given = {reply.topic for reply in rule.replies}
        taken = dict.fromkeys(
            name for name, words, key in said if name not in given and keywords.holds(one, words, key)
        )
        if taken:
            index = next(
                number for number, word in enumerate(rule.keywords) if normalize(word.contain or "") == one.text
            )
            shown = ", ".join(list(taken)[:MOST_NAMED]) + (
                f" and {len(taken) - MOST_NAMED} more" * (len(taken) > MOST_NAMED)
            )
            yield (
                library.places[f"keywords/{rule.id}"]
                .at(("keywords", index))
                .mistake(
                    f'"contain: {rule.keywords[index].contain}" takes questions away from {shown}: they get this reply '
                    'instead of their answer; write "equal: …", or more words',
                    warning=True,
                )
            )


def operator(library: Library) -> Iterator[Mistake]:
    place = library.places.get("operator")
    if place is None:
        return
    known = {course.id for course in library.data.courses}
    for course, url in library.operator.course_links.items():
        node = place.at(("course_links", course))
        if course not in known:
            yield node.mistake(f'no course is called "{course}"; {suggest(course, known)}')
        yield from link(url, node)
    for index, name in enumerate(library.operator.most_asked):
        if not library.has("topics", name):
            yield place.at(("most_asked", index)).mistake(
                f'no topic is called "{name}"; {suggest(name, library.topics)}'
            )
    if library.operator.registration_link:
        yield from link(library.operator.registration_link, place.at(("registration_link",)))
    contact = library.operator.consultant
    if contact and contact.qr and contact.qr not in library.files:
        yield place.at(("consultant", "qr")).mistake(missing_file(contact.qr, library))
    if empty := unset(library):
        yield place.mistake(f"not set yet: {'; '.join(empty)}", warning=True)


def unset(library: Library) -> list[str]:
    """What the operator has still to say, each with what it is for, and the keywords that bring neither a link nor a text."""
    set_by = library.operator
    empty = [] if set_by.named else ["agency (whose name merchants read)"]
    empty += [] if set_by.consultant else ["consultant (how merchants reach one)"]
    without = [course for course in library.data.courses if not set_by.link_of(course)]
    links = (f"{course.id}{brought(library, course.topic)}" for course in without)
    empty += [f"course_links of {', '.join(links)}"] if without else []
    empty += [] if set_by.gift else ["gift (what new merchants get)"]
    unknown = (rule for rule in library.rules.values() if all(gives_nothing(library, one) for one in rule.replies))
    return [*empty, *(f'keywords.yaml: "{first_word(rule)}" brings neither a link nor a text' for rule in unknown)]


def gives_nothing(library: Library, reply: KeywordReply) -> bool:
    """Whether a reply is only that something is not known."""
    return reply.topic is not None and reply.topic in library.topics and not library.topics[reply.topic].known


def first_word(rule: KeywordRule) -> str:
    return next((word.equal or word.contain or "" for word in rule.keywords), rule.id)


def brought(library: Library, topic: str) -> str:
    """The keyword that brings a topic, where there is one."""
    words = [first_word(rule) for rule in library.rules.values() if topic in (reply.topic for reply in rule.replies)]
    return f' (the keyword "{words[0]}" brings no link)' if words else ""


def courses(library: Library) -> Iterator[Mistake]:
    for course in library.data.courses:
        place = library.places[f"courses/{course.id}"]
        if course.source and course.source not in library.sources:
            yield place.at(("source",)).mistake(
                f'no source is called "{course.source}"; {suggest(course.source, library.sources)}'
            )
        if course.link:
            yield from link(course.link, place.at(("link",)))
        if library.operator.link_of(course) and not reached(library, course):
            yield place.mistake(
                'nothing leads to the link of this course: give it keywords, like  keywords: ["Spring course", 春季课]'
            )


def reached(library: Library, course: Course) -> bool:
    """Whether merchants can get to a course: it has a topic, or an answer names it."""
    named = re.compile(rf"""course\(\s*["']{re.escape(course.id)}["']""")
    texts = (text for topic in library.topics.values() for text in (*topic.facts, *topic.missing))
    return course.topic in library.topics or any(named.search(text.en + text.zh) for text in texts)


def benefits(library: Library) -> Iterator[Mistake]:
    for row in library.data.benefits:
        if not library.has("topics", row.id):
            yield library.places[f"benefits/{row.id}"].mistake(
                f'no topic is called "{row.id}"; {suggest(row.id, library.topics)}'
            )
    for step in library.data.steps:
        if not library.has("topics", step.topic):
            yield library.places[f"registration/{step.id}"].mistake(
                f'no topic is called "{step.topic}"; {suggest(step.topic, library.topics)}'
            )


def guards(library: Library) -> Iterator[Mistake]:
    for name, guard in library.guards.items():
        place = library.places[f"guards/{name}"]
        for index, side in enumerate(guard.sides):
            for lang in LANGUAGES:
                for number, words in enumerate(side.said[lang]):
                    if words.count(GAP) > MOST_GAPS:
                        yield place.at(("sides", index, "said", lang, number)).mistake(
                            f'"{GAP}" stands {words.count(GAP)} times in this spelling; at most {MOST_GAPS}'
                        )
            for number, topic in enumerate(side.topics):
                if not fnmatch.filter(library.topics, topic) and not library.has("topics", topic):
                    yield place.at(("sides", index, "topics", number)).mistake(
                        f'no topic is called "{topic}"; {suggest(topic, library.topics)}'
                    )


def phrases(library: Library) -> Iterator[Mistake]:
    """The assistant's own sentences: the names are the program's, and so are the values that may be filled in."""
    base = shipped()
    own = read(base / "phrases.yaml", f"{base.name}/phrases.yaml", [])
    known = own.value if own and isinstance(own.value, dict) else {}
    place = library.places.get("phrases", Node(None, f"{base.name}/phrases.yaml", 1))
    for name in known:
        if name not in library.phrases:
            yield place.mistake(f'the sentence "{name}" is missing or cannot be used')
    for name, words in library.phrases.items():
        if name not in known and not name.startswith("area_"):
            yield place.at((name,)).mistake(f'the assistant has no sentence called "{name}"; {suggest(name, known)}')
            continue
        for lang in LANGUAGES:
            node = place.at((name, lang))
            try:
                used = variables(words[lang])
            except BadTemplate as error:
                yield Mistake(node.file, node.line + error.line - 1, str(error))
                continue
            shipped_words = known[name].at((lang,)).value if name in known else ""
            allowed = variables(shipped_words if isinstance(shipped_words, str) else "")
            for extra in sorted(used - allowed):
                yield node.mistake(f'nothing is filled in for "{extra}" here; {suggest(extra, allowed)}')


def variables(template: str) -> set[str]:
    return set(meta.find_undeclared_variables(parsed(template)))


def sources(library: Library) -> Iterator[Mistake]:
    for name, source in library.sources.items():
        place = library.places[f"sources/{name}"]
        if source.date > date.today():
            yield place.at(("date",)).mistake(f"{source.date} lies in the future; write the day of publication")
        if source.url:
            yield from link(source.url, place.at(("url",)))
    for name, term in library.terms.items():
        if term.confirmed and term.confirmed.date > date.today():
            yield (
                library.places[f"glossary/{name}"]
                .at(("confirmed", "date"))
                .mistake(f"{term.confirmed.date} lies in the future; write the day on which the reading was confirmed")
            )
