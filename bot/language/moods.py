"""What kind of remark a message is: a worry, a protest against a rule, a trouble, what costs effort, a thing that is done, a plan, or an agreement."""

from __future__ import annotations

import re
from typing import Literal

from bot.language.normalize import HAN_LETTER

Mood = Literal["worry", "protest", "trouble", "effort", "done", "plan", "agrees"]

LONGEST = 120  # characters
LONGEST_AGREEMENT, LONGEST_AGREEMENT_HAN = 8, 8  # words and Chinese characters: who goes on tells something else
NO_TROUBLE = re.compile(
    r"\b(?:no|not a|without) (?:problem|trouble|worries)\w*|没问题|没违规|没被|没有被", re.IGNORECASE
)
TROUBLE = re.compile(
    r"\b(?:fail(?:s|ed|ing)?|refused|rejected|stuck|scam\w*|cheat\w*|tricked|lied|sick|ill|illness|health|hospital|died|"
    r"problems?|trouble|error|stolen|lost (?:my|our|the|it|them|everything|money)|(?:do|did|does)(?:es)?n['’]?t work|"
    r"(?:nothing|nobody) (?:happen|answer|came|repl)\w*|paid (?:him|her|them)|(?:have|got|took)\b.{0,20}\bfrom (?:me|us))\b|"
    r"失败|驳回|拒[了绝]|[掉丢]了|罚|骗|生病|住院|打不开|登不上|没反应|卡住|报错|过不了|没过|没通过|不通过|着急|糟|坏了|没找到|找不到|被(?!告知)|吃亏|亏了",
    re.IGNORECASE,
)
WORRY = re.compile(
    r"\b(?:worr(?:y|ied|ies)|nervous|afraid|scared|anxious|uneasy|doubts? about|not (?:so |very |really )?(?:sure|confident) (?:about|if|whether))\b|担心|害怕|紧张|没底|焦虑|发怵|有点怕|不踏实",
    re.IGNORECASE,
)
PROTEST = re.compile(
    r"\b(?:unfair|not fair|terrible|stupid|silly|ridiculous|nonsense|crazy|absurd|bad|awful|dumb|harsh) (?:rule|policy|system|idea|thing|requirement)s?\b|\b(?:that|this|it)(?:['’]?s| is) (?:so |very |really |just |a bit |totally )*(?:unfair|not fair|ridiculous|nonsense|crazy|absurd|harsh|insane|silly|stupid)\b|"
    r"\bmakes no sense\b|不公平|不合理|霸王条款|奇葩|太严|太苛刻|没道理|什么(?:破|鬼|烂)?(?:规定|规则|制度)|(?:规定|规则)太",
    re.IGNORECASE,
)
EFFORT = re.compile(
    r"\b(?:so|too|very|quite|pretty|really|a bit|rather) (?:long|slow|complicated|difficult|hard|expensive|annoying|strict|confusing|much work)\b|\b(?:have|need|got) to wait\b|"
    r"\b(?:long|a lot of|so much|too much) (?:wait|way|work|paperwork|time)\b|"
    r"(?:太|有点|有些|好|真|这么|挺)(?:久|慢|难|贵|麻烦|复杂|烦|坑|绕|长|乱|多)|(?:还|得|要|又得)等|太?夸张|头大|吓人|不敢",
    re.IGNORECASE,
)
NOT_DONE = re.compile(
    r"\b(?:not|never|no|yet|still|once|when|if|until|before|after)\b|n['’]t\b|没|不|[未等]|如果|怎么", re.IGNORECASE
)
DONE = re.compile(
    r"\b(?:is|are|was|were|['’]s|got|all|been) (?:now |already |just |all )*(?:done|finished|ready|approved|sorted|settled)\b|"
    r"\b(?:came|went) (?:through|in|back|last|today|yesterday|this)\b|\b(?:have|has|['’]ve) (?:now |already |just )+(?:paid|opened|registered|received|got|sent|done|bound)\b|"
    r"\bjust (?:paid|opened|registered|received|got)\b|"
    r"(?:办|弄|开|注册|准备|绑|改|申请|搞|提交|添加|关注|认证|整理|凑)[好完齐]了|下来了|通过了|办成了|批了|收到了|(?:认证|注册|申请)成功",
    re.IGNORECASE,
)
PLAN = re.compile(
    r"\b(?:i|we)(?:['’]?ll| will| shall|['’]?(?:m|re) going to| am going to| are going to|['’]?m gonna) (?!be\b|need\b|never\b|not\b|have\b)\w+|\blet me\b|"
    r"\b(?:i|we) (?:have|need|want|must) (?:to )?\w+.* first\b|"
    r"^\W*(?:(?:ok|okay|alright|all right|fine|good|well|so|then)\W+)+(?:i|we) (?:prepare|do|wait|go|start|ask|check|look|try|take|open|register|get|leave|keep|begin)\b|"
    r"(?:我们?|咱们?)(?:就|再|先|回头|明天|今天|晚上|下周|得|还是|自己)*(?:去|等(?!.{0,4}[天周年月])|把|找|让|叫|回去|问|看|试|弄|办|准备|考虑|研究|查|学|补|攒|凑|注册|开|申请|搜|下载|加|联系|报|跑|走|回|商量|留着)(?!不|.*[过了的]\W*$)|再(?:弄|说|来|问|看)\W*$|先不[\u4e00-\u9fff]{1,5}了?\W*$",
    re.IGNORECASE,
)
AGREES = re.compile(
    r"^\W*(?:ok|okay|fine|alright|all right|good|right|sure|yes|yeah|yep|well)\b|\b(?:fine|ok|okay|accepts?|agrees?|fair enough|so be it)\W*$|^\W*(?:that|this|it)(?:['’]?s| is| sounds) (?:\w+ )?(?:fine|good|fair|decent|nice|great|cool|ok|okay|alright|reasonable)\W*$|"
    r"^(?:好|行|嗯|哦|噢|那就|那还|可以|对|是的|懂|明白|知道)|放心了",
    re.IGNORECASE,
)
# The first that fits counts.
MOODS: tuple[tuple[Mood, re.Pattern[str]], ...] = (
    ("worry", WORRY),
    ("protest", PROTEST),
    ("trouble", TROUBLE),
    ("effort", EFFORT),
    ("done", DONE),
    ("plan", PLAN),
    ("agrees", AGREES),
)


def mood_of(text: str) -> Mood | None:
    """Return the kind of a remark, None if it only tells something or is long."""
    said = text.strip()
    if len(said) > LONGEST:
        return None
    plain = NO_TROUBLE.sub(" ", said)
    for mood, pattern in MOODS:
        if pattern.search(plain) and not (
            (mood == "done" and NOT_DONE.search(said)) or (mood == "agrees" and goes_on(said))
        ):
            return mood
    return None


def goes_on(text: str) -> bool:
    """Return true if a message is longer than an agreement: "ok so I change the account first, he will not sign anything"."""
    return len(text.split()) > LONGEST_AGREEMENT or len(HAN_LETTER.findall(text)) > LONGEST_AGREEMENT_HAN
