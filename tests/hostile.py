"""Texts that cost a reader of free words most, of many kinds and of any length, and the places where they can be said."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from bot.checks import Answers, next_question
from bot.checks.vocabulary import phrase_lists
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import phrasings_of
from bot.model import LANGUAGES, Address, CheckState, Conversation, Message
from handlers import respond
from handlers.check.run import Run, answer_json

HERE = Address("hostile", "hostile", "me")
RUN = "hstl"
WHENEVER = date(2026, 11, 24)

# What is repeated as it stands, after a word of its own that makes each text a new one.
REPEATED: Mapping[str, str] = {
    "clauses, Chinese": "保证金和佣金，",
    "clauses, mixed": "MALL金牌银牌，",
    "clauses, English": "mall gold silver, ",
    "amounts": "10,000 CNY ",
    "amounts, joined": "10,000CNY1.5万",
    "brackets": "((([[[{{{",
    "brackets, Chinese": "（【《",
    "Arabic ligature": "\ufdfa",
    "square ligature": "\u3316\u337f",
    "right to left": "\u202eكم الوديعة \u05db\u05de\u05d4 ",
    "combining marks": "e\u0301\u0323\u0308\u0327",
    "Hangul": "\u1112\u1161\u11ab ",
    "sentences, English": "How much is it? ",
    "sentences, Chinese": "保证金要多少？",
    "questions with and": "what is the deposit and the commission and ",
    "questions with 和": "保证金和佣金和类目和",
    "questions with 能不": "能可以不能可不",
    "newlines": "deposit\n",
    "empty lines": "\n\n\t\n",
    "spaces": "a" + " " * 40,
    "HTML": '<a href="x"><b>deposit</b></a>&amp;',
    "Markdown": "**[deposit](x)** `_",
    "URLs": "https://example.com/a?b=c&d=%20 ",
    "zero width": "金\u200b\u200d\u2060牌",
    "question marks": "?？",
    "full stops": ". 。",
    "dates": "2022-03-29 3月29日 29 March 2022 ",
    "ranges": "1-2~3到4 to 5万-",
    "Chinese numerals": "三万五千零一十",
    "Chinese numerals, one": "一二三四五六七八九十百千万亿",
    "English numerals": "one hundred and twenty five thousand and a half ",
    "English scales": "1 hundred thousand million ",
    "lengths of time": "a year and two months and 半年 ",
    "percent": "8%-15% 成 ",
    "currencies": "US$CNY¥€块钱美金",
    "please": "please can you 请帮我 ",
    "check it": "please check if it. do it do it ",
    "result codes": "AB0DE-FGHJK-",
    "yes and no": "yes no 是不是没有 not ",
    "negations": "not without 没有不是 no ",
    "ordinals": "the first one option 2 第三个 #4 ",
    "corrections": "sorry i meant from 1 to 2 改成 ",
    "suppositions": "what if 如果 suppose instead 的话 ",
    "pointing back": "and what about it and that 那呢它 ",
    "traditional": "營業執照與保證金",
    "full width": "ｄｅｐｏｓｉｔ１２，",
    "letters apart": "a b c d e f ",
    "apostrophes": "don't ''''",
    "pinyin": "yongjin duoshao ",
    "pinyin, one word": "baozhengjinduoshaoqian",
    "pinyin that is none": "xiangqiongzhuang shengxian ",
    "joined words": "howmuchisthedeposit iwanttoopenastore ",
    "characters of the same sound": "宝证金拥金尚标",
}


def kinds(knowledge: Knowledge) -> dict[str, Callable[[int, random.Random], str]]:
    """Each kind as a maker of texts: of a length, and different for each chance."""
    library = knowledge.library
    guards = [
        word
        for guard in library.guards.values()
        for side in guard.sides
        for lang in LANGUAGES
        for word in side.said[lang]
    ]
    keywords = [one.text for rule in library.rules.values() for one in rule.keywords]
    said = [text for _, phrasings, _ in phrasings_of(library) for text in (*phrasings.en, *phrasings.zh)]
    values = [
        text
        for check in library.checks.values()
        for question in check.questions
        for option in question.options
        for lang in LANGUAGES
        for text in (option.label[lang], *(option.also[lang] if option.also else ()))
    ]
    commands = [one for _, listed in phrase_lists("commands") for one in listed]
    known = sorted(word for word in knowledge.english if len(word) > 5)
    return {
        **{name: repeated(text) for name, text in REPEATED.items()},
        "one letter": lambda length, chance: chance.choice("bcdfghjklmnpqrstvwxyz") * length,
        "one Chinese character": lambda length, chance: chance.choice("金牌保证费店") * length,
        "digits": lambda length, chance: "".join(chance.choices("0123456789", k=length)),
        "digits and letters": lambda length, chance: "".join(chance.choices("0123456789kwmx", k=length)),
        "emoji": lambda length, chance: "".join(chance.choices("👍🎉😀🇨🇳👩‍💻", k=length)),
        "Chinese": lambda length, chance: "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(length)),
        "any character": lambda length, chance: "".join(chr(chance.randrange(0x20, 0x2FFF)) for _ in range(length)),
        "unknown words": spread(lambda chance: "".join(chance.choices("bcdfghjklmnpqrstvwxyz", k=chance.randint(3, 9))), " "),
        "misspelt words": spread(lambda chance: misspelt(chance.choice(known), chance), " "),
        "known words": spread(lambda chance: chance.choice(known), " "),
        "guards' words": of(guards, " "),
        "guards' words, clauses": of(guards, ", "),
        "keywords": of(keywords, " "),
        "phrasings": of(said, " "),
        "phrasings, lines": of(said, "\n"),
        "phrasings, sentences": of(said, "? "),
        "values of checks": of(values, " "),
        "values of checks, clauses": of(values, ", "),
        "orders": of(commands, ". "),
    }  # fmt: skip


def repeated(text: str) -> Callable[[int, random.Random], str]:
    def make(length: int, chance: random.Random) -> str:
        own = "".join(chance.choices("bcdfghjklmnpqrstvwxyz", k=6))
        return f"{own} {text * (length // len(text) + 1)}"[:length]

    return make


def spread(word: Callable[[random.Random], str], between: str) -> Callable[[int, random.Random], str]:
    def make(length: int, chance: random.Random) -> str:
        text = word(chance)
        while len(text) < length:
            text += between + word(chance)
        return text[:length]

    return make


def of(words: Sequence[str], between: str) -> Callable[[int, random.Random], str]:
    return spread(lambda chance: chance.choice(words), between)


def misspelt(word: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(word))
    return word[:place] + chance.choice("bcdfghjklmnpqrstvwxyz") + word[place + 1 :]


# --- places


def places(knowledge: Knowledge) -> dict[str, Conversation]:
    """Where a text can be said: outside, after an answer, and in each check at each kind of question, a doubt, the summary and the result."""
    found = {
        "outside": Conversation(lang="en"),
        "after an answer": Conversation(lang="zh", topic=knowledge.most_asked[0]),
        "after a question back": respond(
            Message(HERE, "money", nonce="1"), Conversation(lang="en"), knowledge, WHENEVER
        ).conversation,
    }
    for name in knowledge.library.checks:
        found |= in_check(knowledge, name)
    return found


def in_check(knowledge: Knowledge, check: str) -> dict[str, Conversation]:
    logic = knowledge.logic(check)
    found: dict[str, Conversation] = {}
    answers, state = Answers(), CheckState(check, RUN)
    while (question := next_question(logic, answers, go_on=True)) is not None:
        classes = logic.classes[logic.index[question.id]]
        answer = classes.example(classes.count - 1)
        here = CheckState(check, RUN, state.answers, asked=question.id, go_on=True)
        found.setdefault(f"{check}: {question.kind}", Conversation(lang="en", check=here))
        doubtful = CheckState(check, RUN, state.answers, asked=question.id, go_on=True, doubt=answer_json(answer))
        found.setdefault(f"{check}: doubt", Conversation(lang="zh", check=doubtful))
        answers = answers.plus(question.id, answer)
        state = CheckState(check, RUN, (*state.answers, (question.id, answer_json(answer))), go_on=True)
    found[f"{check}: end"] = Conversation(lang="zh", check=state)
    press = Message(HERE, press=f"{check}:show#{RUN}", nonce="1")
    shown = respond(press, found[f"{check}: end"], knowledge, WHENEVER).conversation
    assert shown.check is not None
    assert Run.of(shown.check, logic).phase == "result"
    found[f"{check}: verdict"] = shown
    return found
