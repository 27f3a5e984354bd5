"""One answer out of many: what a reviewer decided, else what the votes elect."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from affecthub.annotation.aggregation import mean_vote, weighted_vote
from affecthub.annotation.votes import MISSING, encode_votes
from affecthub.training.platform.clips import Project
from affecthub.training.platform.standing import DECIDED
from affecthub.training.platform.tables import decisions, standings, votes
from affecthub.training.platform.task import Task


@dataclass(frozen=True)
class Result:
    """What came out for a clip in a modality.

    Attributes:
        status: One of ``standing.STATUSES``, or ``"open"`` while answers are missing.
        answer: Question to label, score, or list of captions.
        scores: Choice to what its label was elected with; nothing of what was decided.
        n_votes: Annotators who answered.
    """

    status: str
    answer: Mapping[str, Any]
    scores: Mapping[str, float]
    n_votes: int


def results_of(connection: Connection, project: Project) -> dict[int, dict[str, Result]]:
    """Clip's number to modality to result; clips without a vote are not there."""
    given: dict[tuple[int, str], dict[int, Any]] = defaultdict(dict)
    for row in connection.execute(
        select(votes.c.item, votes.c.modality, votes.c.person, votes.c.answer).order_by(
            votes.c.round, votes.c.version
        )
    ):
        given[row.item, row.modality][row.person] = row.answer
    status = {(row.item, row.modality): row.status for row in connection.execute(select(standings))}
    decided = {
        (row.item, row.modality): row.answer
        for row in connection.execute(
            select(decisions).where(decisions.c.answer.is_not(None)).order_by(decisions.c.n)
        )
    }
    found: dict[int, dict[str, Result]] = defaultdict(dict)
    for place, answers in given.items():
        item, modality = place
        answer, scores = elect(project.task, modality, list(answers.values()))
        stands = status.get(place, "open")
        if stands == DECIDED:
            final = decided[place]
            for question in project.task.asked_in(modality):
                value = final.get(question.name)
                if value is None:
                    continue
                scores.pop(question.name, None)
                if question.kind == "choice":
                    value = value["label"]
                answer[question.name] = [value] if question.kind == "caption" else value
        found[item][modality] = Result(stands, answer, scores, len(answers))
    return dict(found)


def elect(
    task: Task, modality: str, answers: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], dict[str, float]]:
    """The answer that annotators' answers come to, by EmotionTalk's equations 1 and 2.

    Args:
        task: With the rule by which labels are counted.
        modality: Which.
        answers: Of the annotators, at least one.

    Returns:
        Question to elected label, mean score, or list of captions; and choice to the label's score:
        the mean confidence of those who chose it (``per_class``), or their sum.
    """
    found: dict[str, Any] = {}
    scores: dict[str, float] = {}
    for question in task.asked_in(modality):
        values = [answer[question.name] for answer in answers if question.name in answer]
        if not values:
            continue
        if question.kind == "caption":
            found[question.name] = values
        elif question.kind == "scale":
            found[question.name] = round(float(mean_vote([values])[0]), 6)
        else:
            labels = [[value["label"] for value in values]]
            sure = [[value.get("confidence", 1.0) for value in values]]
            numbers = encode_votes(labels, question.labels)
            elected, of_class = weighted_vote(
                numbers, np.array(sure), len(question.labels), rule=task.review.aggregate
            )
            if elected[0] != MISSING:
                found[question.name] = question.labels[elected[0]]
                scores[question.name] = round(float(of_class[0, elected[0]]), 6)
    return found, scores
