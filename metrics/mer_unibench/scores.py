"""MER-UniBench: nine test sets, one primary score each, and their unweighted mean.

From answers in memory or from a folder with one file per set; the paper's table stands beside.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any

from affecthub.errors import unknown_name
from affecthub.metrics.answers.extraction import sentiment_of
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.mer_unibench.answer_files import (
    aligned_labels,
    answer_files,
    chosen_files,
    read_references,
    reference_files,
)
from affecthub.metrics.mer_unibench.paper import beside_published
from affecthub.metrics.mer_unibench.sentences import (
    chat_extractor,
    labels_of,
    read_descriptions,
)
from affecthub.metrics.parsing import as_item, parse_labels, require_as_many
from affecthub.metrics.plain_values import plain
from affecthub.metrics.sentiment.scores import as_polarity, sentiment
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.wheels.clips import LexiconSource
from affecthub.unibench import SETS, BenchmarkSet

# What every score says of the clips behind it, as far as it counts that.
COUNTS = ("n_clips", "n_scored", "n_invalid")

_BY_NAME = {test_set.name: test_set for test_set in SETS}
NAMES = tuple(_BY_NAME)

Pairs = tuple[Sequence[object], Sequence[object]]


def score_folder(
    folder: str | PathLike[str],
    references: str | PathLike[str],
    *,
    lexicon: LexiconSource = None,
    partial: bool = False,
    sentences: bool = False,
    endpoint: str | None = None,
    model: str | None = None,
    checkpoint: str | int = "best",
) -> dict[str, Any]:
    """The nine-set table from a folder of answers and a folder of references.

    Args:
        folder: Holds one file of predicted labels per set, named by the set (``mer2023.csv``,
            ``cmu_mosi.jsonl``, ...; see `answers.files.read_labels` for its forms), or one folder
            per set (``meld``, ``cmumosi``, ``results-simsv2``) with such a file or with what
            AffectGPT's scripts write: an npz per checkpoint and step.
        references: The same for the references, or the folders of MERBench with their npz of
            labels. Clips are aligned by id where both have ids.
        lexicon: As in `score_sets`.
        partial: As in `score_sets`.
        sentences: Answers are descriptions in words; labels are taken out of them by
            `affecthub.metrics.answers.extraction.LexiconExtractor` first.
        endpoint: Address of an OpenAI-compatible server, without ``/chat/completions``: answers are
            descriptions, and its model is asked for the labels and, in the sentiment sets, for the
            sentiment, as `affecthub.metrics.answers.chat.ChatExtractor` does. The token is read
            from the environment, ``OPENAI_API_KEY``.
        model: Name of the model there.
        checkpoint: Where a set has answers of several checkpoints: ``"best"`` takes the one with
            the best score on the set itself, as the paper does; ``"last"``, or the number or a part
            of the name of one, chooses without looking at the test set.

    Returns:
        As `score_sets`. Where files name checkpoints, ``checkpoint`` as asked for, and for each
        such set the name of its ``checkpoint`` and the scores of all that were looked at,
        ``by_checkpoint``. A set without a file of answers is missing.

    Raises:
        FileNotFoundError: A folder, or the references of an answered set, do not exist.
        ValueError: There is no file of answers, a set has two, a file cannot be read, answers do
            not fit references, no checkpoint or several are called so, or only one of `endpoint`
            and `model` is given.
        TypeError: A description is not text.
        ConnectionError: The server refused, or could not be reached.

    Source: AffectGPT paper (arXiv 2501.16566), section 4, Table 2, and appendix E for labels by a
        language model.
    """
    chat = chat_extractor(endpoint, model)
    is_described = sentences or chat is not None
    answered = answer_files(folder, descriptions=is_described)
    expected = reference_files(references)
    if not answered:
        raise ValueError(
            f"`folder` holds no answers: got {folder}, expected one of {', '.join(NAMES)}, each as "
            ".csv, .tsv, .json or .jsonl, or as a folder of npz."
        )
    unmatched = [name for name in answered if name not in expected]
    if unmatched:
        raise FileNotFoundError(
            f"references not found for {', '.join(unmatched)}: got answers "
            f"{answered[unmatched[0]][0].path}, expected a file {unmatched[0]}.csv, .tsv, .json or "
            f".jsonl, or a folder of that name, in {references}."
        )
    table = load_lexicon(lexicon)
    pairs: dict[str, Pairs] = {}
    runs: dict[str, dict[str, Any]] = {}
    for name, files in answered.items():
        test_set = _BY_NAME[name]
        wanted = read_references(expected[name], test_set)
        of_run: dict[str, Pairs] = {}
        for file in chosen_files(files, checkpoint):
            answers, aligned = aligned_labels(file.path, wanted, expected[name])
            if is_described or file.step == "":
                is_sentiment = test_set.primary == "sentiment"
                answers = read_descriptions(answers, chat, sentiment=is_sentiment)
            elif file.step == "-openset" and test_set.primary == "sentiment":
                answers = [parse_labels(answer, "released") for answer in answers]
            of_run[file.checkpoint or ""] = answers, aligned
        scores = {
            run: _primary_scores(test_set, *pair, table)[test_set.primary]
            for run, pair in of_run.items()
        }
        best = max(scores, key=lambda run: (scores[run] == scores[run], scores[run]))
        pairs[name] = of_run[best]
        if best:
            runs[name] = {"checkpoint": best, "by_checkpoint": scores}
    result = score_sets(pairs, lexicon=table, partial=partial)
    for name, run in runs.items():
        result["sets"][name] |= run
    if runs:
        result["checkpoint"] = checkpoint
        if checkpoint != "best":
            result["published"]["comparable"] = False
            result["published"]["because"].append(
                f"checkpoint: {checkpoint}; the paper takes the best of each set on the set itself"
            )
    return result


def mer_unibench(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    lexicon: LexiconSource = None,
    partial: bool = False,
) -> dict[str, Any]:
    """The nine-set table from answers of all sets in one list.

    Args:
        predictions: One mapping per clip, ``{"set": name, "labels": value}``; `value` is a list of
            labels, text or None, in the sentiment sets a polarity (a word, a number, text that
            holds one, or labels, whose signs are weighed). ``{"set": name, "answer": text}`` for a
            description in words, out of which labels are taken first.
        references: The same, aligned: the basic label, the sentiment, or the label list.
        lexicon: As in `score_sets`.
        partial: As in `score_sets`.

    Returns:
        As `score_sets`.

    Raises:
        ValueError: Lengths differ, a set is unknown or differs between the two, or a key is
            missing.
        TypeError: An item is no mapping, or its labels are of the wrong kind.

    Example:
        >>> scores = mer_unibench(
        ...     [{"set": "meld", "labels": ["happy"]}, {"set": "ch_sims", "labels": "positive"}],
        ...     [{"set": "meld", "labels": "joy"}, {"set": "ch_sims", "labels": 0.6}],
        ...     partial=True,
        ... )
        >>> scores["mer_unibench"], len(scores["missing"])
        (1.0, 7)
    """
    answered = [read_answer(item, f"predictions[{i}]") for i, item in enumerate(predictions)]
    expected = [read_answer(item, f"references[{i}]") for i, item in enumerate(references)]
    require_as_many(len(answered), len(expected))
    pairs: dict[str, tuple[list[object], list[object]]] = {}
    for clip, (answer, reference) in enumerate(zip(answered, expected, strict=True)):
        if answer["set"] != reference["set"]:
            raise ValueError(
                f"clip {clip} is of two sets: got {answer['set']!r} in `predictions` and "
                f"{reference['set']!r} in `references`, expected one. Align them by clip first."
            )
        found, wanted = pairs.setdefault(answer["set"], ([], []))
        found.append(answer["labels"])
        wanted.append(reference["labels"])
    return score_sets(pairs, lexicon=lexicon, partial=partial)


def score_sets(
    pairs: Mapping[str, Pairs], *, lexicon: LexiconSource = None, partial: bool = False
) -> dict[str, Any]:
    """The primary score of every set, their mean, and the paper's rows beside them.

    The primary scores are the hit rate of the four sets with basic labels, the weighted F1 of the
    four with sentiment, and set-F of OV-MERD+, all on the inner ring.

    Args:
        pairs: Set name to predictions and references of its clips, aligned.
        lexicon: As in `set_f.scores.set_f`; published numbers need released tables.
        partial: Give the mean of the sets that are there; else a missing set leaves it NaN.

    Returns:
        ``mer_unibench``, the unweighted mean in [0, 1], higher is better; ``sets``, a dict from
        set to ``score``, ``primary`` (its name), ``n_clips``, ``n_scored`` and, for sentiment,
        ``n_invalid``; ``tasks``, the mean of each task whose sets are all there, else None;
        ``missing``, sets without answers; ``table``, rows in percent by the names the paper
        prints, this evaluation first, then the paper's nineteen; ``n_clips``; ``lexicon``, name
        and version; ``published``, whether the scores are ``comparable`` with those rows, and what
        speaks against it; ``partial``. A NaN mean comes with a UserWarning
        that lists what is missing or undefined.

    Raises:
        ValueError: A set is unknown; see the scores for the rest.

    Source: AffectGPT paper (arXiv 2501.16566), section 4 (primary scores) and Table 2 (mean over
        datasets).
    """
    for name in pairs:
        if name not in NAMES:
            raise unknown_name("set of MER-UniBench", name, NAMES)
    table = load_lexicon(lexicon)
    sets: dict[str, dict[str, Any]] = {}
    reasons: dict[str, None] = {}
    for test_set in SETS:
        if test_set.name in pairs:
            scores = _primary_scores(test_set, *pairs[test_set.name], table)
            sets[test_set.name] = {
                "score": scores[test_set.primary],
                "primary": test_set.primary,
                **{key: scores[key] for key in COUNTS if key in scores},
            }
            reasons.update(dict.fromkeys(scores.get("published", {}).get("because", ())))
    missing = [name for name in NAMES if name not in sets]
    if missing:
        reasons[f"sets: {len(missing)} of nine are missing; a published mean is of all"] = None
    figures = [entry["score"] for entry in sets.values()]
    mean = _mean(figures) if figures and (partial or not missing) else float("nan")
    if mean != mean:
        undefined = [name for name, entry in sets.items() if entry["score"] != entry["score"]]
        warnings.warn(
            f"mer_unibench is nan: missing {', '.join(missing) or 'no set'}, undefined "
            f"{', '.join(undefined) or 'none'}. Pass partial=True for the mean of the sets there.",
            UserWarning,
            stacklevel=2,
        )
    return {
        "mer_unibench": mean,
        "sets": sets,
        "tasks": _task_means(sets),
        "missing": missing,
        "table": beside_published(
            [sets[name]["score"] if name in sets else None for name in NAMES], mean
        ),
        "n_clips": sum(entry["n_clips"] for entry in sets.values()),
        "lexicon": table.identity,
        "published": {"comparable": not reasons, "because": list(reasons)},
        "partial": partial,
    }


def read_answer(item: object, where: str) -> dict[str, Any]:
    """One clip as ``{"set", "labels"}`` in plain types, or say what is wrong with it.

    Raises:
        TypeError: The item is no mapping, or its labels are of the wrong kind.
        ValueError: A key is missing, or the set is unknown.

    Example:
        >>> read_answer({"set": "meld", "labels": ("happy",)}, "predictions[0]")
        {'set': 'meld', 'labels': ['happy']}
    """
    item = plain(item)
    if not isinstance(item, dict):
        raise TypeError(
            f"`{where}` is not an answer: got {item!r} ({type(item).__name__}), expected "
            '{"set": "meld", "labels": ["happy"]}.'
        )
    if "set" not in item or ("labels" in item) == ("answer" in item):
        raise ValueError(
            f"`{where}` is incomplete: got keys {', '.join(map(str, item))}, expected set and one "
            "of labels and answer."
        )
    name = item["set"]
    if name not in NAMES:
        raise unknown_name("set of MER-UniBench", name, NAMES)
    labels = item["labels"] if "labels" in item else labels_of(item["answer"])
    if _BY_NAME[name].primary != "sentiment" or isinstance(labels, list | set):
        return {"set": name, "labels": as_item(labels, where)}
    return {"set": name, "labels": as_polarity(labels, where)}


def _primary_scores(
    test_set: BenchmarkSet,
    predictions: Sequence[object],
    references: Sequence[object],
    lexicon: Lexicon,
) -> dict[str, Any]:
    if test_set.primary == "sentiment":
        answers = [sentiment_of(p) if isinstance(p, list | tuple) else p for p in predictions]
        return sentiment(answers, references)
    metric = hit_rate if test_set.primary == "hit_rate" else set_f
    return metric(predictions, references, lexicon=lexicon)


def _task_means(sets: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    """The mean over the sets of each task, None where one of them is missing."""
    tasks: dict[str, list[str]] = {}
    for test_set in SETS:
        tasks.setdefault(test_set.task, []).append(test_set.name)
    return {
        task: _mean([sets[name]["score"] for name in names])
        if all(name in sets for name in names)
        else None
        for task, names in tasks.items()
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
