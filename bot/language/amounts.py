"""Parser of numbers, money and durations in English and Chinese text: "about 8k dollars", "一万二", "US$ 12.000".

cn2an converts Chinese numerals. Currencies are not converted.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from bot.language.normalize import HAN, normalize

LONGEST_READ = 400  # characters read of an answer
LONGEST_NUMERAL = 30  # characters of a Chinese numeral; "十二亿三千四百五十六万七千八百九十点一二" has 20
DAYS = {"day": Decimal(1), "week": Decimal(7), "month": Decimal(30), "year": Decimal(365), "quarter": Decimal(90)}
COUNT = "count"  # the unit of counted things: "3个", "two accounts"
DATE = "date"  # a year or a calendar day
SHARE = "share"  # percent
THINGS = "things"  # what no question asks for: orders, pieces, visitors

Bound = Literal["below", "above", "at_most", "at_least"]

_APOSTROPHES = re.compile("['\u2019\u02bc\u2018`\u00b4]")
_HAN_RUN = re.compile(f"[{HAN}]+")


@lru_cache(maxsize=256)
def simplified(run: str) -> str:
    """Return a run of Chinese characters in simplified script, in the same length."""
    converted = normalize(run)
    return converted if len(converted) == len(run) else run


@lru_cache(maxsize=256)
def in_simplified(text: str) -> str:
    """Return a text in simplified characters, in the same length."""
    return _HAN_RUN.sub(lambda run: simplified(run[0]), text)


def folded(text: str) -> str:
    """Return a text in lower case and simplified characters, in the same length."""
    lower = text.lower()
    return in_simplified(lower if len(lower) == len(text) else text)


@lru_cache(maxsize=256)
def fold(text: str) -> str:
    """Normalise a text's first LONGEST_READ characters: NFKC, lower case, simplified characters, no apostrophes."""
    # cut again: NFKC can expand one character to a sentence
    folded = unicodedata.normalize("NFKC", text[:LONGEST_READ]).casefold()[:LONGEST_READ].replace("\n", " ; ")
    folded = _APOSTROPHES.sub("", folded)
    return " ".join(in_simplified(folded).split())


@dataclass(frozen=True)
class Amount:
    """A number or range from `low` to `high`; `start` and `end` delimit it in the folded text, with currency and unit.

    `unit` is a key of DAYS, COUNT, THINGS, DATE or SHARE. `money_word`: the only currency word is "块". `word` is the number as
    written.
    """

    low: Decimal
    high: Decimal
    start: int
    end: int
    word: str
    about: bool = False
    bound: Bound | None = None
    currency: str | None = None
    money_word: bool = False
    unit: str | None = None
    scale: Decimal = Decimal(1)
    times: Decimal = Decimal(1)  # of "3 x 10000"

    @property
    def range(self) -> bool:
        return self.low != self.high


# --- currencies -----------------------------------------------------------------------------------------------------

CURRENCY_WORDS: dict[str, str] = {
    "USD": "usd us$ u.s.$ $ dollar dollars bucks usds 美元 美金 美刀 刀 刀乐 块美金 块美元 元美金 us-dollars usdollars",
    "CNY": "cny rmb ¥ 元 yuan yuans renminbi 人民币 块钱 圆 元人民币 块人民币 元rmb kuai cn¥",
    "EUR": "eur € euro euros 欧元 欧",
    "TRY": "try ₺ tl lira liras 里拉 土耳其里拉",
    "RUB": "rub ₽ ruble rubles rouble roubles 卢布",
    "BRL": "brl r$ reais real 雷亚尔",
    "GBP": "gbp £ pound pounds quid 英镑",
    "JPY": "jpy yen 日元 日币",
    "HKD": "hkd hk$ 港币 港元",
    "TWD": "twd nt$ 台币 新台币",
    "KRW": "krw ₩ won 韩元 韩币",
    "INR": "inr ₹ rupee rupees 卢比",
    "PLN": "pln zl zloty zlotys 兹罗提",
    "MXN": "mxn peso pesos 比索",
    "AUD": "aud a$ au$ 澳元",
    "CAD": "cad c$ ca$ 加元",
    "AED": "aed dirham dirhams 迪拉姆",
    "SAR": "sar riyal riyals 里亚尔",
    "KZT": "kzt tenge 坚戈",
    "UAH": "uah hryvnia 格里夫纳",
    "THB": "thb baht 泰铢",
    "VND": "vnd dong 越南盾",
    "USDT": "usdt",
    "BTC": "btc bitcoin bitcoins 比特币",
}
LOOSE = "块"  # any currency, usually yuan
_CODE = {word: code for code, words in CURRENCY_WORDS.items() for word in words.split()}
_CODE |= {
    f"{country} {word}": code
    for country, code in (("us", "USD"), ("american", "USD"), ("hong kong", "HKD"), ("australian", "AUD"))
    for word in ("dollar", "dollars")
} | {f"{country} {word}": "CAD" for country in ("canadian",) for word in ("dollar", "dollars")}
_CODE |= {"chinese yuan": "CNY", "turkish lira": "TRY", "turkish liras": "TRY", LOOSE: LOOSE}


