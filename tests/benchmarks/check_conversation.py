"""How long one turn of a check takes as a conversation, without the store: random merchants who press and write.

    python tests/benchmarks/check_conversation.py [--runs 200] [--seed 1]

Milliseconds on one core, by kind of turn; "words" are the spellings of values and plain numbers, typed.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import defaultdict
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bot.knowledge.knowledge import Knowledge
from bot.model import LANGUAGES, Address, Conversation, Message, Turn
from handlers import respond
from handlers.check.run import Run
from handlers.check.statement import Statement, value_text

HERE = Address("bench", "bench", "me")
TODAY = date(2026, 11, 24)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    knowledge = Knowledge.open()
    names = list(knowledge.library.checks)
    times: dict[str, list[float]] = defaultdict(list)

    def timed(kind: str, message: Message, conversation: Conversation) -> Turn:
        start = time.perf_counter()
        turn = respond(message, conversation, knowledge, TODAY)
        times["result" if turn.keep is not None else kind].append((time.perf_counter() - start) * 1000)
        return turn

    for run in range(given.runs + 20):
        if run == 20:  # what is made ready when it is first needed does not count
            times.clear()
        name, lang = chance.choice(names), chance.choice(LANGUAGES)
        conversation = Conversation(lang=lang)
        turn = timed("start", Message(HERE, press=f"check={name}", id=str(run), nonce="1"), conversation)
        for step in range(40):
            state = turn.conversation.check
            assert state is not None
            here = Run.of(state, knowledge.logic(name))
            if here.phase == "result":
                break
            if here.phase != "asking":
                order = "show" if here.phase == "review" else "go_on"
                said = Statement(name, state.run, order=order)  # type: ignore[arg-type]
                turn = timed(order, Message(HERE, press=str(said), id="p", nonce=f"{run}{step}"), turn.conversation)
                continue
            question = here.question
            assert question is not None
            classes = here.logic.classes[here.logic.index[question.id]]
            answer = classes.example(chance.randrange(classes.count))
            if question.kind == "choices" or chance.random() < 0.5:
                if isinstance(answer, frozenset):
                    for value in answer:
                        tick = Statement(name, state.run, question.id, f"+{value}")
                        turn = timed("press", Message(HERE, press=str(tick), id="p", nonce="1"), turn.conversation)
                    said = Statement(name, state.run, question.id, order="done")
                else:
                    said = Statement(name, state.run, question.id, value_text(answer))
                turn = timed("press", Message(HERE, press=str(said), id="p", nonce="1"), turn.conversation)
            else:
                words = value_text(answer)
                if isinstance(answer, str):
                    also = question.option(answer).also
                    words = chance.choice(also[lang]) if also else question.option(answer).label[lang]
                turn = timed("words", Message(HERE, words, id="w", nonce="1"), turn.conversation)
                after = turn.conversation.check
                if after is not None and after.answers == state.answers:  # a doubt, or not understood
                    said = Statement(name, state.run, question.id, value_text(answer))
                    turn = timed("press", Message(HERE, press=str(said), id="p", nonce="1"), turn.conversation)
    for kind, spent in sorted(times.items()):
        ordered = sorted(spent)
        print(
            f"{kind:8} {len(ordered):5} turns   median {statistics.median(ordered):6.3f}   "
            f"p99 {ordered[len(ordered) * 99 // 100]:6.3f}   worst {ordered[-1]:6.3f}"
        )


if __name__ == "__main__":
    main()
