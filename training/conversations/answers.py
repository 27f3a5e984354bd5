"""The answers of a conversation model: to every utterance, scored, and read from a file again."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from affecthub.training.conversations.baselines import Target
from affecthub.training.conversations.collating import DialogueSet
from affecthub.training.conversations.dialogues import named
from affecthub.training.conversations.scores import score

# Clip to the logits of its label.
Answers = Mapping[str, NDArray[np.float32]]


def predict(trainer: Any, dialogues: DialogueSet) -> dict[str, NDArray[np.float32]]:
    """Logits of every utterance; in a forecast those about it: the first of a dialogue has none.

    Args:
        trainer: With the model.
        dialogues: What is answered.

    Returns:
        Clip to float32 ``(classes,)``.
    """
    found: dict[str, NDArray[np.float32]] = {}
    model = trainer.model.eval()
    loader = trainer.get_test_dataloader(dialogues)
    logits: list[Any] = []
    with torch.no_grad():
        for batch in loader:
            given = {name: value for name, value in batch.items() if name != "labels"}
            logits += list(model(**given).logits.float().cpu().numpy())
    shift = 1 if model.config.task == "forecast" else 0
    for dialogue, each in zip(dialogues.dialogues, logits, strict=True):
        for place in range(shift, len(dialogue)):
            found[dialogue.clips[place]] = each[place - shift]
    return found


def score_answers(
    answers: Answers, asked: Sequence[Target], n_classes: int
) -> dict[str, Any] | None:
    """The scores of what was asked for; None where nothing was."""
    if not asked:
        return None
    said = [int(answers[each.clip].argmax()) for each in asked]
    return score([each.label for each in asked], said, n_classes)


def score_apart(
    answers: Answers, asked: Sequence[Target], n_classes: int
) -> dict[str, dict[str, Any]]:
    """The same by the values of the column that is scored apart; none where nothing is."""
    values = sorted({each.apart for each in asked if each.apart is not None})
    return {
        value: score_answers(answers, [each for each in asked if each.apart == value], n_classes)
        or {}
        for value in values
    }


def write_answers(
    file: Path, answers: Answers, asked: Sequence[Target], labels: Sequence[str]
) -> None:
    """A line of JSON for every utterance: `id`, `answer`, and `reference` where it is scored."""
    scored = {each.clip: labels[each.label] for each in asked}
    lines = [
        {"id": clip, "answer": labels[int(logits.argmax())], "reference": scored.get(clip)}
        for clip, logits in answers.items()
    ]
    said = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    file.write_text(said, encoding="utf-8")


def read_answers(file: str | Path, labels: tuple[str, ...], clips: list[str]) -> dict[str, int]:
    """The answers of a recognition run to every utterance, by class number.

    Args:
        file: Its ``predictions.jsonl``.
        labels: The label set that the answers have to be of.
        clips: Utterances that must have one.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: An answer is of another label set, or an utterance has none.
    """
    path = Path(file)
    if not path.is_file():
        raise FileNotFoundError(
            f"answers of a recogniser not found: {path}. Train one under the same protocol and "
            "seed first: affecthub train erc_bigru_causal --output-dir FOLDER"
        )
    numbers = {name: i for i, name in enumerate(labels)}
    found: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["answer"] not in numbers:
            raise ValueError(
                f"{path} is of another label set: got {row['answer']!r}, expected one of "
                f"{', '.join(labels)}."
            )
        found[row["id"]] = numbers[row["answer"]]
    lacking = [clip for clip in clips if clip not in found]
    if lacking:
        raise ValueError(
            f"{path} lacks {len(lacking)} of {len(clips)} utterances: {named(lacking)}. Expected "
            "the answers of a run under the same protocol, with the same `outside`."
        )
    return found
