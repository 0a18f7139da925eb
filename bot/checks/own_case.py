"""Statements about the merchant's own case beside a question: "we are a company in Yiwu, what does it cost?"."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.checks.vocabulary import QUESTION_FORM
from bot.language.amounts import LONGEST_READ, fold

LONGEST = 300  # characters kept
LEAST = 3  # characters of the shortest statement; "我们" is shorter

# A question may follow without a comma: "we are a company can we join", "我们是个体户能入驻吗".
PARTS = re.compile(
    r"\s*(?<!\d)[,，.:：]+\s*|\s*[,，.:：]+(?!\d)\s*|\s*[。;；!！\n…]+\s*|\s+[-–—]+\s+|(?<=[?？])"
    r"|\s+(?=(?:and |so |but )?(?:can|could|may|do|does|did|should|will|would|must|is|are|how|what|when|which|where|who|why)\s+(?:i|we|you|it|they|there|this|the|my|our|is|are|does|do|much|many|can)\b)"
    r"|(?=能不能|能否|可不可以|可以|能|怎么|如何|是否|是不是|要不要|需不需要|需要|还要|要|有没有|行不行|请问|多少)"
)
OF_THEMSELVES = re.compile(
    r"\b(?:i|im|i'm|ive|i've|we|were|we're|weve|we've|my|our|ours|mine)\b|我|咱|本店|本公司|自己"
)
# Possibilities, wishes, the past and other people's cases are not facts of the merchant's.
NO_FACT = re.compile(
    r"[?？]|\b(?:if|suppose|supposing|imagine|unless|would|could|should|might|maybe|perhaps|want|wants|wish|hope|plan|planning|going to|gonna|intend|thinking|consider\w*|"
    r"will|instead|used to|we were|i was|friend|friends|brother|sister|wife|husband|client|clients|customer|customers|competitor\w*|supplier\w*|some say|some said|people|heard|they|he|she|their|his|her|whether|or|before|once|until|when)\b"
    r"|如果|要是|假如|假设|的话|万一|想|打算|准备|计划|希望|考虑|将来|以后|以前|之前|曾经|可能|也许|大概|朋友|客户|同行|别人|有的?人|听说|据说|每个人|他|她|老公|老婆|亲戚|还是|或者|或|才|吗|么|呢|不知道|不确定"
)
# What a merchant deals in: "we make knives", 我们是做鞋的.
DEALS = re.compile(
    r"(?:and |so |well,? |hi,? |hello,? )*(?:i|we)(?:['’]?re|['’]?m| are| am)?(?: \w+ly| just)? (?:sell|make|produce|trade|deal|manufacture|do|selling|making|doing)\b"
    r"|(?:我们?|咱们?)?(?:家|这边|公司|厂|店|主要|就|只|是)*(?:做|卖|生产|经营|主营)(?!过|不|了)|"
    r"(?:(?:my|our|the) (?:categor(?:y|ies)|products?|goods|niche|items?) (?:is|are|would be)\b)|(?:我们?的?|我)?(?:类目|产品|商品|货)(?:是|为|主要是|就是)",
    re.IGNORECASE,
)
MAY = re.compile(r"可以|能|需要|还要|要")  # what may or must be is no fact
GOES_ON = re.compile(r"^(?:也|还|都|已经|已|有|没有|没|是|在|做|用)")  # Chinese says "we" once


def own_statements(text: str) -> str:
    """Return a message's statements about its writer, without questions, suppositions and wishes; "" if there are none."""
    facts: list[str] = []
    for part in parts_of(text):
        own = OF_THEMSELVES.search(part) or (facts and GOES_ON.search(part))
        if own and is_fact(part):
            facts.append(part)
    facts = [part for part in facts if len(part) >= LEAST]
    return ", ".join(facts)[:LONGEST]


def facts_told(text: str) -> str:
    """Return what a message states as facts, be it of its writer ("we are a company") or without a subject ("a company, Yiwu")."""
    return ", ".join(part for part in parts_of(text) if is_fact(part) and not MAY.match(part))[:LONGEST]


@lru_cache(128)  # a turn needs the same texts' several times
def parts_of(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in PARTS.split(fold(text[:LONGEST_READ])) if part and part.strip())


def is_fact(part: str) -> bool:
    return not NO_FACT.search(part) and not QUESTION_FORM.search(part)
