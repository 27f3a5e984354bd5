"""One HTML file that shows what a run scored, how it learned, and what it said about six clips."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from affecthub.datasets_scripts.rows.answers import answer_of
from affecthub.metrics.answers.confusion import INVALID, Confusion
from affecthub.training.answer_scores import SCORES, label_names, labels_said
from affecthub.training.experiment import Run, score_table
from affecthub.training.recipe import Recipe
from affecthub.training.run_facts import in_words, run_facts

COLUMN_TITLES = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro-F1",
    "hit_rate": "Hit rate",
    "set_f": "Set-F",
}
UNPARSED = "(none)"


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
        confusion=_confusion_figure(same) if main.scores.get("n") else None,
        losses=_loss_figure(same),
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
        video=_data_uri("video/mp4", video) if video else None,
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
    return _data_uri("image/png", buffer.getvalue())


def _confusion_figure(runs: Sequence[Run]) -> str:
    """Draw label against answer as shares of each label's clips, over all runs together."""
    names = runs[0].test.features[runs[0].recipe.label].names
    counts = np.sum([confusion_counts(run) for run in runs], axis=0)
    columns = [*names, UNPARSED]
    if not counts[:, -1].any():
        columns, counts = list(names), counts[:, :-1]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    figure, axes = _figure(5.4, 4.6)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(columns)), columns, rotation=40, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("answer")
    axes.set_ylabel("label")
    for (i, j), count in np.ndenumerate(counts):
        if count:
            axes.text(
                j,
                i,
                count,
                ha="center",
                va="center",
                color="white" if shares[i, j] > 0.5 else "#333",
            )
    return _svg(figure)


def confusion_counts(run: Run) -> np.ndarray:
    """How often each label was answered by each; the last column counts answers without one.

    Returns:
        Integers, shape ``(labels, labels + 1)``.
    """
    names = run.test.features[run.recipe.label].names
    place = {name: number for number, name in enumerate(names)}
    labels = label_names(run.test, run.recipe)
    said = labels_said(run.answers, run.test, run.recipe)
    scored = [i for i, label in enumerate(labels) if label is not None]
    reference = [place[str(labels[i])] for i in scored]
    predicted = [INVALID if said[i] is None else place[str(said[i])] for i in scored]
    counts: np.ndarray = Confusion.of(reference, predicted, n_classes=len(names)).counts
    return counts


def _loss_figure(runs: Sequence[Run]) -> str:
    """Draw the loss on the training and validation clips over the epochs, a line for each run."""
    figure, axes = _figure(5.4, 4.6)
    for key, name, style, colour in (
        ("loss", "training", "-", "C0"),
        ("eval_loss", "validation", "o-", "C1"),
    ):
        for number, run in enumerate(runs):
            points = [(entry["epoch"], entry[key]) for entry in run.losses if key in entry]
            if points:
                axes.plot(
                    *zip(*points, strict=True),
                    style,
                    color=colour,
                    alpha=1 if number == 0 else 0.4,
                    label=name if number == 0 else None,
                    markersize=4,
                )
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss (nats per answer token)")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def _figure(width: float, height: float):
    """Make a figure without touching pyplot's global state."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _svg(figure: Any) -> str:
    buffer = io.StringIO()
    # No date, so that the same run writes the same file.
    figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    text = buffer.getvalue()
    return _data_uri("image/svg+xml", text[text.index("<svg") :].encode())


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
