"""Scores where the Hub reads them: ``model-index`` in the card, and ``.eval_results``."""

from typing import Any

import yaml

from affecthub.hub_cards.models.families import family_of
from affecthub.hub_cards.models.known import Known
from affecthub.hub_cards.models.scores import Score, bench_scores, run_scores, whole_mean
from affecthub.unibench import BENCHMARK_REPO, SETS

RESULTS_FILE = ".eval_results/mer_unibench.yaml"


def model_index(known: Known, name: str) -> list[dict[str, Any]]:
    """The ``model-index`` of a card: every score in per cent, with how it came about.

    Args:
        known: The model's records.
        name: Of the model.

    Returns:
        A list of one model; empty where there are no scores.
    """
    mean = whole_mean(known)
    benched = [*bench_scores(known), *([mean] if mean else [])]
    named = [(score, f"MER-UniBench, {score.test}", BENCHMARK_REPO) for score in benched]
    named += [(score, score.test, score.test) for score in run_scores(known)]
    task = family_of(known).pipeline_tag
    results = [_result(task, *each) for each in named]
    return [{"name": name, "results": results}] if results else []


def _result(task: str, score: Score, name: str, dataset: str) -> dict[str, Any]:
    return {
        "task": {"type": task, "name": "Multimodal emotion recognition"},
        "dataset": {
            "name": name,
            "type": dataset,
            "split": "test",
            "args": {"clips": score.n_clips},
        },
        "metrics": [
            {
                "type": score.key,
                "name": f"{score.name} in per cent ({score.how})",
                "value": round(100 * score.value, 2),
            }
        ],
    }


def result_entries(known: Known) -> list[Any]:
    """Entries for the benchmark's leaderboard on the Hub.

    A set that was not scored on all clips of the benchmark is left out, and so is a mean over fewer
    than nine. Of a run without ``affecthub bench`` the benchmark's own score of its corpus counts,
    where the run was tested on just these clips.

    Returns:
        ``huggingface_hub.EvalResultEntry`` each: the task is a set's name or ``mean``, the value in
        per cent, the notes say protocol, lexicon, interval and number of clips.
    """
    from huggingface_hub import EvalResultEntry

    sizes = {each.name: each.n_clips for each in SETS}
    scores = [each for each in bench_scores(known) if sizes.get(each.test) == each.n_clips]
    if not known.bench:
        primary = {each.name: each.primary for each in SETS}
        scores = [
            each
            for each in run_scores(known)
            if sizes.get(each.test) == each.n_clips and primary[each.test] == each.key
        ]
    mean = whole_mean(known)
    return [
        EvalResultEntry(
            dataset_id=BENCHMARK_REPO,
            task_id=score.test,
            value=round(100 * score.value, 2),
            notes=f"{score.name} in per cent; {score.how}" if score is not mean else score.how,
        )
        for score in [*scores, *([mean] if mean else [])]
    ]


def results_text(known: Known) -> str | None:
    """The text of ``.eval_results/mer_unibench.yaml``; None where there is nothing to say."""
    from huggingface_hub import eval_result_entries_to_yaml

    entries = result_entries(known)
    if not entries:
        return None
    rows = eval_result_entries_to_yaml(entries)
    return yaml.safe_dump(rows, sort_keys=False, allow_unicode=True, width=100)
