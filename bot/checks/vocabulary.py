"""The vocabulary of checks: yes, no, "I don't know" and negation in both languages, and the names of values."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from bot.checks.check import Check, Question
from bot.checks.pattern import TOKEN, Pattern, Tokens, compiled, first_words, is_plain, pattern_of, tokens_of, words_in
from bot.content.kinds import Phrasings, Text
from bot.language.amounts import NUMBER_WORDS, fold
from bot.language.stretches import Stretch, within_longer
from bot.lists import listed
from bot.model import LANGUAGES


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What checks understand besides their own content: phrases by what they say, orders, and sets of single words.
LISTS = listed(__file__, "words.yaml")


def phrase_lists(group: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the lists of a group of phrases with their names."""
    for name, text in LISTS[group].items():
        yield name, text.replace("\n", "").split("|")


BREAKS, JOINERS, FILLERS, CUE_WORDS = (
    word_set(LISTS["words"][name]) for name in ("breaks", "joiners", "fillers", "cues")
)
QUESTION_FORM = re.compile(
    r"^(?:so |and |but |well |ok |then |hmm )?(?:is|are|am|was|does|do|did|can|could|may|should|would|will)\b|\b(?:how|what|which|when|where|who|why|whats|can i|can we|can you|could i|could we|could you|may i|may we|do i|do we|do you|does (?:it|the|a|an|my|our|this|that)|is it|is there|are there|"
    r"will it|would (?:that|this)|should i|should we|must i|must we|wondering|tell me|explain|would it|is that|is this|am i)\b|吗|(?<!什)么|呢\?|多少|(?<![没好])多[久长]|怎[么样]|(?<!没)(?<!没有)什么(?!都)|(?<!没)(?<!没有)啥(?!都)|哪[些个里种]|(?<![等过好十这那前后])几[个天年]"
    r"|能不能|可不可以|是不是|要不要|如何|请问|想问|想知道|有没有|行不行|好不好|[能可]以?.{0,6}不$|干嘛|为何"
)
CHANGE_CUES = re.compile(
    r"\b(?:change|correct|correction|update|edit|fix|adjust|replace|switch|actually|sorry|i meant|i mean|no wait|wait|oops|my mistake|after all|instead|"
    r"rather|was wrong|is wrong|should be|should have been|mistake|i was wrong|make it|make that|set|not .{1,20} but|in fact)\b|改成|改为|改到|修改|更改|更正|改一下|改|换成|说错|搞错|写错|填错|弄错|选错|答错|其实|实际上|"
    r"不对|应该是|抱歉|对不起|纠正|调成|调到|不好意思|才对"
)
MARK = re.compile(r"[?]")
PIECES = re.compile(r"[()（）,，、；;。/:：]| or |或")
CLAUSE_END = re.compile(r"[,.;!?:。…]|\s[-–—]\s|\bbut\b|但|不过|可是|然而")
SHORTEST_FOR_SLIPS = 4
MOST_CORRECTED = 8
KEPT_VOCABULARIES = 64


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
    """A dictionary of word sequences, matched longest first, and of patterns with gaps."""

    def __init__(self) -> None:
        self.kinds: dict[Tokens, set[tuple[str, str]]] = {}
        self.longest: dict[str, int] = {}
        self.patterns: dict[str, list[tuple[Pattern, str, str]]] = {}
        self.either: dict[str, re.Pattern[str]] = {}
        self.last: tuple[object, list[Span]] = (None, [])  # every question of a check matches the same message

    def add(self, tokens: Tokens, kind: str, value: str = "") -> None:
        if tokens:
            self.kinds.setdefault(tokens, set()).add((kind, value))
            self.longest[tokens[0]] = max(len(tokens), self.longest.get(tokens[0], 0))

    def learn(self, templates: Iterable[str], kind: str, value: str = "") -> None:
        """Add phrases that may be patterns."""
        for pattern in map(pattern_of, templates):
            if is_plain(pattern):
                self.add(tuple(words_in(pattern)), kind, value)
            for word in () if is_plain(pattern) else first_words(pattern)[0]:
                self.patterns.setdefault(word, []).append((pattern, kind, value))

    def words(self) -> frozenset[str]:
        """Return every word of the phrases."""
        found = {word for rows in self.patterns.values() for pattern, _, _ in rows for word in words_in(pattern)}
        return frozenset(found.union(*self.kinds))

    def contains(self, tokens: Tokens, kind: str) -> bool:
        return any(found == kind for found, _ in self.kinds.get(tokens, ()))

    def make_ready(self) -> None:
        """Compile the patterns."""
        for word, rows in self.patterns.items():
            self.any_of(word)
            for pattern, _, _ in rows:
                compiled(pattern)

    def any_of(self, word: str) -> re.Pattern[str]:
        """Return what any of the patterns that can begin with a word fits."""
        if word not in self.either:
            self.either[word] = compiled(*(pattern for pattern, _, _ in self.patterns[word]))
        return self.either[word]

    def spans(self, words: Sequence[str], clauses: Sequence[int] = (), *, across: bool = False) -> list[Span]:
        """Return every span of the words, within one of the `clauses` if given, that a phrase fits.

        `across`: phrases that are no patterns may go on in the next clause.
        """
        asked = (tuple(words), tuple(clauses), across)
        if self.last[0] == asked:
            return self.last[1]
        found: list[Span] = []
        begins = [start for start, word in enumerate(words) if word in self.longest or word in self.patterns]
        joined = " ".join([*words, ""]) if begins else ""
        offsets = list(accumulate((len(word) + 1 for word in words), initial=0)) if begins else []
        for start in begins:
            word = words[start]
            longest, patterned = self.longest.get(word, 0), word in self.patterns
            last = bisect_right(clauses, clauses[start]) if clauses else len(words)
            if patterned and self.any_of(word).match(joined, offsets[start], offsets[last]):
                for pattern, kind, value in self.patterns[word]:
                    fits = compiled(pattern).match(joined, offsets[start], offsets[last])
                    if fits and fits.end() > fits.start():
                        found.append(Span(start, bisect_left(offsets, fits.end()), kind, value))
            for end in range(min(start + longest, len(words) if across else last), start, -1):
                for kind, value in self.kinds.get(tuple(words[start:end]), ()):
                    found.append(Span(start, end, kind, value))
        self.last = asked, found
        return found


