"""How long one turn of a check takes: the shipped checks, and a generated one as large as checks may be.

    python tests/benchmarks/check_turn.py [--questions 17] [--rules 200] [--seed 1] [--runs 20]

A turn is the next question and how many are roughly left. "decide" is the decision so far, with every open question and
where it leads; "result" the one at the end, with the search for what would change it. Milliseconds on one core.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bot.checks import Answers, Check, Logic, decide, estimate_left, logic, next_question, prove

TEXT = {"en": "x", "zh": "字"}


def generated(questions: int, rules: int, seed: int) -> Check:
    """A check of yes/no questions whose rules name one to three of them each; no early not_eligible on one answer."""
    chance = random.Random(seed)
    words = dict.fromkeys(("name", "ask", "why", "how_to_find_out"), TEXT)
    values = [{"id": name, "label": TEXT, "within_reach": TEXT} for name in ("yes", "no")]
    asked: list[dict[str, Any]] = [
        words | {"id": f"q{n}", "kind": "yes_no", "values": values} for n in range(questions)
    ]
    for n in range(5, questions, 5):
        asked[n]["ask_if"] = {f"q{n - 4}": chance.choice(("yes", "no"))}
    made = []
    for n in range(rules):
        some = chance.sample(range(questions), chance.choice((1, 2, 2, 3)))
        when = {f"q{one}": chance.choice(("yes", "no")) for one in some}
        weights = (2, 4, 2, 1, 2) if len(when) > 1 else (3, 3, 0, 0, 2)
        verdict = chance.choices(("eligible", "conditional", "ask", "not_eligible", "note"), weights)[0]
        made.append(
            {"id": f"r{n}", "when": when, "verdict": verdict, "topic": f"t{n}", "text": TEXT, "next_step": TEXT}
        )
    return Check.model_validate(
        {
            "id": "generated", "title": TEXT, "intro": TEXT, "start": {"en": ["x"], "zh": ["字"]},
            "verdicts": dict.fromkeys(("eligible", "conditional", "ask", "not_eligible", "open"), TEXT),
            "questions": asked, "rules": made,
        }
    )  # fmt: skip


def timed(work: Callable[..., object], one: Logic, answers: Answers, **more: bool) -> float:
    start = time.perf_counter()
    work(one, answers, go_on=True, **more)
    return (time.perf_counter() - start) * 1000


def run(one: Logic, runs: int, seed: int) -> dict[str, list[float]]:
    """Random merchants answer to the end, one in eight answers being "I don't know"."""
    chance = random.Random(seed)
    times: dict[str, list[float]] = {"next": [], "remaining": [], "decide": [], "turn": [], "result": [], "asked": []}
    for _ in range(runs):
        answers, asked = Answers(), 0
        while True:
            parts = {
                "next": timed(next_question, one, answers),
                "remaining": timed(estimate_left, one, answers),
                "decide": timed(decide, one, answers, with_changes=False),
            }
            for name, spent in parts.items():
                times[name].append(spent)
            times["turn"].append(parts["next"] + parts["remaining"])
            question = next_question(one, answers, go_on=True)
            if question is None:
                break
            asked += 1
            classes = one.classes[one.index[question.id]]
            unknown = chance.randrange(8) == 0
            answers = answers.with_(question.id, None if unknown else classes.example(chance.randrange(classes.count)))
        times["result"].append(timed(decide, one, answers))
        times["asked"].append(asked)
    return times


def show(name: str, times: dict[str, list[float]], made: float, proof: float, paths: int) -> None:
    columns = []
    for column in ("turn", "decide", "result"):
        ordered = sorted(times[column])
        columns.append(
            f"{column} {statistics.median(ordered):6.2f} / {ordered[len(ordered) * 99 // 100]:6.2f} / {ordered[-1]:6.2f}"
        )
    print(
        f"{name:18} {'   '.join(columns)}   asked {max(times['asked']):2.0f}   "
        f"made in {made:6.1f}   proven in {proof:7.1f}   {paths:,} paths"
    )


def measured(check: Check, figures: dict[str, dict[str, int]], runs: int, seed: int) -> tuple[float, float]:
    """Milliseconds that making the table and the proof take."""
    start = time.perf_counter()
    one = logic(check, figures)
    assert one.bits.size
    made = (time.perf_counter() - start) * 1000
    start = time.perf_counter()
    report = prove(check, figures)
    proof = (time.perf_counter() - start) * 1000
    show(check.id, run(one, runs, seed), made, proof, report.paths)
    return made, proof


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=17)
    parser.add_argument("--rules", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=20)
    given = parser.parse_args()
    raw = yaml.load((ROOT / "knowledge" / "figures.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)
    figures = {group: {name: int(number) for name, number in entries.items()} for group, entries in raw.items()}
    print("milliseconds: median / p99 / worst")
    spent = []
    for path in sorted((ROOT / "knowledge" / "checks").glob("*.yaml")):
        check = Check.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader) | {"id": path.stem})
        spent.append(measured(check, figures, given.runs, given.seed))
    made, proof = map(sum, zip(*spent, strict=True))
    print(f"all shipped checks made in {made:.0f} ms, proven in {proof:.0f} ms")
    measured(generated(given.questions, given.rules, given.seed), {}, given.runs, given.seed)


if __name__ == "__main__":
    main()
