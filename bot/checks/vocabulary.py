"""The vocabulary of checks: yes, no, "I don't know" and negation in both languages, and the names of values."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from bot.checks.check import Check, Question
from bot.content.kinds import Phrasings, Text
from bot.language.amounts import NUMBER_WORDS, fold
from bot.language.normalize import HAN
from bot.language.stretches import Stretch, within_longer
from bot.model import LANGUAGES


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


YES = """
yes|yep|yeah|yup|yea|ya|yess|y|sure|of course|certainly|definitely|absolutely|correct|right|indeed|affirmative|true|we do|
i do|we have|i have|have it|we have it|i have it|it does|it is|they do|already|yes of course|ye|he does|she does|he has|she has|he has one|she has one|i think so|i guess so|sort of|
kind of|i believe so|got it already|we are|i am|have one|got one|we have one|i have one|have some|
是|是的|有|有的|对|对的|嗯|嗯嗯|恩|算是|算是吧|当然|没错|确实|可以|已经有了|有了|肯定|是啊|有啊|是呀|对啊|对呀|会|能|需要|已经|就是|是这样
"""
NO = """
no|nope|nah|n|not yet|none|never|negative|not really|no way|we dont|i dont|we havent|i havent|it doesnt|doesnt|isnt|arent|hasnt|they dont|he doesnt|she doesnt|he hasnt|it isnt|it is not|
dont have|dont have one|dont have any|dont have it|do not have|do not|dont|not at all|nothing|neither|not any|havent|havent got|
not now|no not yet|i do not|we do not|none yet|no none|we have none|without|not|
没有|没|没呢|不|不是|否|还没|还没有|没有呢|不是的|并没有|从来没有|无|不用|暂时没有|暂无|木有|不对|不会|不能|未|不行|不需要|没得|没有的|还没呢|没啊|目前没有|一个没有|零
"""
NONE_OF_THEM = """
none of them|none of these|none of those|nothing|none|neither|neither of them|not any of them|nothing of that|not one|no none|nothing special|nothing in particular|
nothing particular|nothing really|nothing much|nothing like that|nothing to speak of|nothing outstanding|not a single one|
没什么特别的|没什么特别|没有什么特别的|没有什么特别|没啥特别的|没啥特别|没什么突出的|没有突出的|没有特别的|都不突出|都一般|没有哪个|啥也没有|什么也没有|
都没有|都不是|一个都没有|全没有|全都没有|什么都没有|没有一个|一样都没有|一种都没有|都没|都不|哪个都没有|两个都没有|两个都不是|什么都不是|啥都不是
"""
ALL = """
all|all of them|all of these|everything|all of the above|each of them|every one|every one of them|the lot|all four|all five|all three|
都有|全都有|全部|全有|所有|都是|全部都有|样样都有|都具备|都可以|全选|都选
"""
BOTH = "both|both of them|两个都有|两个都是|两者都有|两样都有|俩都有|两种都有|两个都要"
EXCEPT = "except|except for|but not|apart from|besides|other than|without|除了|除|除开|除去|缺|只缺|就差|只差|只是没有|就是没有"
UNKNOWN = """
i dont know|dont know|do not know|i do not know|dunno|no idea|not sure|unsure|im not sure|idk|no clue|cant say|cannot say|
hard to say|havent checked|never checked|havent looked|dont remember|cant remember|forgot|not certain|uncertain|unknown|who knows|
dont know yet|need to check|have to check|will check|must check|i have to ask|have to ask|not clear|unclear|couldnt say|i wouldnt know|
whatever|it doesnt matter|never thought about it|havent paid attention|no information|dont understand which|depends|it depends|
不知道|不清楚|不太清楚|不确定|不太确定|没注意过|没注意|没留意|没留意过|不了解|不晓得|说不好|说不准|拿不准|忘了|忘记了|没查过|不记得|不记得了|
随便|随意|无所谓|没看过|不懂这个|没概念|不好说|不一定|看情况|还不知道|还不清楚|没关注过|没算过|搞不清|搞不清楚|不太了解|不明确|未知|弄不清楚|不太懂|得查一下|要查一下|要问问|得问问
"""
WHETHER = "whether|if|or|是否|还是|是不是|有没有|能不能|要不要|需不需要|会不会|可不可以|哪个|哪种|which|what|算不算"
HEDGES = "maybe|perhaps|probably|possibly|might|may be|presumably|可能|也许|大概|应该|估计|或许|好像|似乎|大概率|i suppose|should be|could be"
NEGATORS = """
no|not|dont|doesnt|didnt|havent|hasnt|isnt|arent|wasnt|werent|without|never|neither|nor|cant|cannot|lack|lacking|none|wont|
没有|没|不是|不|无|未|非|缺|还没|还没有|都没有|也没有|不算|不属于
"""
NOT_NEGATING = "not only|not just|no longer only|不只|不仅|不但|不光|no problem|no worries|没问题|没关系|不好意思|没事|差不多|没多少|not much|not many|不多"
BREAKS = word_set(
    "but only just however though although instead rather except yes 但 但是 只 只有 而是 可是 不过 就是 是"
)
JOINERS = word_set("or nor and & plus also 和 与 及 跟 或 还 也 以 者")
TODAY = "today|just opened|just now|opened today|newly opened|今天|刚开|今天刚开|刚开店|刚刚开|刚开业"
YESTERDAY = "yesterday|昨天"
LONG_AGO = (
    "last week|last month|last year|this year|the year before last|去年|上个月|上月|今年|前年|上周|上星期|年初|年底"
)
FIRST = "first|first one|first time|first store|our first|my first|第一次|首次|第一个|第一家"
FILLERS = word_set(
    "a an the we i im ive were weve it its is are am was be been being have has had having do does did our my "
    "your their us me mine ours you they them that this these those there here of for to in on at with from by "
    "as so and or well oh hi hello hey ok okay please thanks thank um uh hmm actually sorry just only like also "
    "then now currently moment right sir madam dear think guess believe say would will can could should one ones "
    "got get s t ll ve re d if but yet still already some any kind type sort really very much more less sure yes "
    "no answer answers option choice number take choose pick select put mean meant case today prefer want go "
    "going total totally altogether together approximately about around amount roughly per month monthly each "
    "every course all know 的 了 吧 呢 啊 呀 哦 嘛 哈 是 有 我 们 您 你 咱 俺 这 那 个 种 就 也 都 还 很 在 和 "
    "与 及 跟 呃 额 嗯 好 已 经 现 目 前 算 属 于 只 家 店 里 选 择 要 能 会 可 以 用 到 过 对 请 谢 一 下 其 实 "
    "应 该 大 概 估 计 左 右 差 不 多 约 吗 么 所 因 为 但 而 且 然 后 如 果 刚 才 啦"
)
QUESTION_FORM = re.compile(
    r"^(?:is|are|am|was|does|do|did|can|could|may|should|would|will)\b|\b(?:how|what|which|when|where|who|why|whats|can i|can we|can you|could i|could we|could you|may i|may we|do i|do we|do you|does (?:it|the|a|an|my|our|this|that)|is it|is there|are there|"
    r"will it|should i|should we|must i|must we|wondering|tell me|explain|would it|is that|is this|am i)\b|吗|(?<!什)么|呢\?|多少|怎[么样]|(?<!没)(?<!没有)什么(?!都)|(?<!没)(?<!没有)啥(?!都)|哪[些个里种]|几[个天年]"
    r"|能不能|可不可以|是不是|要不要|如何|请问|想问|想知道|有没有|行不行|好不好|[能可]以?.{0,6}不$|干嘛|为何"
)
CHANGE_CUES = re.compile(
    r"\b(?:change|correct|correction|update|edit|fix|adjust|replace|switch|actually|sorry|i meant|i mean|no wait|wait|oops|my mistake|after all|instead|"
    r"rather|was wrong|is wrong|should be|should have been|mistake|i was wrong|make it|make that|set|not .{1,20} but|in fact)\b|改成|改为|改到|修改|更改|更正|改一下|改|换成|说错|搞错|写错|填错|弄错|选错|答错|其实|实际上|"
    r"不对|应该是|抱歉|对不起|纠正|调成|调到|不好意思|才对"
)
MARK = re.compile(r"[?]")
CUE_WORDS = word_set(
    "change correct correction update edit fix adjust replace switch actually sorry meant mean wait oops mistake "
    "after all instead rather wrong should make set fact into back 改 成 为 修 更 正 换 说 错 搞 写 填 弄 其 实 "
    "际 上 不 对 应 该 抱 歉 起 纠 调 到 答 案 把 刚 才"
)
ORDINAL_WORDS = word_set("first 1st second 2nd third 3rd fourth 4th fifth 5th sixth 6th seventh 7th eighth 8th")
TOKEN = re.compile(rf"[{HAN}]|\d+|[^\W\d_{HAN}]+")
CLAUSE_END = re.compile(r"[,.;!?:。…]|\s[-–—]\s")
PIECES = re.compile(r"[()（）,，、；;。/:：]| or |或")
SHORTEST_FOR_SLIPS = 4
MOST_CORRECTED = 8
KEPT_VOCABULARIES = 64

Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Word:
    text: str
    start: int
    end: int
    clause: int


@dataclass(frozen=True)
class Span:
    """Words `start` to `end` of a message, read as this kind: a value of the question, "yes", ..."""

    start: int
    end: int
    kind: str
    value: str = ""

    @property
    def stretch(self) -> Stretch:
        return self.start, self.end


def tokens_of(folded: str) -> Tokens:
    return tuple(TOKEN.findall(folded))


@lru_cache(maxsize=8)
def words_of(folded: str) -> tuple[Word, ...]:
    """Return a text's words, each with the index of its clause; separators within numbers do not end a clause."""
    ends = [
        match.start()
        for match in CLAUSE_END.finditer(folded)
        if not (
            match.start() and folded[match.start() - 1].isdigit() and folded[match.end() : match.end() + 1].isdigit()
        )
    ]
    found = []
    clause = 0
    for match in TOKEN.finditer(folded):
        while clause < len(ends) and ends[clause] < match.start():
            clause += 1
        found.append(Word(match[0], match.start(), match.end(), clause))
    return tuple(found)