def _alternatives(words: list[str]) -> str:
    """Build an alternation of the words, longest first, Latin ones as whole words."""
    parts = []
    for word in sorted(words, key=len, reverse=True):
        before = r"(?<![a-z])" if word[0].isascii() and word[0].isalpha() else ""
        after = r"(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else ""
        parts.append(before + re.escape(word) + after)
    return "|".join(parts)


_CURRENCY = _alternatives(list(_CODE))
_CURRENCY_BEFORE = re.compile(rf"({_CURRENCY})[\s:.]*$")
_CURRENCY_AFTER = re.compile(rf"[\s]*({_CURRENCY})")
_CURRENCY_PLAIN = re.compile(
    _alternatives([word for word in _CODE if word not in ("try", "real", "won", "dong", LOOSE)])
)


def currencies(folded: str) -> tuple[str, ...]:
    """Return the currencies named in a folded text, in order; ambiguous words do not count."""
    return tuple(dict.fromkeys(_CODE[match[0]] for match in _CURRENCY_PLAIN.finditer(folded)))


# --- numbers --------------------------------------------------------------------------------------------------------

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
UNITS = {word: Decimal(value) for value, word in enumerate(_SMALL.split())}
TENS = {
    word: Decimal(10 * value)
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
} | {"fourty": Decimal(40)}
SCALES = {
    "hundred": 100, "hundreds": 100, "thousand": 1000, "thousands": 1000, "grand": 1000, "k": 1000, "ths": 1000,
    "million": 10**6, "millions": 10**6, "mio": 10**6, "mln": 10**6, "m": 10**6, "mn": 10**6, "billion": 10**9, "bn": 10**9,
    "dozen": 12, "dozens": 12, "lakh": 10**5, "w": 10**4,
}  # fmt: skip
_ATTACHED = frozenset(("k", "m", "w", "mn", "bn"))  # scales only after digits
_AFTER_ARTICLE = frozenset(("couple", "few", "hundred", "thousand", "million", "dozen", "billion", "grand"))
NUMBER_WORDS = frozenset((*UNITS, *TENS, *SCALES, "half", "couple", "few", "several")) - _ATTACHED

_HAN_DIGITS = "零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖俩仨"
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "拾": 10, "佰": 100, "仟": 1000}
HAN_NUMERALS = _HAN_DIGITS + "".join(_HAN_SCALES) + "廿"
_SCALE = "[十百千万亿拾佰仟]"
_HAN_NUMBER = rf"(?:\d+(?:[.,]\d+)*\s?)?[{HAN_NUMERALS}几](?:[{HAN_NUMERALS}几]|[点.](?=[{_HAN_DIGITS}\d])|\d|多(?={_SCALE})|来(?={_SCALE}))*"
_DIGITS = (
    r"\d{1,3}(?:[ ]\d{3})+(?:[.,]\d{1,2})?(?![\d])|[1-9]\d{0,3}(?:,\d{4})+(?!\d)"
    r"|[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?!\d)"
    r"|[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?(?!\d)"
    r"|\d+[.,]\d{1,2}(?!\d)"
    r"|\d+\.\d+|\d+"
)
_TOKEN = re.compile(rf"(?P<han>{_HAN_NUMBER})|(?P<digits>{_DIGITS})|(?P<word>[^\W\d_{HAN}]+)|(?P<other>\S)")
# Words whose numeral is not a number.
_NO_NUMBER_AFTER = re.compile("(?:第|统|唯|之|周|星期|礼拜|单|专|万)$")
_NO_NUMBER = re.compile(
    r"一(?:下|些|直|点(?![零一二三四五六七八九\d])|般|样|起|定|共|致|切|旦|会|边|方面|律|概|种|家|半)|两(?:者|边)|(?<=大)陆|四川|三亚|三明|九江|六安|百色|(?<=小)二(?![十百千万])|十分|千万(?:别|不|要)|万(?:一|分)|三方"
)

