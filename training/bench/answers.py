"""Answers of a system, by set and checkpoint, and what they amount to: labels or a sentiment.

They come from files as released (npz of AffectGPT's scripts), from our journals, or from json, csv
and their like.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

from affecthub.labels import SIGN_WORDS
from affecthub.metrics.answers.chat import ChatExtractor
from affecthub.metrics.answers.extraction import Sentiment
from affecthub.metrics.answers.files import Labels, read_labels
from affecthub.metrics.answers.joining import join_labels
from affecthub.metrics.mer_unibench.answer_files import AnswerFile, answer_files, chosen_files
from affecthub.metrics.mer_unibench.sentences import words_said
from affecthub.metrics.parsing import parse_labels
from affecthub.training.bench.references import BY_NAME, References
from affecthub.unibench import BenchmarkSet

AS_RELEASED = "the released scripts"
_POLARITIES = {*SIGN_WORDS, "neutral"}


@dataclass
class Answered:
    """The answers of one checkpoint to one set, aligned with the references.

    Attributes:
        test_set: Which one.
        ids: The clips.
        answers: What was said of each, as it stands in the file; None where nothing was.
        labels: What that amounts to: labels, or in the sentiment sets a polarity; None for nothing.
        references: What was expected.
        n_unanswered: Clips without an answer, or with an empty one. On the wheels they score 0, in
            the sentiment sets they count as negative, as the published code has it.
        n_unknown: Answers to clips that the set does not have, which are left out.
        read_by: What took the labels out of the answers.
    """

    test_set: BenchmarkSet
    ids: list[str]
    answers: list[Any]
    labels: list[Any]
    references: list[Any]
    n_unanswered: int = 0
    n_unknown: int = 0
    read_by: str = ""


# Reads a file of answers to the clips of a set.
ReadFile = Callable[[Path, References], Labels]
# Set -> checkpoint (an empty name where there is one) -> answers.
Run = dict[str, dict[str, Answered]]


class Extractor(Protocol):
    """Takes labels out of answers in words."""

    @property
    def name(self) -> str:
        """What reports call it."""

    def labels(self, answers: Sequence[str], *, sentiment: bool) -> list[Any]:
        """What each answer amounts to."""


class ByLexicon:
    """Lists of words as they stand, and the emotion words of sentences by `LexiconExtractor`."""

    name = "lexicon"

    def labels(self, answers: Sequence[str], *, sentiment: bool) -> list[Any]:
        """Labels, or in a sentiment set the polarity where the answer is nothing else."""
        if not sentiment:
            return [words_said(answer) for answer in answers]
        return [
            answer.strip().lower() if is_polarity(answer) else words_said(answer)
            for answer in answers
        ]


class ByChat:
    """A chat model that is asked for the labels, and for the sentiment that they amount to.

    Args:
        extractor: Asks it.
        name: What reports call it.
    """

    def __init__(self, extractor: ChatExtractor, name: str) -> None:
        self._extractor = extractor
        self.name = name

    def labels(self, answers: Sequence[str], *, sentiment: bool) -> list[Any]:
        """Labels, or in a sentiment set the polarity that the model names."""
        found = self._extractor.batch(answers)
        if not sentiment:
            return list(found)
        polarities: list[Sentiment | None] = self._extractor.sentiments(found)
        return list(polarities)


def is_polarity(answer: str) -> bool:
    """Say whether an answer is a polarity and nothing else.

    Example:
        >>> is_polarity(" Positive"), is_polarity("positive and calm")
        (True, False)
    """
    return answer.strip().lower() in _POLARITIES


def read_answers(
    folder: str | PathLike[str],
    references: Mapping[str, References],
    extractor: Extractor,
    *,
    checkpoint: str | int = "best",
    described: bool = False,
    read: ReadFile | None = None,
) -> Run:
    """The answers in a folder to the sets at hand.

    Args:
        folder: A file or a folder for each set, see
            `affecthub.metrics.mer_unibench.answer_files.answer_files`; several files in a set's
            folder are those of several checkpoints.
        references: The sets.
        extractor: Takes labels out of answers in words.
        checkpoint: ``"best"`` reads all; ``"last"``, or the number or a part of the name of one,
            that one, which must be the same for all sets.
        described: Take what the model said even where labels were taken out of it already.
        read: Reads a file; None takes it as it is.

    Returns:
        The run; sets without answers are not in it.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds no answers to the sets, or those of another set, or sets answered by
            different checkpoints where one is wanted.
    """
    files = answer_files(folder, descriptions=described)
    asked = {name: found for name, found in files.items() if name in references}
    if not asked:
        raise ValueError(
            f"`answers` holds none to the sets at hand: got answers to "
            f"{', '.join(files) or 'no set'} in {folder}, expected some of "
            f"{', '.join(references)}, each as a file or a folder called so."
        )
    chosen = _one_checkpoint(asked, checkpoint)
    return {
        name: {
            file.checkpoint or "": _read(file, references, BY_NAME[name], extractor, read)
            for file in chosen[name]
        }
        for name in references
        if name in chosen
    }


def _one_checkpoint(
    files: Mapping[str, list[AnswerFile]], checkpoint: str | int
) -> dict[str, list[AnswerFile]]:
    """The files of the checkpoint asked for; "last" is the last that answered every set."""
    if checkpoint == "best":
        return dict(files)
    named = {
        name: [file.checkpoint for file in found]
        for name, found in files.items()
        if found[0].checkpoint is not None
    }
    if checkpoint == "last" and named:
        shared = set.intersection(*(set(names) for names in named.values()))
        if not shared:
            raise ValueError(
                "no checkpoint answered every set: got "
                + "; ".join(f"{name} by {', '.join(map(str, on))}" for name, on in named.items())
                + ", expected one that did. Choose sets, or take official-best-epoch."
            )
        last = max(shared, key=str)
        return {
            name: [file for file in found if file.checkpoint in (last, None)]
            for name, found in files.items()
        }
    return {name: chosen_files(found, checkpoint) for name, found in files.items()}


def _read(
    file: AnswerFile,
    references: Mapping[str, References],
    test_set: BenchmarkSet,
    extractor: Extractor,
    read: ReadFile | None,
) -> Answered:
    """Read one file, whatever step of whoever's program wrote it."""
    wanted = references[test_set.name]
    content = read_labels(file.path) if read is None else read(file.path, wanted)
    if not content:
        raise ValueError(f"{file.path} is empty: expected an answer for each clip.")
    if not isinstance(content, dict):
        if len(content) != len(wanted.ids):
            raise ValueError(
                f"{file.path} has no clip ids and {len(content)} answers: expected one for each of "
                f"the {len(wanted.ids)} clips of {test_set.name}, or ids."
            )
        content = dict(zip(wanted.ids, content, strict=True))
    return aligned(content, references, test_set, extractor, source=str(file.path), step=file.step)


