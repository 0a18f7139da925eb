"""Where the date stands in a first sentence, what fits into an answer and its footer, and what is left for "more"."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import LONGEST_FOOTER, Manner, length
from bot.language import amounts, pinyin
from bot.language.dating import AS_OF, date_place, undated, with_date
from bot.model import LANGUAGES, Address, Conversation, InGroup, Language, Message, Terms, Turn
from bot.store import Handled, MemoryStore
from bot.store.sqlite import open_sqlite
from bot.store.state import from_json, to_json
from handlers import respond
from tests.conftest import TODAY

MARCH = date(2022, 3, 29)
SAID: dict[Language, str] = {"en": "As of March 2022", "zh": "按2022年3月的资料"}


@pytest.mark.parametrize(
    ("lang", "text", "first", "later"),
    [
        ("en", "The fee is 5.", "As of March 2022, the fee is 5.", "The fee is 5."),
        ("en", "**All stores** pay.", "As of March 2022, **all stores** pay.", "**All stores** pay."),
        ("en", "AliExpress charges it.", "As of March 2022: AliExpress charges it.", "AliExpress charges it."),
        ("en", "No. Only companies can.", "No. As of March 2022, only companies can.", "No. Only companies can."),
        ("en", "**Yes.** Gold can.", "**Yes.** As of March 2022: Gold can.", "**Yes.** Gold can."),
        ("en", "Not any more. You need a company.", "Not any more. As of March 2022, you need a company.", None),
        ("en", f"No. {AS_OF}individually-owned ones cannot.", "No. As of March 2022, individually-owned ones cannot.",
         "No. Individually-owned ones cannot."),
        ("en", f"{AS_OF}**gold** can.", "As of March 2022, **gold** can.", "**Gold** can."),
        ("en", f"No. {AS_OF}6 accounts are the most.", "No. As of March 2022, 6 accounts are the most.",
         "No. 6 accounts are the most."),
        ("en", "- **MALL:** one\n- **Gold:** two", "As of March 2022:\n\n- **MALL:** one\n- **Gold:** two", None),
        ("en", "In March 2022 the platform announced it.", "In March 2022 the platform announced it.", None),
        ("en", "It was on 3 March to 4 April.", "As of March 2022, it was on 3 March to 4 April.", None),
        ("en", "Only this.", "As of March 2022, only this.", "Only this."),
        ("zh", "保证金为1万元。", "按2022年3月的资料，保证金为1万元。", "保证金为1万元。"),
        ("zh", "不能。个体户不行。", "不能。按2022年3月的资料，个体户不行。", "不能。个体户不行。"),
        ("zh", "**可以。**每30天一次。", "**可以。**按2022年3月的资料，每30天一次。", None),
        ("zh", f"不能。{AS_OF}个体户不行。", "不能。按2022年3月的资料，个体户不行。", "不能。个体户不行。"),
        ("zh", "2022年3月平台宣布过。", "2022年3月平台宣布过。", None),
        ("zh", "自2022年3月1日起。", "按2022年3月的资料，自2022年3月1日起。", None),
        ("zh", "- **甲**：一\n- **乙**：二", "按2022年3月的资料：\n\n- **甲**：一\n- **乙**：二", None),
    ],
)  # fmt: skip
def test_the_date_stands_where_it_reads_naturally(lang: Language, text: str, first: str, later: str | None) -> None:
    dated = with_date(text, SAID[lang], date_place(MARCH, lang), lang)
    assert undated(dated, lang) == first
    assert undated(text, lang) == (later or text)


# --- what fits, from content of an agency's own

LONG = "This sentence of the agency is about eighty characters long, so that few of them fit. "
LONG_ZH = "这是机构自己写的一段话，长度大约四十个字，用来检查一个回答里到底能放下几段内容。"


def topic(name: str, source: str, facts: str, more: str = "") -> str:
    phrasings = f"phrasings: {{en: [{name} alpha, {name} beta], zh: [{name}甲, {name}乙]}}\n"
    return f"title: {{en: About {name}, zh: 关于{name}}}\nsource: {source}\n{more}facts:\n{facts}{phrasings}"


def fact(name: str, times: int, more: str = "") -> str:
    return f'  - {{id: {name}, en: "{name}: {LONG * times}", zh: "{name}：{LONG_ZH * times}"{more}}}\n'


CONTENT = {
    "operator.yaml": "agency: {en: us, zh: 我们}\nauthority: {en: seller backend, zh: 商家后台}\n",
    "sources.yaml": (
        "- {id: OLD, date: 2022-03-29, en: Old article, zh: 旧文章, url: 'https://example.com/old'}\n"
        "- {id: NEW, date: 2026-11-01, en: New article, zh: 新文章}\n"
        f"- {{id: LONG, date: 2022-04-26, en: '{'A very long title ' * 9}', zh: '{'很长的标题' * 12}'}}\n"
    ),
    "glossary.yaml": (
        "- {id: pony, says: the horse of the way, en: an express parcel, term: 快递, sure: low}\n"
        "- {id: half, says: half off, en: half of the fee, term: 半价, sure: high, money: true}\n"
    ),
    "topics/a/parcels.yaml": topic("parcels", "OLD", fact("one", 2) + fact("two", 2) + fact("three", 4) + fact("four", 1)),
    "topics/a/fees.yaml": topic("fees", "OLD", fact("one", 1), "rests_on: [pony, half]\n"),
    "topics/a/fresh.yaml": topic("fresh", "NEW", fact("one", 1)),
    "topics/a/wordy.yaml": topic("wordy", "LONG", fact("one", 1)),
    "topics/a/mixed.yaml": topic("mixed", "OLD", fact("one", 1) + fact("two", 1, ", source: NEW")),
    "topics/a/planned.yaml": topic("planned", "OLD", fact("one", 1, ", status: announced")),
    "topics/a/lost.yaml": topic(
        "lost", "OLD", fact("one", 6),
        "missing:\n  - {id: rate, en: The rate is not in our source., zh: 我们的资料里没有比例。,"
        " asked: {en: [what rate has lost, rate of lost], zh: [lost比例, lost几个点]}}\n",
    ),
    "topics/a/refused.yaml": (
        "title: {en: Fake orders, zh: 刷单}\nrefuse: yes\ninstead: {en: We do not help with that., zh: 这个我们不帮忙。}\n"
        "phrasings: {en: [fake orders please, buy fake orders], zh: [刷单, 帮我刷单]}\n"
    ),
    "topics/a/inside.yaml": (
        "title: {en: Passwords, zh: 密码}\ninstead: {en: The seller backend tells you., zh: 请看商家后台。}\n"
        "phrasings: {en: [password lost, new password], zh: [密码, 忘记密码]}\n"
    ),
    "topics/a/unknown.yaml": (
        "title: {en: Weather, zh: 天气}\ninstead: {en: We do not know that., zh: 这个我们不知道。}\n"
        "phrasings: {en: [weather tomorrow, rain today], zh: [天气, 下雨吗]}\n"
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder: Path = tmp_path_factory.mktemp("own")
    for name, text in CONTENT.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Knowledge.open([folder], only=True, cache=False)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whole_facts_are_told_as_long_as_they_fit_and_the_rest_on_request(own: Knowledge, lang: Language) -> None:
    first = own.tell("parcels", lang, TODAY)
    assert first.rest == ("three", "four")
    assert "two" in first.text
    second = own.tell("parcels", lang, TODAY, manner=Manner(facts=first.rest, cited=frozenset({"OLD"})))
    assert second.rest in ((), ("four",))
    assert own.tell("parcels", lang, TODAY, manner=Manner(whole=True)).rest == ()


def test_the_footer_is_full_once_and_the_date_alone_later(own: Knowledge) -> None:
    first = own.tell("parcels", "en", TODAY)
    assert first.text.startswith("As of March 2022: one: ")
    assert first.text.endswith("*Source: Old article, 29 March 2022, stated there. Not confirmed since.*")
    assert first.cites == ("OLD",)
    later = own.tell("parcels", "en", TODAY, manner=Manner(cited=frozenset({"OLD"})))
    assert later.text.startswith("One: ") or later.text.startswith("one: ")
    assert later.text.endswith("\n\n*29 March 2022*")
    assert later.about == first.about == own.tell("parcels", "en", TODAY).about
    assert "[Old article](https://example.com/old)" in first.about
    assert own.tell("planned", "zh", TODAY, manner=Manner(cited=frozenset({"OLD"}))).text.endswith(
        "*2022年3月29日预告*"
    )


def test_what_is_new_has_no_date_in_front(own: Knowledge) -> None:
    assert own.tell("fresh", "en", TODAY).text.startswith("one: ")
    assert own.tell("fresh", "en", TODAY).text.endswith("*Source: New article, 1 November 2026, stated there.*")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_title_that_is_too_long_is_cut(own: Knowledge, lang: Language) -> None:
    footer = own.tell("wordy", lang, TODAY).text.rsplit("\n\n", 1)[-1].strip("*")
    assert length(footer) <= LONGEST_FOOTER[lang]
    assert "…" in footer
    assert ("26 April 2022" if lang == "en" else "2022年4月26日") in footer


def test_of_two_articles_those_not_cited_yet_are_named(own: Knowledge) -> None:
    both = own.tell("mixed", "en", TODAY)
    assert set(both.cites) == {"OLD", "NEW"}
    one = own.tell("mixed", "en", TODAY, manner=Manner(cited=frozenset({"OLD"})))
    assert one.cites == ("NEW",)
    assert "Source: New article, 1 November 2026; 29 March 2022" in one.text
    none = own.tell("mixed", "en", TODAY, manner=Manner(cited=frozenset({"OLD", "NEW"})))
    assert none.text.endswith("*29 March 2022, 1 November 2026*")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_where_only_a_missing_detail_is_told_the_footer_says_what_was_looked_through(
    own: Knowledge, lang: Language
) -> None:
    made = own.tell("lost", lang, TODAY, own.part("lost", "rate"))
    footer = made.text.rsplit("\n\n", 1)[-1]
    assert "one" not in made.text
    assert footer == (
        "*Looked through: Old article, 29 March 2022.*" if lang == "en" else "*查过的资料：旧文章，2022年3月29日。*"
    )
    assert made.rest == ("one",)
    assert made.status == "missing"


def test_readings_are_told_once_by_their_meaning(own: Knowledge) -> None:
    made = own.tell("fees", "en", TODAY)
    assert made.text.count("an express parcel") == made.text.count("half of the fee") == 1
    assert made.about.count("an express parcel") == made.about.count("half of the fee") == 1
    later = own.tell("fees", "en", TODAY, manner=Manner(cited=frozenset({"OLD"})))
    assert "half of the fee" in later.text  # money depends on it
    assert "express parcel" not in later.text
    assert "horse" not in made.text + made.about + later.text


# --- the consultant


def test_no_consultant_is_offered_where_there_is_none_nor_after_a_refusal(own: Knowledge) -> None:
    here, there = own.tell("unknown", "en", TODAY), own.tell("unknown", "en", TODAY, manner=Manner(connected=True))
    assert "No consultant is connected here" in here.text
    assert "seller backend" in here.text
    assert "send “Consultant”" in there.text
    assert own.tell("inside", "en", TODAY).text == "The seller backend tells you.\n\nNo consultant is connected here."
    for connected in (False, True):
        refused = own.tell("refused", "en", TODAY, manner=Manner(connected=connected))
        assert refused.text == "We do not help with that."
        assert not refused.incomplete
    for terms, buttons in ((Terms(), []), (Terms(consultant=True), ["consultant"])):
        for text, offered in (("weather tomorrow", buttons), ("fake orders please", [])):
            turn = respond(Message(HERE, text), Conversation(), own, TODAY, terms=terms)
            assert [one.says for one in turn.replies[-1].buttons] == offered, (text, terms)


# --- in a conversation

HERE = Address("test", "ann", "ann")


def say(own: Knowledge, conversation: Conversation, text: str, press: str | None = None, group: bool = False) -> Turn:
    inside = InGroup("called", 0.0, me="@bot") if group else None
    return respond(
        Message(HERE, text, press=press, kind="press" if press else "text", group=inside), conversation, own, TODAY
    )


def test_more_tells_the_rest_and_then_that_there_is_none(own: Knowledge) -> None:
    turn = say(own, Conversation(), "parcels alpha")
    assert turn.replies[0].buttons[0].says == "more=parcels"
    assert turn.conversation.rest == ("parcels/three", "parcels/four")
    told = turn.replies[0].text
    for words in ("Tell me more!", "more", "还有呢？"):
        turn = say(own, turn.conversation, words)
        told += turn.replies[0].text
    assert all(told.count(f"{one}: This sentence") == 1 for one in ("one", "two", "three", "four"))
    assert turn.replies[0].text == own.say("more_none", turn.conversation.lang or "en")
    assert (
        own.say("more_none", "en")
        in say(own, turn.conversation.with_(lang="en"), "", press="more=parcels").replies[0].text
    )


def test_a_late_press_of_more_tells_what_its_answer_left(own: Knowledge) -> None:
    turn = say(own, say(own, Conversation(), "parcels alpha").conversation, "fresh alpha")
    late = say(own, turn.conversation, "", press="more=parcels")
    assert late.outcome.topics == ("parcels",)
    assert "three: " in late.replies[0].text
    assert "two: " not in late.replies[0].text
    gone = say(own, turn.conversation, "", press="more=gone")
    assert gone.replies[0].text == own.say("choice_gone", "en")


def test_two_answers_in_one_turn_cite_their_article_once(own: Knowledge) -> None:
    turn = say(own, Conversation(), "parcels alpha")
    again = say(own, turn.conversation, "fees alpha")
    assert "Old article" not in again.replies[0].text
    assert "Old article" in again.replies[0].source
    assert "Old article" in say(own, again.conversation.anew(), "fees alpha").replies[0].text


def test_a_group_reads_the_source_in_full_every_time(own: Knowledge) -> None:
    turn = say(own, Conversation(), "fees alpha", group=True)
    again = say(own, turn.conversation, "fees alpha", group=True)
    assert "Source: Old article" in turn.replies[0].text
    assert again.replies[0].text == turn.replies[0].text


def test_an_unknown_question_leaves_no_source_to_ask_for(own: Knowledge) -> None:
    turn = say(own, Conversation(), "fees alpha")
    assert "Old article" in say(own, turn.conversation, "where is that from?").replies[0].text
    after = say(own, say(own, turn.conversation, "weather tomorrow").conversation, "source")
    assert after.replies[0].text == own.say("source_none", "en")


async def test_what_was_cited_is_kept_with_the_conversation(own: Knowledge, tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / "kept.db")
    turn = await Assistant(own, store, lambda: TODAY).receive(Message(HERE, "parcels alpha", id="1"))
    await store.close()
    store = await open_sqlite(tmp_path / "kept.db")
    kept = await store.conversation(HERE)
    assert (kept.cited, kept.last, kept.rest) == (("OLD",), ("parcels/",), turn.conversation.rest)
    await store.finish(Handled(HERE, erase=True))
    assert (await store.conversation(HERE)).cited == ()
    await store.close()


def test_a_conversation_of_an_older_version_loads() -> None:
    old = '{"lang": "en", "topic": "deposit-amount", "offered": [{"label": "a", "says": "topic=a"}], "told": []}'
    conversation = from_json(old)
    assert (conversation.cited, conversation.last, conversation.rest) == ((), (), ())
    full = Conversation(lang="zh", cited=("A2",), last=("a/b",), rest=("a/c",))
    assert from_json(to_json(full)) == full


def test_words_that_ask_for_the_source_are_taken_with_a_polite_frame(assistant: Assistant) -> None:
    assert isinstance(assistant.store, MemoryStore)
    assistant.receive_now(Message(HERE, "how much is the deposit"))
    for words in ("Source?", "could you please show me the source", "Where is that from??", "the source, please", "ok, what's the source?",
                  "来源", "出处？", "请问出处在哪里", "能告诉我出处吗？", "麻烦您告诉我来源，谢谢", "這是哪裡來的？"):  # fmt: skip
        (reply,) = assistant.receive_now(Message(HERE, words)).replies
        assert any(one in reply.text for one in ("Source: Straw Hat", "来源：草帽", "來源：草帽")), words


def test_an_agency_sets_a_contact_and_it_is_offered(with_content: Callable[..., Knowledge]) -> None:
    contact = "agency: {en: Us, zh: 我们}\nconsultant: {en: 'WeChat: anna', zh: '微信：anna'}\n"
    knowledge = with_content({**CONTENT, "operator.yaml": contact}, only=True)
    made = knowledge.tell("unknown", "en", TODAY)
    assert "WeChat: anna" in made.text
    turn = respond(Message(HERE, "weather tomorrow"), Conversation(), knowledge, TODAY)
    assert [one.says for one in turn.replies[-1].buttons] == ["consultant"]


def test_the_first_merchants_wait_for_nothing_to_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    for remembered in (amounts.amounts, amounts.han_number, pinyin.sounds):
        remembered.cache_clear()
    monkeypatch.delitem(sys.modules, "cn2an", raising=False)
    assistant = Assistant(Knowledge.open(), MemoryStore())
    assistant.warm_up()
    assert "cn2an" in sys.modules
    assert pinyin.sounds.cache_info().currsize
    assert set(assistant.knowledge.logics) == set(assistant.knowledge.library.checks)