def _phrases(group: str, kind: str = "") -> Phrases:
    phrases = Phrases()
    for name, texts in phrase_lists(group):
        phrases.learn(texts, kind or name, name)
    return phrases


GENERAL, PERIODS = _phrases("phrases"), _phrases("periods", "period")
AFTER_DENYING = word_set(LISTS["words"]["after denying"])
PLAIN = word_set(LISTS["words"]["plain"])
QUESTION_WORDS, ORDINAL_WORDS = word_set(LISTS["words"]["questions"]), word_set(LISTS["words"]["ordinals"])
GENERAL_WORDS = GENERAL.words() | FILLERS | CUE_WORDS | NUMBER_WORDS | ORDINAL_WORDS
LEADING_FILLERS = word_set("a an the we i it they our my is are am was were")


def strip_fillers(tokens: Tokens) -> Tokens:
    """Remove leading fillers: "we are a dealer" becomes "dealer"."""
    start = 0
    while start < len(tokens) - 1 and tokens[start] in LEADING_FILLERS:
        start += 1
    return tokens[start:]


def is_general(tokens: Tokens) -> bool:
    """Return true for a general phrase, also among fillers: "都还没有"."""
    telling = tuple(word for word in tokens if word not in FILLERS or word in AFTER_DENYING)
    return not telling or telling in GENERAL.kinds or tokens in GENERAL.kinds


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
        self.titles = frozenset(self.phrases.kinds)  # the names of values
        named = self.phrases.words()  # to which typing errors are corrected
        for option in question.options:
            self.phrases.learn(both(option.said), "value", option.id)
            if option.id == "none":
                self.no_like.add(option.id)
        for kind in ("about", "aside", "zero"):
            self.phrases.learn(both(getattr(question, kind)), kind)
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
        self.nouns = Phrases()  # of the whole check, set by its vocabulary
        self.known = GENERAL_WORDS | self.phrases.words()
        self.targets = sorted(
            word for word in named | GENERAL_WORDS
            if len(word) >= SHORTEST_FOR_SLIPS and word.isascii() and word.isalpha()
        )  # fmt: skip
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

    def correct(self, words: Sequence[Word]) -> list[str]:
        """Return the words, with single typing errors corrected."""
        found, tried = [], 0
        for word in words:
            text = word.text
            if (
                len(text) >= SHORTEST_FOR_SLIPS and text.isascii() and text.isalpha() and text not in self.known
                and text not in self.neutral and tried < MOST_CORRECTED
            ):  # fmt: skip
                tried += 1
                text = self.nearest_word(text) or (self.nearest_word(text[:-1]) if text.endswith("s") else None) or text
            found.append(text)
        return found

    def nearest_word(self, word: str) -> str | None:
        """Return the known word within one typing error and with the same beginning, or None."""
        near = process.extractOne(
            word, self.by_letter.get(word[0], ()), scorer=DamerauLevenshtein.distance, score_cutoff=1
        )
        return str(near[0]) if near else None


