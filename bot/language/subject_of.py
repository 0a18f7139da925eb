"""What a message names beside the goods that it is for: "and commission for kitchen knives", 园艺工具的佣金呢."""

from __future__ import annotations

import re

from bot.language.asides import without_asides

LONGEST = 60  # characters
EN = re.compile(
    r"(?:(?:last one|one more|ok|okay|and|also|then|so|but|what about|how about)[\s,:]+)*(?:the |a )?(?P<subject>[a-z]+(?: [a-z]+){0,2}) (?:for|on|of) "
    r"(?!me\b|us\b|free\b|it\b|that\b|this\b|what\b|how\b|which\b|sure\b|now\b|all\b|each\b|every\b)(?:\w[\w'’-]*[ ,]*){1,5}[.?!]*",
    re.IGNORECASE,
)
ZH = re.compile(
    r"(?:那|还有|最后|另外|对了|[，, ])*(?:(?:我们?|我家)?(?:做|卖)?[\u4e00-\u9fff]{2,8}(?:类目?)?的(?P<before>[\u4e00-\u9fff]{2,4}?)(?:呢|多少|是多少|要多少)?|(?P<after>[\u4e00-\u9fff]{2,4}?)[，, ]*(?:做|卖)[\u4e00-\u9fff]{2,8}的)[?？呢]*"
)


def without_goods(text: str) -> str:
    """Return the subject that a message names beside goods, "" if it names none or says more."""
    said = without_asides(text).strip()
    if len(said) > LONGEST:
        return ""
    if match := EN.fullmatch(said):
        return match["subject"]
    match = ZH.fullmatch(said)
    return (match["before"] or match["after"]) if match else ""