class Phrases:
    """A dictionary of word sequences, matched longest first."""

    def __init__(self) -> None:
        self.kinds: dict[Tokens, set[tuple[str, str]]] = {}
        self.longest: dict[str, int] = {}

    def add(self, tokens: Tokens, kind: str, value: str = "") -> None:
        if tokens:
            self.kinds.setdefault(tokens, set()).add((kind, value))
            self.longest[tokens[0]] = max(len(tokens), self.longest.get(tokens[0], 0))

    def add_list(self, words: str, kind: str) -> None:
        for one in words.split("|"):
            self.add(tokens_of(fold(one)), kind)

    def contains(self, tokens: Tokens, kind: str) -> bool:
        return any(found == kind for found, _ in self.kinds.get(tokens, ()))

    def spans(self, words: Sequence[str]) -> list[Span]:
        found = []
        for start, word in enumerate(words):
            longest = self.longest.get(word)
            for end in range(min(start + longest, len(words)), start, -1) if longest else ():
                for kind, value in self.kinds.get(tuple(words[start:end]), ()):
                    found.append(Span(start, end, kind, value))
        return found


def _general() -> Phrases:
    phrases = Phrases()
    for words, kind in (
        (YES, "yes"), (NO, "no"), (NONE_OF_THEM, "nothing"), (ALL, "all"), (BOTH, "both"), (EXCEPT, "except"),
        (UNKNOWN, "unknown"), (WHETHER, "whether"), (HEDGES, "hedge"), (NEGATORS, "not"), (NOT_NEGATING, "aside"),
        (TODAY, "today"), (YESTERDAY, "yesterday"), (LONG_AGO, "ago"), (FIRST, "first"),
    ):  # fmt: skip
        phrases.add_list(words.replace("\n", ""), kind)
    return phrases


