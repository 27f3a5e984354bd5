"""The dialogues of a run: trained on, chosen by, scored."""

from collections import Counter
from dataclasses import dataclass, field

import datasets
import numpy as np

from affecthub.training.conversations.dialogues import Dialogue, named, read_dialogues
from affecthub.training.conversations.recipe import ConversationRecipe

# Of the training dialogues, where a protocol has none to validate on.
VALIDATION_SHARE = 0.1


@dataclass
class DialogueSplits:
    """The dialogues of a run.

    Args:
        train, validation, test: Dialogues; `test` is empty where the protocol has none.
        labels: The label set, in the order of the numbers.
        n_speakers: Most speakers that a dialogue of the corpus has.
        notes: What a reader of the scores must know, one sentence each.
    """

    train: list[Dialogue]
    validation: list[Dialogue]
    test: list[Dialogue]
    labels: tuple[str, ...]
    n_speakers: int
    notes: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[Dialogue]:
        """The dialogues of every split."""
        return [*self.train, *self.validation, *self.test]


def dialogue_splits(corpus: datasets.DatasetDict, recipe: ConversationRecipe) -> DialogueSplits:
    """Read the dialogues of every split, before anything is trained.

    Args:
        corpus: The recipe's corpus under its protocol.
        recipe: Names the labels.

    Returns:
        The dialogues. A protocol without validation has a tenth of its training dialogues held
        out, the same for every seed; a note says so.

    Raises:
        ValueError: See `read_dialogues`; there is nothing to train on, or too little to hold some
            of it out.
    """
    read: dict[str, list[Dialogue]] = {}
    notes: list[str] = []
    for name in ("train", "validation", "test"):
        rows = corpus.get(name)
        if rows is None or not len(rows):
            read[name] = []
            continue
        read[name], found = read_dialogues(
            rows,
            label=recipe.label,
            emotions=recipe.emotions,
            outside=recipe.outside,
            apart=recipe.apart,
        )
        notes += found.notes(name, recipe.outside)
    where = f"protocol {recipe.protocol!r} of {recipe.corpus}"
    if not read["train"]:
        raise ValueError(
            f"{where} has nothing to train on: got no dialogues in its `train` split, expected "
            f"some. Its splits are {', '.join(corpus)}."
        )
    notes += _cut(read, where)
    if not read["validation"]:
        read["train"], read["validation"] = _hold_out(read["train"], where)
        notes.append(
            f"{where} has no validation dialogues: {len(read['validation'])} of its training "
            "dialogues are held out, drawn with seed 0."
        )
    if not read["test"]:
        notes.append(f"{where} has no test dialogues: nothing is scored.")
    everyone = [dialogue for each in read.values() for dialogue in each]
    names = corpus["train"].features[recipe.label].names
    return DialogueSplits(
        read["train"],
        read["validation"],
        read["test"],
        tuple(recipe.emotions or names),
        1 + max(int(dialogue.speakers.max()) for dialogue in everyone),
        notes,
    )


def _hold_out(train: list[Dialogue], where: str) -> tuple[list[Dialogue], list[Dialogue]]:
    if len(train) < 2:
        raise ValueError(
            f"{where} has too little to choose the weights by: got {len(train)} training "
            "dialogue and none to validate on, expected two or more."
        )
    order = np.random.default_rng(0).permutation(len(train)).tolist()
    held = {*order[: max(1, round(VALIDATION_SHARE * len(train)))]}
    return (
        [each for i, each in enumerate(train) if i not in held],
        [each for i, each in enumerate(train) if i in held],
    )


def _cut(read: dict[str, list[Dialogue]], where: str) -> list[str]:
    """Say which dialogues a protocol has in two splits, where each hears its own part alone."""
    counts = Counter(dialogue.id for each in read.values() for dialogue in each)
    cut = [name for name, n in counts.items() if n > 1]
    if not cut:
        return []
    return [f"{where} cuts {len(cut)} dialogues, each part is read alone: {named(cut)}."]
