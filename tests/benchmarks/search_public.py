"""The matcher beside plain search on public intent data: accuracy and time, all in one run.

    python tests/benchmarks/search_public.py FOLDER [--shots 10] [--lexical-only] [--data clinc150 banking77]

FOLDER holds NAME-train.jsonl and NAME-validation.jsonl (and perhaps NAME-train-oos.jsonl), a JSON object a line:
{"text", "topics", "lang"}; empty `topics` means out of scope. `--test-part test` reads NAME-test.jsonl instead.
`--fit-priors` prints the coefficients that decision.py starts from.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one core; must stand before numpy

import numpy as np
from rapidfuzz import fuzz, process

from bot.language.normalize import normalize
from bot.search.matching import Matcher, Phrasing, Ranking, semantic_available
from bot.search.matching.decision import EVIDENCE, evidence, expected, logistic
from bot.search.matching.matcher import readable
from bot.search.matching.votes import votes

SEED = 0
SINGLY = 200  # questions asked one at a time, for the time of one
Answers = list[tuple[str, float]]  # the best label and its score, for each question


@dataclass(frozen=True)
class Question:
    """A question and its label; None: out of scope."""

    text: str
    label: str | None


@dataclass(frozen=True)
class Row:
    """One line of the table. Shares in percent; `kept` at the score that 65 % of the out-of-scope questions stay below."""

    name: str
    accuracy: float
    at_65: float | None
    auroc: float | None
    fit: float  # seconds of processor time, as are all times: others may be at work beside
    p50: float  # milliseconds, one question at a time
    p99: float
    per_second: float  # in a batch
    verdicts: str = ""


def read(path: Path) -> list[Question]:
    with path.open(encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [Question(one["text"], one["topics"][0] if one["topics"] else None) for one in found]


def few(questions: Sequence[Question], shots: int | None, seed: int = SEED) -> list[Phrasing]:
    """The first `shots` of each label after shuffling its lines; all of them for None."""
    by_label: dict[str, list[str]] = {}
    for question in questions:
        if question.label is not None:
            by_label.setdefault(question.label, []).append(question.text)
    chosen = []
    for label, texts in by_label.items():
        random.Random(seed).shuffle(texts)
        chosen += [Phrasing(label, "en", text) for text in texts[:shots]]
    return chosen


def fuzzy(phrasings: Sequence[Phrasing]) -> Callable[[Sequence[str]], Answers]:
    """The nearest phrasing by rapidfuzz's token_set_ratio, the best of its scorers here.

    Its default, WRatio, is no fair rival: it gives a few long phrasings the same high score for nearly any question.
    """
    known = [normalize(phrasing.text) for phrasing in phrasings]

    def ask(texts: Sequence[str]) -> Answers:
        found = [process.extractOne(normalize(text), known, scorer=fuzz.token_set_ratio) for text in texts]
        return [(phrasings[one[2]].label, one[1]) for one in found]

    return ask


def full_text(phrasings: Sequence[Phrasing]) -> Callable[[Sequence[str]], Answers]:
    """The best phrasing by SQLite's bm25, with its porter stemmer."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE phrasing USING fts5(text, tokenize = 'porter unicode61')")
    database.executemany("INSERT INTO phrasing(text) VALUES (?)", [(normalize(one.text),) for one in phrasings])
    query = "SELECT rowid, -bm25(phrasing) FROM phrasing WHERE phrasing MATCH ? ORDER BY bm25(phrasing) LIMIT 1"

    def ask(texts: Sequence[str]) -> Answers:
        answers = []
        for text in texts:
            words = " OR ".join(f'"{word}"' for word in normalize(text).split())
            hit = database.execute(query, (words,)).fetchone() if words else None
            answers.append((phrasings[hit[0] - 1].label, hit[1]) if hit else ("", 0.0))
        return answers

    return ask


