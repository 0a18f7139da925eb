"""The sample of phrasings by which the decision is judged."""

from __future__ import annotations

import numpy as np

from bot.search.matching.held_out import sampled


def test_one_text_more_changes_one_of_the_sample_at_most() -> None:
    texts = [f"what does number {one} cost" for one in range(3000)]
    before = {texts[one] for one in sampled(np.arange(3000), texts, 500)}
    texts.insert(100, "what does the new one cost")
    after = {texts[one] for one in sampled(np.arange(3001), texts, 500)}
    assert len(before) == len(after) == 500
    assert len(before - after) <= 1


def test_a_sample_stands_in_the_order_of_the_texts_and_takes_all_of_few() -> None:
    texts = [f"text {one}" for one in range(20)]
    assert sampled(np.arange(5, 20), texts, 50).tolist() == list(range(5, 20))
    some = sampled(np.arange(20), texts, 7).tolist()
    assert some == sorted(some)
