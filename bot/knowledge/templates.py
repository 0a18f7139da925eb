"""Answers are Markdown with Jinja2: the sandbox that renders them, and what a template may name and do.

A template may do only what a text needs: name values, pass them through a few filters, choose with `if`, go over lists
with `for`. Everything is looked at before it is compiled, since compiling works out constants, and what a text goes
over is counted while it is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2 import pass_context as with_context
from jinja2.filters import FILTERS as ALL_FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as ALL_TESTS

from bot.knowledge.agency import Operator
from bot.knowledge.content import Benefit, Course, Figures, RegistrationStep, Text, Tier, suggest
from bot.model import LANGUAGES, Language

DEEPEST = 40  # parts of a template in one another
MOST_WORK = 100_000  # parts of a template that are gone through for one text
LONGEST = 20_000  # letters of a text once its values are filled in
LARGEST = 10**15  # a number beyond this is a slip
PARTS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.List, nodes.Tuple, nodes.Filter, nodes.Test, nodes.Call, nodes.Keyword, nodes.If, nodes.For, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod,
)  # fmt: skip
FUNCTIONS = ("benefit", "step", "course", "chosen", "choices", "every")
# Of Jinja's own filters and tests those whose work and result are no larger than what they are given.
OVER_LISTS = (
    "first",
    "groupby",
    "join",
    "last",
    "list",
    "map",
    "max",
    "min",
    "rejectattr",
    "reverse",
    "selectattr",
    "sort",
)
FILTERS = (*OVER_LISTS, "capitalize", "count", "default", "length", "lower", "title", "trim", "upper")
TESTS = (
    "defined", "undefined", "none", "number", "string", "in", "even", "odd",
    "==", "!=", "<", ">", "<=", ">=", "eq", "equalto", "ne", "lt", "gt", "le", "ge",
)  # fmt: skip
COUNTED, LEFT = "#counted", "#left"  # names that no template can name


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
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    checks: tuple[Text, ...] = ()  # titles of the checks that are asked for most
    keyword: Text | None = None  # a reply keyword, as an example


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


def tiers(names: tuple[str, ...], known: Mapping[str, Tier], lang: Language) -> str:
    """Names of tiers as a phrase: "small, middle and large", "小、中和大". Raises BadTemplate for an unknown one."""
    for name in names:
        if name not in known:
            raise BadTemplate(f'no tier has the id "{name}"; {suggest(name, known)}')
    words = [known[name][lang] for name in names]
    if len(words) == 1:
        return words[0]
    comma, both = (", ", " and ") if lang == "en" else ("、", "和")
    return comma.join(words[:-1]) + both + words[-1]


class Sandbox(ImmutableSandboxedEnvironment):
    """Knows the filters and tests of texts alone, and reckons with numbers alone: a text times a number can be any size."""

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "%"])

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self.globals.clear()
        # `cny` and the like are here for their names alone; `environment` has them for each language.
        self.filters = {name: ALL_FILTERS[name] for name in FILTERS} | {"join": joined, COUNTED: counted}
        self.filters |= dict.fromkeys(("cny", "usd", "tiers"), str)
        self.tests = {name: ALL_TESTS[name] for name in TESTS}

    def checked(self, source: str) -> nodes.Template:
        """A template taken apart, with what it goes over counted. Raises BadTemplate, also with a part that no text needs."""
        try:
            tree = self.parse(source)
        except TemplateSyntaxError as error:
            raise BadTemplate(f"this is not a template: {jinja_words(str(error.message))}", error.lineno) from error
        except RecursionError as error:
            raise BadTemplate(TOO_DEEP) from error
        except ValueError as error:  # Python's own limit on digits
            raise BadTemplate("a number in this template is too long") from error
        self.look_at(tree, 1, 1)
        return tree

    def look_at(self, node: nodes.Node, depth: int, line: int) -> int:
        """Check a part of a template and what is in it, and count its parts. Raises BadTemplate."""
        line = node.lineno or line
        if refused := TOO_DEEP if depth > DEEPEST else self.refused(node):
            raise BadTemplate(refused, line)
        size = 1 + sum(self.look_at(child, depth + 1, line) for child in node.iter_child_nodes())
        if isinstance(node, nodes.For):
            node.iter = over(node.iter, size)
        elif isinstance(node, nodes.Filter) and node.name in OVER_LISTS and node.node is not None:
            node.node = over(node.node, 1)
        return size

    def refused(self, node: nodes.Node) -> str:
        """Why a text has no use for this; "" if it may have."""
        if isinstance(node, nodes.Filter) and (node.node is None or node.name not in self.filters):
            return f'no filter is called "{node.name}"; {suggest(node.name, self.filters.keys() - {COUNTED})}'
        if isinstance(node, nodes.Test) and node.name not in self.tests:
            return f'no test is called "{node.name}"; {suggest(node.name, self.tests)}'
        if isinstance(node, nodes.Filter) and node.name == "map" and node.args:
            return '"map" takes an attribute alone, like map(attribute="name")'
        if isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name in FUNCTIONS):
            what = f'"{node.node.name}"' if isinstance(node.node, nodes.Name) else "this"
            return f"{what} cannot be called in a text; what can: {', '.join(FUNCTIONS)}"
        if isinstance(node, nodes.Filter | nodes.Test | nodes.Call) and (node.dyn_args or node.dyn_kwargs):
            return '"*" and "**" are not for texts; name the values one by one'
        if isinstance(node, nodes.For) and node.recursive:
            return '"recursive" is not for texts; go over a list with a plain "for"'
        if not isinstance(node, PARTS):
            what = SAID.get(type(node), type(node).__name__.lower())
            return f"{what} is not for texts, which hold values, filters, if and for"
        return ""

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        for side in (left, right):
            if not isinstance(side, int | float | Undefined | None):
                raise BadTemplate(
                    f'"{operator}" is for numbers; texts are put one after the other, like {{{{ a }}}}{{{{ b }}}}'
                )
            if isinstance(side, int | float) and abs(side) > LARGEST:
                raise BadTemplate(f"a number here is beyond {LARGEST:,}")
        return super().call_binop(context, operator, left, right)


# What the parts are called that a text has no use for.
SAID = {
    nodes.Pow: '"**"',
    nodes.Concat: '"~"',
    nodes.Pos: '"+" before a value',
    nodes.Slice: '":" in brackets',
    nodes.Dict: "a mapping",
    nodes.Macro: "a macro",
    nodes.CallBlock: '"call"',
    nodes.FilterBlock: '"filter" around lines',
    nodes.Assign: '"set"',
    nodes.AssignBlock: '"set"',
    nodes.FromImport: '"import"',
    nodes.NSRef: "a namespace",
    nodes.Scope: '"autoescape"',
}


def over(values: nodes.Node, each: int) -> nodes.Filter:
    """The same values, counted when they are gone through; `each` is the work that one of them makes."""
    return nodes.Filter(values, COUNTED, [nodes.Const(each)], [], None, None, lineno=values.lineno)


@with_context
def counted(context: Context, values: Any, each: int) -> list[Any]:
    """The values as a list, if the work that they make is still allowed. Raises BadTemplate."""
    if isinstance(values, str):
        raise BadTemplate("a list is gone through here, and this is a text")
    found, left = [], context.resolve(LEFT)
    for value in values:
        left[0] -= each
        if left[0] < 0:
            raise BadTemplate("this text goes over too much; take a loop out")
        found.append(value)
    return found


def joined(values: Iterable[object], between: str = "") -> str:
    """Texts with something between them. Raises BadTemplate where that is longer than a text may be."""
    texts = [str(value) for value in values]
    if sum(map(len, texts)) + len(texts) * len(str(between)) > LONGEST:
        raise BadTemplate(TOO_LONG)
    return str(between).join(texts)


TOO_DEEP = "the parts of this template stand too deep in one another; write it flatter"
TOO_LONG = f"this text comes out longer than {LONGEST:,} letters"
PLAIN = Sandbox()


def parsed(template: str) -> nodes.Template:
    """A template taken apart, for those who look at what it names. Raises BadTemplate."""
    return PLAIN.checked(template)


def jinja_words(problem: str) -> str:
    """Jinja's complaint in an editor's words."""
    if open_block := re.search(r"block that needs to be closed is '(\w+)'", problem):
        return f'"{{% {open_block[1]} … %}}" is not closed; write "{{% end{open_block[1]} %}}" where it ends'
    if unknown := re.search(r"unknown tag '(\w+)'", problem):
        return f'no command is called "{unknown[1]}"; there are: if, elif, else, endif, for, endfor'
    if re.search(r"unexpected '[}%]'|expected token 'end of (?:print|block)", problem):
        return 'a value stands between "{{" and "}}", a command between "{%" and "%}", with one name and its filters after "|"'
    return problem


class Templates:
    """Renders texts of the content in one language each; everything that a template may name comes from `Data`."""

    def __init__(self, data: Data) -> None:
        self.environments = {lang: environment(data, lang) for lang in LANGUAGES}
        self.compiled: dict[tuple[Language, str], Template] = {}

    def render(self, template: str, lang: Language, **values: object) -> str:
        """The Markdown that the template stands for. Raises BadTemplate."""
        if "{" not in template:
            return template.strip()
        length, parts = 0, []
        try:
            for part in self.template(template, lang).generate(**values, **{LEFT: [MOST_WORK]}):
                length += len(part)
                if length > LONGEST:
                    raise BadTemplate(TOO_LONG)
                parts.append(part)
        except BadTemplate:
            raise
        except UndefinedError as error:
            raise BadTemplate(self.undefined(str(error.message), lang)) from error
        except (TemplateError, LookupError, TypeError, ValueError, ArithmeticError) as error:
            raise BadTemplate(str(error) or type(error).__name__) from error
        return "".join(parts).strip()

    def prepare(self, template: str, lang: Language) -> None:
        """Compile a template before it is needed."""
        if "{" in template:
            self.template(template, lang)

    def template(self, template: str, lang: Language) -> Template:
        """The compiled template. There are only as many as the content has; compiling takes longer than all else."""
        found = self.compiled.get((lang, template))
        if found is None:
            sandbox = self.environments[lang]
            tree = sandbox.checked(template)
            try:
                found = self.compiled[lang, template] = sandbox.from_string(tree)
            except SyntaxError as error:  # of Python, which takes twenty loops in one another
                raise BadTemplate(TOO_DEEP) from error
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


def environment(data: Data, lang: Language) -> Sandbox:
    env = Sandbox()
    env.filters["cny"] = lambda amount: cny(amount, lang)
    env.filters["usd"] = lambda amount: usd(amount, lang)
    env.filters["tiers"] = lambda names: tiers(names, data.tiers, lang)
    env.globals.update(template_names(data, lang))
    return env


def template_names(data: Data, lang: Language) -> dict[str, Any]:
    benefits = [
        {
            "id": row.id,
            "tiers": row.tiers,
            "status": row.status,
            "stated_for": row.stated_for,
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
            "link": data.operator.link_of(course),
        }
        for course in data.courses
    }
    operator = data.operator
    return {
        **data.figures,
        "as_of": "",  # the day of the facts, where a reply is to name it
        "operator": {
            "agency": operator.agency[lang],
            "named": operator.named,
            "consultant": operator.consultant[lang] if operator.consultant else None,
            "gift": operator.gift[lang] if operator.gift else None,
            "registration_link": operator.registration_link or "",
            "subject": operator.subject[lang],
            **{name: text[lang] if text else "" for name, text in operator.told.items()},
        },
        "checks": [title[lang] for title in data.checks],
        "keyword": data.keyword[lang] if data.keyword else "",
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
