"""What a message says not to be, or not to be about: "not a sole trader", "besides the deposit", 除了保证金.

A question keeps its negations: in "which document is not accepted" and 没有商标可以吗, they are what is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

LONGEST_READ = 2000  # characters of a message
Kind = Literal["negated", "excluded", "unwanted"]

WORD = r"[^\s,.;:!?()，。；：！？（）]+"
ENDS = r"(?=\s*(?:[,.;:!?()，。；：！？（）\n]|$))"
ASKS = (
    r"what|which|how|when|where|who|whom|whose|why|do|does|did|is|are|was|were|am|can|could|may|might|must|should|will|would|"
    r"shall|has|have|if|unless|whether|wondering"
)
GOES_ON = rf"(?=\s+(?:{ASKS}|i|we|you|they|it|there|that|who|please|tell|but|so|because|since|then|rather|instead)\b)"
THING = rf"(?:{WORD}\s+){{0,7}}?{WORD}(?:{ENDS}|{GOES_ON})"  # up to the end of the clause or the next one's verb
ONE_THING = rf"(?:{WORD}\s+){{0,7}}?{WORD}(?:{ENDS}|{GOES_ON}|(?=\s+(?:and|or)\b))"
ARTICLE = r"(?:the|a|an|any|my|our|your|their|its|this|that|these|those)"
NOT = r"(?:not|n['’]?t|never|no longer)"
BEFORE = r"(?:^|(?<=[\s,.;:!?(，。；：！？（]))"

HAN_THING = r"[^\s,.;:!?()，。；：！？（）]{1,16}?"
HAN_ENDS = r"(?=\s*(?:[,.;:!?()，。；：！？（）\n]|$))"

EXCLUDED = re.compile(
    rf"{BEFORE}(?:besides|other than|apart from|aside from|except(?:ing)?(?: for| from)?|excluding|not (?:counting|including)|"
    rf"in addition to|leaving aside|leave aside|never mind|forget(?: about)?)\s+(?!that\b|to\b){THING}|"
    rf"(?:,|;|\(|\s-|—|–|\bbut|\band)\s*not\s+(?:about |for |with |from |in |on |as )?{ARTICLE}\s+{ONE_THING}|"
    rf"(?<![\w])not\s+(?!only\b|just\b|yet\b|sure\b)(?:{WORD}\s+){{0,3}}?{WORD}(?=,?\s+but\s+(?!not\b|i\b|we\b|how\b|what\b|can\b|is\b|do\b))|"
    rf"除了{HAN_THING}(?:(?:以外|之外|外)|(?=还|都|也|有没有|有什么|需要|就|其他|其它|别的)|{HAN_ENDS})|"
    rf"(?<![扣删解清消免排开去破])除(?!了|非|名|去|夕){HAN_THING}(?:以外|之外|外)|"
    rf"(?:撇开|抛开|先不说|先不谈|先不管|不谈|先别管){HAN_THING}{HAN_ENDS}|"
    rf"而(?:并)?(?:不是|非){HAN_THING}{HAN_ENDS}",
    re.IGNORECASE,
)
# Only of statements:
REFUSED = re.compile(
    rf"\b(?:i|we|please|pls)?\s*\b(?:(?:do|does|did)\s*{NOT}|dont|never)\s+(?:really\s+)?(?:want|need|wish|mean|care about)\s+{ONE_THING}|"
    rf"\b(?:not|isnt|isn['’]t)\s+(?:asking|talking|interested|looking|writing|speaking|enquiring)\s+{ONE_THING}|"
    rf"\bno need (?:to|for|of)\s+{ONE_THING}|"
    rf"(?:我|我们|咱们?)?(?<![要想用需])(?:并)?(?:不想|不要|不用|不需要|无需|不打算|不关心|不是[问说指想要]){HAN_THING}{HAN_ENDS}|"
    rf"(?:请)?(?<![类级特分区个差性识辨判])别(?:再|给|跟|让|帮|转|打|问|说|和|把){HAN_THING}{HAN_ENDS}",
    re.IGNORECASE,
)
NEGATED = re.compile(
    rf"(?:\b(?:am|is|are|was|were|im|its|were)\s+{NOT}|['’](?:m|s|re)\s+not|\b(?:is|are|was|were)(?:nt|n['’]t))\s+(?!only\b|just\b){ONE_THING}|"
    rf"(?:\b(?:do|does|did)\s+not|\b(?:do|does|did)(?:nt|n['’]t))\s+(?:yet\s+)?(?:have|own|run|use)\s+{ONE_THING}|"
    rf"\b(?:have|has|got)\s+(?:no|not)\s+{ONE_THING}|\b(?:without|instead of|rather than)\s+{ONE_THING}|,\s*not\s+{ONE_THING}|"
    rf"(?<!是)(?:并)?(?:不是|并非|不属于|算不上){HAN_THING}{HAN_ENDS}|没有{HAN_THING}{HAN_ENDS}",
    re.IGNORECASE,
)
CONTRAST = re.compile(r"(?<!不)是[^，,。；;]{1,16}[，,]\s*(?:并|而)?不是|不是[^，,。；;]{1,16}[，,]\s*(?:而|就)?是")

CLAUSE = re.compile(r"[,.;:!?()，。；：！？（）\n]+")
ASKING = re.compile(
    rf"^\W*(?:(?:and|but|so|ok|also|please|then|or|now)\s+)*(?:{ASKS})(?:n?['’]?t)?\b|[吗嘛]|什么|哪|怎|(?<![前这那好十近])几(?!年[前来]|乎|个月前|次都)|多[少久长]|[么呢吧]\s*$|能不能|可不可以|是不是|"
    r"\b(?:can|could|may|do|does|is|are|must|should|will|would)\s+(?:i|we|you|they|it|one|my|our|the)\b|有没有|要不要|会不会|如果|要是|假如|的话|为何|为啥|还能|能否|是否|可否|行不行|可以$",
    re.IGNORECASE,
)
TAG = re.compile(
    r"\W*(?:right|correct|true|is (?:it|that)(?: right| correct| true)?|am i right|对[吗吧]|对不对|是[吗吧])\W*$",
    re.IGNORECASE,
)
POINTS = re.compile(r"\b(?:it|its|that|those|them|this|these)\b|它|[这那]个|这些|那些|其中", re.IGNORECASE)
LETTERS = re.compile(r"[^\W\d_]")
LEAST_LEFT = 3  # letters of a message that still asks something


@dataclass(frozen=True)
class LeftOut:
    """A stretch of a message: `negated`, so that it is not said; `excluded` from what is asked; or `unwanted`, a whole clause."""

    start: int
    end: int
    kind: Kind


@lru_cache(128)  # a turn needs the same texts' several times
def left_out(text: str) -> tuple[LeftOut, ...]:
    """Return the stretches that a message negates or excludes, in order; they may overlap."""
    return tuple(sorted(found(text[:LONGEST_READ]), key=lambda one: (one.start, one.end)))


def found(text: str) -> Iterator[LeftOut]:
    for match in EXCLUDED.finditer(text):
        yield LeftOut(match.start(), match.end(), "excluded")
    contrast = bool(CONTRAST.search(text))
    for match in REFUSED.finditer(text):
        if not asking(text, match):
            yield LeftOut(match.start(), match.end(), "unwanted")
    for match in NEGATED.finditer(text):
        if not asking(text, match):
            yield LeftOut(match.start(), match.end(), "excluded" if contrast and "不是" in match[0] else "negated")


def asking(text: str, match: re.Match[str]) -> bool:
    """Return true if the clause in which a negation stands is a question or a condition."""
    start = max((one.end() for one in CLAUSE.finditer(text, 0, match.start() + 1)), default=0)
    end = CLAUSE.search(text, match.end())
    clause = text[min(start, match.start()) : end.start() if end else len(text)].lstrip(",，;； ")
    return bool(ASKING.search(clause)) or bool(TAG.match(text, match.end()))


def affirmed(text: str) -> str:
    """Return a message without what it negates or excludes."""
    return without(text, left_out(text))


def asked_about(text: str) -> str:
    """Return a message without what it excludes.

    What is unwanted remains if the rest points back to it ("I do not want to lose the deposit, when is it refunded?").
    """
    excluded = [one for one in left_out(text) if one.kind != "negated"]
    if not excluded:
        return text
    rest = without(text, excluded)
    if POINTS.search(rest):
        rest = without(text, [one for one in excluded if one.kind == "excluded"])
    return rest if len(LETTERS.findall(rest)) >= LEAST_LEFT else text


def without(text: str, stretches: Sequence[LeftOut]) -> str:
    kept, end = [], 0
    for one in stretches:
        kept.append(text[end : one.start])
        end = max(end, one.end)
    return " ".join((*kept, text[end:])) if stretches else text
