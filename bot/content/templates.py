"""The Jinja2 sandbox that renders the Markdown of answers, with the allowed names, filters and statements.

Templates may name values, apply a few filters, choose with `if` and loop with `for`. The syntax tree is checked before
compilation, which evaluates constants, and loop iterations are counted during rendering.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import CodeType
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2 import pass_context as with_context
from jinja2.filters import FILTERS as ALL_FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as ALL_TESTS

from bot.content.agency import Operator
from bot.content.kinds import Benefit, Course, Figures, RegistrationStep, Text, Tier, suggest
from bot.content.said import Notice, Wrong, said
from bot.model import LANGUAGES, Language

DEEPEST = 40  # levels of nodes in a syntax tree
MOST_WORK = 100_000  # nodes evaluated in loops for one text
LONGEST = 20_000  # characters of a rendered text
KEPT, SHORT = 1024, 200  # rendered texts kept: of values with at most so many characters
LARGEST = 10**15  # larger numbers are typing mistakes
PARTS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.List, nodes.Tuple, nodes.Filter, nodes.Test, nodes.Call, nodes.Keyword, nodes.If, nodes.For, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod,
)  # fmt: skip
FUNCTIONS = ("benefit", "step", "course", "chosen", "choices", "every")
# Jinja's filters and tests whose cost and result are bounded by their input.
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
COUNTED, LEFT = "#counted", "#left"  # not valid names in templates


class BadTemplate(Wrong):
    """A template that cannot be rendered; `line` counts from 1 within the text."""

    def __init__(self, message: Notice, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Data:
    """The content available to templates."""

    figures: Figures
    operator: Operator
    benefits: tuple[Benefit, ...]
    steps: tuple[RegistrationStep, ...]
    courses: tuple[Course, ...]
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    checks: tuple[Text, ...] = ()  # titles of the most popular checks
    keyword: Text | None = None  # an example of a reply keyword
    until: date | None = None  # of the newest article


def cny(amount: float, lang: Language) -> str:
    """Format an amount in yuan: "CNY 10,000", "1万元"."""
    return money(amount, lang, "CNY", "元")


def usd(amount: float, lang: Language) -> str:
    """Format an amount in US dollars: "USD 10,000", "1万美元"."""
    return money(amount, lang, "USD", "美元")


def money(amount: float, lang: Language, code: str, unit: str) -> str:
    number = f"{float(amount):,.2f}".removesuffix(".00")
    if lang == "en":
        return f"{code} {number}"
    if amount >= 10000 and amount % 1000 == 0:
        return f"{amount / 10000:g}万{unit}"
    return f"{number}{unit}"


def month_of(day: date, lang: Language) -> str:
    """Format a month: "March 2022", "2022年3月"."""
    return f"{day:%B} {day.year}" if lang == "en" else f"{day.year}年{day.month}月"


def tiers(names: tuple[str, ...], known: Mapping[str, Tier], lang: Language) -> str:
    """Join names of tiers: "small, middle and large", "小、中和大". Raises BadTemplate for an unknown tier."""
    for name in names:
        if name not in known:
            raise BadTemplate(said("no-tier", name=name, hint=suggest(name, known)))
    words = [known[name][lang] for name in names]
    if len(words) == 1:
        return words[0]
    comma, both = (", ", " and ") if lang == "en" else ("、", "和")
    return comma.join(words[:-1]) + both + words[-1]


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment with few filters and tests, and arithmetic on numbers only: text * number could be of any size."""

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "%"])

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self.globals.clear()
        # Placeholders for the syntax check; `environment` sets the filters of each language.
        self.filters = {name: ALL_FILTERS[name] for name in FILTERS} | {"join": joined, COUNTED: counted}
        self.filters |= dict.fromkeys(("cny", "usd", "tiers"), str)
        self.tests = {name: ALL_TESTS[name] for name in TESTS}

    def checked(self, source: str) -> nodes.Template:
        """Parse and check a template, and add counters to its loops. Raises BadTemplate, also for forbidden syntax."""
        try:
            tree = self.parse(source)
        except TemplateSyntaxError as error:
            raise BadTemplate(said("not-a-template", problem=jinja_words(str(error.message))), error.lineno) from error
        except RecursionError as error:
            raise BadTemplate(TOO_DEEP) from error
        except ValueError as error:  # Python's limit on digits
            raise BadTemplate(said("number-too-long")) from error
        self.look_at(tree, 1, 1)
        return tree

    def look_at(self, node: nodes.Node, depth: int, line: int) -> int:
        """Check a node and its children. Returns the number of nodes. Raises BadTemplate."""
        line = node.lineno or line
        if refused := TOO_DEEP if depth > DEEPEST else self.refused(node):
            raise BadTemplate(refused, line)
        size = 1 + sum(self.look_at(child, depth + 1, line) for child in node.iter_child_nodes())
        if isinstance(node, nodes.For):
            node.iter = over(node.iter, size)
        elif isinstance(node, nodes.Filter) and node.name in OVER_LISTS and node.node is not None:
            node.node = over(node.node, 1)
        return size

    def refused(self, node: nodes.Node) -> Notice | None:
        """Return the reason why a node is forbidden; None if it is allowed."""
        if isinstance(node, nodes.Filter) and (node.node is None or node.name not in self.filters):
            return said("no-filter", name=node.name, hint=suggest(node.name, self.filters.keys() - {COUNTED}))
        if isinstance(node, nodes.Test) and node.name not in self.tests:
            return said("no-test", name=node.name, hint=suggest(node.name, self.tests))
        if isinstance(node, nodes.Filter) and node.name == "map" and node.args:
            return said("map-takes-attribute")
        if isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name in FUNCTIONS):
            if isinstance(node.node, nodes.Name):
                return said("cannot-be-called", name=node.node.name, allowed=FUNCTIONS)
            return said("this-cannot-be-called", allowed=FUNCTIONS)
        if isinstance(node, nodes.Filter | nodes.Test | nodes.Call) and (node.dyn_args or node.dyn_kwargs):
            return said("stars-in-call")
        if isinstance(node, nodes.For) and node.recursive:
            return said("recursive-loop")
        if not isinstance(node, PARTS):
            return said("not-for-texts", what=SAID.get(type(node), type(node).__name__.lower()))
        return None

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        for side in (left, right):
            if not isinstance(side, int | float | Undefined | None):
                raise BadTemplate(said("numbers-alone", sign=operator))
            if isinstance(side, int | float) and abs(side) > LARGEST:
                raise BadTemplate(said("number-beyond", most=f"{LARGEST:,}"))
        return super().call_binop(context, operator, left, right)