Found = tuple[Decimal, Decimal, Decimal, bool]  # from, to, scale, about


def decimal_of(digits: str, *, decimals: bool = False) -> Decimal:
    """Parse digits with English, Continental or Swiss separators. `decimals`: a single "." is a decimal point."""
    plain = digits.replace(" ", "")
    dots, commas = plain.count("."), plain.count(",")
    if dots and commas:
        thousands = "," if plain.rfind(".") > plain.rfind(",") else "."
    elif commas:
        thousands = "," if commas > 1 or re.fullmatch(r"[1-9]\d{0,2},\d{3}|[1-9]\d{0,3},\d{4}", plain) else ""
    else:
        grouped = re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", plain) and not decimals
        thousands = "." if dots > 1 or grouped else ""
    if thousands:
        plain = plain.replace(thousands, "")
    return Decimal(plain.replace(",", "."))


@lru_cache(maxsize=512)
def han_number(word: str) -> Found | None:
    """Parse a Chinese numeral, possibly with digits, as (low, high, scale of the last unit, vague); None if invalid."""
    if len(word) > LONGEST_NUMERAL:
        return None
    word = word.replace(" ", "").replace("俩", "两").replace("仨", "三").rstrip("点.")
    word = re.sub("^零(?=[十百千两一二三四五六七八九])", "", word)  # "两个月零十天"
    vague = "多" in word or "来" in word
    bare = re.sub("[多来]", "", word)
    if re.match("[百千万亿]", bare) and re.search(f"[{_HAN_DIGITS}]", bare):
        bare = "一" + bare  # "万二" is 12,000
    tail = re.search(rf"{_SCALE}+$", bare)
    scale = _product(tail[0]) if tail else Decimal(1)
    if "几" in bare:
        least, most = (_han_value(bare.replace("几", few)) for few in ("二", "九"))
        return None if least is None or most is None else (least, most, scale, True)
    pair = re.fullmatch(rf"(.*?)([一二两三四五六七八九])([二两三四五六七八九])({_SCALE}*)", bare)
    if pair and _neighbours(pair[2], pair[3]) and not re.search(f"[{_HAN_DIGITS}]$", pair[1]):
        low, high = (han_number(pair[1] + digit + pair[4]) for digit in (pair[2], pair[3]))
        return (low[0], high[1], scale, False) if low and high else None
    value = _han_value(bare)
    if value is None:
        return None
    if "多" in word:
        return value, value + scale * Decimal("0.9"), scale, True
    return value, value, scale, vague


def _neighbours(one: str, other: str) -> bool:
    order = "零一二三四五六七八九"
    first, second = (order.index(digit.replace("两", "二")) for digit in (one, other))
    return second == first + 1 or (one, other) == ("三", "五")


def _product(scales: str) -> Decimal:
    value = Decimal(1)
    for sign in scales:
        value *= _HAN_SCALES[sign]
    return value


def _han_value(word: str) -> Decimal | None:
    if re.fullmatch(f"{_SCALE}+", word) and word not in ("十", "拾"):
        return _product(word)
    dotted = re.fullmatch(rf"(.+?)({_SCALE}*)", word)
    if dotted and re.search("[点.,]", dotted[1]):
        mantissa, _, rest = re.sub("[点.,]", ".", dotted[1], count=1).partition(".")
        if not re.search(_SCALE, rest):
            whole = _converted(mantissa)
            places = "".join(str(_converted(digit)) for digit in rest)
            return (
                None if whole is None or not places.isdecimal() else Decimal(f"{whole}.{places}") * _product(dotted[2])
            )
        return None  # "1.2万5" is a typing error
    return _converted(word)


