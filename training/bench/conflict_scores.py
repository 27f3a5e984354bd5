"""Scores of clips whose modalities agree and disagree, of MER-UniBench's sets or of a corpus."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from affecthub.entries import entry_of
from affecthub.errors import unknown_name
from affecthub.metrics.answers.files import read_labels
from affecthub.metrics.mer_unibench.statistics import Statistics, statistics
from affecthub.training.bench.answers import Answered, aligned
from affecthub.training.bench.benchmark import Scoring
from affecthub.training.bench.conflict import MODALITY_LABELS, by_part, corpus_parts
from affecthub.training.bench.references import BY_NAME, References
from affecthub.training.bench.scoring import scores_of
from affecthub.unibench import BenchmarkSet


def subset_scores(
    run: Mapping[str, Answered],
    parts: Mapping[str, Mapping[str, tuple[str, ...]]],
    scoring: Scoring,
) -> dict[str, dict[str, Any]]:
    """The scores of the parts of each set, see `affecthub.training.bench.conflict`.

    Args:
        run: Set to its answers.
        parts: Set to the parts of its clips, by id.
        scoring: How.

    Returns:
        Per set and part ``n_clips`` and ``scores`` as in `score_run`; ``all`` is the set as a
        whole. Parts without clips are left out.
    """
    lexicon = scoring.tables()
    found: dict[str, dict[str, Any]] = {}
    for name, of_clips in parts.items():
        done = run[name]
        places = {"all": list(range(len(done.ids))), **by_part(of_clips, done.ids)}
        made = statistics(done.test_set, done.labels, done.references, lexicon)
        found[name] = {
            part: {
                "n_clips": len(chosen),
                "scores": scores_of(
                    Statistics(made.primary, made.columns[chosen], lexicon),
                    scoring.n_resamples,
                    scoring.seed,
                ),
            }
            for part, chosen in places.items()
            if chosen
        }
    return found


def conflict_scores(
    corpus: str,
    data_dir: str | Path,
    answers: str | Path,
    scoring: Scoring,
    *,
    split: str = "test",
    protocol: str | None = None,
) -> dict[str, dict[str, Any]]:
    """Score answers to a corpus that was labelled for each modality, part by part.

    Args:
        corpus: A key of `affecthub.training.bench.conflict.MODALITY_LABELS`.
        data_dir: Its folder.
        answers: Label file or journal, by clip id.
        scoring: How. Emotions are scored as the basic sets of MER-UniBench are, neutral left out.
        split: Of the protocol.
        protocol: Of the corpus; None takes its first.

    Returns:
        As `subset_scores`, for the one corpus.

    Raises:
        ValueError: The corpus has no label for each modality, or the answers are to other clips.
        FileNotFoundError: A file or folder is not there.
    """
    from affecthub.datasets_scripts import load_dataset

    if corpus not in MODALITY_LABELS:
        raise unknown_name("corpus with a label for each modality", corpus, MODALITY_LABELS)
    column, _ = MODALITY_LABELS[corpus]
    chosen = protocol or entry_of(corpus).protocols[0]
    rows = load_dataset(corpus, data_dir=data_dir, protocol=chosen, split=split)
    parts = corpus_parts(rows, corpus)
    test_set = BY_NAME.get(corpus, BenchmarkSet(corpus, "basic", "hit_rate", len(rows)))
    labels = rows[column][:]
    if test_set.primary == "hit_rate":
        names = rows.features[column].names
        labels = [None if label is None else names[label] for label in labels]
    kept = [i for i, label in enumerate(labels) if label is not None]
    ids = rows["id"][:]
    wanted = References(
        test_set,
        [ids[i] for i in kept],
        [labels[i] for i in kept],
        [None] * len(kept),
        len(labels) - len(kept),
    )
    content = read_labels(answers)
    if not isinstance(content, dict):
        raise ValueError(f"{answers} has no clip ids: expected an id beside each answer.")
    done = aligned(content, {corpus: wanted}, test_set, scoring.extractor(), source=str(answers))
    return subset_scores({corpus: done}, {corpus: parts}, scoring)
