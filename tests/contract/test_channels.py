"""What every channel promises, whatever the platform behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.knowledge.knowledge import Knowledge
from tests.botapi import BotApi
from tests.contract.channels import APIS, CHANNELS, REMEMBER, Running

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

# A question, and what stands in its answer.
ASKED = {
    "how much is the deposit": "CNY 10,000 to CNY 50,000",
    "commission rate": "5% to 8%",
    "thanks": "welcome",
    "/topics": "subjects",
    "/help": "Ask in your own words",
}


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'channel.db'}"


@pytest.fixture(params=CHANNELS)
async def channel(request: pytest.FixtureRequest, knowledge: Knowledge, database: str) -> AsyncIterator[Running]:
    async with CHANNELS[request.param](knowledge, database) as running:
        yield running


async def test_an_answer_comes_in_the_language_of_the_question_with_source_and_date(channel: Running) -> None:
    ann, wei = await channel.person("Ann", "en"), await channel.person("Wei", "zh")
    english, chinese = await ann.say("how much is the deposit"), await wei.say("保证金多少钱")
    assert "CNY 10,000 to CNY 50,000" in english.text
    assert "29 March 2022" in english.text
    assert "1万元至5万元" in chinese.text
    assert "2022年3月29日" in chinese.text


async def test_a_button_a_number_and_a_label_choose_the_same(channel: Running) -> None:
    ann = await channel.person("Ann", "en")
    choices = (await ann.say("/topics")).labels
    pressed = await ann.press(choices[1])
    await ann.say("/topics")
    numbered = await ann.say("2")
    await ann.say("/topics")
    assert pressed == numbered == await ann.say(choices[1])


async def test_a_button_of_an_earlier_answer_is_understood(channel: Running) -> None:
    ann = await channel.person("Ann", "en")
    first = (await ann.say("how much is the deposit")).labels
    await ann.say("commission rate")
    assert "refund" in (await ann.press("Getting the deposit back", back=1)).text.lower()
    assert "Getting the deposit back" in first


async def test_the_language_is_chosen_by_button(channel: Running) -> None:
    wei = await channel.person("Wei", "zh")
    choices = (await wei.say("/language")).labels
    assert choices == ("English", "中文")
    assert "in English" in (await wei.press("English")).text
    assert (await wei.say("/help")).text.startswith("Ask in your own words")


async def test_messages_in_a_row_are_answered_in_order(channel: Running) -> None:
    people = [await channel.person(f"P{number}", "en") for number in range(4)]
    for answers in await asyncio.gather(*(person.say_all(list(ASKED)) for person in people)):
        for answer, expected in zip(answers, ASKED.values(), strict=True):
            assert expected in answer.text


async def test_nobody_reads_what_is_said_to_others(channel: Running) -> None:
    ann, wei = await channel.person("Ann", "en"), await channel.person("Wei", "en")
    await ann.say("/check deposit")
    assert "CNY 10,000 to CNY 50,000" in (await wei.say("how much is the deposit")).text
    assert "No longer" not in (await wei.say("yes")).text


@pytest.mark.parametrize(
    "text",
    ["<b>deposit", "**deposit** <script>alert(1)</script>", "{{ 7*7 }}", "[a](b) _c_ `d`", "&lt;", "x" * 4000, "😀"],
)
async def test_whatever_is_written_gets_an_answer_of_words(channel: Running, text: str) -> None:
    ann = await channel.person("Ann", "en")
    answer = await ann.say(text)
    assert answer.text
    assert "<script" not in answer.text
    assert "49" not in answer.text


async def test_a_check_is_walked_to_its_result_and_its_code_opens_it_for_others(channel: Running) -> None:
    ann, wei = await channel.person("Ann", "en"), await channel.person("Wei", "zh")
    await ann.say("/check authentication")
    await ann.press("Yes")
    result = await ann.say("2")
    code = result.text.rpartition("Result code: ")[2].partition(",")[0]
    assert len(code) == 17
    assert code in (await wei.say(code)).text


@pytest.mark.parametrize("name", REMEMBER)
async def test_a_conversation_outlives_the_process(name: str, knowledge: Knowledge, database: str) -> None:
    async with BotApi() as api:
        APIS[database] = api
        async with CHANNELS[name](knowledge, database) as running:
            ann = await running.person("Ann", "en")
            await ann.say("/check authentication")
            await ann.press("Yes")
        async with CHANNELS[name](knowledge, database) as running:
            ann = await running.person("Ann", "en")
            assert "Result code" in (await ann.say("2")).text
        del APIS[database]
