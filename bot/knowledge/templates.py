"""Answers are Markdown with Jinja2: the sandbox that renders them, and what a template may name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.knowledge.content import Benefit, Course, Figures, Operator, RegistrationStep, Text, suggest
from bot.model import LANGUAGES, Language

TIER_NAMES: Mapping[str, Text] = {
    "mall": Text(en="MALL", zh="MALL"),
    "gold": Text(en="gold", zh="金牌"),
    "silver": Text(en="silver", zh="银牌"),
}


class BadTemplate(ValueError):
    """A template that cannot be rendered; `line` counts from 1 within the text."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Data:
    """What a template may name, as the content files hold it."""

    figures: Figures
    operator: Operator
    benefits: tuple[Benefit, ...]
    steps: tuple[RegistrationStep, ...]
    courses: tuple[Course, ...]


def cny(amount: float, lang: Language) -> str:
    """An amount in yuan: "CNY 10,000", "1万元"."""
    return money(amount, lang, "CNY", "元")


def usd(amount: float, lang: Language) -> str:
    """An amount in US dollars: "USD 10,000", "1万美元"."""
    return money(amount, lang, "USD", "美元")


def money(amount: float, lang: Language, code: str, unit: str) -> str:
    number = f"{float(amount):,.2f}".removesuffix(".00")
    if lang == "en":
        return f"{code} {number}"
    if amount >= 10000 and amount % 1000 == 0:
        return f"{amount / 10000:g}万{unit}"
    return f"{number}{unit}"


def tiers(names: tuple[str, ...], lang: Language) -> str:
    """Names of tiers as a phrase: "MALL, gold and silver", "MALL、金牌和银牌"."""
    words = [TIER_NAMES[name][lang] for name in names]
    if len(words) == 1:
        return words[0]
    comma, both = (", ", " and ") if lang == "en" else ("、", "和")
    return comma.join(words[:-1]) + both + words[-1]


class Templates:
    """Renders texts of the content in one language each; everything that a template may name comes from `Data`."""

    def __init__(self, data: Data) -> None:
        self.environments = {lang: environment(data, lang) for lang in LANGUAGES}
        self.compiled: dict[tuple[Language, str], Template] = {}

    def render(self, template: str, lang: Language, **values: object) -> str:
        """The Markdown that the template stands for. Raises BadTemplate."""
        if "{" not in template:
            return template.strip()
        try:
            return self.template(template, lang).render(**values).strip()
        except TemplateSyntaxError as error:
            raise BadTemplate(f"this is not a template: {error.message}", error.lineno) from error
        except UndefinedError as error:
            raise BadTemplate(self.undefined(str(error.message), lang)) from error
        except (TemplateError, LookupError, TypeError, ValueError, ArithmeticError) as error:
            raise BadTemplate(str(error) or type(error).__name__) from error

    def prepare(self, template: str, lang: Language) -> None:
        """Compile a template before it is needed."""
        if "{" in template:
            self.template(template, lang)

    def template(self, template: str, lang: Language) -> Template:
        """The compiled template. There are only as many as the content has; compiling takes longer than all else."""
        found = self.compiled.get((lang, template))
        if found is None:
            found = self.compiled[lang, template] = self.environments[lang].from_string(template)
        return found

    def undefined(self, message: str, lang: Language) -> str:
        """What is undefined, and what may be named instead."""
        attribute = re.search(r"has no attribute '(\w+)'", message)
        if attribute:
            inner = [
                name for value in self.environments[lang].globals.values() if isinstance(value, dict) for name in value
            ]
            return f'nothing is called "{attribute[1]}" here; {suggest(attribute[1], inner)}'
        name = re.match(r"'(\w+)' is undefined", message)
        return f'nothing is called "{name[1]}"; {suggest(name[1], self.names(lang))}' if name else message

    def names(self, lang: Language) -> set[str]:
        return set(self.environments[lang].globals)


def environment(data: Data, lang: Language) -> ImmutableSandboxedEnvironment:
    env = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.globals.clear()
    env.filters["cny"] = lambda amount: cny(amount, lang)
    env.filters["usd"] = lambda amount: usd(amount, lang)
    env.filters["tiers"] = lambda names: tiers(names, lang)
    env.globals.update(template_names(data, lang))
    return env


def template_names(data: Data, lang: Language) -> dict[str, Any]:
    benefits = [
        {
            "id": row.id,
            "tiers": row.tiers,
            "status": row.status,
            "announced_for": row.announced_for or (row.tiers if row.status == "announced" else ()),
            "name": row.en if lang == "en" else row.zh,
        }
        for row in data.benefits
    ]
    steps = [{"id": step.id, "topic": step.topic, "text": step.en if lang == "en" else step.zh} for step in data.steps]
    courses = {
        course.id: {
            "title": course.title[lang],
            "covers": course.covers[lang],
            "link": data.operator.course_links.get(course.id),
        }
        for course in data.courses
    }
    operator = data.operator
    return {
        **data.figures,
        "as_of": "",  # the day of the facts, where a reply is to name it
        "operator": {
            "agency": operator.agency[lang],
            "consultant": operator.consultant[lang] if operator.consultant else None,
            "gift": operator.gift[lang] if operator.gift else None,
        },
        "benefits": benefits,
        "steps": steps,
        "benefit": by_id("row of benefits.yaml", {row["id"]: row for row in benefits}),
        "step": by_id("step of registration.yaml", {step["id"]: step for step in steps}),
        "course": by_id("course of courses.yaml", courses),
    }


def by_id(kind: str, entries: Mapping[Any, Mapping[str, object]]) -> Any:
    """A function for templates that gives the entry of an id, and says which there are."""

    def entry(name: str) -> Mapping[str, object]:
        if name not in entries:
            raise BadTemplate(f'no {kind} has the id "{name}"; there are: {", ".join(map(str, entries))}')
        return entries[name]

    return entry