def _converted(word: str) -> Decimal | None:
    if word.isascii() and word.isdecimal():
        return Decimal(word)
    import cn2an  # deferred: needed for Chinese numerals only

    try:
        return Decimal(int(cn2an.cn2an(word, "smart")))
    except (ValueError, KeyError):  # a KeyError for "亿一" or "万十三", in version 0.5.24
        return None


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def _english(tokens: list[_Token], at: int) -> tuple[Found, int] | None:
    """Parse an English number at a token; return it and the index of the token after it, or None."""
    first = _scaled(tokens, at)
    if first is None:
        return None
    (low, high, scale, about), end = first
    smallest = scale
    while smallest > 1 and end < len(tokens):
        joined = end + 1 if tokens[end].text == "and" else end
        if tokens[at].kind == "digits" and tokens[end].text == "one":
            break  # "the 15k one"
        more = _scaled(tokens, joined) if joined < len(tokens) and tokens[joined].text in (*UNITS, *TENS) else None
        if more is None or more[0][1] >= smallest or more[0][2] >= smallest:
            break
        low, high, smallest, end = low + more[0][0], high + more[0][1], more[0][2], more[1]
        if smallest == 1:
            break
    return (low, high, scale, about), end


def _scaled(tokens: list[_Token], at: int) -> tuple[Found, int] | None:
    small = _below_thousand(tokens, at)
    if small is None:
        return None
    low, high, about, end, digits = small
    half = _half(tokens, end)
    if half and _is_scale(tokens, half, digits):
        low, high, end = low + Decimal("0.5"), high + Decimal("0.5"), half
    scale = Decimal(1)
    if end < len(tokens) and tokens[end].text == "hundred":
        low, high, end, scale = low * 100, high * 100, end + 1, Decimal(100)
        more = _words_below_hundred(tokens, end)
        if more:
            low, high, end, scale = low + more[0], high + more[0], more[1], Decimal(1)
        digits = False
    while _is_scale(tokens, end, digits):
        if digits and scale == 1 and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", tokens[at].text):
            low = high = decimal_of(tokens[at].text, decimals=True)
        factor = SCALES[tokens[end].text]
        low, high, scale = low * factor, high * factor, scale * factor
        end += 1
        tail = tokens[end] if end < len(tokens) else None
        if digits and tail and re.fullmatch(r"\d", tail.text) and tail.start == tokens[end - 1].end:  # "1w5"
            tenths = Decimal(tail.text) * factor / 10
            return (low + tenths, high + tenths, Decimal(1), about), end + 1
        digits = False
    half = _half(tokens, end)
    if half:
        more_half = scale / 2 if scale > 1 else Decimal("0.5")
        low, high, end = low + more_half, high + more_half, half
    return (low, high, scale, about), end


def _words_below_hundred(tokens: list[_Token], at: int) -> tuple[Decimal, int] | None:
    """Parse the "and twenty-five" after a hundred."""
    if at < len(tokens) and tokens[at].text == "and":
        at += 1
    if at >= len(tokens) or tokens[at].text not in (*UNITS, *TENS):
        return None
    small = _below_thousand(tokens, at)
    return None if small is None else (small[0], small[3])


def _half(tokens: list[_Token], at: int) -> int | None:
    words = [token.text for token in tokens[at : at + 3]]
    return at + 3 if words == ["and", "a", "half"] else None


def _is_scale(tokens: list[_Token], at: int, digits: bool) -> bool:
    if at >= len(tokens) or tokens[at].text not in SCALES:
        return False
    attached = at > 0 and tokens[at].start == tokens[at - 1].end
    spaced = at > 0 and tokens[at].start <= tokens[at - 1].end + 1 and tokens[at].text == "k"
    digits = digits or tokens[at].text == "k"
    return tokens[at].text not in _ATTACHED or (digits and (attached or spaced))


