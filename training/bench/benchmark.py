"""A whole evaluation: references, answers of whatever kind, scores, floors, and what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.metrics.answers.resampling import N_RESAMPLES
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.mer_unibench.sentences import chat_extractor
from affecthub.metrics.wheels.clips import LexiconSource
from affecthub.training.bench.answers import (
    Answered,
    ByChat,
    ByLexicon,
    Extractor,
    ReadFile,
    Run,
    read_answers,
)
from affecthub.training.bench.baselines import BASELINES, baseline_run, floors
from affecthub.training.bench.kept import KEPT, keep, made_by, read_kept
from affecthub.training.bench.notes import notes_on
from affecthub.training.bench.references import References, chosen_sets, read_sets
from affecthub.training.bench.scoring import score_run

BENCHMARK = "MER-UniBench"


@dataclass
class Scoring:
    """How answers are scored.

    Attributes:
        lexicon: None for the built-in one, a name or a folder of released tables.
        endpoint: Address of an OpenAI-compatible server that takes labels out of answers; None
            for `LexiconExtractor`.
        model: Name of the chat model there.
        protocol: A key of `affecthub.training.bench.scoring.PROTOCOLS`.
        checkpoint: Of several, under the fixed protocol: "last", a number or a part of a name.
        seed: Of resamples and of the random baseline.
        n_resamples: Bootstrap resamples; 0 for no intervals.
    """

    lexicon: LexiconSource = None
    endpoint: str | None = None
    model: str | None = None
    protocol: str = "fixed"
    checkpoint: str | int = "last"
    seed: int = 0
    n_resamples: int = N_RESAMPLES

    def tables(self) -> Lexicon:
        """The lexicon, loaded."""
        return load_lexicon(self.lexicon)

    def extractor(self) -> Extractor:
        """What takes labels out of answers in words.

        Raises:
            ValueError: Only one of `endpoint` and `model` is given.
        """
        chat = chat_extractor(self.endpoint, self.model)
        return ByLexicon() if chat is None else ByChat(chat, f"{self.model} at {self.endpoint}")

    def of_several(self) -> str | int:
        """Which checkpoints are read."""
        return "best" if self.protocol == "official-best-epoch" else self.checkpoint


@dataclass
class Evaluation:
    """A run and what it scored.

    Attributes:
        run: Answers by set and checkpoint.
        result: See `affecthub.training.bench.scoring.score_run`; beside that ``benchmark``,
            ``system``, ``extractor``, ``floors`` (see `floors`) and ``notes``.
    """

    run: Run = field(repr=False)
    result: dict[str, Any]


def from_answers(
    folder: str | PathLike[str],
    data_root: str | PathLike[str],
    scoring: Scoring,
    *,
    sets: Sequence[str] | None = None,
    limit: int | None = None,
    name: str | None = None,
    read: ReadFile | None = None,
) -> Evaluation:
    """Score the answers in a folder.

    Args:
        folder: See `affecthub.training.bench.answers.read_answers`.
        data_root: See `affecthub.training.bench.references.read_sets`.
        scoring: How.
        sets: Those wanted; None for all nine.
        limit: Only the first clips of each set.
        name: What tables call the system; by default the folder.
        read: Reads a file of answers; None takes it as it is.

    Raises:
        FileNotFoundError: A folder is not there.
        ValueError: There is nothing to score, or something is broken; see the functions named.
    """
    references = read_sets(data_root, chosen_sets(sets), limit=limit)
    extractor = scoring.extractor()
    run = read_answers(
        folder,
        references,
        extractor,
        checkpoint=scoring.of_several(),
        described=scoring.endpoint is not None,
        read=read,
    )
    return evaluate(run, scoring, name=name or Path(folder).name, references=references)


def from_baseline(
    baseline: str,
    data_root: str | PathLike[str],
    scoring: Scoring,
    *,
    sets: Sequence[str] | None = None,
    limit: int | None = None,
) -> Evaluation:
    """Score answers that need no model, see `affecthub.training.bench.baselines.BASELINES`.

    Raises:
        FileNotFoundError: A folder is not there.
        ValueError: There is no such baseline, or nothing to score.
    """
    references = read_sets(data_root, chosen_sets(sets), limit=limit)
    run = baseline_run(baseline, references, scoring.tables(), seed=scoring.seed)
    evaluation = evaluate(run, scoring, name=baseline, references=references)
    evaluation.result["notes"].insert(0, f"{baseline}: {BASELINES[baseline]}.")
    return evaluation


def from_models(
    models: Sequence[str | Path],
    data_root: str | PathLike[str],
    scoring: Scoring,
    *,
    output_dir: str | PathLike[str],
    sets: Sequence[str] | None = None,
    limit: int | None = None,
    name: str | None = None,
    **asked: Any,
) -> Evaluation:
    """Let models answer the sets, and score the answers. Needs the extra ``train``.

    Args:
        models: Folder or Hub id of a saved AffectGPT; several are checkpoints of one run, which
            only the protocol ``"official-best-epoch"`` takes.
        data_root: See `affecthub.training.bench.references.read_sets`; with media.
        scoring: How.
        output_dir: Where the journals go; a run that was stopped goes on.
        sets: Those wanted; None for all nine.
        limit: Only the first clips of each set.
        name: What tables call the system; by default the first model.
        asked: ``question``, ``batch_size``, ``max_new_tokens``, ``features``, ``progress``; see
            `affecthub.training.bench.predicting.ask`.

    Raises:
        FileNotFoundError: A folder is not there.
        ValueError: There is nothing to score, a model is another kind, or several are given under
            the fixed protocol.
    """
    from affecthub.training.bench.predicting import ask

    if len(models) > 1 and scoring.protocol == "fixed":
        raise ValueError(
            f"the protocol is fixed: got {len(models)} models, expected the one checkpoint that is "
            "scored on all sets. Take official-best-epoch to replay the paper's choice."
        )
    references = read_sets(data_root, chosen_sets(sets), limit=limit)
    run = ask(models, references, scoring.extractor(), Path(output_dir), **asked)
    return evaluate(run, scoring, name=name or Path(models[0]).name, references=references)


def from_kept(
    folder: str | PathLike[str],
    scoring: Scoring,
    *,
    sets: Sequence[str] | None = None,
    name: str | None = None,
) -> Evaluation:
    """Score again what an earlier evaluation kept, without a model and without the corpora.

    Args:
        folder: Of the earlier evaluation.
        scoring: How; with an endpoint, labels are taken out of the answers anew.
        sets: Those wanted; None for all that are there.
        name: What tables call the system; by default as before.

    Raises:
        FileNotFoundError: Nothing was kept there.
        ValueError: The file is broken, or has none of the sets.
    """
    extractor = scoring.extractor() if scoring.endpoint is not None else None
    kept = read_kept(folder, extractor)
    wanted = {test_set.name for test_set in chosen_sets(sets)}
    run = {
        set_name: _chosen(by_checkpoint, scoring)
        for set_name, by_checkpoint in kept.items()
        if set_name in wanted
    }
    if not run:
        raise ValueError(f"{folder} kept none of the sets: got {', '.join(kept) or 'nothing'}.")
    references = {
        set_name: References(done.test_set, done.ids, done.references, [None] * len(done.ids))
        for set_name, by_checkpoint in run.items()
        for done in list(by_checkpoint.values())[:1]
    }
    before = str(made_by(folder).get("system", Path(folder).name))
    return evaluate(run, scoring, name=name or before, references=references)


def _chosen(by_checkpoint: dict[str, Answered], scoring: Scoring) -> dict[str, Answered]:
    """The checkpoints of a kept set that the protocol looks at."""
    wanted = scoring.of_several()
    names = list(by_checkpoint)
    if wanted == "best" or len(names) == 1:
        return by_checkpoint
    if wanted == "last":
        return {names[-1]: by_checkpoint[names[-1]]}
    fits = [name for name in names if str(wanted) in name]
    if len(fits) != 1:
        raise ValueError(
            f"`checkpoint` names {len(fits)} of those kept: got {wanted!r}, expected 'last' or a "
            f"part of one of {', '.join(names)}."
        )
    return {fits[0]: by_checkpoint[fits[0]]}


def evaluate(
    run: Run, scoring: Scoring, *, name: str, references: Mapping[str, References]
) -> Evaluation:
    """Score a run, and beside it what guessing scores on the same clips.

    Args:
        run: Answers by set and checkpoint.
        scoring: How.
        name: What tables call the system.
        references: The sets at hand; those without answers are missing from the scores.
    """
    lexicon = scoring.tables()
    result = score_run(
        run,
        lexicon,
        protocol=scoring.protocol,
        n_resamples=scoring.n_resamples,
        seed=scoring.seed,
    )
    reasons = result["published"]["because"] + _speaks_against(scoring.protocol, run)
    result["published"] = {"comparable": not reasons, "because": reasons}
    answered = {set_name: references[set_name] for set_name in run}
    return Evaluation(
        run,
        {
            "benchmark": BENCHMARK,
            "system": name,
            "extractor": ", ".join(_readers(run)) or "as kept",
            **result,
            "floors": floors(answered, lexicon),
            "notes": notes_on(result, references),
        },
    )


def _readers(run: Run) -> list[str]:
    """What took labels out of the answers, each once."""
    found = {done.read_by for by_checkpoint in run.values() for done in by_checkpoint.values()}
    return sorted(found - {""})


def _speaks_against(protocol: str, run: Run) -> list[str]:
    """Why scores do not stand beside the paper's rows, beside what the metric itself says."""
    reasons = []
    if protocol == "fixed":
        reasons.append(
            "checkpoint: one for all sets; the paper takes the best of each set on the set itself"
        )
    if ByLexicon.name in _readers(run):
        reasons.append("labels: taken out by the lexicon; the paper asks a language model")
    return reasons


def chosen_answers(evaluation: Evaluation) -> dict[str, Answered]:
    """Set to the answers that its score is of."""
    names = evaluation.result["checkpoints"]
    return {name: found[names[name]] for name, found in evaluation.run.items()}


def save(evaluation: Evaluation, folder: str | PathLike[str]) -> Path:
    """Keep the answers of an evaluation, see `affecthub.training.bench.kept`.

    Returns:
        The file.
    """
    path = Path(folder) / KEPT
    path.parent.mkdir(parents=True, exist_ok=True)
    keep(evaluation.run, path)
    return path
