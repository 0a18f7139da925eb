"""Questions sorted into groups, one after the other."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from bot.console.grouping import DISTANCE, Group, Sorting, clustered, unit
from bot.console.words import Words
from bot.search.matching.meaning import WIDTH, coded
from bot.store import KeptQuestion, Reason

chosen = np.random.default_rng(22)
SUBJECTS = chosen.normal(size=(9, WIDTH)).astype(np.float32)  # far from one another


def about(subject: int, id: int, words: str, topic: str = "", reason: Reason = "unknown") -> KeptQuestion:
    vector = SUBJECTS[subject] + 0.3 * chosen.normal(size=WIDTH).astype(np.float32)
    code = coded((vector / np.linalg.norm(vector))[None]).tobytes()
    return KeptQuestion(
        id, float(id), "en", words, "known_unknown" if topic and reason == "unknown" else reason, topic, code
    )


def ids(groups: tuple[Group, ...]) -> list[set[int]]:
    return [set(one.questions) for one in groups]


def test_new_questions_join_the_groups_that_are_there_and_these_stay() -> None:
    sorting = Sorting()
    first = [about(number % 3, number + 1, f"words {number}") for number in range(12)]
    before = ids(sorting.add(first))
    assert sorted(map(min, before)) == [1, 2, 3]
    after = sorting.add([about(1, 13, "other words"), about(5, 14, "a new subject"), about(0, 15, "WORDS 2!")])
    assert {2, 5, 8, 11, 13} in ids(after)
    assert {14} in ids(after)
    assert {3, 6, 9, 12, 15} in ids(after)  # by spelling, whatever its embedding is
    assert next(one for one in after if 15 in one.questions).said[0].count == 2


def test_clusters_are_joined_as_long_as_their_members_are_near_on_average() -> None:
    near_and_far = (
        SUBJECTS[:4][chosen.integers(4, size=30)] + chosen.normal(size=(30, WIDTH)) * np.linspace(0.5, 1.2, 30)[:, None]
    )
    vectors = unit(near_and_far.astype(np.float32))

    def apart(one: list[int], other: list[int]) -> float:
        return float((1 - vectors[one] @ vectors[other].T).mean())

    clusters = [[number] for number in range(len(vectors))]
    while (nearest := min((apart(one, other), one, other) for one, other in combinations(clusters, 2)))[0] <= DISTANCE:
        clusters = [one for one in clusters if one not in nearest] + [nearest[1] + nearest[2]]
    assert 4 < len(clusters) < 20
    numbers = clustered(vectors)
    found = [np.flatnonzero(numbers == number).tolist() for number in range(numbers.max() + 1)]
    assert sorted(found) == sorted(map(sorted, clusters))
    assert [len(clustered(vectors[:few])) for few in range(3)] == [0, 1, 2]


def test_a_known_unknown_has_a_group_of_its_own_and_what_has_no_embedding_stands_alone() -> None:
    alone = KeptQuestion(3, 3.0, "zh", "没有向量", "unknown", "")
    made = Sorting().add([about(0, 1, "one", "boats"), about(4, 2, "two", "boats"), alone, about(0, 4, "one")])
    assert ids(made) == [{1, 2}, {4}, {3}]
    assert [one.unknown for one in made] == ["boats", "", ""]


def test_answers_that_were_called_bad_are_grouped_by_meaning_and_named() -> None:
    bad = [
        about(0, 2, "two", "fees", "unhelpful"),
        about(0, 3, "three", "fees", "corrected"),
        about(0, 4, "two", "fees", "unhelpful"),
    ]
    (group,) = Sorting().add([about(0, 1, "one"), *bad])
    assert (group.count, group.unknown) == (4, "")
    assert group.faults == (("fees", "unhelpful", 2), ("fees", "corrected", 1))


def test_what_is_gone_is_forgotten_with_its_words() -> None:
    sorting = Sorting()
    sorting.add([about(number % 2, number + 1, f"words {number}") for number in range(6)])
    sorting.drop([1, 2, 4, 6])
    assert ids(sorting.groups()) == [{3, 5}]
    assert "words 0" not in str(vars(sorting))
    assert {3, 5, 7} in ids(sorting.add([about(0, 7, "again")]))
    assert {8} in ids(sorting.add([about(1, 8, "words 1")]))


def test_numbers_stand_with_the_right_form_of_their_noun() -> None:
    assert Words("en")("questions_more", asked=1, total=1).count("1 question in 1 group.") == 1
    assert "2,000 questions in 35 groups." in Words("en")("questions_more", asked=2000, total=35)
    assert "共1个问题，1组" in Words("zh")("questions_more", asked=1, total=1)