def bm25(phrasings: Sequence[Phrasing]) -> Callable[[Sequence[str]], Answers]:
    """The best phrasing by bm25s. Raises ImportError where it is not installed."""
    import bm25s

    index = bm25s.BM25()
    index.index(
        bm25s.tokenize([normalize(one.text) for one in phrasings], stopwords=None, show_progress=False),
        show_progress=False,
    )

    def ask(texts: Sequence[str]) -> Answers:
        tokens = bm25s.tokenize([normalize(text) for text in texts], stopwords=None, show_progress=False)
        numbers, scores = index.retrieve(tokens, k=1, show_progress=False)
        return [
            (phrasings[int(number)].label, float(score))
            for number, score in zip(numbers[:, 0], scores[:, 0], strict=True)
        ]

    return ask


def measure(
    name: str, questions: Sequence[Question], build: Callable[[], Callable[[Sequence[str]], Answers]]
) -> tuple[Row, Answers]:
    start = time.process_time()
    ask = build()
    fit = time.process_time() - start
    texts = [question.text for question in questions]
    ask(texts[:1])
    start = time.process_time()
    answers = ask(texts)
    per_second = len(texts) / (time.process_time() - start)
    times = []
    for text in texts[:: max(1, len(texts) // SINGLY)]:
        start = time.process_time()
        ask([text])
        times.append(1000 * (time.process_time() - start))
    inside = np.array([question.label is not None for question in questions])
    right = np.array([given == question.label for (given, _), question in zip(answers, questions, strict=True)])
    scores = np.array([score for _, score in answers])
    at_65 = roc = None
    if not inside.all():
        bar = np.quantile(scores[~inside], 0.65)
        at_65 = 100 * float((right & (scores > bar))[inside].mean())
        roc = auroc(scores[inside], scores[~inside])
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return Row(name, 100 * float(right[inside].mean()), at_65, roc, fit, cuts[49], cuts[98], per_second), answers


def auroc(inside: np.ndarray, outside: np.ndarray) -> float:
    """Percent chance that a question in scope scores above one out of scope; ties count half."""
    below = np.searchsorted(np.sort(outside), inside, side="left")
    level = np.searchsorted(np.sort(outside), inside, side="right") - below
    return 100 * float((below + level / 2).mean() / len(outside))


def matched(name: str, questions: Sequence[Question], phrasings: Sequence[Phrasing], semantic: bool) -> Row:
    kept: list[Matcher] = []
    rankings: dict[str, Ranking] = {}

    def build() -> Callable[[Sequence[str]], Answers]:
        matcher = Matcher.fit(phrasings, semantic=semantic)
        kept.append(matcher)

        def ask(texts: Sequence[str]) -> Answers:
            found = matcher.rank_batch(texts)
            if len(texts) > 1:
                rankings.update(zip(texts, found, strict=True))
            return [
                (one.candidates[0].label, one.candidates[0].score) if one.candidates else ("", 0.0) for one in found
            ]

        return ask

    row, _ = measure(name, questions, build)
    return Row(**{**row.__dict__, "verdicts": verdicts(questions, rankings)})


def verdicts(questions: Sequence[Question], rankings: dict[str, Ranking]) -> str:
    """What a merchant would get: right and wrong answers, offers of three with the right one, out of scope kept."""
    inside = [(question.label, rankings[question.text]) for question in questions if question.label is not None]
    outside = [rankings[question.text] for question in questions if question.label is None]
    answered = [(label, one.candidates[0].label) for label, one in inside if one.verdict in ("answer", "likely")]
    right = sum(label == given for label, given in answered)
    offered = [(label, [c.label for c in one.candidates[:3]]) for label, one in inside if one.verdict == "clarify"]
    hits = sum(label in three for label, three in offered)
    parts = [
        f"right {100 * right / len(inside):.1f}",
        f"wrong {100 * (len(answered) - right) / len(inside):.1f}",
        f"clarified {100 * len(offered) / len(inside):.1f} (of which right in 3: {100 * hits / len(inside):.1f})",
    ]
    if outside:
        parts.append(f"oos not answered {100 * sum(one.verdict != 'answer' for one in outside) / len(outside):.1f}")
    return ", ".join(parts)


def show(row: Row) -> str:
    at_65, roc = ("    -" if value is None else f"{value:5.1f}" for value in (row.at_65, row.auroc))
    line = f"  {row.name:32} {row.accuracy:5.1f} {at_65} {roc} {row.fit:7.1f} {row.p50:7.2f} {row.p99:7.2f} {row.per_second:8.0f}"
    return f"{line}\n    {row.verdicts}" if row.verdicts else line


def table(folder: Path, name: str, shots: int | None, part: str, lexical_only: bool) -> None:
    phrasings = few(read(folder / f"{name}-train.jsonl"), shots)
    questions = read(folder / f"{name}-{part}.jsonl")
    print(
        f"{name}, {shots or 'all'} phrasings a label ({len(phrasings)}), {len(questions)} questions of the {part} part"
    )
    print(f"  {'':32} {'right':>5} {'@oos65':>5} {'auroc':>5} {'fit s':>6} {'p50 ms':>7} {'p99 ms':>7} {'per s':>8}")
    plain = (
        ("nearest by rapidfuzz", fuzzy),
        ("SQLite FTS5 bm25", full_text),
        ("bm25s", bm25),
    )
    for title, build in plain:
        try:
            print(show(measure(title, questions, partial(build, phrasings))[0]), flush=True)
        except ImportError:
            print(f"  {title:32} not installed")
    print(show(matched("matcher, words and letters", questions, phrasings, False)), flush=True)
    if not lexical_only and semantic_available():
        print(show(matched("matcher, with meaning", questions, phrasings, True)), flush=True)


# (data, phrasings a label, labels taken out to be out of scope, seed)
CASES = (
    ("clinc150", 10, 0, 0),
    ("clinc150", 10, 30, 1),
    ("clinc150", 25, 50, 2),
    ("banking77", 10, 20, 1),
    ("banking77", 25, 20, 2),
)


def fit_priors(folder: Path, semantic: bool) -> None:
    """Coefficients over strangers' questions: validation parts, with whole labels taken out as near misses."""
    rows, firsts, threes, weights = [], [], [], []
    for name, shots, dropped, seed in CASES:
        training = few(read(folder / f"{name}-train.jsonl"), shots, seed)
        labels = sorted({phrasing.label for phrasing in training})
        out = set(random.Random(seed).sample(labels, dropped))
        matcher = Matcher.fit([one for one in training if one.label not in out], semantic=semantic)
        questions = read(folder / f"{name}-validation.jsonl")
        extra = folder / f"{name}-train-oos.jsonl"
        questions += read(extra) if extra.exists() else []
        questions = sorted(questions, key=lambda one: one.label is None or one.label in out)
        outside = sum(one.label is None or one.label in out for one in questions)
        assert matcher.space is not None
        for start in range(0, len(questions), 256):
            some = questions[start : start + 256]
            texts = [matcher.space.read(readable(one.text))[0] for one in some]
            for one, text, near in zip(some, texts, matcher.space.near(texts), strict=True):
                found = votes(near, matcher.targets)
                rows.append(evidence(text, found, matcher.familiar.of_votes(text, found.labels)))
                best = [matcher.labels[label] for label in found.labels[:3]]
                firsts.append(best[0] == one.label)
                threes.append(one.label in best)
        weights.append(expected(len(questions) - outside, outside, 0.3) * 2000 / len(questions))  # each case alike
    table, weight = np.array(rows), np.concatenate(weights)
    mean, spread = table.mean(axis=0), table.std(axis=0)
    mean[0], spread = 0, np.maximum(spread, 1e-3)
    spread[0] = 1
    told = [("mean", mean), ("spread", spread)]
    for name, truth in (("first", firsts), ("three", threes)):
        zero = (0.0,) * len(EVIDENCE)
        told.append((name, logistic((table - mean) / spread, np.array(truth), weight, zero, pull=1.0)))
    for name, values in told:
        print(f"    {name}=({', '.join(f'{value:.3f}' for value in values)}),")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", nargs="+", default=["clinc150", "banking77"])
    parser.add_argument("--shots", type=int, default=None, help="phrasings a label; all if not given")
    parser.add_argument("--test-part", default="validation")
    parser.add_argument("--lexical-only", action="store_true")
    parser.add_argument("--fit-priors", action="store_true")
    given = parser.parse_args()
    if given.fit_priors:
        for semantic in (False, True):
            print("semantic" if semantic else "lexical")
            fit_priors(given.folder, semantic)
        return
    for name in given.data:
        table(given.folder, name, given.shots, given.test_part, given.lexical_only)


if __name__ == "__main__":
    main()
