"""The result of a check as a card: verdict, reasons with sources, what to do, what is open, what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from bot.knowledge import answering
from bot.knowledge.answering import long_date
from bot.knowledge.content import Text
from bot.knowledge.eligibility import Change, Check, Decision, Open, Rule, change_words, lead_words, values_for
from bot.knowledge.eligibility.check import SHOWN
from bot.knowledge.eligibility.wording import OR, listed
from bot.knowledge.knowledge import Knowledge
from bot.model import Language, Result
from handlers.asked import Asked
from handlers.check.run import Run
from handlers.code import code_from

SIGNS = {"eligible": "✓", "conditional": "!", "ask": "?", "not_eligible": "✗", "note": "·"}
BOX = "☐"


class Card:
    """One decision in one language, in the sentences of the content and the assistant's own."""

    def __init__(self, knowledge: Knowledge, decision: Decision, lang: Language, today: date) -> None:
        self.knowledge = knowledge
        self.decision = decision
        self.lang = lang
        self.today = today
        self.values = values_for(decision.check, decision.answers, lang)

    def say(self, phrase: str, **values: object) -> str:
        return self.knowledge.say(phrase, self.lang, **values)

    def words(self, text: Text) -> str:
        return self.knowledge.templates.render(text[self.lang], self.lang, **self.values)

    def text(self) -> str:
        return "\n\n".join(part for part in self.parts() if part)

    def parts(self) -> Iterator[str]:
        decision = self.decision
        if decision.headline:
            yield f"**{self.words(decision.headline)}**"
        reasons = [f"{SIGNS[rule.verdict]} {self.reason(rule)}" for rule in (*decision.findings, *decision.notes)]
        yield self.section("check_reasons", reasons)
        steps = [f"{BOX} {self.words(rule.next_step)}" for rule in decision.next_steps if rule.next_step]
        yield self.section("check_next_steps", steps)
        yield self.section("check_open", [f"• {self.open(one)}" for one in decision.open])
        yield self.section("check_would_change", [f"• {self.change(change)}" for change in self.changes()])
        if decision.last_word:
            yield self.words(decision.last_word)
        if self.stale():
            yield f"*{self.say('check_stale')}*"

    def section(self, phrase: str, lines: Sequence[str]) -> str:
        """A heading and its lines, each broken by hand: their signs stand where a list would put bullets."""
        return "  \n".join([f"**{self.say(phrase)}**", *lines]) if lines else ""

    def reason(self, rule: Rule) -> str:
        source = self.source(rule.topic)
        space = " " if source and self.lang == "en" else ""
        return f"{self.words(rule.text)}{space}{source}"

    def source(self, name: str) -> str:
        """In brackets: the article's id and date, and that something was only announced there."""
        topic = self.knowledge.library.topics.get(name)
        source = self.knowledge.library.sources.get(topic.source or "") if topic else None
        if topic is None or source is None:
            return ""
        status = answering.standing_of(topic, None)
        phrase = "check_source_announced" if status == "announced" else "check_source"
        return self.say(phrase, id=source.id, date=long_date(source.date, self.lang))

    def open(self, one: Open) -> str:
        """An open question: where its values lead, unless they all lead to the same, and how to find out."""
        verdicts = list(dict.fromkeys(lead.verdict for lead in one.leads_to))
        parts = []
        for verdict in (verdict for verdict in SHOWN if verdict in verdicts and len(verdicts) > 1):
            leads = [lead_words(one.question, lead, self.lang) for lead in one.leads_to if lead.verdict == verdict]
            parts.append(
                self.say("check_leads", answer=listed(leads, OR[self.lang]), verdict=self.say(f"verdict_{verdict}"))
            )
        return self.say(
            "check_open_point",
            name=one.question.name[self.lang],
            leads=("; " if self.lang == "en" else "；").join(parts),
            how=self.words(one.question.how_to_find_out),
        )

    def changes(self) -> list[Change]:
        decision = self.decision
        return [*decision.would_change, *([decision.together] if decision.together else [])]

    def change(self, change: Change) -> str:
        words = change_words(change, self.lang, self.knowledge.templates.render)
        if change.verdict == self.decision.verdict:
            return self.say("check_change_lighter", change=words)
        return self.say("check_change", change=words, verdict=self.say(f"verdict_{change.verdict}"))

    def stale(self) -> bool:
        """Whether a fact behind the reasons has not been confirmed for long."""
        library = self.knowledge.library
        topics = {
            rule.topic: library.topics.get(rule.topic) for rule in (*self.decision.findings, *self.decision.notes)
        }
        months = library.operator.confirm_months
        return any(
            topic and answering.stale(topic.facts, dict(library.sources), topic, self.today, months)
            for topic in topics.values()
        )


def result_of(asked: Asked, run: Run, decision: Decision) -> Result:
    """The result to keep, in both languages; its code is "" where the message brought no chance with it."""
    knowledge, today = asked.knowledge, asked.today
    days = knowledge.library.operator.result_days
    return Result(
        code=code_from(asked.message.nonce),
        check=run.check.id,
        verdict=decision.verdict,
        en=Card(knowledge, decision, "en", today).text(),
        zh=Card(knowledge, decision, "zh", today).text(),
        answers=run.state.answers,
        rules=knowledge.rules_version(run.check.id),
        made=today.isoformat(),
        until=(today + timedelta(days=days)).isoformat(),
        address=str(asked.message.address),
    )


def strongest(check: Check, decision: Decision) -> Rule | None:
    """The finding on which the verdict rests."""
    return next((rule for rule in decision.findings if rule.verdict == decision.verdict), None) or next(
        iter(decision.findings), None
    )