# Names of forbidden nodes.
SAID: Mapping[type[nodes.Node], Notice] = {
    nodes.Pow: said("the-sign", sign="**"),
    nodes.Concat: said("the-sign", sign="~"),
    nodes.Pos: said("plus-before-a-value"),
    nodes.Slice: said("colon-in-brackets"),
    nodes.Dict: said("a-mapping"),
    nodes.Macro: said("a-macro"),
    nodes.CallBlock: said("the-sign", sign="call"),
    nodes.FilterBlock: said("filter-around-lines"),
    nodes.Assign: said("the-sign", sign="set"),
    nodes.AssignBlock: said("the-sign", sign="set"),
    nodes.FromImport: said("the-sign", sign="import"),
    nodes.NSRef: said("a-namespace"),
    nodes.Scope: said("the-sign", sign="autoescape"),
}


def over(values: nodes.Node, each: int) -> nodes.Filter:
    """Wrap an iterable in the counting filter; `each` is the cost of one iteration in nodes."""
    return nodes.Filter(values, COUNTED, [nodes.Const(each)], [], None, None, lineno=values.lineno)


@with_context
def counted(context: Context, values: Any, each: int) -> list[Any]:
    """Return the values as a list and charge their cost. Raises BadTemplate if the budget is spent."""
    if isinstance(values, str):
        raise BadTemplate(said("text-not-list"))
    found, left = [], context.resolve(LEFT)
    for value in values:
        left[0] -= each
        if left[0] < 0:
            raise BadTemplate(said("too-much-work"))
        found.append(value)
    return found


def joined(values: Iterable[object], between: str = "") -> str:
    """Join texts with a separator. Raises BadTemplate if the result is longer than LONGEST."""
    texts = [str(value) for value in values]
    if sum(map(len, texts)) + len(texts) * len(str(between)) > LONGEST:
        raise BadTemplate(TOO_LONG)
    return str(between).join(texts)


TOO_DEEP = said("template-too-deep")
TOO_LONG = said("comes-out-too-long", most=f"{LONGEST:,}")
PLAIN = Sandbox()


def parsed(template: str) -> nodes.Template:
    """Parse a template, for inspection of its names. Raises BadTemplate."""
    return PLAIN.checked(template)


def jinja_words(problem: str) -> Notice:
    """Translate Jinja's error message into a message for editors."""
    if open_block := re.search(r"block that needs to be closed is '(\w+)'", problem):
        return said("block-not-closed", name=open_block[1])
    if unknown := re.search(r"unknown tag '(\w+)'", problem):
        begin = re.fullmatch("end(if|for)|el(if|se)", unknown[1])
        if begin:
            return said("end-without-begin", name=unknown[1], begin=begin[1] or "if")
        return said("no-command", name=unknown[1])
    if "end of comment" in problem:
        return said("comment-not-closed")
    if "unexpected end of template" in problem or "got 'end of template'" in problem:
        return said("command-not-closed" if "statement block" in problem else "braces-not-closed")
    if sign := re.search(r"unexpected char '(.)'", problem):
        return said("sign-in-template", sign=sign[1])
    if re.search(
        r"[Ee]xpected an expression|got 'end of (?:print statement|statement block)'|Expected identifier", problem
    ):
        return said("nothing-in-braces")
    if re.search(r"unexpected '[}%]'|expected (?:token|name|subscript)", problem):
        return said("value-between-braces")
    return said("template-problem", problem=problem)