GENERAL = _general()
GENERAL_WORDS = (
    frozenset(word for tokens in GENERAL.kinds for word in tokens) | FILLERS | CUE_WORDS | NUMBER_WORDS | ORDINAL_WORDS
)
QUESTION_WORDS = word_set(
    "how what which when where who why whats can could may does should must wondering tell explain 什 啥 怎 哪 吗 么 何"
)


LEADING = word_set("a an the we i it they our my is are am was were")


def strip_fillers(tokens: Tokens) -> Tokens:
    """Remove leading fillers: "we are a dealer" becomes "dealer"."""
    start = 0
    while start < len(tokens) - 1 and tokens[start] in LEADING:
        start += 1
    return tokens[start:]


class Lexicon:
    """The names of one question and of its values."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.phrases = Phrases()
        self.yes_like: set[str] = {"yes"} if question.kind == "yes_no" else set()
        self.no_like: set[str] = {"no"} if question.kind == "yes_no" else set()
        for option in question.options:
            for spelling in spellings(option.id, option.label, option.means, option.also):
                self.learn(option.id, spelling)
            if option.id == "none":
                self.no_like.add(option.id)
        self.names = tuple(filter(None, (strip_fillers(tokens_of(fold(question.name[lang]))) for lang in LANGUAGES)))
        self.neutral = frozenset(
            token for text in (question.name, question.ask, *([question.unit] if question.unit else ())) for lang in LANGUAGES
            for token in tokens_of(fold(re.sub(r"\{\{.*?\}\}", "", text[lang])))
        ) - QUESTION_WORDS  # fmt: skip
        if question.kind in ("choice", "yes_no"):
            for name in self.names:
                if name not in self.phrases.kinds:
                    self.phrases.add(name, "subject")
        self.echo = tokens_of(fold(question.ask.zh))
        while self.echo and self.echo[-1] in ("吗", "呢", "了"):
            self.echo = self.echo[:-1]
        self.known = GENERAL_WORDS | {word for tokens in self.phrases.kinds for word in tokens}
        self.targets = sorted(
            word for word in self.known if len(word) >= SHORTEST_FOR_SLIPS and word.isascii() and word.isalpha()
        )
        self.by_letter: dict[str, list[str]] = {}
        for word in self.targets:
            self.by_letter.setdefault(word[0], []).append(word)

    def learn(self, option: str, spelling: str) -> None:
        whole = tokens_of(fold(spelling))
        for tokens in {whole, strip_fillers(whole)}:
            if GENERAL.contains(tokens, "yes"):
                self.yes_like.add(option)
            elif GENERAL.contains(tokens, "no") or GENERAL.contains(tokens, "nothing"):
                self.no_like.add(option)
            else:
                self.phrases.add(tokens, "value", option)
                if len(tokens) == 2 and all(word.isascii() for word in tokens):
                    self.phrases.add(("".join(tokens),), "value", option)  # "selfemployed"

    def corrected(self, words: Sequence[Word]) -> list[str]:
        """Return the words, with single typing errors corrected."""
        found, tried = [], 0
        for word in words:
            text = word.text
            if (
                len(text) >= SHORTEST_FOR_SLIPS and text.isascii() and text.isalpha() and text not in self.known
                and text not in self.neutral and tried < MOST_CORRECTED
            ):  # fmt: skip
                tried += 1
                text = self.nearest(text) or (self.nearest(text[:-1]) if text.endswith("s") else None) or text
            found.append(text)
        return found

    def nearest(self, word: str) -> str | None:
        """Return the known word within one typing error and with the same beginning, or None."""
        near = process.extractOne(
            word, self.by_letter.get(word[0], ()), scorer=DamerauLevenshtein.distance, score_cutoff=1
        )
        return str(near[0]) if near else None


def spellings(name: str, label: Text, means: Text | None, also: Phrasings | None) -> Iterable[str]:
    """Yield a value's names: its id, its labels and their parts, its synonyms, the parts of its meaning."""
    yield name.replace("_", " ").replace("-", " ")
    for text in (label.en, label.zh):
        yield text
        yield from (piece for piece in PIECES.split(text) if piece.strip())
    if also is not None:
        yield from also.en
        yield from also.zh
    if means is not None:
        for text in (means.en, means.zh):
            yield from (piece for piece in PIECES.split(text) if len(piece.strip()) > 1)