def _below_thousand(tokens: list[_Token], at: int) -> tuple[Decimal, Decimal, bool, int, bool] | None:
    token = tokens[at]
    follows = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if token.kind == "digits":
        value = decimal_of(token.text)
        return value, value, False, at + 1, True
    if token.text == "half" and follows in ("a", "of", *SCALES):
        end = at + 1
        while end < len(tokens) and tokens[end].text in ("a", "of"):
            end += 1
        if end < len(tokens) and tokens[end].text in SCALES and tokens[end].text not in _ATTACHED:
            return Decimal("0.5"), Decimal("0.5"), False, end, False
        return None
    if token.text in ("a", "an") and follows in _AFTER_ARTICLE:
        if follows in ("couple", "few"):
            return _below_thousand(tokens, at + 1)
        return Decimal(1), Decimal(1), False, at + 1, False
    if token.text in ("couple", "few", "several"):
        low, high = (Decimal(2), Decimal(2)) if token.text == "couple" else (Decimal(3), Decimal(9))
        return low, high, True, at + 2 if follows == "of" else at + 1, False
    if token.text in TENS:
        value, end = TENS[token.text], at + 1
        after = end + 1 if follows == "-" else end
        if after < len(tokens) and tokens[after].text in UNITS and 0 < UNITS[tokens[after].text] < 10:
            value, end = value + UNITS[tokens[after].text], after + 1
        return value, value, False, end, False
    if token.text in UNITS:
        return UNITS[token.text], UNITS[token.text], False, at + 1, False
    if token.text in ("hundred", "thousand", "million"):
        return Decimal(1), Decimal(1), False, at, False
    if token.text in ("hundreds", "thousands", "dozens", "millions"):
        return Decimal(2), Decimal(9), True, at, False
    return None


# --- context of a number ---------------------------------------------------------------------------------------------

_UNIT_WORDS = {
    "day": r"days?|天|日(?!元|币)",
    "week": r"weeks?|wks?|个?星期|个?礼拜|周",
    "month": r"months?|mths?|mos?(?![a-z])|(?:个多?|多)月(?!均)",
    "quarter": r"quarters?|个?季度",
    "year": r"years?|yrs?|周?年(?!营业)",
    SHARE: r"%|percent|per cent|成(?!立)",
    THINGS: r"orders?|pieces?|pcs|units?|parcels?|visitors?|customers?|clicks?|followers?|fans|people|persons?|单(?![价个])|件|票|笔|箱|双|套|粉|人(?!民)",
    COUNT: r"accounts?|categor(?:y|ies)|subcategor(?:y|ies)|stores?|shops?|products?|items?|brands?|times|"
    r"documents?|compan(?:y|ies)|个(?!多?[月季星礼])|家|次|种|项|条|份|位|类(?!目)",
}
_UNIT_AFTER = [
    (unit, re.compile(rf"\s*-?\s*(?:full |whole |calendar |main |整)?(?:{words})(?![a-z])"))
    for unit, words in _UNIT_WORDS.items()
]
MONTHS = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}(?:[-/.]\d{1,2})?(?!\d)|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d(?!\d)")
_CALENDAR_AFTER = re.compile(r"月(?!均)|号(?!码)")
_HALF_UNITS = re.compile(
    r"(?:a )?half (?:of )?an? (year|month|week|day)(?![a-z])|half (year|month|week|day)(?![a-z])|半(?:个)?(年|月|星期|天)"
    r"|(?<![a-z])(?:an?|one) (year|month|week|day) and a half"
    r"|(?<![a-z])an? (year|month|week|day|fortnight|quarter)(?= (?:old|ago|or|now|already|in|and)|$|[.!,])|(?<![a-z])(fortnight)"
)
_HAN_UNIT = {"年": "year", "月": "month", "星期": "week", "天": "day"}
_HALF_AFTER = re.compile(r"\s*(?:and a half|半)(?![年个天])")
_HALF_BETWEEN = re.compile(r"个半(?=月|星期|礼拜|季度)")

