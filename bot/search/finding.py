"""The finder: from a message to topics, missing details, small talk, checks, or choices between them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from types import MappingProxyType

from bot.language.asking import asks as is_question
from bot.language.asking import asks_within
from bot.language.bare_questions import is_bare_question
from bot.language.detect import HAN_A_WORD, LATIN_WORD, language_of
from bot.language.frames import unframed
from bot.language.left_out import affirmed, asked_about
from bot.language.normalize import HAN, HAN_LETTER, loose_key
from bot.language.stories import SENTENCE
from bot.model import Candidate, Language
from bot.search.following import BARE_HAN, BARE_WORDS, POINTS_BACK, QUESTION, Following, bare, leans, may_follow
from bot.search.found import Found, Label, ReadText, distinct, merged
from bot.search.guards import Guards, Heard, Refusal
from bot.search.matching import Matcher, Ranking, Thresholds
from bot.search.matching.recent import Recent
from bot.search.own_words import words_of
from bot.search.remarks import asks_of_the_subject

LONGEST_EXACT = 300
# Bounds of one message's processing time:
ROOM = 110  # steps (see Matcher.steps): some 65 English words, or 110 Chinese characters
MOST_LETTERS = 6  # characters a step
MOST_SENTENCES = 8
LONGEST_QUESTION = 300  # characters of a sentence that is read by itself
LONGEST_MIXED = 60  # characters of the longest text of both scripts that both languages' matchers read
A_STORY = 3  # sentences of a message that tells a story before it asks
MOST_CLAUSES = 6  # clauses of a single sentence; one with more is an enumeration, read as a whole
MOST_PAIRS = 2  # sentences split into two subjects
MOST_SETTLED = 4  # clear parts searched for missing details
MOST_OTHERS = 2  # labels offered beside a likely answer
MOST_CHOICES = 3
# Lowest score of a known unknown to name it, since below it may be about something else; or its score, its lead and the sum of
# the unknowns' scores.
NAMED = 0.7
TALKED = 0.5  # lowest score of a likely remark: condolences to whoever asks for something are worse than none
LEAST_BESIDE = 0.35  # lowest share of the best score that one named by its title has
TITLED = 0.35  # the same of one of whose title the message has a telling word
NAMED_AMONG, NAMED_LEAD, NAMED_SUM = 0.5, 0.25, 0.7
MOST_ANSWERS = 2
MOST_TOLD = 3  # questions of one message that are answered
ASKED_ON = 0.4  # lowest score of a second question about the first one's subject
CLEARLY = 0.68  # lowest score of a question in a message whose whole is hardly about what is not known
SURELY = 0.9  # lowest score of the only question of a message whose whole is likely about what is not known
WELL = 0.5  # lowest score of the likely one of two questions
# Cache sizes: of results for short messages, which merchants repeat (long ones are unique, and personal), and of
# intermediate results, which one turn needs several times, and the turns of messages that were read together.
REMEMBERED, LONGEST_REMEMBERED = 4096, 60
KEPT = 64
LONGEST_PINYIN = 600  # characters of the longest message in which pinyin is read
# In Chinese, a space is a comma.
CLAUSE = re.compile(
    rf"(?!(?<=\d),\d)[,，;；、]|[:：](?!\d)|(?<=[{HAN}])\s+(?=[{HAN}])|\b(?:and|also|plus)\b|还有|以及|另外|顺便|并且|再问",
    re.IGNORECASE,
)
JOINED_EN = re.compile(
    r"(\b(?:what(?:'?s| is| are)|how (?:much|high) (?:is|are)) )((?:the |my |our )?\w+(?: \w+)?) and ((?:the |my |our )?\w+(?: \w+)?)"
    r"(?=(?:,? (?:then|please|pls|now|each|respectively))*\W*$)()",
    re.IGNORECASE,
)
JOINED_NOUNS = re.compile(
    r"^()(?:(?:tell me about|explain|about|what about|how about) )?((?:the |my )?\w+(?: \w+)?) and ((?:the |my )?\w+(?: \w+)?)()\W*$",
    re.IGNORECASE,
)
JOINED_ZH = re.compile(
    rf"()([{HAN}a-zA-Z]{{2,8}}?)(?:和|跟|与|以及|、|还有)([{HAN}a-zA-Z]{{2,8}}?)(?:分别|各自|各|都)*((?:是|要|收|交)?(?:多少|怎么.{{1,6}}|几.{{1,4}}|多久.{{0,4}}|什么.{{0,4}}|呢))[?？]?$"
)
TELL = "(?:说|讲|介绍|解释|聊)(?:一?下|[说讲聊])?"
# Two subjects to be told, which stand for themselves: 面包和蛋糕都说下, 讲讲价格和配送.
JOINED_TOLD = re.compile(
    rf"^()(?:{TELL})?([{HAN}a-zA-Z]{{2,8}}?)(?:和|跟|与|以及|、|还有)([{HAN}a-zA-Z]{{2,8}}?)(?:分别|各自|各|都)*(?:{TELL})?()\W*$"
)
INTRODUCES = re.compile(
    r"(?:^|[.!;,]\s*)(?:i|we)(?: am| are|[’']m|[’']re|[’']ve| have| sell| run| own| make| work| live)\b|(?:^|[。！；，,]\s*)(?:我|我们|咱们)(?:是|有|在|做|开|卖|之前|目前|现在|原来|一直)",
    re.IGNORECASE,
)
# What stands around a question that was taken wrongly before: "no, I meant the rebate", 不是，我问的是返点.
CORRECTS = re.compile(
    r"^(?:(?:no|nope|sorry|well|oh|hmm)\b[\s,.!]*)*(?:what )?i(?:['’]m| am| was)? (?:mean|meant|asked(?: about| for)?|asking(?: about| for)?|meaning)\b(?: is| was| to ask)?[\s,:]+"
    r"|[\s,]+i (?:mean|meant)\W*$|^(?:不是|不对|错了|哎|呃|嗯)?[\s，,。]*(?:我(?:是说|的意思是|问的是|想问的是|指的是|说的是))[\s，,：:]*"
    r"|[\s，,]*我(?:是说|指的是?)\W*$",
    re.IGNORECASE,
)
# A subject, and a question about "it": "Sourdough. What is it?"
NAMED_FIRST = re.compile(
    r"^(?P<name>[\w'’-]+(?: [\w'’-]+){0,3})[.:]\s+(?P<before>(?:what|how|when|where|who|which|can|could|do|does|is|are|will)\b[^.?!]{0,60}?)"
    r"\b(?:it|that|this|they|them)\b(?P<after>)",
    re.IGNORECASE,
)
# What asks nothing by itself, but is about the clauses beside it: "what now", "what if I sell two things", 怎么办.
BESIDE_OTHERS = re.compile(
    r"^\W*(?:(?:and|so|but) )?(?:what (?:now|then|next)|what (?:do|should|can|shall) (?:i|we) do(?: (?:now|then))?|(?:what|even) if\b.*|if\b.*)\W*$"
    r"|^\W*(?:[那我]*(?:该|应该|要)?(?:怎么办|咋办|怎么弄)|如果.*|要是.*)[呢啊呀]?\W*$",
    re.IGNORECASE,
)
# A question about what the clause before tells: "I have a receipt, is that ok", 有收据，可以吗.
ABOUT_BEFORE = re.compile(
    r"^\W*(?:is|would|will|can|does|could|are) (?:that|it|this|they|those)(?: [a-z]+){1,3}\W*$|^\W*(?:这样|那)?(?:可以|行|能行|好使|够|算|要紧|是?真的|对)(?:[吗么不嘛]|不行|假的|不对)\W*$",
    re.IGNORECASE,
)
# A question for one of two things, before or after these: "which is better, rye or wheat?", 面包和蛋糕，哪个便宜.
COMPARES = re.compile(r"^\W*(?:and |but |so )?(?:which|what|who)\b.{0,24}$|[和跟与还]", re.IGNORECASE)
NAMES_BOTH = re.compile(
    r"^\W*(?!.*\b(?:is|are|do|does|can|should|will)\b)\w.* or .*$|^\W*(?:那)?(?:到底)?(?:哪[个种家边样]|谁).{0,6}$",
    re.IGNORECASE,
)
# Wishes to be told something, which are questions: "explain the steps", 流程说一下.
REQUESTS = re.compile(
    r"^\W*(?:please |pls )?(?:explain|describe|walk me through|give me|show me|send me|list)\b|(?:说|讲|介绍|解释|科普)(?:一?下|[说讲]|一遍)|发我|告诉我",
    re.IGNORECASE,
)
# Questions about the rules, not about the merchant's own case:
GENERAL = re.compile(r"\b(?:what|which|how|where|when|who|why)\b|什么|啥|哪|怎么|怎样|多少|几", re.IGNORECASE)
ONESELF = re.compile(r"\b(?:i|we|me|us)\b|我|咱", re.IGNORECASE)
ARTICLE = re.compile(r"^(?:the|an?|my|our|your)\s+", re.IGNORECASE)
ENDING = re.compile(r"(?:呢|的话)[?？]?$")

LATIN_RUN = re.compile(r"[a-z]{2,}(?: +[a-z]+)*", re.IGNORECASE)
WORD = re.compile(r"[^\W_]")
HAN_SPACE = re.compile(rf"(?<=[{HAN}]) +(?=[{HAN}])")  # which stands for a full stop, too
ENDS_ASKING = tuple("?？吗呢")


class Finder:
    """Finds a message's meaning, by the matchers, the guards and the conversation's topic."""

    def __init__(
        self,
        matchers: Mapping[Language, Matcher],
        guards: Guards,
        exact: Mapping[str, str],
        unknown: Iterable[str],
        hidden: Iterable[str],
        checks: Mapping[str, tuple[str, ...]],
        following: Following,
        remarks: Collection[str] = (),
        titles: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> None:
        self.matchers = matchers
        self.guards = guards
        self.exact = exact  # loose key of a text in the content → label
        self.hidden = frozenset(hidden)  # topics not to be answered
        self.outside = self.hidden.union(unknown)  # topics without an answer
        self.checks = checks  # check → the topics of its rules
        self.following = following
        self.remarks = frozenset(remarks)  # small talk that is no question: thanks, laughter, anger
        self.titles = titles  # topic without an answer → the words of its title that no other subject's has
        self.remember()

    def remember(self) -> None:
        """Create the caches, which are valid as long as the content is the same."""
        self.label = cache(partial(Label.named, outside=self.outside))  # of the content's labels alone
        self.remembered = lru_cache(REMEMBERED)(self.found)
        self.prepared: Recent[str, bool] = Recent(REMEMBERED)
        self.rank = lru_cache(KEPT)(self.ranked)
        self.rank_parts = lru_cache(KEPT)(self.ranked_parts)
        self.heard = lru_cache(KEPT)(self.hear)
        self.asked = lru_cache(KEPT)(self.what_is_asked)
        self.typed = lru_cache(KEPT)(self.from_pinyin)
        self.spelled = lru_cache(KEPT)(self.respelled)

    def what_is_asked(self, text: str) -> str:
        """Return a message without its frame, what it excludes, and other subjects in what the merchant tells before."""
        if loose_key(text) in self.exact:  # "hello again" is not "again"
            return text
        text = NAMED_FIRST.sub(r"\g<before>\g<name>\g<after>", text)
        unadorned = CORRECTS.sub("", self.typed(unframed(text, self.matchers["en"].words))).strip() or text
        return self.guards.without_background(asked_about(unadorned))

    def from_pinyin(self, text: str) -> str:
        """Return a message with Chinese words in pinyin as characters."""
        chinese, english = self.matchers["zh"], self.matchers["en"]
        if len(text) > LONGEST_PINYIN:
            return text
        return LATIN_RUN.sub(lambda run: chinese.from_pinyin(run[0], english.words), text)

    def in_pinyin(self, text: str) -> bool:
        """Return true if a message is Chinese in pinyin, but for single words such as names."""
        typed = self.typed(text)
        return typed != text and len(HAN_LETTER.findall(typed)) > 2 * HAN_A_WORD * len(LATIN_WORD.findall(typed))

    def respelled(self, text: str) -> str:
        """Return a text, normalised, with its spelling corrected."""
        return self.matcher(text).corrected(text)

    def settle(self, label: Label, reading: ReadText) -> Label:
        """Add the missing detail that the text asks for, if any."""
        if reading.written or label.kind != "topic":
            return label
        part = self.matcher(reading.text).part(reading.text, f"topic:{label.name}")
        return Label("topic", label.name, part or None)

    def refusals(self, text: str, label: Label) -> tuple[Refusal, ...]:
        """Return the guards that exclude a label for this text; a check is excluded if all its topics are."""
        return self.held_back(self.heard(self.gist(self.asked(text))), label)

    def hear(self, text: str) -> Heard:
        """Return the guards' sides in a text, with its spelling corrected; what is only said not to be is not said."""
        return self.guards.heard(self.spelled(affirmed(text)))

    def held_back(self, heard: Heard, label: Label) -> tuple[Refusal, ...]:
        names = self.checks[label.name] if label.kind == "check" else (label.name,) if label.kind == "topic" else ()
        each = [self.guards.refusals(heard, name) for name in names]
        return each[0] if each and all(each) else ()

    def ranked(self, text: str, within: str = "") -> ReadText:
        """Rank labels for a text, without those that guards exclude for it or its sentence `within`."""
        return self.ranked_parts(((text, within),))[0]

    def ranked_parts(self, parts: tuple[tuple[str, str], ...]) -> list[ReadText]:
        """Rank labels for several (text, sentence) pairs. A text of both scripts is read by both languages' matchers, and
        the surer one counts."""
        found = {part: reading for part in parts if (reading := self.written(*part))}
        for lang, matcher in self.matchers.items():
            some = [part for part in dict.fromkeys(parts) if self.reads(lang, part[0])]
            some = [part for part in some if part not in found or not found[part].written]
            for part, ranking in zip(some, matcher.rank_batch([text for text, _ in some]), strict=True):
                reading = self.reading(part[0], ranking, matcher.thresholds, part[1])
                if part not in found or reading.score > found[part].score:
                    found[part] = reading
        return [found[part] for part in parts]

    def reads(self, lang: Language, text: str) -> bool:
        """Return true if a language's matcher reads a text."""
        mixed = len(text) <= LONGEST_MIXED and HAN_LETTER.search(text) and LATIN_WORD.search(text)
        return bool(mixed) or lang == (language_of(text, None) or "en")

    def written(self, text: str, within: str) -> ReadText | None:
        """Return the reading of a text that the content contains verbatim, or None."""
        if len(text) > LONGEST_EXACT:
            return None
        name = self.exact.get(loose_key(text)) or self.exact.get(loose_key(self.spelled(text)))
        if name is None:
            return None
        label = self.label(name)
        if within and self.held_back(self.heard(within), label):
            return ReadText(text, "unknown", ())
        return ReadText(text, "answer", ((label, 1.0),), written=True)

    def matcher(self, text: str) -> Matcher:
        """Return the matcher of the text's language."""
        return self.matchers[language_of(text, None) or "en"]

    def reading(self, text: str, ranking: Ranking, thresholds: Thresholds, within: str = "") -> ReadText:
        kept: list[tuple[Label, float]] = []
        first_refused = False
        heard = [said for one in (text, within) if one and any(said := self.heard(one))]
        for index, candidate in enumerate(ranking.candidates):
            label = self.label(candidate.label)
            remark = label.kind == "talk" and label.name in self.remarks
            if (remark and asks_of_the_subject(text)) or any(self.held_back(one, label) for one in heard):
                first_refused = first_refused or index == 0
            else:
                kept.append((label, candidate.score))
        verdict = ranking.verdict
        if first_refused and verdict in ("answer", "likely"):
            # The best label is excluded, and the next one's score is not calibrated for being the best.
            verdict = "clarify" if kept and kept[0][1] >= thresholds.clarify else "unknown"
        # other places where a merchant sells do not decide
        titled = None if verdict == "answer" or self.guards.names_told(text) else self.titled(text, kept)
        if titled:
            kept = [titled, *(one for one in kept if one != titled)]
        return ReadText(
            text, verdict if kept else "unknown", tuple(kept), refused=first_refused, titled=titled is not None
        )

    def titled(self, text: str, ranked: Sequence[tuple[Label, float]]) -> tuple[Label, float] | None:
        """Return the likeliest topic without an answer of whose title the text has a telling word, with its score."""
        said = words_of(text)
        least = max(TITLED, LEAST_BESIDE * max((score for _, score in ranked), default=0.0))
        near = (one for one in ranked if one[0].kind == "unknown" and one[1] >= least)
        return next((one for one in near if not said.isdisjoint(self.titles.get(one[0].name, ()))), None)

    def find(self, text: str, about: str | None = None, earlier: tuple[str, ...] = ()) -> Found:
        """Find a message's meaning; `about` is what was just spoken of, "topic" or "topic/part", and `earlier` what was before."""
        return (self.remembered if len(text) <= LONGEST_REMEMBERED else self.found)(text, about, earlier)

    def found(self, text: str, about: str | None, earlier: tuple[str, ...] = ()) -> Found:
        """Find a message's meaning without hidden topics; a question about one is not known."""
        found = self.sought(text, about, earlier)
        if not self.hidden:
            return found
        answers = tuple(label for label in found.answers if not self.is_hidden(label))
        choices = () if found.choices and self.is_hidden(found.choices[0]) else found.choices
        choices = tuple(label for label in choices if not self.is_hidden(label))
        return replace(found, answers=answers, choices=choices)

    def is_hidden(self, label: Label) -> bool:
        return label.kind == "unknown" and label.name in self.hidden

    def sought(self, text: str, about: str | None, earlier: tuple[str, ...]) -> Found:
        text = self.gist(self.asked(text))
        asking, joined = self.pieces(text)
        if about is not None and may_follow(text):
            said = ARTICLE.sub("", POINTS_BACK.sub("", text.strip(), count=1).strip())
            title = ENDING.sub("", said)
            named = self.exact.get(loose_key(said if bare(title) else title))
            label = self.label(named) if named else None
            if label and label.kind in ("topic", "unknown") and not self.following.same(text, about):
                whole = ReadText(text, "answer", ((label, 1.0),), written=True)
                side = self.following.own_side(text, self.matcher(text).corrected(text), about, whole)
                return side or self.told(whole)
            whole = self.rank(text)
            if is_bare_question(text):
                corrected = self.matcher(text).corrected(text)
                if (found := self.following.of_the_last(text, corrected, about, whole)) is not None:
                    return found
            if len(asking) == MOST_ANSWERS and not leans(text):  # 店铺类型能改不 注册用啥币种
                both = self.parts(self.rank_parts(tuple(asking)), whole)
                if both is not None and len(both.answers) > 1:
                    return both
            found = self.following.read(text, self.matcher(text).corrected(text), about, whole, earlier)
            if found is not None:
                return found
        if about is not None and (found := self.last_asked(text, about, earlier)):
            return found
        if not joined and whole_first(text, [part for part, _ in asking]):
            whole = self.rank(text)
            if whole.written or not (whole.kind == "talk" or is_lost(whole) or (asking and whole.kind == "unknown")):
                return self.outcome(whole)
        whole, *read = self.rank_parts(((text, ""), *asking, *joined))
        if whole.written:
            return self.outcome(whole)
        parts = self.parts(read[: len(asking)], whole)
        if parts is not None and len(parts.answers) > 1:
            return parts
        halves = read[len(asking) :]
        pairs = (self.pair(halves[at : at + 2], whole) for at in range(0, len(halves), 2))
        return next((pair for pair in pairs if pair), None) or parts or self.outcome(whole)

    def last_asked(self, text: str, about: str, earlier: tuple[str, ...]) -> Found | None:
        """Return the meaning of a follow-up among sentences that only tell something: "He sells shoes. Is it on freight, too?"."""
        told = [part for sentence in split(text) for part in HAN_SPACE.split(sentence)]
        asking = [one for one in told if is_question(one)]
        if len(told) < 2 or len(asking) != 1 or not may_follow(asking[0]) or self.rank(text).verdict == "answer":
            return None
        (one,) = asking
        found = self.following.read(one, self.matcher(one).corrected(one), about, self.rank(one), earlier)
        return found if found and found.answers and found.score >= ASKED_ON else None

    def pieces(self, text: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the questions in a message, and the halves of questions about two subjects, with what guards them.

        A clause is guarded by its whole sentence ("at the fair, how much is …") but for its other clear questions, a sentence only
        by itself or what it refers to.
        """
        back, (asking, joined) = self.guards.refers_back(text), split_up(text)
        within = "" if len(split(text)) > 1 and not back else text
        apart: list[str] = []
        if within and not back and len(asking) > 1:
            read = self.rank_parts(tuple((one, "") for one in asking))
            apart = [one.text for one in read if is_question(one.text) and asks_well(one)]
        guarded = [
            without(within, [one for one in apart if one != part]) if is_question(part) else within for part in asking
        ]
        return list(zip(asking, guarded, strict=True)), joined

    def prepare(self, texts: Iterable[str]) -> None:
        """Rank what several messages say together, so that their turns find the rankings made. Any thread may call it."""
        parts: dict[str, None] = {}
        for text in texts:
            if self.prepared.get(text):
                continue  # probably remembered
            if len(text) <= LONGEST_REMEMBERED:
                self.prepared.keep(text, True)
            read = self.gist(self.asked(text))
            asking, joined = split_up(read)
            if not joined and whole_first(read, asking):
                asking = []
            said = (read, *asking, *(part for part, _ in joined))
            parts |= dict.fromkeys(part for part in said if not self.written(part, ""))
        for lang, matcher in self.matchers.items():
            matcher.rank_batch([part for part in parts if self.reads(lang, part)])

    def gist(self, text: str) -> str:
        """Shorten a message to ROOM steps, preferring questions to other sentences."""
        matcher = self.matcher(text)
        if len(text) <= MOST_LETTERS * ROOM and matcher.steps(text) <= ROOM:
            return text
        sentences = [sentence for sentence in split(text) if WORD.search(sentence)]
        kept, room = dict[int, str](), float(ROOM)
        for place in sorted(range(len(sentences)), key=lambda place: asks(sentences[place])):
            read = sentences[place] if kept else beginning(matcher, sentences[place], ROOM)
            if (steps := matcher.steps(read)) <= room:
                kept[place] = read
                room -= steps
            if room < 1:
                break
        return "\n".join(kept[place] for place in sorted(kept))

    def parts(self, asking: Sequence[ReadText], whole: ReadText) -> Found | None:
        """Find the meaning of several sentences or clauses: all clear questions, or the clearest reading."""
        if not asking:
            return None
        clear = [reading for reading in asking if reading.verdict == "answer" and reading.kind != "talk"]
        if clear and MOST_ANSWERS <= len(asking) <= MOST_TOLD and all(map(asks_well, asking)):
            clear = list(asking)  # the other questions are likely
        elif len(clear) == 1 and len(asking) == MOST_ANSWERS and (both := self.asked_on(asking, clear[0], whole)):
            return both
        labels = distinct([reading.best for reading in clear if reading.best])
        surely = whole.verdict == "answer" and whole.kind == "topic" and len(split(whole.text)) < MOST_ANSWERS
        if surely and whole.best not in labels and len(labels) > 1:
            return self.outcome(whole)  # its clauses are about one thing
        kinds = {label.kind for label in labels}
        named = all(reading.kind != "unknown" or is_named(reading) for reading in clear)
        if 1 < len(labels) <= MOST_TOLD and "topic" in kinds and kinds <= {"topic", "unknown"} and named:
            settled = [self.settle(reading.best, reading) for reading in clear[:MOST_SETTLED] if reading.best]
            scores = [reading.score for reading in clear]
            likely = tuple(label.name for label, one in zip(settled, clear, strict=False) if one.verdict == "likely")
            listed = merged([whole, *clear])
            told = sorted(
                distinct([*labels, *settled]), key=lambda label: label.kind == "unknown"
            )  # what is known first
            return Found(tuple(told), (), min(scores), listed, tuple(clear), likely=likely)
        if whole.kind == "talk" or is_lost(whole):  # a question among courtesies, or in a long story
            near = max((one for one in asking if one.kind != "talk"), key=lambda one: one.score, default=whole)
            if whole.verdict != "unknown" and whole.kind == "unknown" and near.score < CLEARLY:
                return self.outcome(whole)
            return self.outcome(
                near if near.score >= whole.score or near.verdict == "answer" else whole, merged([near, whole])
            )
        if (
            whole.verdict == "clarify"
            and len(labels) == 1
            and MOST_ANSWERS <= len(asking) <= MOST_TOLD
            and "topic" in kinds
        ):
            return self.outcome(clear[0], merged([clear[0], whole]))  # one half is better than a question back
        if whole.kind == "unknown" and len(asking) == 1 and asking[0] in clear and asking[0].score >= SURELY:
            return self.outcome(asking[0], merged([asking[0], whole]))  # what is not known is only told of
        # who asks may outweigh what they ask: "we are a trading company, how much is the deposit?"
        story = len(split(whole.text)) >= A_STORY
        asked = [one for one in asking if asks(one.text) == 0] or [one for one in asking if asks_something(one.text)]
        surer = whole.verdict == "answer" and whole.kind == "topic" and asked and whole.score >= asked[0].score
        introduces = len(asked) == 1 and not surer and introduced(whole.text, asked[0].text)
        alone = len(asked) == 1 and not is_half(asked[0].text, whole.text, [one.text for one in asking])
        if alone and asked[0] in clear and (story or introduces):
            return self.outcome(asked[0], merged([asked[0], whole]))
        # one clear sentence confirms one of a story's first meanings
        if whole.verdict != "answer" and story:
            near_whole = [label for label, _ in whole.ranked[:MOST_CHOICES]]
            said = [one.text for one in asking]
            confirmed = [one for one in clear if one.best in near_whole and not is_half(one.text, whole.text, said)]
            if confirmed:
                best = max(confirmed, key=lambda one: one.score)
                return self.outcome(best, merged([best, whole]))
        return self.outcome(whole)

    def asked_on(self, asking: Sequence[ReadText], first: ReadText, whole: ReadText) -> Found | None:
        """Find both questions where the second asks one thing more of the first, of a related topic: 保证金多少，能退吗."""
        _, second = asking
        if asking[0] is not first or first.best is None or first.best.topic is None or not asks_something(second.text):
            return None
        corrected = self.matcher(second.text).corrected(second.text)
        more = self.following.read(second.text, corrected, first.best.name, second)
        if more is None or not more.answers or more.score < ASKED_ON or more.answers[0].topic is None:
            return None
        answers = (self.settle(first.best, first), more.answers[0])
        if answers[0].topic == answers[1].topic and answers[1].detail in (None, answers[0].detail):
            return None
        return Found(answers, (), min(first.score, more.score), merged([whole, first, second]), (first, second))

    def pair(self, readings: Sequence[ReadText], whole: ReadText) -> Found | None:
        """Find both subjects of one question if each is clear: "what are the deposit and the commission"."""
        clear = [reading for reading in readings if reading.verdict == "answer" and reading.kind == "topic"]
        answers = distinct([self.settle(reading.best, reading) for reading in clear if reading.best])
        names, topic = {one.topic for one in answers}, whole.best.topic if whole.best else None
        about_both = names <= set(self.following.near.get(topic or "", ()))  # a topic that tells of the two in short
        another = whole.verdict == "answer" and whole.best and topic not in names and not about_both
        if len(answers) < 2 or (another and not all(reading.written for reading in clear)):
            return None
        return Found(answers, (), min(reading.score for reading in clear), merged([whole, *clear]), tuple(clear))

    def told(self, reading: ReadText, candidates: tuple[Candidate, ...] | None = None) -> Found:
        """Return a reading's best label as the answer."""
        assert reading.best is not None
        listed = candidates if candidates is not None else merged([reading])
        return Found((self.settle(reading.best, reading),), (), reading.score, listed, (reading,))

    def asked_of(self, check: str, reading: ReadText) -> Label | None:
        """Return the topic of a check that a question asks for: "which papers prove …" is no wish to be checked."""
        if not GENERAL.search(reading.text) or ONESELF.search(reading.text):
            return None
        named = [label for label, _ in reading.ranked if label.topic in self.checks[check]]
        return named[0] if named and reading.verdict in ("answer", "likely") else None

    def subjects(self, text: str) -> tuple[Label, ...]:
        """Return the topics whose phrasings have a bare noun, those with the most first."""
        named = (self.label(name) for name in self.matcher(text).having(self.matcher(text).corrected(text)))
        return tuple(label for label in named if label.kind == "topic")

    def outcome(self, reading: ReadText, candidates: tuple[Candidate, ...] | None = None) -> Found:
        """Return a reading's answer, sure or likely, its choices, or neither.

        A known unknown is named if it is likely what is asked about, and is never a choice; a check is only begun surely.
        """
        listed = candidates if candidates is not None else merged([reading])
        best = reading.best
        nothing = Found((), (), reading.score, listed, (reading,))
        if best is None or reading.verdict == "unknown":
            return nothing
        if best.kind == "unknown" and bare(reading.text) and (ours := self.subjects(reading.text)):
            # a bare noun of our subject is no question about something else
            return replace(nothing, choices=ours[:MOST_CHOICES])
        others = distinct([label for label, _ in reading.ranked[1:] if label.kind in ("topic", "check")])
        if best.kind == "check" and not reading.written and (asked := self.asked_of(best.name, reading)):
            return replace(nothing, answers=(self.settle(asked, reading),))
        if reading.verdict == "answer" and best.kind != "unknown":
            return self.told(reading, listed)
        said = best.name not in self.remarks or reading.score >= TALKED
        if reading.verdict == "likely" and best.kind == "talk" and said:
            return replace(self.told(reading, listed), tentative=True)
        if best.kind == "unknown":
            return self.told(reading, listed) if is_named(reading) else nothing
        if reading.verdict == "likely" and best.kind == "topic":
            return replace(self.told(reading, listed), choices=others[:MOST_OTHERS], tentative=True)
        choices = (*([best] if best.kind in ("topic", "check") else []), *others)[:MOST_CHOICES]
        return replace(nothing, choices=choices)


def is_named(reading: ReadText) -> bool:
    """Return true if a known unknown is probably what was asked about."""
    lead = reading.score - (reading.ranked[1][1] if len(reading.ranked) > 1 else 0.0)
    unknown = sum(score for label, score in reading.ranked if label.kind == "unknown")
    among = reading.score >= NAMED_AMONG and lead >= NAMED_LEAD and unknown >= NAMED_SUM
    return reading.score >= (TITLED if reading.titled else NAMED) or among


def split_up(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the questions in a message, and the halves of questions about two subjects with their sentences."""
    each = {part: sentence for sentence in split(text) for part in (sentence, *asking_clauses(sentence))}
    pairs = [(sentence, pair) for part, sentence in each.items() if (pair := coordinated(part))][:MOST_PAIRS]
    return questions(text), [(half, sentence) for sentence, pair in pairs for half in pair]


def is_lost(reading: ReadText) -> bool:
    """Return true if a text means nothing that is known, or only unclearly something that is not."""
    return reading.verdict == "unknown" or (reading.kind == "unknown" and not is_named(reading))


def questions(text: str) -> list[str]:
    """Return the questions among a message's sentences or clauses, or all of them if none is one; [] for a single one."""
    texts = joined_back(sentences(text))
    if len(texts) < 2:
        return []
    asking = [part for part in texts if asks_something(part)] or texts
    asking = [part for part in asking if len(part) <= LONGEST_QUESTION]
    if len(asking) == 1 and len(split(text)) > 1:  # the only question has several halves
        halves = [part for part in joined_back(asking_clauses(asking[0])) if asks_within(part)]
        asking = halves if len(halves) > 1 else asking
    return asking[:MOST_SENTENCES]


def joined_back(texts: Sequence[str]) -> list[str]:
    """Join questions about what the clauses before tell with these."""
    found = list[str]()
    for part in texts:
        told = [found.pop()] if NAMES_BOTH.match(part) and found and COMPARES.search(found[-1]) else list[str]()
        while ABOUT_BEFORE.match(part) and found and not QUESTION.search(found[-1]):
            told.insert(0, found.pop())
        found.append(", ".join((*told, part)))
    return found


def without(text: str, parts: Iterable[str]) -> str:
    for part in parts:
        text = text.replace(part, " ")
    return text


def asks_something(text: str) -> bool:
    """Return true if a text asks, and does not only say who the merchant is: "we are a company"."""
    if BESIDE_OTHERS.match(text):
        return False
    return bool(QUESTION.search(INTRODUCES.sub(" ", text)) or REQUESTS.search(text))


def asks_well(reading: ReadText) -> bool:
    """Return true if a text asks, and is at least likely understood."""
    han, words = len(HAN_LETTER.findall(reading.text)), len(reading.text.split())
    whole = han > BARE_HAN or words > BARE_WORDS or reading.written
    likely = reading.verdict == "answer" or (reading.verdict == "likely" and reading.score >= WELL)
    told = reading.kind == "topic" or (reading.kind == "unknown" and is_named(reading))
    return whole and likely and told and asks_something(reading.text) and asks_within(reading.text)


def sentences(text: str) -> list[str]:
    """Split a message into sentences, or a single sentence into clauses."""
    found = split(text)
    return found if len(found) > 1 else clauses(text)


def split(text: str) -> list[str]:
    return [part for part in SENTENCE.split(text) if part and part.strip()]


def clauses(text: str) -> list[str]:
    """Return a sentence's clauses that may be questions; [] if there are too many."""
    parts = [part.strip() for part in CLAUSE.split(text)]
    found = [part for part in parts if len(part.split()) > 1 or len(HAN_LETTER.findall(part)) > 2]
    return found if len(found) <= MOST_CLAUSES else []


def asking_clauses(sentence: str) -> list[str]:
    """Return the clauses of a sentence of ordinary length that ask something."""
    return [part for part in clauses(sentence) if asks_something(part)] if len(sentence) <= LONGEST_QUESTION else []


def is_half(question: str, text: str, asking: Collection[str]) -> bool:
    """Return true if another question stands in the same sentence of a text of several."""
    sentence = next((one for one in split(text) if question in one), "") if len(split(text)) > 1 else ""
    return any(other in sentence for other in asking if other != question)


def whole_first(text: str, asking: Sequence[str]) -> bool:
    """Return true if a message's single question counts only where the whole says nothing, so that it is read later."""
    if not asking:
        return True
    return len(asking) == 1 and len(split(text)) < A_STORY and not introduced(text, asking[0])


def introduced(text: str, question: str) -> bool:
    """Return true if a question comes after a clause in which the merchant says who they are or what they do."""
    before = text.partition(question)[0]
    if POINTS_BACK.search(question):  # "I have a sole trader's licence, can I join with it?"
        return False
    return bool(INTRODUCES.search(before)) and not any(asks(part) == 0 for part in sentences(before) or [before])


def asks(sentence: str) -> int:
    """Rank a sentence: 0 if it ends as a question, 1 if it contains a question word, else 2."""
    return 0 if sentence.rstrip().endswith(ENDS_ASKING) else 1 if QUESTION.search(sentence) else 2


def beginning(matcher: Matcher, text: str, room: int) -> str:
    """Shorten a text to this number of steps."""
    text = text[: MOST_LETTERS * room]
    while (steps := matcher.steps(text)) > room:
        text = text[: int(len(text) * room / steps)]
    return text


def coordinated(text: str) -> list[str]:
    """Split a question about two subjects joined with "and" into two questions, else return []."""
    for pattern in (JOINED_EN, JOINED_ZH, JOINED_TOLD, JOINED_NOUNS):
        found = pattern.search(text)
        if found:
            before, one, other, after = (part or "" for part in found.groups())
            return [f"{before}{one}{after}", f"{before}{other}{after}"]
    return []
