"""What is left of a run: the annotated clips, those that were dropped with why, and a report."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.cache import write_whole
from affecthub.metrics.set_overlap.scores import set_overlap
from affecthub.training.annotating.running import Run
from affecthub.training.annotating.texts import as_labels, write_rows

ANNOTATIONS, DROPPED, REPORT = "annotated/annotations.jsonl", "dropped.jsonl", "report"
# Of a clip's row what is taken along.
_COLUMNS = ("text", "language", "speaker_id", "dialogue_id", "turn_index", "emotion")


def write_result(state: Run, output_dir: str | PathLike[str]) -> dict[str, Any]:
    """Write a run's clips and its report.

    Args:
        state: See `running.run_steps`.
        output_dir: Gets ``annotated/annotations.jsonl``, a folder that the corpus ``folder``
            loads: `id`, what the corpus says of the clip, the columns of the run's `result`, and
            `steps`, every text on the way; ``dropped.jsonl``, the same of dropped clips with
            `filter` and `reason`; ``report.json`` and ``report.md``.

    Returns:
        What the report says: see `summary`.
    """
    output_dir = Path(output_dir)
    rows = state.texts.rows
    kept = [_row(state, i, rows[i]) for i in state.left]
    dropped = [
        {**_row(state, i, rows[i]), "filter": name, "reason": why}
        for i, (name, why) in state.dropped.items()
    ]
    write_rows(output_dir / ANNOTATIONS, kept)
    write_rows(output_dir / DROPPED, dropped)
    told = summary(state)
    text = json.dumps(told, indent=1, ensure_ascii=False)
    write_whole(output_dir / f"{REPORT}.json", text)
    write_whole(output_dir / f"{REPORT}.md", as_markdown(told))
    return told


def summary(state: Run) -> dict[str, Any]:
    """A run in figures.

    Returns:
        `run`; `n` clips, `n_left`; `steps`, each with `n` clips that have it and `lacking`, counts
        by reason; `waiting` tables by step; `filters`, each with `n` judged, `kept`, `dropped`,
        `not_judged`, `why` (counts by kind of reason) and its `facts`; `labels`, of each result
        column that holds labels `n_labels`, `n_candidates` and `per_clip`; `compared`, scores of
        `set_overlap` by name.
    """
    filters, n_before = {}, len(state.texts.rows)
    for name, sifted in state.sifted.items():
        filters[name] = {
            "filter": sifted.name,
            "n": n_before,
            "kept": n_before - len(sifted.dropped),
            "dropped": len(sifted.dropped),
            "not_judged": len(sifted.unknown),
            "why": _kinds(sifted.dropped.values()),
            "facts": sifted.facts,
        }
        n_before -= len(sifted.dropped)
    steps = {
        name: {"n": len(values), "lacking": _kinds(state.lacking[name].values())}
        for name, values in state.texts.of_step.items()
    }
    waiting = {
        name: {path.name: n for path, n in tables.items()} for name, tables in state.waiting.items()
    }
    return {
        "run": state.run.name,
        "n": len(state.texts.rows),
        "n_left": len(state.left),
        "steps": steps,
        "waiting": waiting,
        "filters": filters,
        "labels": label_figures(
            {
                column: [
                    value for i in state.left if isinstance(value := state.texts.get(step, i), list)
                ]
                for column, step in state.run.result.items()
            }
        ),
        "compared": _compared(state),
    }


def label_figures(columns: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, dict[str, Any]]:
    """How many labels there are: what EMER says of its own in section 3.

    Args:
        columns: By name, the labels of each clip that has them; columns without are left out.

    Returns:
        For each column `n` clips, `n_labels` in all, `n_candidates` that differ, `per_clip`.

    Example:
        >>> label_figures({"zh": [["angry", "tired"], ["angry"]]})
        {'zh': {'n': 2, 'n_labels': 3, 'n_candidates': 2, 'per_clip': 1.5}}
    """
    figures = {}
    for name, clips in columns.items():
        if clips:
            labels = [label for clip in clips for label in as_labels(list(clip))]
            figures[name] = {
                "n": len(clips),
                "n_labels": len(labels),
                "n_candidates": len(set(labels)),
                "per_clip": len(labels) / len(clips),
            }
    return figures


def as_markdown(told: Mapping[str, Any]) -> str:
    """The report to read."""
    lines = [f"# {told['run']}", "", f"{told['n']} clips, {told['n_left']} left.", ""]
    lines += ["| step | clips | without |", "|---|---:|---|"]
    for name, step in told["steps"].items():
        lines.append(f"| {name} | {step['n']} | {_counts(step['lacking'])} |")
    for name, tables in told["waiting"].items():
        lines += [""] + [f"{name} waits for people: {n} clips in `{t}`." for t, n in tables.items()]
    if told["filters"]:
        lines += ["", "| filter | judged | kept | dropped | not judged | why |"]
        lines += ["|---|---:|---:|---:|---:|---|"]
        for name, each in told["filters"].items():
            counts = " | ".join(str(each[k]) for k in ("n", "kept", "dropped", "not_judged"))
            lines.append(f"| {name} | {counts} | {_counts(each['why'])} |")
        for name, each in told["filters"].items():
            lines += _crowd(name, each["facts"])
    if told["labels"]:
        lines += [
            "",
            "| labels | clips | in all | that differ | a clip |",
            "|---|---:|---:|---:|---:|",
        ]
        for name, each in told["labels"].items():
            lines.append(
                f"| {name} | {each['n']} | {each['n_labels']} | {each['n_candidates']} "
                f"| {each['per_clip']:.2f} |"
            )
    if told["compared"]:
        names = ("set_overlap", "accuracy_s", "recall_s", "overlap_s")
        lines += ["", "| set overlap | " + " | ".join(names) + " | clips |"]
        lines += ["|---" + "|---:" * (len(names) + 1) + "|"]
        for name, each in told["compared"].items():
            shown = " | ".join(f"{100 * each[key]:.2f}" for key in names)
            lines.append(f"| {name} | {shown} | {each['n_clips']} |")
    return "\n".join(lines) + "\n"


def _crowd(name: str, facts: Mapping[str, Any]) -> list[str]:
    """How often the classifiers of a crowd agree."""
    names = facts.get("names") or []
    if not names:
        return []
    lines = ["", f"Agreement of the classifiers of {name}, shares of clips:", ""]
    lines += ["| | " + " | ".join(names) + " |", "|---" + "|---:" * len(names) + "|"]
    for one, row in zip(names, facts["classifiers"], strict=True):
        shares = " | ".join("" if share is None else f"{share:.3f}" for share in row)
        lines.append(f"| {one} | {shares} |")
    return lines


def _row(state: Run, clip_id: str, row: Mapping[str, Any]) -> dict[str, Any]:
    of_step = state.texts.of_step
    told = {"id": clip_id} | {n: row[n] for n in _COLUMNS if row.get(n) is not None}
    told |= {column: of_step[step].get(clip_id) for column, step in state.run.result.items()}
    told["steps"] = {name: each[clip_id] for name, each in of_step.items() if clip_id in each}
    rounds = {
        name: [vars(each) for each in done[clip_id]]
        for name, done in state.checks.items()
        if clip_id in done
    }
    return told | ({"rounds": rounds} if rounds else {})


def _compared(state: Run) -> dict[str, Any]:
    """Overlap of label sets with the references, on the clips that all have."""
    if not state.run.compare:
        return {}
    references = {i: state.texts.get(state.run.against, i) for i in state.left}
    steps = [state.texts.of_step[step] for step in state.run.compare.values()]
    clips = [i for i, value in references.items() if value and all(i in each for each in steps)]
    if not clips:
        return {}
    gold = [as_labels(references[i] or []) for i in clips]
    return {
        name: set_overlap([as_labels(each[i]) for i in clips], gold)
        for name, each in zip(state.run.compare, steps, strict=True)
    }


def _kinds(reasons: Any) -> dict[str, int]:
    """Counts of reasons by what stands before their details."""
    return dict(Counter(reason.partition(":")[0] for reason in reasons).most_common())


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {why}" for why, n in counts.items())
