"""Masking of what may tell who wrote a message: numbers, names, e-mail addresses, accounts and links.

It masks rather too much than too little: what is left is for editors to see what was asked, not who asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.language.normalize import HAN

LONGEST = 400  # characters kept of a message
NUMBER, NAME, EMAIL, ACCOUNT, LINK = "[number]", "[name]", "[e-mail]", "[account]", "[link]"
MASK = re.compile(r"\[(?:number|name|e-mail|account|link)\]")

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏苏潘葛范彭郎鲁韦马苗凤方俞任袁柳唐罗薛"
    "伍余顾孟黄穆萧尹姚邵汪毛戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季贾江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍万支管卢莫房裘丁邓洪"
    "包左石崔吉龚程邢陆荣翁段侯武刘龙叶白温廖曾关欧肖谭"
)
NO_WORD, NO_WORD_AFTER = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_])"
LINKS = re.compile(
    r"(?:https?://|www\.)[^\s，。；！？]+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|ru|shop|io)\b[^\s，。；！？]*",
    re.I,
)
EMAILS = re.compile(r"[\w.+-]+\s?(?:@|＠|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.I)
HANDLES = re.compile(r"(?<![\w.])@[A-Za-z]\w{2,}")
# What follows the name of a messenger, as "my WeChat is anna_88" or 微信：xiaoming.
ACCOUNTS = re.compile(
    r"((?:微信号?|vx|wx|v信|weixin|wechat|whatsapp|telegram|qq|skype|line)\s*(?:id|号|号码)?\s*(?:is|是|为|[:：])\s*)"
    r"([A-Za-z0-9_.+-]{4,})",
    re.I,
)
# Words of letters and digits, as order and tracking numbers; "5kg" and "10k" are numbers with a unit.
CODES = re.compile(rf"{NO_WORD}(?=[A-Za-z]+[\d-]*\d)[A-Za-z][\w-]{{4,}}{NO_WORD_AFTER}")
NUMBERS = re.compile(r"[+＋]?[\d０-９](?:[\d０-９,，.．:：/ ()（）-]*[\d０-９])?")
HAN_NUMBERS = re.compile(r"[〇零一二两三四五六七八九十百千万亿]{3,}")
OWN_NAME = re.compile(
    r"((?:my (?:full )?name(?:'s| is)|name[:：]|i(?: am|['’]m) called|call me|this is|contact(?: person)?[:：]|dear|regards,?|yours,?)\s+)"
    r"((?:mr|mrs|ms|miss|dr)\.?\s+)?([A-Za-z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2})",
    re.I,
)
TITLED = re.compile(r"\b((?:mr|mrs|ms|miss|dr)\.?\s+)([A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)?)", re.I)
HAN_OWN_NAME = re.compile(
    rf"((?:我叫|我的?名字(?:是|叫)|我姓|姓名[:：是]?|名字[:：]|联系人[:：是]?|法人(?:是|叫|[:：])))\s*(?![我你您他她本])([{HAN}·]{{1,4}})"
)
HAN_TITLED = re.compile(
    rf"[{SURNAMES}][{HAN}]{{0,2}}?(?=先生|女士|小姐|老师|经理|老板|总(?=[说讲的您你好问要想在]|$|[^{HAN}])|主管|同学|律师)"
)
HAN_I_AM = re.compile(rf"((?:我是|这里是|本人))([{SURNAMES}][{HAN}]{{1,2}})(?=[，,。.！!\s]|$)")
COMPANY = re.compile(rf"[{HAN}（）()]{{2,20}}?(?=(?:有限责任|股份有限|有限)?公司)")
OF_COMPANY = re.compile(r"有限(?:责任)?公司|股份有限公司")
CAPITALISED = re.compile(r"(?<![\w'’])[A-Z][a-z'’]+(?:-[A-Z][a-z]+)?(?![\w'’])")
BLANKS = re.compile(r"\s+")
BETWEEN_HAN = re.compile(rf"(?<=[{HAN}，。：]) (?=[{HAN}，。：])")


def masked(text: str, known: Collection[str] = (), name: str = "") -> str:
    """Return a message without what may tell who wrote it.

    `known`: words in lower case that are no names, such as the content's: other capitalised words are masked. `name`: the
    writer's name on their platform.
    """
    text = BLANKS.sub(" ", text).strip()[: 4 * LONGEST]
    for part in sorted({name, *name.split()}, key=len, reverse=True):
        if len(part) > 1:
            text = re.sub(re.escape(part), NAME, text, flags=re.I)
    for pattern, mask in ((EMAILS, EMAIL), (LINKS, LINK), (HANDLES, ACCOUNT)):
        text = pattern.sub(mask, text)
    text = ACCOUNTS.sub(rf"\1{ACCOUNT}", text)
    text = OWN_NAME.sub(lambda found: own_name(found, known), text)
    text = TITLED.sub(rf"\1{NAME}", text)
    text = HAN_OWN_NAME.sub(rf"\1{NAME}", text)
    text = HAN_I_AM.sub(rf"\1{NAME}", text)
    text = HAN_TITLED.sub(NAME, text)
    if OF_COMPANY.search(text):
        text = COMPANY.sub(NAME, text)
    text = CAPITALISED.sub(lambda word: word[0] if is_word(word[0], known) else NAME, text)
    for pattern, mask in ((CODES, ACCOUNT), (NUMBERS, NUMBER), (HAN_NUMBERS, NUMBER)):
        text = pattern.sub(mask, text)
    text = re.sub(rf"(?:{re.escape(NAME)}\s*){{2,}}", f"{NAME} ", text).strip()
    return text[:LONGEST]


def own_name(found: re.Match[str], known: Collection[str]) -> str:
    """Mask a name after "my name is"; "this is" and the like are also followed by other words."""
    before, title, words = found[1], found[2] or "", found[3]
    sure = "name" in before.lower() or "call" in before.lower() or bool(title)
    first, *rest = words.split()
    if not sure and is_word(first, known) and not rest:
        return found[0]
    if not sure and not first[:1].isupper():
        return found[0]
    return f"{before}{title}{NAME}"


def is_word(word: str, known: Collection[str]) -> bool:
    lowered = word.lower()
    return lowered in known or lowered.removesuffix("'s").removesuffix("’s") in known or lowered.rstrip("s") in known


def without_masks(text: str) -> str:
    """Return a masked text as a phrasing: without the masks and the gaps that they leave."""
    text = re.sub(r"\s+([,.?!，。？！])", r"\1", BLANKS.sub(" ", MASK.sub(" ", text)))
    return BETWEEN_HAN.sub("", text).strip(" ,，。.:：-")
