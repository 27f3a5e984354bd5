"""What a corpus gives frozen features and heads: one experiment on one corpus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np
from numpy.typing import NDArray

from affecthub.datasets_scripts import load_dataset
from affecthub.training.pretrained.faces import own_answer
from affecthub.training.pretrained.features import FACE, SOUND, TEXT, features_of
from affecthub.training.pretrained.heads import Floats, Head, fuse
from affecthub.training.pretrained.intervals import score_with_intervals

SPLITS = ("train", "validation", "test")
ENGLISH = "en"
CHARACTERS = "characters, TF-IDF"


@dataclass(frozen=True)
class Row:
    """One system on one corpus.

    Args:
        given: What it is given.
        model: What describes it.
        strength: The head's inverse penalty; None where nothing was trained.
        missing: Test clips that lack what it is given.
        scores: See `score_with_intervals`.
    """

    given: str
    model: str
    strength: float | None
    missing: int
    scores: dict[str, Any]


@dataclass(frozen=True)
class Result:
    """All systems on one corpus.

    Args:
        corpus: Its name.
        protocol: Which split file.
        clips: Clips used of each split.
        unlabelled: Clips left out of each split because they have no label.
        majority: The training split's most frequent label.
        drawn: What the bootstrap draws: "dialogues", or "clips" where there are none.
        rows: The majority first, then one for each modality, then all of them together.
    """

    corpus: str
    protocol: str
    clips: dict[str, int]
    unlabelled: dict[str, int]
    majority: str
    drawn: str
    rows: list[Row]


def run_corpus(
    corpus: str,
    data_dir: str | Path,
    *,
    protocol: str = "official",
    label: str = "emotion",
    progress: bool = True,
) -> Result:
    """Train a head on each modality that a corpus has, and score them on its test split.

    Args:
        corpus: A name of ``affecthub data list``.
        data_dir: Its folder.
        protocol: Which split file; it must give training, validation and test clips.
        label: A ClassLabel column.
        progress: Show bars.

    Raises:
        ValueError: A split is missing, the column is no ClassLabel, or no clip has a modality.
        ImportError: A package of the extra `pretrained` is missing.
    """
    loaded = load_dataset(corpus, data_dir=data_dir, protocol=protocol)
    lacking = [name for name in SPLITS if not len(loaded.get(name, ()))]
    if lacking:
        raise ValueError(
            f"{corpus} has no {' and no '.join(lacking)} clips under the protocol {protocol!r}: "
            f"got {', '.join(loaded)}, expected {', '.join(SPLITS)}. Choose another protocol."
        )
    feature = loaded["train"].features.get(label)
    if not isinstance(feature, datasets.ClassLabel):
        raise ValueError(f"`label` names {label!r}: got {feature}, expected a ClassLabel column.")
    rows = {name: _labelled(loaded[name], label) for name in SPLITS}
    labels = {name: np.array(split[label], dtype=np.int64) for name, split in rows.items()}
    scorer = _Scorer(rows["test"], labels, feature.names)
    table, answers = [scorer.baseline()], {}
    for kind in (TEXT, SOUND, FACE):
        there = {name: [kind.has(row) for row in split] for name, split in rows.items()}
        if not any(there["train"]):
            continue
        characters = kind is TEXT and not _is_english(rows["train"])
        inputs: dict[str, Any] = {
            name: split["text"] if characters else features_of(kind, split, progress=progress)
            for name, split in rows.items()
        }
        head = Head(len(feature.names), characters=characters)
        head.fit(inputs["train"], labels["train"], inputs["validation"], labels["validation"])
        answers[kind.name] = head(inputs["test"])
        missing = sum(not is_there for is_there in there["test"])
        if not characters:
            missing = int(np.isnan(inputs["test"]).any(axis=1).sum())
        if kind is FACE:
            own = [own_answer(vector) for vector in inputs["test"]]
            table.append(Row(kind.name, f"{kind.model}, as it is", None, missing, scorer(own)))
        model = CHARACTERS if characters else kind.model
        scores = scorer.of_logs(answers[kind.name])
        table.append(Row(kind.name, model, head.strength, missing, scores))
    if not answers:
        raise ValueError(
            f"{corpus} in {data_dir} has nothing to describe: got clips without text, sound and "
            "film, expected one of them."
        )
    if len(answers) > 1:
        scores = scorer.of_logs(fuse(list(answers.values()), head.log_prior))
        table.append(Row(" + ".join(answers), "product of the heads", None, 0, scores))
    return Result(
        corpus,
        protocol,
        {name: len(split) for name, split in rows.items()},
        {name: len(loaded[name]) - len(split) for name, split in rows.items()},
        scorer.majority,
        scorer.drawn,
        table,
    )


class _Scorer:
    """Scores answers to the test split; what is the same for every system is kept here."""

    def __init__(
        self,
        test: datasets.Dataset,
        labels: Mapping[str, NDArray[np.int64]],
        names: list[str],
    ) -> None:
        self.names = names
        self.references = [names[number] for number in labels["test"]]
        self.majority = names[int(np.bincount(labels["train"], minlength=len(names)).argmax())]
        self.groups = test["dialogue_id"]
        self.drawn = "dialogues" if any(group is not None for group in self.groups) else "clips"

    def __call__(self, answers: Sequence[str | None]) -> dict[str, Any]:
        return score_with_intervals(
            answers,
            self.references,
            self.names,
            majority=self.majority,
            groups=self.groups,
        )

    def of_logs(self, logs: Floats) -> dict[str, Any]:
        return self([self.names[number] for number in logs.argmax(axis=1)])

    def baseline(self) -> Row:
        scores = self([self.majority] * len(self.references))
        return Row("nothing", f"majority: {self.majority}", None, 0, scores)


def _labelled(rows: datasets.Dataset, label: str) -> datasets.Dataset:
    return rows.select([i for i, number in enumerate(rows[label]) if number is not None])


def _is_english(rows: datasets.Dataset) -> bool:
    """Whether MiniLM, which was trained on English, knows what is said."""
    return set(rows["language"]) == {ENGLISH}