def aligned(
    content: Mapping[str, Any],
    references: Mapping[str, References],
    test_set: BenchmarkSet,
    extractor: Extractor,
    *,
    source: str,
    step: str | None = None,
) -> Answered:
    """Answers by clip id beside the references, and what they amount to.

    Args:
        content: Clip id to answer.
        references: All sets at hand, so that another set's answers are known as such.
        test_set: The set that was asked.
        extractor: Takes labels out of answers in words.
        source: Where the answers are from, for messages.
        step: Of an npz of AffectGPT's scripts, see `AnswerFile`.

    Raises:
        ValueError: Not a single answer is to a clip of the set.
    """
    wanted = references[test_set.name]
    try:
        joined = join_labels(content, dict(zip(wanted.ids, wanted.labels, strict=True)))
    except ValueError as error:
        raise ValueError(_foreign(content, references, test_set, source, error)) from error
    found = dict(zip(joined.ids, joined.predictions, strict=True))
    answers = [found.get(clip) for clip in wanted.ids]
    n_empty = sum(answer in (None, "", []) for answer in answers)
    if joined.n_unknown or n_empty:
        warnings.warn(
            f"{source}: {n_empty} of {len(answers)} clips of {test_set.name} have no answer and "
            f"count as unanswered; {joined.n_unknown} answers are to clips it does not have and "
            "are left out.",
            stacklevel=2,
        )
    return Answered(
        test_set,
        wanted.ids,
        answers,
        amounts(answers, test_set, extractor, step),
        wanted.labels,
        n_empty,
        joined.n_unknown,
        f"{AS_RELEASED} ({step})" if step else extractor.name,
    )


def _foreign(
    content: Mapping[str, Any],
    references: Mapping[str, References],
    test_set: BenchmarkSet,
    source: str,
    error: ValueError,
) -> str:
    """Say whose answers they are, where another set at hand has the clips."""
    for name, other in references.items():
        shared = {clip.rpartition("/")[2] for clip in content} & {
            clip.rpartition("/")[2] for clip in other.ids
        }
        if name != test_set.name and shared:
            return (
                f"{source} holds answers of another set: got clips of {name}, expected those of "
                f"{test_set.name}. Call the file after the set it answers."
            )
    return f"{source} does not answer {test_set.name}: {error}"


def amounts(
    answers: Sequence[Any], test_set: BenchmarkSet, extractor: Extractor, step: str | None = None
) -> list[Any]:
    """What answers amount to: labels, or in the sentiment sets a polarity; None for nothing.

    Args:
        answers: Text, a list of labels, a number, or None, one per clip.
        test_set: Says what is asked.
        extractor: Takes labels out of text.
        step: Of an npz of AffectGPT's scripts; what a step of these made of answers is no text to
            take labels out of, but labels or a polarity.
    """
    is_sentiment = test_set.primary == "sentiment"
    if step == "-openset-sentiment":
        return list(answers)
    if step == "-openset":
        return [None if a is None else list(parse_labels(a, "released")) for a in answers]
    texts = [i for i, answer in enumerate(answers) if isinstance(answer, str) and answer.strip()]
    found = extractor.labels([answers[i] for i in texts], sentiment=is_sentiment)
    labels = [None if isinstance(answer, str) else answer for answer in answers]
    for place, label in zip(texts, found, strict=True):
        labels[place] = label
    return labels
