"""Every path through a check."""

from collections.abc import Iterator

from bot.checks import Answers, Decision, Logic, decide, next_question


def paths(one: Logic, answers: Answers | None = None) -> Iterator[tuple[Answers, Decision]]:
    """Yield every path through the check, an example for each class of answers, with its decision."""
    answers = answers or Answers()
    question = next_question(one, answers)
    if question is None:
        yield answers, decide(one, answers)
        return
    classes = one.classes[one.index[question.id]]
    for number in range(classes.count):
        yield from paths(one, answers.with_(question.id, classes.example(number)))
