"""Removal of framing words: greetings, names, please and thanks, "reply …" around a keyword. Their list is frames.yaml."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from bot.language.amounts import fold, folded
from bot.language.normalize import HAN
from bot.lists import listed

FrameKind = Literal["polite", "loose", "question", "keyword"]
LONGEST = 200  # characters of the longest message read
MOST_READINGS = 200
KEPT = 128  # readings, since a turn needs those of a message several times
NOISE = re.compile(
    r"^(?:@[a-z0-9_]+|[\W_])+|(?:(?<![a-z0-9])@[a-z0-9_]+|[\W_])+$"
)  # brackets, quotes, emoji and @mentions
LONGEST_UNFRAMED = 2000  # characters of the longest question without its frame
MOST_FRAMES = 20
TAIL = 120  # characters of a question's end in which framing words are looked for
EDGE = r"[\s!,.;:~*#\"'“”‘’()\[\]{}<>|/\\_—–…·•、。，！；：（）【】《》～-]|[\u2190-\u2bff\u3030\ufe0f\u200d\U0001f000-\U0001faff]"
BEGINS = re.compile(f"(?:{EDGE}|[?？])+")
ENDS = re.compile(rf"(?:{EDGE}|[?？](?=(?:{EDGE}|[?？])*[?？]))+$")  # of question marks one stays
NAMES = r"(?P<name>[A-Z][\w'’-]{1,20})(?: [A-Z][\w'’-]{1,20})?"
PAUSE = r"(?=\s*[,.!:;，！：—–-]|\s*\n)"
# Somebody called: after a greeting ("Hi Anna, …", "hi sir …"), or anywhere in front of a pause.
GREETED = re.compile(
    rf" (?:(?i:sir|madam|dear|team|everyone|guys|friend)\b|(?:(?i:mr|mrs|ms|miss|dr)\.? )?{NAMES}{PAUSE})"
)
ADDRESSED = re.compile(
    rf"(?i:there|team|everyone|everybody|all|(?:my )?friends?|guys|dear|sir|madam|sir ?(?:/|or) ?madam|bro|boss|customer (?:service|support)|"
    rf"support(?: team)?)\b{PAUSE}"
    rf"|(?:(?:[{HAN}]{{0,3}}(?:老师|经理|先生|女士|小姐姐|小姐|小哥|总|姐|哥)|亲亲?|客服|小编|各位|大佬|大神|老板|姐妹|兄弟|宝子)们?|早)"
    r"(?=\s*[,!:;，！：~～]|\s+|您好|你好|请问|想问|麻烦|早上好)"
    rf"|(?i:i am|i['’]m|my name is|this is) {NAMES}(?: here)?{PAUSE}".replace("<name>", "<own>")
    + rf"|我(?:是|叫)(?:[小老][{HAN}]|[{HAN}]{{1,2}}(?:先生|女士|小姐))(?=[,，。！!\s])"
)
THANKS_SAID = (
    r"(?:many |a lot of )?(?:thanks|thank you|thank u|thx|thks)(?: so much| very much| a lot| again| in advance| a million)*"
    r"(?: for (?:your|the|any|all your|all the) (?:kind |quick |fast )?"
    r"(?:help|time|support|reply|answers?|patience|assistance|info|information|explanation))?(?: in advance)?"
    r"|you(?:['’]ve| have) been (?:very |so |really )?(?:helpful|kind|patient)|(?:you are |you['’]re )?(?:a |such a )?life ?savers?"
    r"|谢(?:了|啦|过)|(?:多谢|谢谢|感谢|辛苦)(?:您|你|老师|大家|各位|客服|亲)?(?:了|啦|哈|哦|呀|啊|喽)?"
)
WISHES = r"(?:i )?hope (?:you(?: a|['’])?re? (?:all )?(?:doing |keeping )?|this (?:message |email )?finds you |all is )(?:well|fine|good|great|ok)(?: today)?"
FAREWELL = r"looking forward to (?:hearing from you|your (?:reply|answer))|god bless(?: you)?|期待.{0,6}回复|祝.{1,8}(?:愉快|兴隆|顺利|大卖|发财)"
SIGNED = rf"(?i:{THANKS_SAID}|(?:(?:best|kind|warm) )?regards|cheers|yours|sincerely)[\s,.!，！~～—–-]+{NAMES}$|(?:[—–]|\n)\s*[小老][{HAN}]$"
SAID_WITH_THANKS = ("no", "yes", "yeah", "yep", "nope", "not", "good", "great", "fine", "不", "不用", "不要", "好", "是", "是的", "行", "可以")  # fmt: skip
NUMBER = re.compile(r"^\d{1,2}\s*[.、):](?!\d)")  # number of a list item: "1.潜力商品"


@dataclass(frozen=True)
class Frame:
    """The framing words before and after a text, longest first."""

    before: tuple[str, ...]
    after: tuple[str, ...]


@lru_cache(KEPT)
def readings(text: str, *kinds: FrameKind) -> tuple[str, ...]:
    """Return a message, folded and without outer punctuation, with more and more framing words removed.

    All ways to remove them are tried, since a keyword may itself begin with one: 领取资料.
    """
    if len(text) > LONGEST:
        return ()
    frame = frame_of(("polite", "loose", *kinds))
    waiting, seen = [bare(fold(text)), bare(fold(unframed(text)))], dict[str, None]()
    while waiting and len(seen) < MOST_READINGS:
        one = waiting.pop(0)
        if not one or one in seen:
            continue
        seen[one] = None
        waiting += sorted(map(bare, shorter(one, frame)), key=len, reverse=True)
    return tuple(seen)


def unframed(text: str, known: Collection[str] = ()) -> str:
    """Return a question as written, without greeting, name, please and thanks around it; all of it if nothing else is said.

    `known`: lower-case words that are no names.
    """
    if len(text) > LONGEST_UNFRAMED:
        return text
    words: tuple[str, ...] = ()  # of those, the ones that stand where a name may
    while True:
        rest, called = unframed_by(text, words)
        if not (more := tuple(name for name in called if name in known)):
            return rest
        words += more


@lru_cache(KEPT)
def unframed_by(text: str, known: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return what `unframed` does, and the names that were removed, in lower case."""
    read = folded(text)
    first, last, signed = edges()
    called: list[str] = []
    start, end = 0, len(text)
    for _ in range(MOST_FRAMES):
        begins = beginning(text, start, end)
        by_name = GREETED.match(text, start, end) if start else None
        if by_name and (name := (by_name["name"] or "").lower()):
            if name in known:
                by_name = None
            else:
                called.append(name)
        if found := by_name or first.match(read, begins, end) or ADDRESSED.match(text, begins, end):
            start = found.end()
            continue
        ends = ENDS.search(text, max(start, end - TAIL), end)
        stop = ends.start() if ends else end
        tail = max(start, stop - TAIL)
        if not (found := last.search(read, tail, stop) or signed.search(text, tail, stop)):
            break
        end = found.start()
    if start == 0 and end == len(text):
        return text, tuple(called)
    begins = beginning(text, start, end)
    ends = ENDS.search(text, begins, end)
    rest = text[begins : ends.start() if ends else end]
    said = bare(read[begins:end]) not in ("", *SAID_WITH_THANKS, *frame_of(("loose",)).before)
    return rest if said else text, tuple(called)


