"""Writing of answers: the facts that fit, with date, marks and doubts, and a footer with the source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.content.kinds import STATUSES, Asked, DirectAnswer, Fact, Missing, Source, Status, Topic
from bot.content.templates import month_of
from bot.knowledge.library import Library
from bot.language.dating import date_place, undated, with_date
from bot.model import LANGUAGES, Language

LONGEST_BODY = {"en": 500, "zh": 220}  # characters above the footer; further facts follow on "more"
MOST_BESIDE = 1  # facts beside the one that was asked for
SENTENCES = re.compile(r"[.!?;] +\S|[。！？；]\S")
FIGURE = re.compile(r"\d")
LONGEST_FOOTER = {"en": 110, "zh": 45}  # characters, at the first answer from an article
LONGEST_DATE = {"en": 30, "zh": 14}  # characters, at later answers from the article

Say = Callable[..., str]  # (name of a sentence, language, **values) → text


@dataclass(frozen=True)
class Manner:
    """Options of an answer.

    `detail`: the requested part of the topic. `facts`: the requested facts, None for all. `whole`: no length limit.
    `brief`: the requested part alone. `offered`: a consultant was offered just before.
    `cited`: articles already cited in full. `connected`: the chat can hand over to a consultant.
    """

    detail: str | None = None
    facts: tuple[str, ...] | None = None
    cited: frozenset[str] = frozenset()
    whole: bool = False
    brief: bool = False
    offered: bool = False
    connected: bool = False


@dataclass(frozen=True)
class Written:
    """An answer in Markdown with its provenance.

    `about`: the source in full. `cites`: articles named in the footer. `rest`: facts that did not fit.
    """

    text: str
    source: str | None
    date: str | None
    status: Status | None
    incomplete: bool  # offer a consultant
    about: str = ""
    cites: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()  # included in the text


def weakest(statuses: Iterable[Status]) -> Status | None:
    """Return the weakest status: missing, then announced, then stated."""
    return max(statuses, key=STATUSES.index, default=None)


def months_between(then: date, now: date) -> int:
    """Count whole months from one day to a later one."""
    return (now.year - then.year) * 12 + now.month - then.month - (now.day < then.day)


def stale(facts: Sequence[Fact], sources: Mapping[str, Source], topic: Topic, today: date, months: int) -> list[Fact]:
    """Return the facts whose article or confirmation is at least `months` months old."""
    return [fact for fact in facts if months_between(as_of(fact, topic, sources) or today, today) >= months]


def as_of(fact: Fact, topic: Topic, sources: Mapping[str, Source]) -> date | None:
    """Return a fact's reference date: that of its confirmation or else its article, or a newer one of its figures."""
    named = [sources[name] for name in fact.figures if name in sources]
    source = sources.get(fact.source or topic.source or "")
    own = fact.confirmed.date if fact.confirmed else source.date if source else None
    return max((day for day in (own, *(one.date for one in named)) if day), default=None)


def long_date(day: date, lang: Language) -> str:
    """Format a date: "29 March 2022", "2022年3月29日"."""
    return f"{day.day} {day:%B} {day.year}" if lang == "en" else f"{day.year}年{day.month}月{day.day}日"


def standing_of(facts: Iterable[Fact], missing: Missing | None = None) -> Status | None:
    """Return the status of an answer: the weakest of its facts and the missing detail."""
    used: list[Status] = [fact.standing for fact in facts]
    return weakest([*used, "missing"] if missing else used)


def leading(topic: Topic, part: Asked | None) -> list[Fact]:
    """Return a topic's facts with the requested one first; a direct answer stands for the fact that it follows from."""
    if isinstance(part, DirectAnswer):
        basis = next(fact for fact in topic.facts if fact.id == part.of)
        return [basis.model_copy(update={"id": part.id}), *(fact for fact in topic.facts if fact is not basis)]
    return sorted(topic.facts, key=lambda fact: fact is not part)


def length(text: str) -> int:
    """Count visible characters."""
    return len(text.replace("**", ""))


