"""A check's result as a card: verdict, reasons, next steps, open questions, advised changes and sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from bot.checks import (
    Change,
    Check,
    Decision,
    Open,
    Rule,
    Verdict,
    answer_words,
    change_words,
    lead_words,
    limit_to_advice,
    values_for,
)
from bot.checks.check import SHOWN, VERDICTS
from bot.checks.decision import Lead
from bot.checks.wording import OR, join_words
from bot.content.kinds import Fact, Source, Text, Topic
from bot.content.templates import month_of
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import as_of, long_date, months_between, weakest
from bot.model import LANGUAGES, SEMICOLON, Language, Reason, Result, Section, Sheet
from handlers.check.run import Run
from handlers.code import code_from
from handlers.request import Request

SIGNS = {"eligible": "✓", "conditional": "!", "ask": "?", "not_eligible": "✗", "note": "·"}
BOX = "☐"
DOT = "•"


class Card:
    """The text of one decision in one language."""

    def __init__(self, knowledge: Knowledge, decision: Decision, lang: Language, today: date) -> None:
        self.knowledge = knowledge
        self.sources: dict[str, Source] = dict(knowledge.library.sources)
        self.decision = decision
        self.lang = lang
        self.gap = " " if lang == "en" else ""
        self.today = today
        self.values = values_for(decision.check, decision.answers, lang)
        self.refused = decision.verdict == "not_eligible" and not decision.undecided
        findings = [rule for rule in decision.findings if rule.verdict != "eligible" or not self.refused]
        self.reasons = (*findings, *decision.notes)
        # Without reasons, the card cites the facts of all rules.
        self.facts = self.cited_facts(*(self.reasons or decision.check.rules))

    def say(self, phrase: str, **values: object) -> str:
        return self.knowledge.say(phrase, self.lang, **values)

    def words(self, text: Text) -> str:
        return self.knowledge.templates.render(text[self.lang], self.lang, **self.values)

    def text(self) -> str:
        return "\n\n".join(part for part in self.parts() if part)

    def brief(self) -> str:
        """Return the verdict, why, and what is to be done, for a merchant who has just read the whole card."""
        return "\n\n".join(part for part in (self.verdict(), self.to_do()) if part)

    def sheet(self) -> Sheet:
        """Return the card with its answers in parts, each reason with its own source."""
        reasons = tuple(Reason(SIGNS[rule.verdict], self.reason(rule), self.source_of(rule)) for rule in self.reasons)
        last_word = [self.words(self.decision.last_word)] if self.decision.last_word else []
        # Without reasons, the sources of all rules are named at the end.
        sourced = bool(reasons) and all(reason.source for reason in reasons)
        below = self.last_words() if sourced else [self.footer().strip("*")]
        return Sheet(
            title=self.decision.check.title[self.lang],
            sign=verdict_words(self.knowledge, self.decision, self.lang),
            headline=self.headline(),
            answers=tuple(self.answers()),
            reasons=reasons,
            sections=tuple(self.sections()),
            notes=tuple(note for note in (*last_word, self.gap.join(below)) if note),
        )

    def headline(self) -> str:
        return f"{self.age()}{self.words(self.decision.headline)}" if self.decision.headline else ""

    def verdict(self) -> str:
        headline = [f"**{self.headline()}**"] if self.decision.headline else []
        return lines_of([*headline, *(f"{SIGNS[rule.verdict]} {self.reason(rule)}" for rule in self.reasons)])

    def points(self) -> str:
        """Return what stands in the way or is still to be done, whatever the open answers will be, with the sources' dates."""
        rules = [rule for rule in self.reasons if rule.verdict not in ("eligible", "note")]
        reasons = [self.reason(rule) for rule in rules]
        said = reasons[0] if len(reasons) == 1 else "\n".join(f"- {one}" for one in reasons)
        dates = self.dates(*rules)
        return f"{said}\n\n*{dates}*" if dates else said

    def to_do(self) -> str:
        return "" if self.refused else listed(self.section("check_next_steps", BOX, self.steps()))

    def advice(self) -> str:
        """Return what is to be done, found out or changed."""
        return "\n\n".join(map(listed, self.sections()))

    def parts(self) -> Iterator[str]:
        yield self.verdict()
        yield from map(listed, self.sections())
        if self.decision.last_word:
            yield self.words(self.decision.last_word)
        yield self.footer()

    def with_answers(self) -> str:
        """Return the card for the merchant's own case: with the answers that it rests on, in one line."""
        return "\n\n".join(part for part in (self.text(), self.given()) if part)

    def given(self) -> str:
        said = [self.say("check_answer", name=name, answer=answer) for name, answer in self.answers()]
        return self.say("check_given", answers=SEMICOLON[self.lang].join(said)) if said else ""

    def answers(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the answer of each question that counts."""
        answers, lang = self.decision.answers, self.lang
        for one in self.decision.check.questions:
            if one.id in answers and one.id not in self.decision.ignored:
                yield one.name[lang], answer_words(one, answers.given.get(one.id), lang)

    def sections(self) -> Iterator[Section]:
        """Yield what is to be done, found out or changed, as far as there is any."""
        decision, steps = self.decision, self.steps()
        advised = [self.section("check_open", DOT, [self.open(one) for one in decision.open])]
        if self.refused:
            advised.append(self.section("check_would_change", DOT, self.changes() or steps))
        else:
            advised.insert(0, self.section("check_next_steps", BOX, steps))
            if decision.verdict == "ask" or not steps:
                advised.append(self.section("check_would_change", DOT, self.changes(lighter=bool(steps))))
        yield from (section for section in advised if section.lines)

    def section(self, phrase: str, sign: str, lines: Sequence[str]) -> Section:
        return Section(self.say(phrase), sign, tuple(lines))

    def steps(self) -> list[str]:
        """Return the next steps; after a refusal only those that address its reasons."""
        rules = [rule for rule in self.decision.next_steps if not self.refused or rule.verdict == "not_eligible"]
        return [self.words(rule.next_step) for rule in rules if rule.next_step]

    # --- sources of the reasons

    def cited_facts(self, *rules: Rule) -> list[tuple[Topic, Fact]]:
        """Return the facts that the rules cite, with their topics."""
        topics = [(rule, self.knowledge.library.topic_behind(rule.topic)) for rule in rules]
        return [
            (topic, fact)
            for rule, topic in topics
            if topic
            for fact in topic.facts
            if not rule.facts or fact.id in rule.facts
        ]

    def source(self, topic: Topic, fact: Fact) -> Source | None:
        return self.sources.get(fact.source or topic.source or "")

    def reason(self, rule: Rule) -> str:
        """Return a rule's text, marked with the month if its facts are only announced."""
        behind = self.cited_facts(rule)
        dated = [source.date for pair in behind if pair[1].standing == "announced" and (source := self.source(*pair))]
        mark = ""
        if dated and weakest(fact.standing for _, fact in behind) == "announced":
            mark = self.say("check_announced", month=month_of(max(dated), self.lang)) + self.gap
        return mark + self.words(rule.text)

    def age(self) -> str:
        """Return the "as of" mark with the oldest fact's month, if the fact is old; else ""."""
        days = [as_of(fact, topic, self.sources) for topic, fact in self.facts]
        oldest = min((day for day in days if day), default=self.today)
        return self.say("check_as_of", month=month_of(oldest, self.lang)) + self.gap if self.is_old(oldest) else ""

    def is_old(self, day: date | None) -> bool:
        return day is not None and months_between(day, self.today) >= self.knowledge.library.operator.confirm_months

    def titles(self, facts: Sequence[tuple[Topic, Fact]], rules: Sequence[Rule]) -> str:
        """Return the titles and dates of the sources of facts, and of the figures in rules."""
        sources = {source.id: source for pair in facts if (source := self.source(*pair))}
        figures = [name for _, fact in facts for name in fact.figures]
        figures += [name for rule in rules for name in self.knowledge.library.sourced.of(rule.model_dump_json())]
        sources |= {name: self.sources[name] for name in figures}
        titled = [
            self.say("check_source", title=source.title(self.lang), date=long_date(source.date, self.lang))
            for source in sorted(sources.values(), key=lambda source: source.date)
        ]
        return SEMICOLON[self.lang].join(titled)

    def source_of(self, rule: Rule) -> str:
        """Return where a rule's reason is from: titles and dates, and whether it was stated or only announced there."""
        behind = self.cited_facts(rule)
        titles, standings = self.titles(behind, [rule]), {fact.standing for _, fact in behind}
        if not titles or not standings:
            return titles
        kind = self.say(f"status_{'partly' if len(standings) > 1 else standings.pop()}")
        line = f"{titles}, {kind}." if self.lang == "en" else f"{titles}，{kind}。"
        return self.gap.join((line, *self.ages(behind)))

    def dates(self, *rules: Rule) -> str:
        """Return the dates of the sources of rules."""
        days = sorted({source.date for pair in self.cited_facts(*rules) if (source := self.source(*pair))})
        return SEMICOLON[self.lang].join(long_date(day, self.lang) for day in days)

    def footer(self) -> str:
        """Return the line of sources and confirmations, with a warning if facts are old."""
        titles = self.titles(self.facts, self.reasons)
        if not titles:
            return ""
        return f"*{self.gap.join([self.say('check_sources', sources=titles), *self.ages(self.facts), *self.last_words()])}*"

    def ages(self, facts: Sequence[tuple[Topic, Fact]]) -> list[str]:
        """Return the sentences on confirmations of facts, and on old facts."""
        confirmed = sorted({(fact.confirmed.date, fact.confirmed.source) for _, fact in facts if fact.confirmed})
        said = [self.say("check_confirmed", date=long_date(day, self.lang), by=by) for day, by in confirmed]
        if any(self.is_old(as_of(fact, topic, self.sources)) for topic, fact in facts):
            said.append(self.say("check_stale_rest" if confirmed else "check_stale"))
        return said

    def last_words(self) -> list[str]:
        """Return who has the last word on what was announced, if anything was."""
        announced = any(fact.standing == "announced" for _, fact in self.facts)
        return [self.say("check_backend")] if announced and not self.decision.last_word else []

    # --- open questions, advised changes

    def open(self, one: Open) -> str:
        """Return an open question with the other verdicts its answers lead to, and how to find the answer."""
        leads = by_verdict(one)
        parts = []
        for verdict in (verdict for verdict in SHOWN if verdict in leads and verdict != self.decision.verdict):
            answers = [lead_words(one.question, lead, self.lang, "“{}”") for lead in leads[verdict]]
            said = join_words(answers, OR[self.lang])
            parts.append(self.say("check_leads", answer=said, verdict=self.say(f"verdict_{verdict}")))
        return self.say(
            "check_open_point",
            name=one.question.name[self.lang],
            leads=SEMICOLON[self.lang].join(parts),
            how=self.words(one.question.how_to_find_out),
        )

    def changes(self, *, lighter: bool = False) -> list[str]:
        """Return the advised changes; if `lighter`, only those with another verdict."""
        decision, logic = self.decision, self.knowledge.logic(self.decision.check.id)
        kept = [one for way in decision.would_change if (one := limit_to_advice(logic, decision.answers, way))]
        whole = limit_to_advice(logic, decision.answers, decision.together) if decision.together else None
        if whole and all(VERDICTS.index(whole.verdict) < VERDICTS.index(one.verdict) for one in kept):
            kept.append(whole)
        kept = [one for one in kept if not lighter or one.verdict != decision.verdict]
        return list(dict.fromkeys(map(self.change, kept)))

    def change(self, change: Change) -> str:
        words = change_words(change, self.lang, self.knowledge.templates.render)
        if change.verdict == self.decision.verdict:
            return words
        return self.say("check_change", change=words, verdict=self.say(f"verdict_{change.verdict}"))


def verdict_words(knowledge: Knowledge, decision: Decision, lang: Language) -> str:
    """Return the verdict in words that agree with the card below it; "" for a check with a single verdict, which says nothing."""
    if sum(1 for verdict in VERDICTS if decision.check.verdicts[verdict]) == 1:
        return ""
    kind: str = decision.verdict
    if decision.undecided:
        kind = "open"
    elif kind == "conditional" and not decision.next_steps:
        kind = "conditional_only"
    elif kind == "eligible" and (decision.next_steps or decision.open):
        kind = "eligible_noted"
    return knowledge.say(f"verdict_{kind}", lang)


def lines_of(lines: Sequence[str]) -> str:
    """Join lines with hard line breaks, or with a paragraph break after a list: their signs replace bullets."""
    text = lines[0] if lines else ""
    for before, line in pairwise(lines):
        text += ("\n\n" if "\n" in before else "  \n") + line
    return text


def listed(section: Section) -> str:
    """Format a heading and its lines; "" without lines."""
    lines = [f"**{section.heading}**", *(f"{section.sign} {line}" for line in section.lines)]
    return lines_of(lines) if section.lines else ""


def by_verdict(one: Open) -> dict[Verdict, list[Lead]]:
    """Group an open question's leads by verdict; for `choices`, keep only the minimal sets of options."""
    leads: dict[Verdict, list[Lead]] = {}
    for lead in one.leads_to:
        leads.setdefault(lead.verdict, []).append(lead)
    if one.question.kind != "choices":
        return leads
    sets = {verdict: [set(chosen) for lead in found for chosen in lead.values] for verdict, found in leads.items()}
    return {
        verdict: [
            Lead((chosen,), verdict)
            for lead in found
            for chosen in lead.values
            if not any(other < set(chosen) for other in sets[verdict])
        ]
        for verdict, found in leads.items()
    }


def result_of(request: Request, run: Run, decision: Decision) -> Result:
    """Build the result to store, in both languages; its code is "" if the message has no nonce."""
    knowledge, today = request.knowledge, request.today
    days = knowledge.library.operator.result_days
    en, zh = (Card(knowledge, decision, lang, today) for lang in LANGUAGES)
    return Result(
        code=code_from(request.message.nonce),
        check=run.check.id,
        verdict=decision.verdict,
        en=en.with_answers(),
        zh=zh.with_answers(),
        answers=run.state.answers,
        rules=knowledge.rules_version(run.check.id),
        made=today.isoformat(),
        until=(today + timedelta(days=days)).isoformat(),
        address=str(request.message.address),
        en_sheet=en.sheet(),
        zh_sheet=zh.sheet(),
    )


def deciding_rule(check: Check, decision: Decision) -> Rule | None:
    """Return the finding that decides the verdict, if any."""
    return next((rule for rule in decision.findings if rule.verdict == decision.verdict), None) or next(
        iter(decision.findings), None
    )
