"""A run's filters: what each is given, and the speakers' scores, which are kept."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from affecthub.metrics.answers.files import read_labels
from affecthub.training.annotating.filters import (
    Sifted,
    crowd_agrees,
    speaker_is_seen,
    usual_length,
)
from affecthub.training.annotating.run_file import Step
from affecthub.training.annotating.speaking import SpeakerScorer, Speaking, read_scores
from affecthub.training.annotating.texts import Texts, as_labels, as_text, write_rows
from affecthub.training.answer_files import read_lines
from affecthub.training.clip_keys import clip_key


def sift(
    step: Step, texts: Texts, left: Sequence[str], output_dir: Path, speaker: Any = None
) -> Sifted:
    """Apply a step's filter to the clips that are left.

    Args:
        step: Of kind ``filter``.
        texts: What there is of each clip.
        left: Ids of the clips.
        output_dir: The run's folder; scores of speakers lie in its ``steps``.
        speaker: Scores a row; None is `SpeakerScorer`, made when a clip has to be scored.

    Raises:
        ValueError: A file does not fit.
        FileNotFoundError: A file that the step names is not there.
    """
    options = {k: v for k, v in step.options.items() if k not in ("filter", "of", "scores")}
    name = step.options["filter"]
    if name == "speaker":
        return speaker_is_seen(_scores(step, texts, left, output_dir, speaker), **options)
    judged = {clip_id: texts.get(step.inputs[0], clip_id) for clip_id in left}
    if name == "length":
        lengths = {i: as_text(value) for i, value in judged.items() if value is not None}
        sifted = usual_length(lengths, **options)
        for clip_id, value in judged.items():
            if value is None:
                sifted.dropped[clip_id] = f"nothing from {step.inputs[0]}"
        return sifted
    files = {str(k): read_labels(Path(str(v))) for k, v in options.pop("votes").items()}
    for crowd, votes in files.items():
        if not isinstance(votes, dict):
            raise ValueError(f"votes of {crowd!r} have no clip ids: expected a label by id.")
    votes = {i: [_one(file.get(i)) for file in files.values()] for i in left}  # type: ignore[union-attr]
    labels = {i: as_labels(value) if value is not None else [] for i, value in judged.items()}
    sifted = crowd_agrees(votes, labels, **options)
    sifted.facts["names"] = list(files)
    return sifted


def _one(value: Any) -> str | None:
    """A classifier's one label."""
    labels = as_labels(value) if value is not None else []
    return labels[0] if labels else None


def _scores(
    step: Step, texts: Texts, left: Sequence[str], output_dir: Path, speaker: Any
) -> dict[str, Speaking]:
    """Scores from a file of another detector, or ours, a clip once."""
    if step.options.get("scores"):
        given = read_scores(str(step.options["scores"]))
        lacking = "the file of scores has none"
        return {i: Speaking(given.get(i), "" if i in given else lacking) for i in left}
    path = output_dir / "steps" / f"{step.name}.jsonl"
    kept = {line["id"]: line for line in read_lines(path)} if path.is_file() else {}
    keys = {i: clip_key(texts.rows[i], ("audio", "video"))[:16] for i in left}
    todo = [i for i in left if kept.get(i, {}).get("clip") != keys[i]]
    if todo and speaker is None:
        speaker = SpeakerScorer()
    for number, clip_id in enumerate(todo, start=1):
        found = speaker(texts.rows[clip_id])
        said = found.why or f"{found.score:.4f}"
        kept[clip_id] = {"id": clip_id, "prediction": said, "clip": keys[clip_id]}
        kept[clip_id] |= {"score": found.score, "why": found.why}
        if number % 64 == 0 or number == len(todo):
            write_rows(path, kept.values())
    return {i: Speaking(kept[i].get("score"), kept[i].get("why") or "") for i in left}
