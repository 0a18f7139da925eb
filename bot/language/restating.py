"""Messages that put what was just told in other words, to have it confirmed: "so six at most, right?", 那我就开不了了吧."""

from __future__ import annotations

import re
from typing import Literal

LONGEST = 60  # characters
BEGINS = re.compile(
    r"^\W*(?:(?:ok|okay|well|ah|oh|hm+|right|and|but|wait|you mean|meaning|that means|which means|it means|in other words|so|then|basically|i (?:was|am) told|i heard|"
    r"(?:my|the) \w+ (?:says?|said|told me|thinks?|claims?))\b[\s,:]*)+|"
    r"^(?:[哦噢嗯啊好]+[，, ]*)*(?:所以说?|也就是说?|就是说|意思是说?|意思就是|合着|等于说?|那就是说?|那就|那|就是|我听说|听说|(?:我|他|她|我们)?(?:老板|朋友|同事|合伙人|中介|别人|人家|代办)(?:跟我)?说是?)+[，, ]*",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"[\s,]*(?:\b(?:right|correct|true|yes|no|then|is (?:that|it)(?: right| correct| so)?|am i right|isn['’]?t it|isn['’]?t that so|do i get that right))?\W*$|"
    r"[，, ]*(?:是吧|对吧|没错吧|对不对|是不是|是这样吗?|对吗|是吗|吧|呗|咯|喽|啰|嘛)\W*$",
    re.IGNORECASE,
)
TAGGED = re.compile(
    r"\b(?:right|correct|is (?:that|it)(?: right| correct| so)?|am i right|isn['’]?t it|then)\W*$|[?？]\s*$|(?:是吧|对吧|没错吧|对不对|是不是|是这样吗?|对吗|是吗|吧|呗|咯|喽|啰)\W*$",
    re.IGNORECASE,
)
DRAWS = re.compile(
    r"^\W*(?:(?:ok|okay|ah|oh|well|and)\W+)*(?:so|that means|in other words|you mean|which means)\b|^(?:[哦噢嗯啊好]+[，, ]*)*(?:所以|也就是说|就是说|意思是|合着|等于说|那就是)",
    re.IGNORECASE,
)
SURE = re.compile(r"\b(?:right|correct)\W*$|(?:是吧|对吧|没错吧|对不对|是不是|对吗|是吗)\W*$", re.IGNORECASE)
TOLD_BY = re.compile(r"\b(?:says?|said|told (?:me|us)|thinks?|claims?|heard)\b|说是?|听说", re.IGNORECASE)
ASKING_MARK = re.compile(r"[?？]\s*$|[吧呗咯]\W*$")
OPEN = re.compile(
    r"\b(?:what|which|how|where|when|who|why|or)\b|什么|啥|哪|怎|多少|多久|谁|几|还是", re.IGNORECASE
)  # asks for more than a yes
# A bare conclusion for one's own case, of which the subject is what was just told.
CANNOT = re.compile(
    r"(?:(?:i|we|he|she|they|it|that|this)(?:['’](?:m|re|s))?|there(?:['’]s| is)|is|am|are|really|just|still|a) ?(?:(?:really|just|still|simply|clearly|definitely|both|is|am|are|a) )*"
    r"(?:can(?:no|['’]?)t|can not|could ?n['’]?t|not (?:allowed|able|possible|eligible|an option)|no (?:way|chance|go|good|hope|use)|out|impossible|won['’]?t (?:work|do|be able)|does ?n['’]?t work|not possible)(?: be)?"
    r"(?: to)?(?: (?:do|join|open|sell|apply|register|enter|start|use|get|have|make|be|change|changed|move|moved|opened|used|done|pay|keep|it|that|one|a|an|the|in|so|shop|store|account|medal|yet|now|anyway|at all|any ?more|there|here|myself))*|"
    r"(?:(?:it|that)['’]?s )?(?:a )?no(?: then)?|no (?:way|chance|hope|go)(?: for (?:me|us))?|impossible|not possible|"
    r"(?:我们?|咱们?|他|她|我家|这样|这|还是|根本|就|都|肯定|真的?|是|暂时|现在|目前|反正)*"
    r"(?:开不了|做不了|办不了|进不了|进不去|入不了|用不了|申请不了|拿不[到了]|没戏|没办法|没法(?:开|做|弄|办|入驻)?|没机会|不行|不够格|不可以|不能(?:开|做|入驻|申请|用|办|弄|拿|卖)?(?:店|了)?|没希望|被卡住)(?:店|牌)?[了的啦呀啊哦]*",
    re.IGNORECASE,
)
CAN = re.compile(
    r"(?:(?:it|that)['’]?s )?(?:a )?yes(?: then)?|"
    r"(?:(?:i|we|he|she|they|it|that|this)(?:['’](?:m|re|s))?|is|am|are) ?(?:(?:is|am|are|still|just|all|both|really) )*(?:can|could|may|fine|ok|okay|allowed|enough|possible|works?|eligible)(?: be)?"
    r"(?: to)?(?: (?:do|join|open|sell|apply|register|enter|start|use|get|have|go|change|changed|move|moved|opened|used|done|keep|it|that|one|a|an|the|with|so|shop|store|account|medal|now|anyway|already|there|here|myself))*|"
    r"(?:我们?|咱们?|他|她|我家|这样|这|还是|就|都|也|肯定|是|现在|反正)*(?:可以|能(?:开|做|入驻|申请|用|办|弄|拿|卖)?|行|够|够了|有戏|没问题|开得了|做得了)(?:店|牌)?[了的啦呀啊哦]*",
    re.IGNORECASE,
)
ANSWERS = re.compile(r"(?:it['’]?s |that['’]?s )?(?:an? )?(?:no|yes)(?: then)?\W*", re.IGNORECASE)  # "so it's a no"
# Asks whether something is not so, to which "yes" and "no" mean two things: "it isn't refunded, is it?", 不退的吧.
DENIES = re.compile(
    r"\b(?:not|never)\b.*,? (?:is|are|does|do|can|will|has|have) (?:it|they|i|we|you|he|she|that)\W*$|n['’]t\b.*,? (?:is|are|does|do|can|will|has|have) (?:it|they|i|we|you|he|she|that)\W*$|"
    r"^\W*(?:so|then)\b.*\b(?:not|never)\b.*(?:\bright)?[?？]|(?<!是)不(?!是|用|对)[\u4e00-\u9fff]{1,6}(?:了|的)?(?:吧|是吧|对吧|咯|呗)\W*$",
    re.IGNORECASE,
)
SAYS_NO = re.compile(r"^(?:no|not)\b|^(?:不能|不行|不可以|不是|没有|不可)", re.IGNORECASE)
SAYS_YES = re.compile(r"^yes\b|^(?:是的|可以|能[。，]|行[。，]|对[。，])", re.IGNORECASE)
ANSWER_WORD = re.compile(r"^(?:(?:yes|no)[.,:]?\s+(?=\w)|(?:不能|可以|是的|不行|不可以|不是)[。，]\s*)", re.IGNORECASE)


