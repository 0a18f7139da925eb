"""Follow-ups: short messages that change one side, or ask one thing more, of what was just spoken of."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from bot.language.asking import asks_within
from bot.language.detect import language_of
from bot.language.normalize import HAN, HAN_LETTER
from bot.language.stories import INTENDS
from bot.model import Language
from bot.search.found import Found, Label, ReadText, merged
from bot.search.matching.follow_ups import FollowUps, PartScore
from bot.search.own_words import OwnWords
from bot.search.sides import Sided, Sides, conflict

SHORT_WORDS, SHORT_HAN = 8, 12
BARE_WORDS, BARE_HAN = 2, 4  # longest bare noun
MOST_WORDS, MOST_HAN = 16, 28  # longest follow-up with a pronoun or the like
# Lowest outputs of a part that answers a message, by what the message means alone and by the words in it that the topic does
# not have. Set on follow-ups left out one by one and on strangers' questions after other topics.
NEEDED: Mapping[str, Mapping[str, float]] = {
    "sure": {"another": 0.7, "strange": 0.7, "none": 0.75},  # of another topic
    "answer": {"another": 0.55, "strange": 0.5, "none": 0.3},
    "chance": {"another": 0.55, "strange": 0.5, "none": 0.2},  # of a topic of which it has no word: "who can apply"
    "talk": {"another": 0.5, "strange": 0.5, "none": 0.4},  # surely small talk
    "weak": {"another": 0.3, "strange": 0.2, "none": 0.08},
}
RELATED = 0.2  # by how much more a related topic needs; twice that where words are not its own
SURE = 0.5  # lowest output of another topic than the one that the message names
SAME = 0.95  # similarity of a message that stands in the content as a follow-up
LONGEST_SAME = 200  # characters of such a message
LEANS = 0.15  # by how much less a message needs that points back
NAMED = 0.15  # lead of a topic that the message alone likely means
EARLIER = 0.15  # by how much more a topic told before the last one needs
LIKELY = 0.15  # lowest output of a part that answers a message which only points back
BARE_PART = 0.33  # lowest output of a part of the last topic that answers a question without a subject
ALIKE = 0.1  # difference of similarities that is none
# Lead of the topic itself over related ones, where it has phrasings as like as theirs; and where not, over those that the
# message does not name, unless it supposes something: "and if I have two?".
OWN, FAR_OWN = 0.2, 0.2
TOLD = 0.85  # score of a meaning that no output outweighs

Foreign = Literal["another", "strange", "none"]

QUESTION = re.compile(
    r"[?？]|\b(?:how|what|which|when|where|who|why|can|could|may|do|does|is|are|will|should|must|would|wondering|"
    r"want to know|tell me|need to know|whether)\b|吗|(?<!怎)[呢么]|(?<![没十好])(?<!没[卖出掉做赚])多[少久长]|(?<!没)怎[么样]|咋|什么|啥|谁|哪[些个里]|(?<![十好百千万这那前近头])几[个天年]|能不能|可不可以|是不是|要不要|"
    r"如何|请问|想问|想知道|有没有|[能可]以?.{0,30}不",
    re.IGNORECASE,
)
POINTS_BACK = re.compile(
    r"^(?:and|what about|how about|but|ok(?:ay)?,? (?:and|but)|then|also|so)\b|\b(?:it|its|that|those|they|them|this|these|there)\b|"
    r"^(?:那|那么|还有|然后|再|所以|如果)|(?:呢|的话)[?？]?$|[这那]个|它|上面|刚才",
    re.IGNORECASE,
)
RETURNS = re.compile(
    r"\b(?:back to|going back|returning to|earlier you said|you said before)\b|说回|回到|再说回|回过头|刚才那个|刚刚那个|前面那个|前面说的|之前说的|刚才说的",
    re.IGNORECASE,
)
TELLS = re.compile(
    r"^\W*(?:and |but |well,? |ok,? |h+m+,? )?(?:i|we|he|she|they|it|that|this|there|my|our|the|you)(?:['’]?(?:m|re|s|ve|ll|d))?\s+\w|[!！]$|"
    r"^\W*(?:just|still|already|only|guess|maybe|sounds?|seems?|says|said|never|been|got|not|shame|mostly|mainly)\b|"
    r"\b(?:i|we|he|she|they|i['’]?ll|i['’]?m|im|ive|we['’]?re|isnt|isn['’]t|doesnt|doesn['’]t|didnt|didn['’]t)\b|"
    r"^(?:但是?|可是?|不过|那|哦|嗯|好吧?)?[，,\s]*(?:我|咱|他|她|它|这|已经|都|太|真|好[贵难多慢]|主要|就是|[做卖]|刚|没|不会|提示|显示|先|早)|"
    r"我[^，。]{2,}|[了过诶唉哎啊呀哦啦吧]\W*$|哈哈|呵呵|\b(?:lol|haha+)\b",
    re.IGNORECASE,
)
# What of a message without a verb tells rather than asks: "own brand, two years", 有一家店 两个人.
FRAGMENT = re.compile(
    rf"[,，、]|\d|\b(?:own|yes|already|with|since|in|from|year|years|months)\b|[{HAN}] +[{HAN}]|^(?:有|没|做|卖|是)|[了过]|[也都还]有\W*$",
    re.IGNORECASE,
)
SUPPOSES = re.compile(rf"\b(?:if|two|three|several)\b|\d|如果|要是|[{HAN}]个|的话", re.IGNORECASE)


class Following:
    """Reads follow-ups by the parts of the last topic and of those related to it."""

    def __init__(
        self,
        spoken: Mapping[Language, FollowUps],
        near: Mapping[str, tuple[str, ...]],
        sides: Sides,
        sided: Mapping[tuple[str, str], Sided],
        own_words: OwnWords,
    ) -> None:
        self.spoken = spoken
        self.near = near  # topic → the topics related to it
        self.sides = sides
        self.sided = sided  # (topic, part) → the sides that it speaks of
        self.own_words = own_words

    def read(self, text: str, corrected: str, about: str, whole: ReadText, earlier: Sequence[str] = ()) -> Found | None:
        """Return the meaning of a message after the topic or part `about` ("topic/part"), None if it is no follow-up.

        `whole` is its meaning alone, `corrected` the message with its spelling corrected; `earlier` are the topics told before
        the last one, to which a message may return. What follows and asks for nothing that the topic has is not answered.
        """
        if not may_follow(text):
            return None
        back = bool(RETURNS.search(text))
        before = earlier if back or whole.verdict != "answer" else ()
        every = [(about, 0.0), *((name, 0.0 if back else EARLIER) for name in before)]
        for name, more in (*every[1:], *every[:1]) if back else every:
            if name.partition("/")[0] in self.near and (found := self.follows(text, corrected, name, whole, more)):
                return found
            if back and whole.verdict == "answer" and name == every[-1][0]:
                return None  # it names what it returns to
        return self.leaning(text, corrected, about.partition("/")[0], whole)

    def follows(self, text: str, corrected: str, about: str, whole: ReadText, more: float) -> Found | None:
        """Return the meaning of a message after a topic, for which it needs so much more."""
        topic, _, part = about.partition("/")
        named = self.sides.named(corrected)
        scores = self.scores(corrected, (topic, *self.near[topic]), {**self.sided.get((topic, part), {}), **named})
        same = next((one for one in scores if one.topic == topic and one.alike >= SAME), None)
        if same and not (whole.written and whole.kind == "talk"):
            return self.told(same, whole)
        if whole.written and whole.kind != "topic":
            return None
        if whole.written and whole.best:
            scores = [one for one in scores if one.topic == whole.best.name]
        if named and not more and self.sides.alone(corrected):
            return self.switched(topic, named, scores, whole, apart=bare(text))
        if not scores or (bare(text) and scores[0].alike < SAME):
            return None
        best = self.chosen(scores, whole, topic)
        if whole.verdict == "answer" and whole.best and whole.best.topic == best.topic and not leans(text):
            return None  # a complete question
        foreign = self.foreign(corrected, (topic, best.topic))
        return self.told(best, whole) if best.output >= self.needed(text, topic, whole, best, foreign) + more else None

    def leaning(self, text: str, corrected: str, topic: str, whole: ReadText) -> Found | None:
        """Return the last topic's likeliest part for a message that points back and means nothing of its own; no answer where
        none is likely."""
        if topic not in self.near or not leans(text) or whole.written or self.is_its_own(text, topic, whole):
            return None
        if self.foreign(corrected, (topic,)) == "another" and whole.verdict not in ("answer", "likely"):
            return None
        scores = [one for one in self.scores(corrected, (topic, *self.near[topic]), {}) if one.topic == topic]
        if scores and scores[0].output >= LIKELY:
            return self.told(scores[0], whole)
        return Found((), (), whole.score, merged([whole]), (whole,), follows=True)

    def is_its_own(self, text: str, topic: str, whole: ReadText) -> bool:
        """Return true if a message means something without the topic: surely, or likely and by its own words."""
        if whole.verdict == "likely" and whole.kind == "topic":
            return self.names(text, whole, topic)
        if whole.verdict == "likely" and whole.kind == "talk":
            return not QUESTION.search(text)
        return whole.verdict in ("answer", "likely")

    def scores(self, corrected: str, group: tuple[str, ...], sides: Sided) -> list[PartScore]:
        """Rank the parts of some topics for a message without those of another side."""
        lang = language_of(corrected, None) or "en"
        # The topic's own parts are not weakened by the same words at a related one.
        related = [one for one in self.spoken[lang].parts(corrected, group) if one.topic != group[0]]
        every = [*self.spoken[lang].parts(corrected, group[:1]), *related]
        kept = [one for one in every if not conflict(self.sided.get((one.topic, one.part), {}), sides)]
        nearest = max((one.alike for one in kept), default=0.0)
        near = any(one.topic == group[0] and one.alike >= nearest - ALIKE for one in kept)
        named = {name for name in group[1:] if self.own_words.names(corrected, name, group[0])}

        def behind(one: PartScore) -> float:
            """Return by how much a related topic's part stands behind those of the topic itself."""
            if one.topic == group[0]:
                return 0.0
            return OWN if near else FAR_OWN * (one.topic not in named and not SUPPOSES.search(corrected))

        return sorted(kept, key=lambda one: behind(one) - one.output)

    def chosen(self, scores: Sequence[PartScore], whole: ReadText, topic: str) -> PartScore:
        """Return the part that a message asks for: of the topic that it names, if it surely names one of them."""
        best = scores[0]
        name = whole.best.topic if whole.best and whole.verdict in ("answer", "likely") else None
        if whole.verdict == "likely" and name is not None and (best.topic != topic or best.output < SURE):
            named = next((one for one in scores if one.topic == name), best)
            return named if named.output + NAMED >= best.output else best
        if (
            name is None
            or name == best.topic
            or whole.verdict == "likely"
            or (best.output >= SURE and whole.score < TOLD)
        ):
            return best
        named = next((one for one in scores if one.topic == name), best)
        # that it is about the topic just told was known before
        return best if name == topic and best.output >= max(SURE, named.output + OWN) else named

    def needed(self, text: str, topic: str, whole: ReadText, best: PartScore, foreign: Foreign) -> float:
        """Return the lowest output of a part that answers a message."""
        if whole.best and whole.best.topic == best.topic and whole.verdict == "answer":
            return 0.0
        alone: str = whole.verdict if whole.verdict == "answer" else "weak"
        likely = whole.verdict == "likely" and whole.kind == "topic" and whole.score >= SURE
        if whole.refused or (likely and foreign == "another" and self.names(text, whole, topic)):
            alone = "answer"
        elif whole.best and whole.best.topic == topic:
            alone = "weak"  # it names no other topic
        elif whole.kind == "topic" and whole.score < TOLD and self.is_by_chance(text, whole, topic):
            alone = "chance" if whole.verdict == "answer" else "weak"
        elif whole.kind == "unknown" and whole.score < TOLD:
            alone = "weak"
        elif whole.kind == "talk" and whole.verdict in ("answer", "likely"):
            alone = "talk"
        elif whole.kind == "topic" and whole.verdict == "answer" and whole.score >= TOLD:
            alone = "sure"
        least = NEEDED[alone][foreign] + RELATED * (best.topic != topic) * (
            1 + (foreign != "none" or alone == "answer") - (alone == "chance") / 2
        )
        if alone == "sure" or not leans(text):
            return least
        return least - LEANS * (1 / 3 if foreign == "another" else 1)

    def foreign(self, text: str, names: Collection[str]) -> Foreign:
        """Tell whether a message has words of another subject than these topics, or at least words that no topic has."""
        left = POINTS_BACK.sub(" ", text.strip())
        if self.own_words.foreign(left, names, strange=False):
            return "another"
        return "strange" if self.own_words.foreign(left, names, strange=True) else "none"

    def names(self, text: str, whole: ReadText, topic: str) -> bool:
        """Return true if a message has a word of its likeliest topic that the last topic has not."""
        said = POINTS_BACK.sub(" ", text.strip())
        return whole.best is not None and self.own_words.names(said, whole.best.name, topic)

    def is_by_chance(self, text: str, whole: ReadText, topic: str) -> bool:
        """Return true if a message has only words of the last topic, and none of its likeliest one."""
        return not self.names(text, whole, topic) and self.foreign(text, (topic,)) == "none"

    def same(self, text: str, about: str) -> bool:
        """Return true if a message stands in the content as a question about the last topic."""
        topic = about.partition("/")[0]
        if topic not in self.near or len(text) > LONGEST_SAME:
            return False
        return any(one.alike >= SAME for one in self.spoken[language_of(text, None) or "en"].parts(text, (topic,)))

    def own_side(self, text: str, corrected: str, about: str, whole: ReadText) -> Found | None:
        """Return the part of the last topic that has the side which is all a question names, None if it has none: "and big ones?"."""
        named, topic = self.sides.named(corrected), about.partition("/")[0]
        if not named or bare(text) or not self.sides.alone(corrected):
            return None
        parts = [part for (name, part), own in self.sided.items() if name == topic and own.items() >= named.items()]
        label = Label("topic", topic, parts[0]) if parts else None
        return Found((label,), (), 1.0, merged([whole]), (whole,), follows=True) if label else None

    def of_the_last(self, text: str, corrected: str, about: str, whole: ReadText) -> Found | None:
        """Return the last topic's part that a question without a subject asks for, no answer where it has none; None if the
        message is small talk."""
        topic, _, part = about.partition("/")
        if topic not in self.near:
            return None
        scores = self.scores(corrected, (topic,), self.sided.get((topic, part), {}))
        if scores and scores[0].alike >= SAME:
            return self.told(scores[0], whole)
        if whole.written and whole.kind != "topic":
            return None
        if scores and scores[0].output >= BARE_PART:
            return self.told(scores[0], whole)
        if whole.kind == "talk" and whole.verdict in ("answer", "likely"):
            return None
        if whole.verdict in ("answer", "likely") and whole.best and whole.best.topic in self.near[topic]:
            return None  # it likely means a related topic, which has the answer
        return Found((), (), whole.score, merged([whole]), (whole,), follows=True)

    def switched(
        self, topic: str, named: Sided, scores: Sequence[PartScore], whole: ReadText, *, apart: bool
    ) -> Found | None:
        """Return the part that has the named sides, or the topic, of which nothing is known for them; None if it is a subject
        of its own."""
        mentioned = not self.sides.mentions.isdisjoint(named)
        for one in sorted(scores, key=lambda one: one.topic != topic):
            if mentioned and one.topic != topic:
                break
            own = self.sided.get((one.topic, one.part), {})
            if any(own.get(kind) == value for kind, value in named.items()):
                return self.told(one, whole)
        if mentioned or (whole.verdict == "answer" and whole.score >= TOLD) or apart:
            return None
        label = Label("topic", topic)
        return Found((label,), (), whole.score, merged([whole]), (whole,), follows=True, beside=tuple(named.items()))

    def told(self, one: PartScore, whole: ReadText) -> Found:
        label = Label("topic", one.topic, one.part or None)
        score = max(one.output, whole.score if whole.best and whole.best.topic == one.topic else 0.0)
        return Found((label,), (), min(score, 1.0), merged([whole]), (whole,), follows=True)


def only_tells(text: str) -> bool:
    """Return true if a message only tells something: "it's been two months", 太贵了."""
    return bool(TELLS.search(text.strip())) and not asks_within(text) and not INTENDS.search(text)


def is_fragment(text: str) -> bool:
    """Return true if a message without a verb tells something: "own brand, two years"."""
    return bool(FRAGMENT.search(text.strip())) and not bare(text) and not asks_within(text) and not INTENDS.search(text)


def bare(text: str) -> bool:
    """Return true if a text is a bare noun: one or two words, or at most four Chinese characters."""
    han = len(HAN_LETTER.findall(text))
    words = len(text.split())
    return (
        not QUESTION.search(text)
        and not asks_within(text)
        and (words <= 1 and han <= BARE_HAN if han else words <= BARE_WORDS)
    )


def leans(text: str) -> bool:
    """Return true if a message points back."""
    return bool(POINTS_BACK.search(text.strip()))


def may_follow(text: str) -> bool:
    """Return true if a message may be a follow-up: short, or a little longer with a back-reference."""
    han, words = len(HAN_LETTER.findall(text)), len(text.split())
    if leans(text):
        return han <= MOST_HAN and words <= MOST_WORDS
    return han <= SHORT_HAN and words <= SHORT_WORDS
