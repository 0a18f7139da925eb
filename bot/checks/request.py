"""Requests for a check in free text, with or without a check's name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz.distance import DamerauLevenshtein

from bot.checks.check import Check
from bot.checks.pattern import Tokens, tokens_of
from bot.checks.vocabulary import LISTS, word_set
from bot.language.amounts import fold
from bot.language.normalize import HAN, loose_key
from bot.language.pinyin import sounds
from bot.model import LANGUAGES

LONGEST = 200  # characters of the longest request
LONGEST_SLIP = 20  # characters of the longest Chinese request in which homophones are corrected
SHORTEST_FOR_SLIPS = 4
LONG_WORD = 9  # shortest word in which two typing errors are corrected

CHECK_NOUNS = word_set(LISTS["words"]["check nouns"])
LEADING = word_set(LISTS["words"]["around requests"])
LEADING_ZH = (
    "我们|我|你们|你|您|咱们|请|麻烦|劳驾|帮忙|帮我|帮|给我|给|可以|能不能|能|想要|想|要|来|做|跑|开始|进行|启动|打开|进入|发起|一下|一个|一次|一份|"
    "个|次|下|吧|了|啊|呢|吗|嘛|呀|的|先|再|现在|重新|需要|那|就|好|好的|嗯|谢谢|你好|您好|继续|接着|接|完成|这个|这项|那个|自己|关于|有关|资格|情况|"
    "去|走|试试|试|对|进"
)
CHECK_NOUNS_ZH = "测评|测试|自测|自查|检查|评估|测算|检测|核查|审核自查|测验|评测|自评|体检"
ALIVE = ("测", "查", "测试", ["test"], ["testing"])  # tests of the connection

# Requests to check one's own case; the subject is elsewhere in the message.
ASKS_EN = re.compile(
    r"""
    \b(?:check|see|assess|evaluate|examine|test|judge|verify|determine|find\ out|work\ out|figure\ out|have\ a\ look|look)\b
        [^.?!;,]{0,40}?\b(?:whether|if)\b[^.?!;,]{0,20}?\b(?:i|im|ive|we|were|my|our|us|me)\b
    | \b(?:check|assess|evaluate|examine|test|calculate|compute|work\ out|figure\ out)\s+
        (?!(?:[a-z]+\ ){0,3}?(?:when|where|how|why|what|who)\b)(?:[a-z]+\ ){0,2}?(?:my|our|me|us)\b
    | (?:^|[.,;!?]\s*|\band\ )(?:please|pls|plz|kindly|just|can\ you|could\ you|will\ you|now|so|ok|\s)*
        (?:do|run|start|make|take|begin|check|assess|test|evaluate|calculate)(?:\ (?:it|this|that|the|a|check|test|assessment|my\ case|
        my\ situation|our\ case|them|for\ me|for\ us|please|pls|plz|now|out))*\s*(?:[.,;!?]|$)
    # "ask me what you need", "i answer what i know"
    | (?:^|[.,;!?]\s*|\band\ |\bthen\ )(?:please|pls|plz|you|just|can\ you|you\ can|so|ok|\s)*ask\ me(?!\ (?:for|to|if|why)\b)
    | \bi(?:['’]ll|\ will|\ can)?\ answer\ (?:what|all|any|your|the|them|everything)\b | \bwhat\ (?:else\ )?do\ you\ (?:need|want|have)\ to\ know\b
    """,
    re.VERBOSE,
)
ASKS_ZH = re.compile(
    r"(?:帮(?:我|我们|忙|咱)?|给我|替我|请|麻烦)[^,.;!?，。]{0,3}(?:测|评估|评一评|判断|核对|核一?下|自查|自测|过一遍|诊断|选选|选一?下|挑一?下|挑挑)"
    r"|(?:测|评估|判断|自查|自测|核对|测算)一?下|测测|测一测|评一评|自查|自测|测评"
    r"|(?:^|[,.;!?，。])(?:你|您)?(?:先|来)?(?:看一?下|看看|看|算算|算一?下|查一?下|查查)(?:我|咱|本店)[^,.;!?，。]{0,4}(?:能不能|能否|够不够|行不行|可不可以|是否|符不符合|有没有资格)"
    r"|(?:帮(?:我|我们|忙|咱)?|给我|替我|请|麻烦)[^,.;!?，。]{0,3}(?:看|查|算)[^,.;!?，。]{0,3}?(?:我|咱|本店|自己|能不能|能否|够不够|行不行|是否|符不符合|有没有资格)"
    # 我们够不够条件，帮我看下
    r"|(?:能不能|能否|够不够|行不行|可不可以|是否|符不符合|有没有资格|够[条资]|达标).{0,30}(?:帮|替|给)(?:我们?|忙|咱们?)?(?:看|查|算)[一]?[下看查算]?[吧呗哈啊吗]*\s*$"
    # 你问我答，要知道什么你问
    r"|你(?:来)?问(?:吧|我|我答)|(?:你|您)(?:还?[要需想])(?:要)?(?:知道|了解)(?:些)?(?:啥|什么|哪些)"
)


class Requests:
    """Recognises requests by the checks' titles and names."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self.keys: dict[str, str] = {}
        self.names: dict[Tokens, str] = {}
        for name, check in checks.items():
            for text in (check.title.en, check.title.zh):
                self.keys[loose_key(text)] = name
            for lang in LANGUAGES if check.names else ():
                for text in check.names[lang] if check.names else ():
                    self.names.setdefault(tokens_of(fold(text)), name)
        self.words = {word for tokens in self.names for word in tokens if word.isascii()}
        han = sorted(("".join(tokens) for tokens in self.names), key=len, reverse=True)
        named = "|".join(map(re.escape, han))
        around = rf"(?:{LEADING_ZH})*"
        self.han = (
            re.compile(
                rf"{around}(?:(?P<before>{named}){around}(?:{CHECK_NOUNS_ZH})|(?:{CHECK_NOUNS_ZH}){around}(?P<after>{named})){around}"
            )
            if han
            else None
        )
        self.bare = re.compile(rf"{around}(?:测|查|{CHECK_NOUNS_ZH}){around}")

    def check_named(self, text: str) -> str | None:
        """Return the check of a message that is nothing but a request: "run the medal check", "开始认证测评".

        "" for a request without a check's name, None for any other message.
        """
        if len(text) > LONGEST:
            return None
        known = self.keys.get(loose_key(text))
        if known:
            return known
        folded = fold(text)
        tokens = tokens_of(re.sub(r"\bself[- ](?=check|test|assess)", "self", folded))
        if re.search(f"[{HAN}]", folded):
            return self.named_in_chinese("".join(tokens))
        return self.named_in_english(tokens)

    def named_in_chinese(self, joined: str) -> str | None:
        found = self.han and (self.han.fullmatch(joined) or self.han.fullmatch(self.named_by_sound(joined)))
        if found:
            spelled = found["before"] or found["after"]
            return next(name for tokens, name in self.names.items() if "".join(tokens) == spelled)
        return "" if self.bare.fullmatch(joined) and joined not in ALIVE else None

    def named_by_sound(self, joined: str) -> str:
        """Correct the longest check's name spelled with homophones: 认正检测 → 认证检测.

        Texts without a word for "check" are returned unchanged.
        """
        if len(joined) > LONGEST_SLIP or not re.search(CHECK_NOUNS_ZH, joined):
            return joined
        heard = spoken(joined)
        for name in sorted(map("".join, self.names), key=len, reverse=True):
            if name.isascii():
                continue
            size, said = len(name), spoken(name)
            for start in range(len(joined) - size + 1):
                if heard[start : start + size] == said:
                    return joined[:start] + name + joined[start + size :]
        return joined

    def named_in_english(self, tokens: Tokens) -> str | None:
        meant = [self.meant(token) for token in tokens]
        if not CHECK_NOUNS & set(meant):
            return None
        best, spelled = "", 0
        rest = [True] * len(meant)
        for start in range(len(meant)):
            for end in range(len(meant), start, -1):
                name = self.names.get(tuple(meant[start:end]))
                if name is not None:
                    rest[start:end] = [False] * (end - start)
                    # "check my store for gold": a name among LEADING ("store") yields to any other name
                    size = sum(len(word) for word in meant[start:end] if word not in LEADING)
                    if not best or size > spelled:
                        best, spelled = name, size
                    break
        if meant in ALIVE:
            return None
        left = [word for word, outside in zip(meant, rest, strict=True) if outside]
        return (
            best if all(word in LEADING or word in CHECK_NOUNS for word in left) and CHECK_NOUNS & set(left) else None
        )

    def meant(self, word: str) -> str:
        """Correct a typing error in a name or a word for "check"."""
        known = self.words | CHECK_NOUNS
        if len(word) < SHORTEST_FOR_SLIPS or word in known or word in LEADING:
            return word
        near = [
            other
            for other in sorted(known)
            if other[0] == word[0]
            and len(other) >= SHORTEST_FOR_SLIPS
            and DamerauLevenshtein.distance(word, other) <= (2 if len(other) >= LONG_WORD else 1)
        ]
        return min(near, key=lambda other: DamerauLevenshtein.distance(word, other)) if near else word

    def about(self, text: str) -> str | None:
        """Return the check with the longest name in a text, None if there is none or a tie."""
        folded = fold(text)
        tokens = tuple(self.meant(token) for token in tokens_of(folded))
        found = [(len("".join(name)), check) for name, check in self.names.items() if holds(tokens, name)]
        longest = max((size for size, _ in found), default=0)
        checks = {check for size, check in found if size == longest}
        return checks.pop() if len(checks) == 1 else None


def spoken(text: str) -> tuple[str, ...]:
    """Return the toneless pinyin of each Chinese character; other characters unchanged."""
    return tuple(sounds().get(character, character) for character in text)


def holds(tokens: Tokens, name: Tokens) -> bool:
    size = len(name)
    return any(tokens[start : start + size] == name for start in range(len(tokens) - size + 1))


def asks_for_check(text: str) -> bool:
    """Return true if a text asks to check the merchant's own case: "check it for me", "帮我测一下"."""
    folded = fold(text[: 2 * LONGEST])
    return bool(ASKS_EN.search(folded) or ASKS_ZH.search(folded))