_BETWEEN = r"(?:\s*(?:有|是|就|要|in|at|of|a|an|the|it is|its))?[\s:]*"
_ABOUT_BEFORE = re.compile(
    r"(?:(?<![a-z])(?:about|abt|around|approximately|approx\.?|roughly|circa|ca\.?|some|almost|nearly|close to|maybe|perhaps|"
    r"probably|like|say|somewhere around|more or less|i think|i guess|estimated|on average)|[~≈]|大约|大概|差不多|约|将近|接近|"
    rf"近|可能|估计|应该|小|快|也就){_BETWEEN}$"
)
_ABOUT_AFTER = re.compile(
    r"\s*(?:or so|ish(?![a-z])|-ish|more or less|approx(?:imately)?\.?|roughly|give or take|左右|上下|来(?!自)|的样子|差不多|吧)"
)
_VAGUELY_AFTER = re.compile(r"\s*(?:or so|-?ish(?![a-z])|more or less|give or take|左右|上下|的样子|差不多)")
_BOUND_BEFORE: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    ("at_most", re.compile(rf"(?:not (?:more|over|above)(?: than)?|no more than|up to|at most|<=|≤|max(?:imum|imal|\.)?|不超过|最多|顶多|不多于){_BETWEEN}$")),
    ("at_least", re.compile(rf"(?:not less than|no less than|at least|>=|≥|min(?:imum|imal|\.)?|upwards of|至少|最少|起码|不少于|不低于){_BETWEEN}$")),
    ("below", re.compile(rf"(?:less than|under|below|fewer than|not even|short of|just under|不到|不足|低于|少于|小于|没到|不够|差点些?(?:就|到)?|<){_BETWEEN}$")),
    ("above", re.compile(rf"(?:more than|over|above|exceed(?:s|ing)?|beyond|just over|超过|大于|高于|多于|不止|上(?=$)|过了|>){_BETWEEN}$")),
)  # fmt: skip
_BOUND_AFTER: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    (
        "at_least",
        re.compile(
            r"\s*(?:or more|or above|and up|and above|at least|min(?:imum)?(?![a-z])|plus(?![a-z])|\+|以上|及以上|起)"
        ),
    ),
    ("at_most", re.compile(r"\s*(?:or less|or below|at most|max(?:imum)?(?![a-z])|tops|以下|以内|之内|封顶)")),
    ("above", re.compile(r"\s*(?:多(?!个)|余|出头)")),
)
_RANGE = re.compile(r"\s*(?:-|–|—|~|to|till|until|or|or even|到|至|或|或者|还是)\s*")
# In the same length: "just short of", whose 一 is no number; half a dozen; "2x10000".
_PLAINER = (
    (re.compile("差一点"), "差点些"),
    (re.compile("半打"), "六个"),
    (re.compile(r"(?<=[\d万千百])[x*](?=\d)"), "×"),
)
_TIMES = re.compile(r"\s*(?:×|\*|x|乘以?|times)\s*")
_DOZEN = re.compile("打(?![折包广开算造理听电通了过])")
_NEGATIVE = re.compile(r"(?:(?:^|[\s(:=¥$€])-|minus |negative |负)[¥$€]?\s?$")
_BA = re.compile(r"([个十百千万])把(?=[块元刀美人月年天]|$|[\s,.，。])")


@lru_cache(maxsize=256)  # every question of a check parses the same message
def amounts(folded: str) -> tuple[Amount, ...]:
    """Return the numbers of a folded text (see `fold`) in order; a range is one amount."""
    for pattern, plain in _PLAINER:
        folded = pattern.sub(plain, folded)
    tokens = [_Token(match.lastgroup or "", match[0], match.start(), match.end()) for match in _TOKEN.finditer(folded)]
    found: list[Amount] = []
    taken = 0
    for start, end, amount in _special(folded):
        found.append(replace(amount, start=start, end=end))
    special = [(amount.start, amount.end) for amount in found]
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.start < taken or any(start <= token.start < end for start, end in special):
            continue
        read: Found | None = None
        end = token.end
        if token.kind == "han":
            if _NO_NUMBER_AFTER.search(folded[: token.start]) or _NO_NUMBER.match(folded, token.start):
                continue
            # "一个1万一个3万": the second 一 belongs to 个
            counted = re.search(f"(?<={_SCALE})[一两]$", token.text) and folded[end : end + 1] in tuple("个家种项")
            end -= 1 if counted else 0
            read = han_number(folded[token.start : end])
        elif token.kind in ("digits", "word"):
            english = _english(tokens, at - 1)
            if english:
                read, at = english
                end = tokens[at - 1].end
        if read is None or (token.kind != "han" and _glued(folded, token.start)):
            continue
        if token.kind == "han" and (dozen := _DOZEN.match(folded, end)):
            read, end = (read[0] * 12, read[1] * 12, Decimal(12), read[3]), dozen.end()
        word = folded[token.start : end]
        amount = _around(folded, Amount(read[0], read[1], token.start, end, word, read[3], scale=read[2]), taken)
        if amount.end == end and token.kind == "digits" and re.match("[a-z]", folded[end:]):
            continue
        found.append(amount)
        taken = amount.end
    found.sort(key=lambda amount: amount.start)
    return _summed(folded, _multiplied(folded, _ranges(folded, found)))