def restated(text: str) -> str:
    """Return what a message puts in other words, without the words around it that ask for a yes; "" if it is no restatement."""
    said = text.strip()
    if len(said) > LONGEST:
        return ""
    begun = BEGINS.sub("", said, count=1)
    if ANSWERS.fullmatch(begun) and begun != said:
        return begun.strip(" ,.!?")
    core = ENDS.sub("", begun, count=1).strip(" ,，.。!！?？")
    return core if core and (begun != said or TAGGED.search(said)) else ""


def asks_for_a_yes(text: str, core: str) -> bool:
    """Return true if a message of which this is the core only wants to hear that it is right: "so the blue one is enough, right?"."""
    return bool(core) and bool(DRAWS.search(text) or SURE.search(text)) and not OPEN.search(text)


def claims(text: str, core: str) -> bool:
    """Return true if a message of which this is the core says what it takes for right, for itself or as said by others."""
    return bool(DRAWS.search(text) or SURE.search(text) or TOLD_BY.search(text) or (core and ASKING_MARK.search(text)))


def concluded(core: str) -> Literal["can", "cannot"] | None:
    """Return what a restatement concludes for the merchant's own case, if it says nothing else."""
    if CANNOT.fullmatch(core):
        return "cannot"
    return "can" if CAN.fullmatch(core) else None


def denies(text: str) -> bool:
    """Return true if a message asks whether something is not so."""
    return len(text) <= LONGEST and bool(DENIES.search(text.strip()))


def stance(text: str) -> Literal["can", "cannot"] | None:
    """Return whether an answer begins with a yes or a no."""
    return "cannot" if SAYS_NO.search(text) else "can" if SAYS_YES.search(text) else None


def without_answer_word(text: str) -> str:
    """Return an answer without the yes or no at its beginning."""
    left = ANSWER_WORD.sub("", text, count=1)
    return left[:1].upper() + left[1:]