class Vocabulary:
    """The lexicons of a check."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.lexicons = {question.id: Lexicon(question) for question in check.questions}
        counts: dict[Tokens, set[str]] = {}
        for name, lexicon in self.lexicons.items():
            for tokens, kinds in lexicon.phrases.kinds.items():
                if any(kind == "value" for kind, _ in kinds):
                    counts.setdefault(tokens, set()).add(name)
        self.own = frozenset(
            tokens for tokens, names in counts.items() if len(names) == 1
        )  # names of a single question's values


_vocabularies: OrderedDict[int, Vocabulary] = OrderedDict()


def vocabulary(check: Check) -> Vocabulary:
    """Return a check's vocabulary, cached by object."""
    found = _vocabularies.get(id(check))
    if found is None or found.check is not check:
        found = Vocabulary(check)
        _vocabularies[id(check)] = found
        while len(_vocabularies) > KEPT_VOCABULARIES:
            _vocabularies.popitem(last=False)
    return found


def longest_spans(spans: Sequence[Span]) -> list[Span]:
    """Remove the spans within longer ones, and sort the rest."""
    stretches = {span.stretch for span in spans}
    hidden = within_longer(stretches, stretches)
    return sorted((span for span in spans if span.stretch not in hidden), key=lambda span: span.stretch)