class Templates:
    """Renders content texts in either language, with the values of `Data`."""

    def __init__(self, data: Data) -> None:
        self.environments = {lang: environment(lang, data.tiers) for lang in LANGUAGES}
        for lang, env in self.environments.items():
            env.globals.update(template_names(data, lang))
        self.compiled: dict[tuple[Language, str], Template] = {}
        self.kept = lru_cache(KEPT, typed=True)(self.rendered)

    def render(self, template: str, lang: Language, **values: object) -> str:
        """Render a template to Markdown. Raises BadTemplate."""
        if "{" not in template:
            return template.strip()
        short = all(
            isinstance(one, int | date) or (isinstance(one, str) and len(one) <= SHORT) for one in values.values()
        )
        return (self.kept if short else self.rendered)(template, lang, **values)

    def rendered(self, template: str, lang: Language, **values: object) -> str:
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
            raise BadTemplate(said("template-fails", problem=str(error) or type(error).__name__)) from error
        return "".join(parts).strip()

    def prepare(self, template: str, lang: Language) -> None:
        """Compile a template in advance. Raises BadTemplate."""
        if "{" in template:
            self.template(template, lang)

    def template(self, template: str, lang: Language) -> Template:
        """Return the compiled template, from the cache if possible. The content's size bounds the cache."""
        found = self.compiled.get((lang, template))
        if found is None:
            sandbox = self.environments[lang]
            found = Template.from_code(sandbox, code(template, lang), sandbox.make_globals(None))
            self.compiled[lang, template] = found
        return found

    def undefined(self, message: str, lang: Language) -> Notice:
        """Report an undefined name with a suggestion."""
        attribute = re.search(r"has no attribute '(\w+)'", message)
        if attribute:
            inner = [
                name for value in self.environments[lang].globals.values() if isinstance(value, dict) for name in value
            ]
            return said("nothing-called-here", name=attribute[1], hint=suggest(attribute[1], inner))
        name = re.match(r"'(\w+)' is undefined", message)
        if name:
            return said("nothing-called", name=name[1], hint=suggest(name[1], self.names(lang)))
        return said("template-fails", problem=message)

    def names(self, lang: Language) -> set[str]:
        return set(self.environments[lang].globals)


@lru_cache(4096)  # most texts of an edited content are as they were
def code(template: str, lang: Language) -> CodeType:
    """Compile a template; the code depends on no content. Raises BadTemplate."""
    sandbox = environment(lang, {})
    try:
        return sandbox.compile(sandbox.checked(template))
    except SyntaxError as error:  # Python allows twenty nested loops
        raise BadTemplate(TOO_DEEP) from error


def environment(lang: Language, known: Mapping[str, Tier]) -> Sandbox:
    """Return an environment with the filters of a language."""
    env = Sandbox()
    env.filters["cny"] = lambda amount: cny(amount, lang)
    env.filters["usd"] = lambda amount: usd(amount, lang)
    # With the context, it is no constant at compilation, which knows no tiers.
    env.filters["tiers"] = with_context(lambda context, names: tiers(names, known, lang))
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
        "as_of": "",  # a default: topics are rendered with AS_OF
        "operator": {
            "agency": operator.agency[lang],
            "named": operator.named,
            "consultant": operator.consultant[lang] if operator.consultant else None,
            "hours": operator.hours is not None,
            "gift": operator.gift[lang] if operator.gift else None,
            "registration_link": operator.registration_link or "",
            "subject": operator.subject[lang],
            **{name: text[lang] if text else "" for name, text in operator.told.items()},
        },
        "checks": [title[lang] for title in data.checks],
        "keyword": data.keyword[lang] if data.keyword else "",
        "until": month_of(data.until, lang) if data.until else "",
        "benefits": benefits,
        "steps": steps,
        "benefit": by_id("no-row", {row["id"]: row for row in benefits}),
        "step": by_id("no-step", {step["id"]: step for step in steps}),
        "course": by_id("no-course-row", courses),
    }


def by_id(missing: str, entries: Mapping[Any, Mapping[str, object]]) -> Any:
    """Make a template function that returns an entry by id and suggests ids for an unknown one."""

    def entry(name: str) -> Mapping[str, object]:
        if name not in entries:
            raise BadTemplate(said(missing, name=name, hint=suggest(str(name), map(str, entries))))
        return entries[name]

    return entry
