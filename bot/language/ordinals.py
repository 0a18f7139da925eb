"""Messages that refer to an item of the list before them: "how fast is the first one", 第三步再讲一遍."""

from __future__ import annotations

import re

EN = ("first|1st|one", "second|2nd|two", "third|3rd|three", "fourth|4th|four", "fifth|5th|five", "sixth|6th|six")
ZH = ("一1", "二2两", "三3", "四4", "五5", "六6")
LAST = -1
THING = "one|way|step|option|point|item|method|kind|type|case|thing|condition"

ORDINALS = re.compile(
    rf"\b(?:the )?(?:(?P<en>{'|'.join(EN)}|last|former|latter)(?: (?:{THING}))?|(?:step|point|option|number) (?P<step>{'|'.join(EN)}|[1-6]))\b"
    rf"|第(?P<zh>[{''.join(ZH)}])(?:步|种|个|条|点|项|类|样)|(?P<side>前|后|最后)(?:面)?(?:那|一)?(?:步|种|个|条|点|项)",
    re.IGNORECASE,
)
ITEM = re.compile(r"^(?:[•*-]|\d+\.)\s+(.+)$", re.MULTILINE)
NUMBERS = frozenset(words.rpartition("|")[2] for words in EN)
ENDS = re.compile(r"\s*(?:[^\w\s'\"“”‘’]|$|(?:again|please|then|now)\b)", re.IGNORECASE)
HEAD = re.compile(r"^[^:：,，;；.。(（]{2,60}")


def ordinal(text: str) -> tuple[int, str, str] | None:
    """Return the item (from 0, LAST for the last one) that a message refers to, and the message before and after the words."""
    found = ORDINALS.search(text)
    if found is None or (found["en"] and not refers(text, found)):
        return None
    before, after = text[: found.start()], text[found.end() :]
    if found["side"]:
        return (0 if found["side"] == "前" else LAST), before, after
    if found["zh"]:
        return next(place for place, signs in enumerate(ZH) if found["zh"] in signs), before, after
    word = (found["en"] or found["step"]).lower()
    if word in ("last", "latter"):
        return LAST, before, after
    if word == "former":
        return 0, before, after
    return next((place for place, words in enumerate(EN) if word in (*words.split("|"), str(place + 1)))), before, after


def refers(text: str, found: re.Match[str]) -> bool:
    """Return true if an English ordinal names an item: "the first one", "the second?", not "the first round", "two ways"."""
    if found["en"].lower() in NUMBERS or not found[0].lower().startswith("the "):
        return False
    return bool(ENDS.match(text[found.end() :])) or found.end() > found.end("en")


def items(text: str) -> list[str]:
    """Return the items of a text's list, without Markdown."""
    return [item.replace("**", "").strip() for item in ITEM.findall(text)]


def head(item: str) -> str:
    """Return the words that name an item: those before its first punctuation."""
    found = HEAD.match(item)
    return (found[0] if found else item).strip()
