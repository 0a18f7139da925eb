"""The questions of one message: which clauses ask, and which belong together."""

from bot.search.finding import asks_something, is_half, joined_back, questions, without


def test_a_question_about_what_was_told_is_read_with_it() -> None:
    assert joined_back(["I have a receipt", "no invoice", "is that ok", "how long is the check"]) == [
        "I have a receipt, no invoice, is that ok",
        "how long is the check",
    ]
    assert joined_back(["有收据", "可以吗"]) == ["有收据, 可以吗"]
    assert joined_back(["听说面包不要钱了", "是真的吗"]) == ["听说面包不要钱了, 是真的吗"]


def test_a_question_is_not_joined_with_another() -> None:
    assert joined_back(["what does it cost", "is that ok"]) == ["what does it cost", "is that ok"]


def test_a_supposition_asks_nothing_by_itself() -> None:
    assert not any(map(asks_something, ["what if I bake two loaves", "what now", "怎么办", "如果我烤两个"]))
    assert all(map(asks_something, ["what do I pay", "explain the recipe", "做法讲一下"]))


def test_wishes_to_be_told_are_questions() -> None:
    assert questions("做法讲一下，还有要准备哪些料") == ["做法讲一下", "要准备哪些料"]


def test_a_question_is_not_guarded_by_the_others() -> None:
    assert without("how do I bake and what is the price", ["how do I bake"]).split() == [
        "and",
        "what",
        "is",
        "the",
        "price",
    ]


def test_the_only_question_of_several_sentences_is_read_in_halves() -> None:
    assert questions("We bake. How much is the rye bread and when is it ready?") == [
        "How much is the rye bread",
        "when is it ready?",
    ]
    assert questions("We bake rye bread. How much is it?") == ["How much is it?"]


def test_what_is_compared_belongs_to_its_question() -> None:
    assert joined_back(["which is better", "rye or wheat?"]) == ["which is better, rye or wheat?"]
    assert joined_back(["黑麦面包和小麦面包", "哪个便宜"]) == ["黑麦面包和小麦面包, 哪个便宜"]


def test_a_half_stands_beside_another_question_of_its_sentence() -> None:
    text = "We bake. Where do I sign, and how long is it?"
    assert is_half("how long is it?", text, ["Where do I sign", "how long is it?"])
    assert not is_half("Where do I sign?", "We bake. Where do I sign?", ["Where do I sign?"])
