"""One HTML file that shows what a run scored, how it learned, and what it said about six clips."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from affecthub.datasets_scripts.rows.answers import answer_of
from affecthub.training.answer_scores import SCORES, label_names, labels_said
from affecthub.training.experiment import Run, score_table
from affecthub.training.recipe import Recipe
from affecthub.training.report_figures import (
    UNPARSED,
    confusion_figure,
    data_uri,
    loss_figure,
    score_figure,
)
from affecthub.training.run_facts import in_words, run_facts

COLUMN_TITLES = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro-F1",
    "hit_rate": "Hit rate",
    "set_f": "Set-F",
}


@dataclass
class ClipCard:
    """What the report shows of one clip.

    Args:
        id: The clip.
        video: The whole clip as a data URI, or None.
        poster: A frame as a data URI, or None.
        text: Transcript, or None.
        reference: The label and the open-vocabulary words.
        answer: What the model said.
        right: Whether the answer's label is the clip's.
    """

    id: str
    video: str | None
    poster: str | None
    text: str | None
    reference: str
    answer: str
    right: bool


def write_report(
    path: str | Path,
    runs: Sequence[Run],
    *,
    title: str,
    lead: str,
    notes: Sequence[str] = (),
    base: Recipe | None = None,
) -> Path:
    """Write a self-contained HTML report.

    Args:
        path: File to write.
        runs: What to tabulate. Of those with the first one's name, all seeds make the confusion
            matrix and the curves; the clips shown are the first run's.
        title: Heading.
        lead: One sentence below it: what was run on what.
        notes: Sentences for the end, for example what the corpus is not.
        base: The recipe as its file has it; fields that the first run has otherwise are listed.

    Returns:
        The path.
    """
    import jinja2

    main, rows = runs[0], score_table(runs)
    same = [run for run in runs if run.name == main.name]
    environment = jinja2.Environment(
        loader=jinja2.BaseLoader(), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    source = (files("affecthub.training") / "templates" / "report.html.jinja").read_text("utf-8")
    splits = [note for run in runs for note in run.record.get("notes", ())]
    page = environment.from_string(source).render(
        title=title,
        lead=lead,
        columns=[(key, COLUMN_TITLES[key]) for key in SCORES if key in rows[0]],
        rows=rows,
        detail=main.name,
        seeds=in_words([run.recipe.seed for run in same]),
        n_seeds=len(same),
        seed=main.recipe.seed,
        confusion=confusion_figure(same) if main.scores.get("n") else None,
        losses=loss_figure(same),
        scores=score_figure(same),
        clips=[_clip_card(main, i) for i in pick_clips(main)],
        notes=[*dict.fromkeys(splits), *notes],
        facts=run_facts(runs, base),
    )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def pick_clips(run: Run, n: int = 6) -> list[int]:
    """Choose clips to show: each of another label where possible, a mistake among them.

    Returns:
        Row numbers; the same for the same answers.
    """
    labels, right = label_names(run.test, run.recipe), _is_right(run)
    order = np.random.default_rng(0).permutation(len(labels)).tolist()
    chosen: list[int] = [i for i in order if not right[i] and labels[i] is not None][:1]
    seen = {labels[i] for i in chosen}
    for i in order:
        if len(chosen) < n and right[i] and labels[i] not in seen:
            chosen.append(i)
            seen.add(labels[i])
    rest = [i for i in order if i not in chosen]
    return sorted((chosen + rest)[:n], key=lambda i: (not right[i], i))


def _clip_card(run: Run, index: int) -> ClipCard:
    row = run.test[index]
    video = _film(row) if row["video"] else None
    columns = [
        column
        for column in dict.fromkeys((run.recipe.label, *run.recipe.answer))
        if row[column] not in (None, "", [])
    ]
    return ClipCard(
        id=row["id"],
        video=data_uri("video/mp4", video) if video else None,
        poster=_poster(video) if video else None,
        text=row["text"],
        reference=answer_of(row, run.test.features, columns) or "",
        answer=run.answers[index] or UNPARSED,
        right=_is_right(run)[index],
    )


def _is_right(run: Run) -> list[bool]:
    """Whether each answer's label is the clip's; a clip without a label is never right."""
    labels = label_names(run.test, run.recipe)
    said = labels_said(run.answers, run.test, run.recipe)
    return [
        label is not None and label == answer for label, answer in zip(labels, said, strict=True)
    ]


def _film(row: dict[str, Any]) -> bytes:
    """A clip's film as a file, cut out of the longer one where it is a part of that."""
    from affecthub.media import video_cut
    from affecthub.media.cut import cut_video

    if cut := video_cut(row):
        return cut_video(row["video"], **cut)
    return row["video"]["bytes"] or Path(row["video"]["path"]).read_bytes()


def _poster(video: bytes) -> str:
    """The clip's middle frame as a PNG data URI."""
    from PIL import Image

    from affecthub.media import load_frames

    buffer = io.BytesIO()
    Image.fromarray(load_frames(video, n_frames=3)[1]).save(buffer, format="PNG")
    return data_uri("image/png", buffer.getvalue())