class Writer:
    """Writes answers; `texts` are the rendered parts of each topic by (id, language)."""

    def __init__(
        self,
        library: Library,
        texts: Mapping[tuple[str, Language], Mapping[str, str]],
        say: Say,
        offer: Callable[..., str],
    ) -> None:
        self.library = library
        self.texts = texts
        self.say = say
        self.offer = offer

    def written(self, name: str, lang: Language, today: date, manner: Manner) -> Written:
        topic, texts = self.library.topics[name], self.texts[name, lang]
        if not topic.known:
            offered, text = topic.consultant and not topic.refuse, undated(texts["instead"], lang)
            due = offered and not manner.offered
            offer = self.offer(lang, connected=manner.connected, beside=text) if due else ""
            return Written(joined([text, offer]), None, None, None, offered)
        part = next((one for one in topic.parts if one.id == manner.detail), None)
        return Telling(self, topic, part, lang, today, manner).answer()


class Telling:
    """Builder of one answer."""

    def __init__(
        self, writer: Writer, topic: Topic, part: Asked | None, lang: Language, today: date, manner: Manner
    ) -> None:
        self.library = writer.library
        self.sources = writer.library.sources
        self.texts = writer.texts[topic.id, lang]
        self.writer, self.topic, self.part = writer, topic, part
        self.detail = part if isinstance(part, Missing) else None
        self.lang, self.today, self.manner = lang, today, manner
        wanted = manner.facts
        self.facts = [fact for fact in leading(topic, part) if wanted is None or fact.id in wanted]

    def say(self, phrase: str, **values: object) -> str:
        return self.writer.say(phrase, self.lang, **values)

    def answer(self) -> Written:
        lead = undated(self.texts[self.detail.id], self.lang) if self.detail else ""
        money = [] if self.manner.facts or self.says_no_figure() else self.readings(money=True)
        shown = self.fitting(lead, money)
        footer, cites = self.footer(shown)
        source = self.sources.get(self.topic.source or "")
        return Written(
            text=joined([*self.body(lead, shown, money), f"*{footer}*" if footer else ""]),
            source=source.id if source else None,
            date=source.date.isoformat() if source else None,
            status=standing_of(shown if self.part and not self.detail else self.topic.facts, self.detail),
            incomplete=self.lacking(shown),
            about=self.about(),
            cites=cites,
            rest=self.rest(shown),
            facts=tuple(fact.id for fact in shown),
        )

    # --- the body

    def fitting(self, lead: str, money: Sequence[str]) -> Sequence[Fact]:
        """Return the leading facts that fit within the length limit, at least one unless there is a lead."""
        most = len(self.facts)
        if self.manner.brief:
            most = 0 if lead else 1
        elif self.part and not self.manner.whole:
            most = min(most, self.most_told(self.part))
        for count in range(most, 0, -1):
            shown = self.facts[:count]
            if self.manner.whole or length(joined(self.body(lead, shown, money))) <= LONGEST_BODY[self.lang]:
                return shown
        return () if lead else self.facts[:1]

    def most_told(self, part: Asked) -> int:
        """Return how many facts are told for the requested part: a direct answer alone, a fact with those beside it, and one with a
        missing detail, unless its text itself tells what is known, in either language."""
        if not isinstance(part, Missing):
            return 1 if isinstance(part, DirectAnswer) else 1 + MOST_BESIDE
        every = (self.writer.texts.get((self.topic.id, lang), {}).get(part.id, "") for lang in LANGUAGES)
        return 0 if any(FIGURE.search(text) or SENTENCES.search(text) for text in every) else 1

    def says_no_figure(self) -> bool:
        """True if the requested part is told alone, without a figure that an uncertain reading may concern."""
        return self.manner.brief and self.part is not None and not FIGURE.search(self.texts[self.part.id])

    def rest(self, shown: Sequence[Fact]) -> tuple[str, ...]:
        """Return the ids of the facts that follow on "more"."""
        left = [fact.id for fact in self.facts[len(shown) :]]
        return (self.part.of, *left) if isinstance(self.part, DirectAnswer) else tuple(left)

    def body(self, lead: str, shown: Sequence[Fact], money: Sequence[str]) -> list[str]:
        first = next((fact for fact in shown if fact.standing != "missing"), None)
        said = [lead, *(self.told(fact, first=fact is first) for fact in shown), *money]
        if not self.lacking(shown) or self.manner.offered:
            return said
        return [*said, self.writer.offer(self.lang, connected=self.manner.connected, beside=joined(said))]

    def lacking(self, shown: Sequence[Fact]) -> bool:
        """True if the answer has a gap that a consultant may fill."""
        missing = self.detail is not None or any(fact.standing == "missing" for fact in shown)
        return missing and not self.topic.refuse

    def told(self, fact: Fact, *, first: bool) -> str:
        """Render a fact, with the mark of an announcement, and the date if it is the first of an old, uncited article."""
        text = self.texts[fact.id]
        day = as_of(fact, self.topic, self.sources)
        if first and day and self.source_of(fact) not in self.manner.cited and self.old([fact]):
            said = self.say("as_of", month=month_of(day, self.lang))
            text = with_date(text, said, date_place(day, self.lang), self.lang)
        text = undated(text, self.lang)
        if fact.standing != "announced":
            return text
        return f"{self.say('announced_mark')}{' ' if self.lang == 'en' else ''}{text}"

    def old(self, facts: Sequence[Fact]) -> bool:
        months = self.library.operator.confirm_months
        return bool(stale(facts, self.sources, self.topic, self.today, months))

    def source_of(self, fact: Fact) -> str:
        return fact.source or self.topic.source or ""

    def sources_of(self, fact: Fact) -> tuple[str, ...]:
        """Return the fact's sources; those of its figures, which are newer, come first."""
        return (*fact.figures, self.source_of(fact))

    # --- the footer

    def footer(self, shown: Sequence[Fact]) -> tuple[str, tuple[str, ...]]:
        """Return the footer and the ids of the articles it cites by title, those not cited before."""
        told = [fact for fact in shown if fact.standing != "missing"]
        names = [name for fact in told for name in self.sources_of(fact)] or [self.topic.source or ""]
        used = [self.sources[name] for name in dict.fromkeys(names) if name in self.sources]
        new = [source for source in used if source.id not in self.manner.cited]
        if not new:
            return self.short(told, used), ()
        line = ""
        for titled in dict.fromkeys((tuple(new), (new[0],))):
            for sentences in self.wordings(told, shown, titled, [one for one in used if one not in titled]):
                line = self.line(sentences)
                if len(line) <= LONGEST_FOOTER[self.lang]:
                    return line, tuple(source.id for source in titled)
        title, over = new[0].title(self.lang), len(line) - LONGEST_FOOTER[self.lang]
        return line.replace(title, f"{title[: -over - 1].rstrip()}…"), (new[0].id,)

    def wordings(
        self, told: Sequence[Fact], shown: Sequence[Fact], titled: Sequence[Source], dated: Sequence[Source]
    ) -> Iterator[list[str]]:
        """Yield the wordings of a full footer from the longest to the shortest, which names only the source.

        With a missing part, "stated there" would be wrong: the source covers only the rest.
        """
        comma, also = (", ", "; ") if self.lang == "en" else ("，", "；")
        whole = self.detail is None and len(told) == len(shown)
        phrase = "source" if whole else "source_of_rest" if told else "looked_through"
        *before, line = [
            self.say(phrase, title=one.title(self.lang), date=long_date(one.date, self.lang)) for one in titled
        ]
        line = also.join([line, *(long_date(one.date, self.lang) for one in dated)])
        if told:
            kind = self.kind(told)
            stating = f"{line}{comma}{self.say(f'status_{kind}')}"
            marked = line if kind == "stated" else stating
            age, doubts = self.age(told), self.readings(money=False)
            # With figures of other sources, no single source states the whole.
            own = whole and not any(fact.figures for fact in told)
            yield [*before, stating if own else marked, *age, *doubts]
            yield [*before, marked, *age, *doubts]
            yield [*before, marked, *doubts]
            yield [*before, line, *age, *doubts]
            yield [*before, line, *doubts]
            if doubts:
                yield [*before, line, self.say("partly_reading")]
            yield [*before, marked, *age]
            yield [*before, line, *age]
        yield [*before, line]

    def line(self, sentences: Sequence[str]) -> str:
        """Join sentences into a line, each with its full stop."""
        stop, space = (".", " ") if self.lang == "en" else ("。", "")
        return space.join(one if one.endswith((".", "。", "!", "?")) else f"{one}{stop}" for one in sentences)

    def short(self, told: Sequence[Fact], used: Sequence[Source]) -> str:
        """Return the short footer for cited articles: the date."""
        if not used:
            return ""
        confirmed = [fact.confirmed.date for fact in told if fact.confirmed]
        if told and len(confirmed) == len(told):
            return self.say("date_confirmed", date=long_date(min(confirmed), self.lang))
        if told and self.kind(told) == "announced":
            return self.say("date_announced", date=long_date(used[0].date, self.lang))
        days = (", " if self.lang == "en" else "、").join(long_date(source.date, self.lang) for source in used)
        return days if len(days) <= LONGEST_DATE[self.lang] else long_date(used[0].date, self.lang)

    def kind(self, facts: Sequence[Fact]) -> str:
        standings = {fact.standing for fact in facts}
        return "partly" if len(standings) > 1 else standings.pop()

    def age(self, facts: Sequence[Fact]) -> list[str]:
        """Return the sentence on the confirmation of facts, or on the lack of it for old facts."""
        confirmed = sorted(fact.confirmed.date for fact in facts if fact.confirmed)
        if confirmed:
            phrase = "confirmed_on" if len(confirmed) == len(facts) else "confirmed_in_part"
            return [self.say(phrase, date=long_date(confirmed[0], self.lang))]
        return [self.say("not_confirmed_since")] if self.old(facts) else []

    def readings(self, *, money: bool) -> list[str]:
        """Return the notes on uncertain readings of the translation, either about money or about anything else."""
        doubtful = [self.library.terms[name] for name in self.topic.rests_on if self.library.terms[name].doubtful]
        terms = [term for term in doubtful if term.money == money]
        said = [term.note[self.lang] for term in terms if term.note]
        plain = [term.en if self.lang == "en" else f"“{term.term}”" for term in terms if not term.note]
        if plain:
            said.append(self.say("reading_note", what=("; " if self.lang == "en" else "、").join(plain)))
        return said

    # --- the source in full

    def about(self) -> str:
        """Return the full provenance, for merchants who ask for the source."""
        known = [fact for fact in self.topic.facts if fact.standing != "missing"]
        names = dict.fromkeys([name for fact in known for name in self.sources_of(fact)] or [self.topic.source or ""])
        sentences = []
        for source in (self.sources[name] for name in names if name in self.sources):
            facts = [fact for fact in known if source.id in self.sources_of(fact)]
            title = source.title(self.lang)
            linked = f"[{title}]({source.url})" if source.url else title
            line = self.say(
                "source" if facts else "looked_through", title=linked, date=long_date(source.date, self.lang)
            )
            comma = ", " if self.lang == "en" else "，"
            plain = facts and not any(fact.figures for fact in facts)
            sentences.append(f"{line}{comma}{self.say(f'status_{self.kind(facts)}')}" if plain else line)
        if any(fact.standing == "announced" for fact in known):
            sentences.append(self.say("about_announced"))
        if known and self.detail is not None:
            sentences.append(self.say("about_detail"))
        confirmations = sorted({(fact.confirmed.date, fact.confirmed.source) for fact in known if fact.confirmed})
        sentences += [self.say("confirmed", date=long_date(day, self.lang), by=by) for day, by in confirmations]
        if self.old(known):
            sentences.append(self.say("rest_not_confirmed" if confirmations else "not_confirmed_since"))
        sentences += [*self.readings(money=True), *self.readings(money=False)]
        return self.line(sentences)


def joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)