def both(said: Phrasings | None) -> tuple[str, ...]:
    """Return the phrases of both languages."""
    return (*said.en, *said.zh) if said else ()


def spellings(name: str, label: Text, means: Text | None, also: Phrasings | None) -> Iterable[str]:
    """Yield a value's names: its id, its labels and their parts, its synonyms, the parts of its meaning."""
    yield name.replace("_", " ").replace("-", " ")
    for text in (label.en, label.zh):
        yield text
        yield from (piece for piece in PIECES.split(text) if piece.strip())
    yield from both(also)
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
            for tokens in lexicon.titles:
                counts.setdefault(tokens, set()).add(name)
        self.counts = counts  # of the names of values, the questions that have them
        self.nouns = Phrases()  # that tell of which question a text speaks
        for name, lexicon in self.lexicons.items():
            for tokens in lexicon.phrases.kinds.keys() & counts.keys():
                if len(tokens) > 1 and self.is_own(lexicon.question, tokens) and not is_general(tokens):
                    self.nouns.add(tokens, "noun", name)
            for tokens in lexicon.names:
                self.nouns.add(tokens, "name", name)
            self.nouns.learn(both(lexicon.question.about), "name", name)
            for option in lexicon.question.options:
                self.nouns.learn(both(option.said), "noun", name)
            self.nouns.learn(both(lexicon.question.zero), "noun", name)
        known = frozenset[str]().union(*(lexicon.known for lexicon in self.lexicons.values()))
        for lexicon in self.lexicons.values():
            lexicon.nouns, lexicon.known = self.nouns, known
        for phrases in (self.nouns, GENERAL, *(lexicon.phrases for lexicon in self.lexicons.values())):
            phrases.make_ready()  # once, since compiling costs more than a message may

    def belongs_elsewhere(self, question: Question, tokens: Tokens) -> bool:
        """Return true if the words are a name of another question's value, nothing of this one, and no general phrase."""
        if question.id in self.counts.get(tokens, {question.id}) or is_general(tokens):
            return False
        own = self.lexicons[question.id].phrases.spans(tokens)
        covered = {index for span in own for index in range(span.start, span.end)}
        return not covered or any(word not in FILLERS for index, word in enumerate(tokens) if index not in covered)

    def is_own(self, question: Question, tokens: Tokens) -> bool:
        """Return true if words name a value of this question only."""
        return self.counts.get(tokens, {question.id}) == {question.id}


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