def _multiplied(folded: str, found: list[Amount]) -> list[Amount]:
    """Merge "3 x 10000" and "1万×3" into the larger number with its `times`."""
    merged: list[Amount] = []
    for amount in found:
        before = merged[-1] if merged else None
        if before is None or before.range or amount.range or not _TIMES.fullmatch(folded[before.end : amount.start]):
            merged.append(amount)
            continue
        small, large = sorted((before, amount), key=lambda one: one.low)
        merged[-1] = replace(large, start=before.start, end=amount.end, times=small.low * before.times)
    return merged


def _glued(folded: str, start: int) -> bool:
    """Return true if a number ends a word such as "win10" that is not a currency."""
    return bool(re.search("[a-z]$", folded[:start])) and not _CURRENCY_BEFORE.search(folded, max(0, start - 20), start)


def _special(folded: str) -> list[tuple[int, int, Amount]]:
    """Parse numbers without a numeral: "half a year", "半年", "万把块"."""
    found = []
    for match in _HALF_UNITS.finditer(folded):
        before = folded[: match.start()]
        if re.search(r"[\d年个一两二三四五六七八九十]$", before) or (
            "half" in match[0] and re.search("and (?:a )?$", before)
        ):
            continue
        word = next(group for group in match.groups() if group)
        unit = _HAN_UNIT.get(word, word)
        value = (
            Decimal("1.5")
            if "and a half" in match[0]
            else Decimal("0.5")
            if "half" in match[0] or "半" in match[0]
            else Decimal(1)
        )
        if unit == "fortnight":
            unit, value = "week", value * 2
        found.append(
            (
                match.start(),
                match.end(),
                _around(folded, Amount(value, value, match.start(), match.end(), match[0], unit=unit), 0),
            )
        )
    for match in _BA.finditer(folded):
        value = Decimal(1) if match[1] == "个" else Decimal(_HAN_SCALES[match[1]])
        amount = _around(folded, Amount(value, value, match.start(), match.end(), match[0], about=True), 0)
        found.append((amount.start, amount.end, replace(amount, about=True)))
    return [(amount.start, amount.end, amount) for _, _, amount in found]


def _around(folded: str, amount: Amount, taken: int) -> Amount:
    """Extend a number by its sign, currency, unit, bound and approximation."""
    start, end = amount.start, amount.end
    low, high, about, bound, unit = amount.low, amount.high, amount.about, amount.bound, amount.unit
    currency: str | None = None
    negative = _NEGATIVE.search(folded, taken, start)
    if negative:
        start = negative.start()
        low, high = -high, -low
    before = _CURRENCY_BEFORE.search(folded, max(taken, start - 20), start)
    if before:
        currency, start = _CODE[before[1]], before.start()
        sign = _NEGATIVE.search(folded, taken, start)
        if sign and not negative:
            start, low, high = sign.start(), -high, -low
    vague = _VAGUELY_AFTER.match(folded, end)
    if vague:
        about, end = True, vague.end()
    more = _BOUND_AFTER[2][1].match(folded, end) if bound is None else None
    if more:
        bound, end = "above", more.end()
        high = max(high, low + amount.scale * Decimal("0.9"))
    if unit is None:
        half = _HALF_BETWEEN.match(folded, end)
        if half:
            low, high, end = low + Decimal("0.5"), high + Decimal("0.5"), half.end() - 1
            folded = folded[:end] + "个" + folded[end + 1 :]  # continue as if "个半月" were "个月"
        for name, pattern in _UNIT_AFTER:
            match = pattern.match(folded, end)
            if match:
                unit, end = name, match.end()
                break
        if unit in DAYS or (unit == COUNT and folded.startswith("半", end)):
            half = _HALF_AFTER.match(folded, end)
            if half:
                low, high, end = low + Decimal("0.5"), high + Decimal("0.5"), half.end()
    if unit not in DAYS:
        after = _CURRENCY_AFTER.match(folded, end)
        if after:
            named = _CODE[after[1]]
            currency = named if currency in (None, LOOSE, "CNY", "USD") and named != LOOSE else currency or named
            end = after.end()
            double = _CURRENCY_AFTER.match(folded, end)
            if double and currency == LOOSE and _CODE[double[1]] != LOOSE:
                currency, end = _CODE[double[1]], double.end()
    if (
        unit is None
        and re.fullmatch("(?:19|20)\\d\\d", amount.word)
        and re.search(rf"(?<![a-z])(?:since|in|from|of|{MONTHS})\.?\s*$|[自从]\s*$", folded[:start])
    ):
        unit = DATE
    if unit == "year" and re.fullmatch("(?:19|20)\\d\\d|[一二][零〇一二三四五六七八九]{3}", amount.word):
        unit = DATE
    date = _DATE.match(folded, amount.start)
    if date:
        unit, end = DATE, max(end, date.end())
    calendar = _CALENDAR_AFTER.match(folded, amount.end)
    if calendar or (unit == "day" and re.search(r"\d月\s*$|[一二三四五六七八九十]月\s*$", folded[: amount.start])):
        unit, end = DATE, max(end, calendar.end() if calendar else end)
    after_about = _ABOUT_AFTER.match(folded, end)
    if after_about:
        about, end = True if after_about[0].strip() != "吧" else about, after_about.end()
    for name, pattern in _BOUND_AFTER:
        match = pattern.match(folded, end)
        if match and bound is None:
            bound, end = name, match.end()
    before_about = _ABOUT_BEFORE.search(folded, taken, start)
    if before_about:
        about, start = True, before_about.start()
    for name, pattern in _BOUND_BEFORE:
        match = pattern.search(folded, taken, start)
        if match and bound is None:
            bound, start = name, match.start()
            earlier = _ABOUT_BEFORE.search(folded, taken, start)
            start = earlier.start() if earlier else start
    return replace(
        amount, low=low, high=high, start=start, end=end, about=about, bound=bound, unit=unit,
        currency=None if currency == LOOSE else currency, money_word=currency == LOOSE,
    )  # fmt: skip


