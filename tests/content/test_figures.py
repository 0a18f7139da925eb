"""A figure with a source of its own: every sentence that uses it cites that source and its date."""

from __future__ import annotations

from datetime import date

import pytest

from bot.commands.decisions import decision
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import Manner
from handlers.check.card import Card

TODAY = date(2026, 11, 24)
FILES = {
    "sources.yaml": "- {id: A2, date: 2022-03-29, en: The opening of stores, zh: 开店流程}\n",
    "figures.yaml": """parking:
  fee: {value: 7, source: "town hall, page Fees", date: 2026-11-03}
  hours: 9
""",
    "topics/parking-fee.yaml": """title: {en: Parking, zh: 停车}
source: A2
facts:
  - id: fee
    en: "Parking costs {{ parking.fee }} coins."
    zh: "停车费{{ parking.fee }}币。"
  - id: hours
    en: "The lot is open {{ parking.hours }} hours."
    zh: "开放{{ parking.hours }}小时。"
phrasings: {en: [parking fee, cost of parking], zh: [停车费, 停车多少钱]}
""",
    "checks/parking.yaml": """title: {en: May I park?, zh: 我能停车吗？}
intro: {en: Some questions., zh: 几个问题。}
related: [parking-fee]
start: {en: [may I park here, is parking all right for me], zh: [我可以停这里吗, 帮我看看能不能停车]}
verdicts:
  eligible: {en: Yes., zh: 可以。}
  not_eligible: {en: No., zh: 不可以。}
  open: {en: It depends., zh: 要看情况。}
questions:
  - id: coins
    kind: whole_number
    name: {en: Coins, zh: 硬币}
    ask: {en: How many coins have you?, zh: 有几个硬币？}
    why: {en: It costs some., zh: 要收费。}
    how_to_find_out: {en: Count., zh: 数一数。}
    lowest: 0
    highest: 100
    outside: {en: From 0 to 100., zh: 0到100。}
rules:
  - {id: poor, when: {coins: {below: parking.fee}}, verdict: not_eligible, topic: parking-fee, facts: [hours], text: {en: Too few., zh: 不够。}, next_step: {en: Get more., zh: 多带些。}}
  - {id: rich, when: {coins: {at least: parking.fee}}, verdict: eligible, topic: parking-fee, facts: [hours], text: {en: Enough., zh: 够了。}}
examples:
  - {answers: {coins: 3}, verdict: not_eligible}
  - {answers: {coins: 9}, verdict: eligible}
""",
}


@pytest.fixture(scope="module")
def parking(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder = tmp_path_factory.mktemp("own")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return Knowledge.open([folder], only=True, cache=False)


def test_an_answer_cites_the_figure_and_the_article_of_the_rest(parking: Knowledge) -> None:
    text = parking.tell("parking-fee", "en", TODAY).text
    assert "Parking costs 7 coins." in text
    assert "As of" not in text.split("coins")[0]  # the figure is new
    assert "town hall, page Fees" in text
    assert "3 November 2026" in text
    assert "29 March 2022" in text
    assert "stated there" not in text
    chinese = parking.tell("parking-fee", "zh", TODAY).text
    assert "2026年11月3日" in chinese
    assert "2022年3月29日" in chinese
    later = parking.tell(
        "parking-fee", "en", TODAY, manner=Manner(cited=frozenset({"A2", "town hall, page Fees, 2026-11-03"}))
    )
    assert "3 November 2026" in later.text
    assert "town hall" in later.about


def test_a_fact_without_it_cites_its_article_alone(parking: Knowledge) -> None:
    text = parking.tell("parking-fee", "en", TODAY, manner=Manner(facts=("hours",))).text
    assert "As of March 2022" in text
    assert "town hall" not in text


@pytest.mark.parametrize("coins", [3, 9])
def test_a_card_cites_the_figure_that_its_rule_compares_with(parking: Knowledge, coins: int) -> None:
    card = Card(parking, decision(parking, "parking", {"coins": coins}), "en", TODAY).text()
    assert "town hall, page Fees" in card
    assert "3 November 2026" in card
    assert "29 March 2022" in card
