"""Whether a message asks something."""

from __future__ import annotations

import re
from functools import lru_cache

VERB = r"(?:i|we|he|she|they|my|our|his|am|is|are|was|were|have|has|had|do|does|did|can|will|sells?|makes?|about)"  # tells something
KEPT = 256  # texts, since a turn needs the same ones several times

ASKS = re.compile(
    r"^\W*(?:and |but |so |then )?(?:who|what(?! an?\b)|when|where|which|why|how|until when|any(?! (?:time|way|day|more|of)\b)|can|could|do|does|did|is|are|"
    r"will(?! (?:use|do|try|take|ask|check|see|think|be|go|come|send|write|wait|let|get|call|make)\b)|would|should|may|must)\b"
    r"|[?？]\s*$|\w \b(?!(?:is|are|am|was|be|s|all|sounds|looks|not|thats|quite|the|my)\b)\w+,? right\W*$|吗|[呢么]\W*$|什么(?![破垃玩鬼烂狗态])|谁|啥|哪|(?<!没)怎[么样]|咋|(?<![没十好])(?<!没[卖出掉做赚])多[少久长]|(?<![十好百千万这那前近头])几[个天年岁]|会不会|能不能|是不是|有什么"
    # "个人身份证不行哦": a question for a yes; "算不算", "退不退": both sides of a choice
    r"|(?:不行|不可以|不能|[开办用做]不了)[哦吧啊咯喽呀呗]+\W*$"
    r"|(?P<side>[\u4e00-\u9fff])不(?P=side)(?!得)"
    # "能换不", "有模板没", "这个是美金吧", "那就是不能做咯": questions for a yes
    r"|[\u4e00-\u9fff]{2}(?<![我你您他])[不没]\W*$|(?:可以|[能行是算够要会有对用])[^算，。！]{0,10}(?<![好行])吧\W*$|那.{0,3}是.{0,12}[咯喽]\W*$",
    re.IGNORECASE,
)
# Questions within a sentence: "I want to know how long it takes".
WITHIN = re.compile(
    # a question after a clause that tells: "it is so annoying, can someone call me"
    r"(?:^|[,.;:!] ?)(?:(?:and|but|or|so|then|well|ok|okay|anyway)[, ]+)*(?:who(?:se|m)?|what(?:['’]?s)?(?! an?\b)|when(?! (?:i|we|you)\b)|where|which|"
    r"why|how) \w|"
    # in English a question puts the verb first: "meanwhile can I …", "fine so do they …"
    r"(?<!neither )\b(?:can|could|do|does|did|is|are|am|was|were|will|would|should|shall|may|must|has|have)(?:n['’]?t)? "
    r"(?:i|we|you|they|he|she|it|there|that|this|these|those|some(?:one|body)|any(?:one|body))\b(?! is\b)|"
    r"\b(?:can|could|will|would|should|shall|may|must)(?:n['’]?t)? (?:my|our|your|the|an?|any|some)\b|"
    # but "my brother does the packing" tells
    r"(?:^|[,.;:!] ?|\b(?:and|but|or|so|then|well|ok|okay|anyway|now|also|meanwhile|still) )(?:do|does|did|is|are|was|were|has|have)(?:n['’]?t)? "
    r"(?:my|our|your|the|an?|any|some)\b|"
    # "old stores also or only new", "automatically or I write you"; "and orders over 150 euro"
    # "one fee or two", "card or cash": a choice without a verb
    rf"^(?!.*\b{VERB}\b).*\w \bor (?!(?:\d|more|less|so|other|another)\b)\w+(?: \w+){{0,2}}\W*$|"
    r"\bor (?:not|only|do|does|is|are|can|must|i|we|you|here|just|also|with|without|later|now|both|separately?|wechat|mine)\b|"
    r"\b(?:even if|what if|but if|and if|if not)\b|就算|即使|哪怕|万一|(?<!主)要是|如果|(?P<half>[\u4e00-\u9fff])不(?P=half)(?!得)|"
    r"[.!] *and (?!(?:i|we|my|our|he|she|it|they|then|so|now|thanks|thank)\b)\w+|"
    r"\b(?:want to know|whether|tell me|show me|send me|give me|need to know|wondering|which|how (?:much|many|long|often|do|does|can|to)|"
    r"what (?:is|are|do|does|if|about))\b|"
    # asked by way of others: "he wants to know if …", "please advise whether …", "my question is about …"; "then I get what"
    r"\b(?:(?:to|wants?|wanna|wanted to|gotta) know|asks?|asked|asking|advise|wonder(?:s|ed|ing)?|confirm|clarify|curious)\b(?: (?:me|us|you|him|her|them))? "
    r"(?:if|whether|what|which|when|where|who|why|for|about)\b|\b(?:find out|info|information|details) (?:on|about)\b|\b(?:my|a|one|another|the|his|her) question (?:is|was|about|on)\b|"
    r"\b(?:get|got|pay|need|do|is|are|means?|costs?|have) what\W*$|"
    r"(?:^|[,.;:!] ?|\b(?:please|pls|plz|kindly|and|so|then|ok|okay|just) )(?:explain|clarify|describe|list|tell|give|show|send)\b (?!(?:up|back|you|him|her|them|away|in)\b)|"
    r"(?:介绍|讲解|解释|确认|讲|说明|咨询|请教|打听)(?:一?下|一遍)|[?？]|(?<!怎)[呢么]|(?<!就说)(?<!说的)嘛|怎么(?<!没怎么)|(?<![月年前候本都我但可就])还是(?![没不])|[\u4e00-\u9fff](?:是吧|对吧|没错吧)(?![\u4e00-\u9fff])|(?:^|[，, ]|请)发[个张给]|给我|教我|是不是|要不要|可不可以|如何|请问|想问|想知道|有没有",
    re.IGNORECASE,
)


@lru_cache(KEPT)
def asks(text: str) -> bool:
    """Return true if a message has the form of a question."""
    return bool(ASKS.search(text))


@lru_cache(KEPT)
def asks_within(text: str) -> bool:
    """Return true if a message asks, be it within a sentence that tells something."""
    return asks(text) or bool(WITHIN.search(text))