def _ranges(folded: str, found: list[Amount]) -> list[Amount]:
    """Merge two numbers joined by "to" into a range; a scale or unit given once applies to both."""
    merged: list[Amount] = []
    for amount in found:
        before = merged[-1] if merged else None
        if before is None or before.range or before.bound or before.unit == DATE:
            merged.append(amount)
            continue
        gap = folded[before.end : amount.start]
        low, high = before.low, abs(amount.high) if folded[amount.start] == "-" else amount.high
        if folded[amount.start] == "-" and not gap.strip():
            gap = "-"
        between = re.fullmatch(r"\s*and\s*", gap) and re.search(r"(?<![a-z])between\s*$", folded[: before.start])
        same = before.currency == amount.currency or before.currency is None or amount.currency is None
        units = before.unit == amount.unit or before.unit is None
        if not (_RANGE.fullmatch(gap) or between) or not same or not units:
            merged.append(amount)
            continue
        if before.scale == 1 and amount.scale > 1 and low < high / amount.scale:
            low *= amount.scale
        if low >= high:
            merged.append(amount)
            continue
        merged[-1] = replace(
            amount,
            low=low,
            high=high,
            start=before.start,
            word=folded[before.start : amount.end],
            about=before.about or amount.about,
            currency=before.currency or amount.currency,
            money_word=before.money_word or amount.money_word,
        )
    return merged


def _summed(folded: str, found: list[Amount]) -> tuple[Amount, ...]:
    """Add adjacent durations up to one in days: "a year and two months", "一年零三个月"."""
    summed: list[Amount] = []
    for amount in found:
        before = summed[-1] if summed else None
        if (
            before is not None
            and before.unit in DAYS
            and amount.unit in DAYS
            and amount.high * DAYS[amount.unit] < min(before.low, Decimal(1)) * DAYS[before.unit]
            and before.bound is None
            and re.fullmatch(r"[\s,]*(?:and|零|又|加)?\s*", folded[before.end : amount.start])
        ):
            days = [
                replace(one, low=one.low * DAYS[one.unit], high=one.high * DAYS[one.unit])
                for one in (before, amount)
                if one.unit
            ]
            low, high = sum(one.low for one in days), sum(one.high for one in days)
            summed[-1] = replace(amount, low=Decimal(low), high=Decimal(high), unit="day", start=before.start)
        else:
            summed.append(amount)
    return tuple(summed)