def beginning(text: str, start: int, end: int) -> int:
    found = BEGINS.match(text, start, end)
    return found.end() if found else start


@cache
def edges() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Compile the framing words of questions at the beginning and at the end, longest first, and names after thanks."""
    frame = frame_of(("polite", "question"))
    before, after = (
        "|".join(map(spelled, sorted(words, key=len, reverse=True))) for words in (frame.before, frame.after)
    )
    understood = r"(?:(?:ok(?:ay)?|great|perfect|好的?|嗯+|明白了?|知道了)[,，!！. ]*)?"
    first = rf"(?:{understood}(?:{THANKS_SAID})|{WISHES}|{before})[哈呀哦啊嘛]?(?:(?<![a-z0-9])|(?![a-z0-9'’]))"
    return (
        re.compile(first),
        re.compile(rf"(?:(?<![a-z0-9])|(?=[^\x00-\x7f]))(?:{after}|{THANKS_SAID}|{FAREWELL})$"),
        re.compile(SIGNED),
    )


def spelled(words: str) -> str:
    """Return a pattern for words with or without apostrophes."""
    return re.sub(r"\bi(d|m|ve)\b", r"i['’]?\1", re.escape(words).replace(r"\ ", "[ ,]+"))


def shorter(text: str, frame: Frame) -> Iterator[str]:
    yield NUMBER.sub("", text)
    for words in frame.before if text.startswith(frame.before) else ():
        if text.startswith(words) and apart(words[-1:], text[len(words) :][:1]):
            yield text[len(words) :]
    for words in frame.after if text.endswith(frame.after) else ():
        if text.endswith(words) and apart(text[: -len(words)][-1:], words[:1]):
            yield text[: -len(words)]


def apart(left: str, right: str) -> bool:
    """Return true if there is a word boundary between two adjacent characters."""
    return not (left.isascii() and left.isalnum() and right.isascii() and right.isalnum())


def bare(text: str) -> str:
    return NOISE.sub("", text)


@cache
def frame_of(kinds: Iterable[FrameKind]) -> Frame:
    said = listed(__file__, "frames.yaml")
    return Frame(*(tuple(word for kind in kinds for word in said[kind][side]) for side in ("before", "after")))
