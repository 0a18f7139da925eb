"""What a message says to the assistant rather than asks of a subject: thanks, praise, that it said something before, that it missed
the question, or that a person is wanted."""

from __future__ import annotations

import re
from typing import Literal

from bot.language.asking import asks_within
from bot.language.frames import THANKS_SAID
from bot.language.moods import mood_of

Aside = Literal["thanks", "praise", "repeats", "missed", "pointless", "unknowing"]

LONGEST = 80  # characters
LONGEST_CALL = 300  # characters of a message that calls for a person, or asks after thanks
FEW_WORDS, FEW_CHARACTERS = 6, 40  # of an aside before a question
PARTS = re.compile(r"(?<=[.!?;。！？；~])\s*|(?<=[,，])\s*|\n+")
MOST_WORDS = 12  # of a message that thanks at its end: "will use that one then, thanks"
BEGINS_WITH_THANKS = re.compile(
    rf"\W*(?:(?:ok|okay|well|great|good|fine|oh|ah|好的?吧?|行吧?|嗯+|哦+|哈+|[哎唉]+|那)[\s,，.。!！]*)*(?:{THANKS_SAID})",
    re.IGNORECASE,
)
WITHIN_THANKS = re.compile(rf"[,.，。!！ ](?:{THANKS_SAID})", re.IGNORECASE)
REFUSES_THANKS = re.compile(r"\bno,? thank|不用谢|thanks? (?:god|to)\b|\bthanks for nothing\b", re.IGNORECASE)
NOT_SO = re.compile(r"\b(?:not|no|never|nothing|un\w+|hardly)\b|n['’]t\b|不(?!错|愧)|没|哪里", re.IGNORECASE)
PRAISE = re.compile(
    r"\b(?:(?:good|great|nice|clear|helpful|honest|straight|perfect|useful|excellent) (?:answers?|explanation|help|advice|info)|"
    r"(?:that|this|it|you)(?:['’]?s| is| was| are|['’]re| have been|['’]ve been|(?: \w+){1,3} (?:is|was)) (?:\w+ly |very |so |really |quite |pretty |super |much |a lot |all )*"
    r"(?:clear(?:er)?|helpful|useful|great|perfect|honest|well explained|a (?:great |big )?help|good|fast|quick|patient|kind)(?: now| enough| to know)?\W*$|"
    r"(?:super|very|all|crystal|much) clear(?:er)?\b|well explained|made my day|you['’]?(?:re| are) (?:a star|the best|awesome|amazing|good|great)|"
    r"(?:more|better) than (?:my|the|any) .*(?:told|said|explained)|(?:finally|at last) (?:someone|somebody|an?) \w+)|"
    r"(?:说|讲|解释|回答|介绍)[得的](?:还|挺|很|真|蛮|算|比较|非常|特别|够|也|都|是)*(?:明白|清楚|清晰|好|细|透|到位|详细|实在|专业)|"
    r"(?:挺|很|真|蛮|太|还挺|非常)(?:有用|有帮助|专业|靠谱|清楚|实在|耐心|贴心|给力)|比.{1,12}(?:强|靠谱|清楚|实在)|帮大忙|长知识|涨知识|学到了|茅塞顿开|终于.{0,6}(?:懂|明白|清楚|弄清)",
    re.IGNORECASE,
)
REPEATS = re.compile(
    r"\b(?:you|u)(?:['’]?ve| have)? (?:already|just) (?:said|told|wrote|answered|mentioned|gave)\b|\b(?:you|u) (?:said|told me|wrote) (?:that|this|it|so|the same)(?: thing)?(?: already| before| twice| just now)|"
    r"\b(?:the )?same (?:answer|thing|text|sentence|reply) (?:again|as before|twice|every time|over and over)|\b(?:you|u)(?:['’]?re| are)? (?:keep |just )?repeat\w*|"
    r"\bi (?:got|have|had|read) (?:that|this|it) (?:already|before)|^\W*(?:(?:not|oh no|and) )?(?:that|this|it) again\W*$|\b(?:that|this|it)(?: is|['’]s) the same (?:as|thing)\b|"
    r"(?:刚|刚刚|刚才|前面|上面|之前|已经|都)(?:就|已经|都)?(?:说|讲|答|回)(?:过|了)(?!什么|啥)|说过[了的]|说了[两三几好]+[遍次]|复读|又是(?:这|同)[一句段个样]|(?:一样|同样|相同|重复)的(?:话|回答|内容|东西)|车轱辘话|"
    r"^(?:你|您|怎么)?(?:在|又|老是?|总是?)(?:在)?重复",
    re.IGNORECASE,
)
MISSED = re.compile(
    r"\b(?:that|this|it)(?:['’]?s| is| was)(?: not|n['’]t) (?:an answer|what i|my question|it\b)|\b(?:you )?(?:did|have|do)(?:n['’]?t| not)(?: really)? answer\w*|"
    r"\b(?:does|do|did)(?:n['’]?t| not) (?:really )?answer\b|\bnot an answer\b|\banswer my question\W*$|"
    r"没(?:有)?(?:回答|答)(?:我|到|上|啊|出|$)|答非所问|不是我(?:要|想)?问的|我(?:又)?(?:没|不是)(?:在)?问这|(?:没|不)[听看]懂我|牛头不对马嘴|文不对题|驴唇不对马嘴|绕开了?我?的?问题",
    re.IGNORECASE,
)
POINTLESS = re.compile(
    r"\b(?:that|this|it|you|which) (?:really |just )?(?:does(?:n['’]?t| not)|do(?:n['’]?t| not)|did(?:n['’]?t| not)|is(?:n['’]?t| not)|are(?:n['’]?t| not)) (?:really |very |much )*help(?:s|ful|ing)?\b|\bno help\b|"
    r"\bthanks for nothing\b|\b(?:you|u) (?:know|tell me) nothing\b|\bso you (?:don['’]?t|do not|cannot|can['’]?t) (?:know|help|tell)\b|"
    r"等于没[说答讲问]|什么都没(?:写|有|说)|说了跟没说|白问|白说|啥也?(?:不知道|不会|没说)|什么(?:都|也)(?:不知道|不会|没说)|一问三不知|敷衍|忽悠人|没(?:什么|啥)?(?:卵)?用\W*$|帮不上忙?",
    re.IGNORECASE,
)
UNKNOWING = re.compile(
    r"\W*(?:(?:so|oh|ok|okay|hm+|and|well|huh|really)\W+)*(?:(?:you|u)(?:['’]?re| are) not (?:really )?sure\W*|(?:you|u) (?:do ?n['’]?t|do not|can(?:no|['’]?)t|wouldn['’]?t) (?:know|have|say|tell)(?: me)?(?: that| this| it| anything| much)?(?: one)?(?: either| too| as well)?(?: huh| then| do you| right)?\W*)|"
    r"(?:[哦噢啊好]+[，, ]*)?(?:你|您|你们)?(?:这|这个|这也|也|又|都|还是)+(?:不知道|不清楚|没有|没写|查不到|答不了)[啊呀吗么嘛哦吧]*\W*|(?:没|不)写[啊呀吗]?\W*(?:好吧|行吧)?\W*",
    re.IGNORECASE,
)
# A person is wanted. Managers and consultants of the platform's own are another matter.
PERSON = re.compile(
    r"\b(?:talk|speak|chat|write|discuss)\b(?: it| this)?(?: directly)? (?:to|with) (?:some(?:one|body)|any(?:one|body)|(?:a|an|your|the|one of your) (?:real |live |actual |human )?(?:person|human|man|woman|being|manager|boss|colleagues?|staff|team|people|advis[eo]r|agent|specialist|expert|operator|supervisor))\b|"
    r"\b(?:manager|boss|supervisor|human|person|somebody|someone|anyone)(?: there)? (?:(?:that|who|whom) )?(?:i|we) (?:can|could|may) (?:talk|speak|write|call|ring)\b|"
    r"\b(?:some(?:one|body)|any(?:one|body)) (?:real|human|alive|of flesh)\b|\b(?:a )?(?:real|live|actual|flesh and blood) (?:human|person|people|someone|somebody|man|woman|being)\b|"
    r"\b(?:can|could|will|would) (?:some(?:one|body)|any(?:one|body)|your (?:team|staff|people|colleagues?)|a person|a human) (?:please |just )?(?:call|ring|phone|contact|write to|message|help) (?:me|us)\b|"
    r"\b(?:send|get|find|give|bring|pass|put) me (?:on to |through to )?(?:some(?:one|body)|a (?:real )?(?:person|human)|(?:your|a|the) (?:manager|boss|whatsapp|wechat|phone|number|telephone))\b|"
    r"\byour (?:whatsapp|wechat|phone number|telephone|mobile number)\b|"
    r"(?:找|转|叫|安排|换|喊|请|来|给|派|搵|揾|要|想跟|想和|有没有|有|没).{0,6}(?:真人|活人|人工(?!智能|费|成本|审)|人来(?:聊|说|讲|处理))|^真人\W*$|"
    r"(?:安排|派|找|叫|换)(?:一?个|位)?[^，。]{0,8}(?:顾问|老师|专员|客服)(?:跟|和|给|来|联系|聊|对接|对我)?|"
    r"(?:给我|留个?|加个?|加你|加您|发我|你的|您的|你们的?).{0,4}(?:电话|微信(?!公众号|支付)|whats ?app|手机号|联系方式)|(?:打个?|回个?|来个?)电话(?:给我|联系|吧|聊|说)|(?:给我|跟我)(?:打|回)个?电话|"
    r"(?:跟|和|同)(?:真人|人工|人|顾问|老师)(?:聊|谈|说|讲|沟通)",
    re.IGNORECASE,
)
NO_PERSON = re.compile(
    r"\b(?:account|category|industry|recruitment|store|shop|product|my|our|bank) manager|\b(?:legal|right|responsible|natural) person|客户经理|法人|"
    r"\b(?:do|did)(?:n['’]?t| not) want\b|不(?:想|要|用|需要)(?:找|转|跟|和)?(?:真人|人工|顾问)|加了?我|买家|客户|顾客",
    re.IGNORECASE,
)
# Ways to a person, asked for just after it was said how to reach one: "no phone?", 微信也没有吗.
WAYS = re.compile(
    r"\b(?:whats ?app|we ?chat|phone|call|telegram|number|e-?mail|line|skype|person|human|someone|somebody)\b|微信|电话|手机|qq|邮箱|真人|人工|号码|联系",
    re.IGNORECASE,
)


