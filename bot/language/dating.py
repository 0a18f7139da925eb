"""Placement of an answer's date in its first sentence."""

from __future__ import annotations

import re
from datetime import date

from bot.model import Language

AS_OF = "\ufdd0"  # placeholder rendered for `{{ as_of }}` until the date is known to be needed; a Unicode noncharacter

# "No." and "不能。", possibly bold: the date follows them.
POINT = {
    "en": re.compile(r"(?:\*\*)?[A-Za-z’']+(?:,? [A-Za-z’']+){0,2}[.!](?:\*\*)? +"),
    "zh": re.compile(r"(?:\*\*)?[\u4e00-\u9fff]{1,5}(?:[。！](?:\*\*)?|\*\*[。！])"),
}
LIST = re.compile(r"(?:[-*+]|\d+[.)]) ")
FIRST_LETTER = re.compile(r"^[\s*_“\"(]*[^\W\d_]")
# First words of English sentences that lose their capital after the date.
SMALL = re.compile(
    r"(?:\*\*)?(?:A|All|An|Any|As|At|Before|Both|Business|By|Each|Every|For|From|If|In|It|Its|Joining|Most|No|Not|On|Once|One|Only|Some|That|The|Their"
    r"|There|These|They|This|Those|To|Two|Under|When|Whoever|With|Within|You|Your)\b(?!-)"
)


def date_place(day: date, lang: Language) -> re.Pattern[str]:
    """Return the pattern of a first sentence that contains the article's month."""
    if lang == "en":
        return re.compile(rf"^[^.!?\n]*\b{day:%B} {day.year}\b")
    return re.compile(rf"^[^。！？\n]*{day.year}年{day.month}月(?!\d)")


def with_date(text: str, said: str, named: re.Pattern[str], lang: Language) -> str:
    """Insert the date phrase `said` ("As of March 2022") unless the text contains the month (`named`)."""
    pause, colon = (", ", ": ") if lang == "en" else ("，", "：")
    if AS_OF in text:
        return text.replace(AS_OF, f"{said}{pause}", 1)
    point = POINT[lang].match(text)
    before, rest = (text[: point.end()], text[point.end() :]) if point else ("", text)
    if not rest or named.match(rest):
        return text
    if LIST.match(rest):
        return f"{before}{said}{colon.rstrip()}\n\n{rest}"
    if lang == "zh":
        return f"{before}{said}{pause}{rest}"
    if SMALL.match(rest):
        return f"{before}{said}{pause}{FIRST_LETTER.sub(lower, rest)}"
    return f"{before}{said}{colon}{rest}"


def lower(match: re.Match[str]) -> str:
    return match[0].lower()


def upper(match: re.Match[str]) -> str:
    return match[0].upper()


def undated(text: str, lang: Language) -> str:
    """Remove the date's placeholders, and capitalise English sentences that began with one."""
    before, place, after = text.partition(AS_OF)
    if not place:
        return text
    end = before.rstrip(" *_\n")[-1:]
    if lang == "en" and (not end or end in ".!?:"):
        after = FIRST_LETTER.sub(upper, after)
    return undated(before + after, lang)