def aside_of(text: str) -> Aside | None:
    """Return what a message that asks nothing says to the assistant, None if it says nothing of the kind."""
    said = text.strip()
    if len(said) > LONGEST:
        return None
    if UNKNOWING.fullmatch(said):
        return "unknowing"
    if POINTLESS.search(said):
        return "pointless"
    if MISSED.search(said):
        return "missed"
    if REPEATS.search(said):
        return "repeats"
    if thanked(said):
        return "thanks"
    return "praise" if PRAISE.search(said) and not NOT_SO.search(said) else None


def without_asides(text: str) -> str:
    """Return a message without thanks, praise and agreement before what it asks: "good answers, thanks. Is there a course?"."""
    parts = [part for part in PARTS.split(text.strip()) if part.strip()] if len(text) <= LONGEST_CALL else [text]
    while (
        len(parts) > 1
        and not asks_within(parts[0])
        and (aside_of(parts[0]) or mood_of(parts[0]) == "agrees")
        and is_brief(parts[0])
    ):
        parts = parts[1:]
    return " ".join(parts)


def is_brief(text: str) -> bool:
    return len(text.split()) <= FEW_WORDS and len(text) <= FEW_CHARACTERS


def begins_with_thanks(text: str) -> bool:
    """Return true if a message without a question mark begins with thanks: 谢啦 我老婆还问呢."""
    return bool(BEGINS_WITH_THANKS.match(text)) and not text.rstrip().endswith(("?", "？"))


def thanked(text: str) -> bool:
    """Return true if a message thanks at its beginning, or, being short, within: "thanks, that's honest"."""
    if REFUSES_THANKS.search(text):
        return False
    return bool(BEGINS_WITH_THANKS.match(text) or (len(text.split()) <= MOST_WORDS and WITHIN_THANKS.search(text)))


def wants_person(text: str) -> bool:
    """Return true if a message asks for a person to talk to."""
    return len(text) <= LONGEST_CALL and bool(PERSON.search(text)) and not NO_PERSON.search(text)


def names_way(text: str) -> bool:
    """Return true if a message names a way to reach a person."""
    return bool(WAYS.search(text))
