"""A journal's scores on a split: read, brought together with the clips, and measured."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from affecthub.errors import unknown_name
from affecthub.metrics.answers.resampling import LEVEL
from affecthub.metrics.replies.reading import shares
from affecthub.metrics.replies.values import Reading
from affecthub.training.asking.scoring.by_caption import by_caption, kind_of
from affecthub.training.asking.scoring.by_class import by_class
from affecthub.training.asking.scoring.by_confidence import by_confidence
from affecthub.training.asking.scoring.by_fine_label import by_fine_label
from affecthub.training.asking.scoring.by_stream import by_stream
from affecthub.training.asking.scoring.by_wheel import by_overlap, by_sign, by_wheel, labels_said
from affecthub.training.asking.scoring.clips import Clips, Fit, choose_split, fit
from affecthub.training.asking.scoring.forms import Form, form_of, read_answers
from affecthub.training.asking.scoring.journals import Asked
from affecthub.training.asking.scoring.measured import Measured, Replies
from affecthub.training.asking.scoring.tallies import with_intervals
from affecthub.training.bench.benchmark import Scoring as Tools

# Form of answers to the metrics that may score them, the first is shown first.
METRICS: dict[str, tuple[str, ...]] = {
    "one_of": ("emotion_classification",),
    "basic7": ("emotion_classification", "goemotions", "confidence"),
    "confidence": ("emotion_classification", "confidence"),
    "goemotions": ("goemotions",),
    "labels": ("set_f", "hit_rate", "set_overlap", "sentiment"),
    "text": ("set_f", "hit_rate", "set_overlap", "sentiment", "speaking_style_caption"),
    "stream": ("turning_points",),
    "sentiment": ("sentiment",),
    "score": ("sentiment",),
}
# Columns by which scores are told apart too, where clips differ in them.
SUBSETS = ("tier", "language")


@dataclass(frozen=True)
class Scoring:
    """How journals are scored.

    Attributes:
        split: Of the corpus; None finds the one that the journal is about.
        prompt: Name or file of the prompt, where it is none of affecthub's own; several for
            journals that were asked by different ones.
        form: Form of the answers, in place of a prompt.
        metric: The one metric that is wanted; None for all that fit.
        column: Of the references, with `metric`; None finds it.
        aliases: Take words that mean a label of a closed set for it.
        asked_only: Score clips with a line alone; else the others count as unanswered.
        tools: Lexicon, extractor of labels, resamples and seed.
        options: Further ones of the metric of captions.
    """

    split: str | None = None
    prompt: str | Sequence[str] | None = None
    form: str | None = None
    metric: str | None = None
    column: str | None = None
    aliases: bool = False
    asked_only: bool = False
    tools: Tools = field(default_factory=Tools)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Scored:
    """A journal, and what it scores.

    Attributes:
        journal: Its lines.
        clips: Those that are scored.
        asked: Which of them have a line.
        measured: What the answers count for.
        result: See `score_journal`.
    """

    journal: Asked
    clips: Clips
    asked: set[str]
    measured: list[Measured]
    result: dict[str, Any]


def score_journal(journal: Asked, splits: Mapping[str, Clips], scoring: Scoring) -> Scored:
    """Score a journal on a split of a corpus.

    Clips of the split without a line, errors and invalid answers stay in every denominator.

    Args:
        journal: See `read_journal`.
        splits: See `open_splits`.
        scoring: How.

    Returns:
        The scores. ``result`` has ``journal``, ``model``, ``prompt``, ``form``, ``language``,
        ``media``; ``corpus``, ``config``, ``protocol``, ``split``; ``n_clips`` (of the split, or
        with ``asked_only`` those with a line), ``n_lines`` about them, ``n_answered``,
        ``n_errors``, ``errors`` by message, ``n_unanswered`` and ``unanswered`` (clips without a
        line), ``coverage`` (answered clips of all in the split), ``n_unknown`` and ``elsewhere``
        (lines about other clips), ``matched_by``; ``parsing`` (see `shares`); ``tokens``;
        ``scores``: metric to ``column``, ``n``, ``n_without_reference``, ``scores`` (name to
        ``value``, ``low``, ``high``), ``per_label``, ``subsets`` and ``details``; ``lexicon``,
        ``extractor``, ``n_resamples``, ``seed``, ``level``, ``n_groups``.

    Raises:
        ValueError: The journal is about other clips, its form is not known, or the split has no
            references for it; see the functions named.
    """
    if scoring.column is not None and scoring.metric is None:
        raise ValueError(
            f"`--reference-column` {scoring.column} alone does not say what is scored: expected a "
            "metric before it, such as `affecthub score set_f --journal ...`."
        )
    form = form_of(journal, prompt=scoring.prompt, form=scoring.form)
    wanted = _wanted(form, scoring)
    split = choose_split(splits, journal, scoring.split)
    whole, fits = splits[split], fit(journal, splits, split)
    ids = whole.ids
    kept = [i for i, clip in enumerate(ids) if not scoring.asked_only or clip in fits.lines]
    clips = whole if len(kept) == len(ids) else whole.only(kept)
    answers = journal.answers
    there = {clip: answers[line] for clip, line in fits.lines.items() if line in answers}
    readings = read_answers(there, form, clips.labels, aliases=scoring.aliases)
    values = [_value(readings.get(clip)) for clip in clips.ids]
    lexicon, extractor = scoring.tools.tables(), scoring.tools.extractor()
    replies = Replies(clips, values, form, lexicon, extractor)
    measured = _measured(replies, wanted, scoring)
    if not measured:
        raise ValueError(_without_references(clips, form, wanted))
    result = {
        **_about(journal, form, clips),
        **_coverage(journal, fits, clips, ids),
        "parsing": shares(readings.values()),
        "tokens": journal.costs(),
        "scores": {each.metric: _scores(each, clips, scoring.tools) for each in measured},
        "lexicon": lexicon.identity,
        "extractor": extractor.name if form.name == "text" else None,
        "n_resamples": scoring.tools.n_resamples,
        "seed": scoring.tools.seed,
        "level": LEVEL,
        "n_groups": len({group for group in clips.groups if group is not None}),
    }
    return Scored(journal, clips, set(fits.lines), measured, result)


def _value(reading: Reading | None) -> Any:
    return None if reading is None or reading.status == "invalid" else reading.value


def _wanted(form: Form, scoring: Scoring) -> list[str]:
    """The metrics that are tried."""
    possible = METRICS[form.name]
    if scoring.metric is not None:
        if scoring.metric not in possible:
            raise unknown_name(
                f"metric of answers of the form {form.name}", scoring.metric, possible
            )
        return [scoring.metric]
    if kind_of(form.prompt) is not None and form.name == "text":
        return ["speaking_style_caption"]
    return [name for name in possible if name != "speaking_style_caption"]


def _measured(replies: Replies, wanted: Sequence[str], scoring: Scoring) -> list[Measured]:
    """What can be measured of what is wanted, in that order."""
    column = scoring.column
    of_labels = {"set_f", "hit_rate", "set_overlap", "sentiment"} & {*wanted}
    said = labels_said(replies) if of_labels and replies.form.name in ("labels", "text") else None
    makers: dict[str, Callable[[], Measured | None]] = {
        "emotion_classification": lambda: by_class(replies, column),
        "goemotions": lambda: by_fine_label(replies, column),
        "confidence": lambda: by_confidence(replies, column),
        "turning_points": lambda: by_stream(replies, column),
        "set_f": lambda: by_wheel("set_f", replies, said or [], column),
        "hit_rate": lambda: by_wheel("hit_rate", replies, said or [], column),
        "set_overlap": lambda: by_overlap(replies, said or [], column),
        "sentiment": lambda: by_sign(replies, said, column),
        "speaking_style_caption": lambda: by_caption(replies, column, scoring.options),
    }
    return [found for name in wanted if (found := makers[name]()) is not None]


def _without_references(clips: Clips, form: Form, wanted: Sequence[str]) -> str:
    there = [name for name in clips.rows.column_names if clips.column(name)]
    return (
        f"{clips.corpus}, configuration {clips.config}, split {clips.split}, has no reference for "
        f"answers of the form {form.name}: tried {', '.join(wanted)}; columns with values are "
        f"{', '.join(there)}. Name a metric and --reference-column, or another --config."
    )


def _about(journal: Asked, form: Form, clips: Clips) -> dict[str, Any]:
    return {
        "journal": str(journal.path),
        "model": journal.model,
        "prompt": journal.prompt or form.prompt,
        "form": form.name,
        "language": form.language,
        "media": journal.media,
        "corpus": clips.corpus,
        "config": clips.config,
        "protocol": clips.protocol,
        "split": clips.split,
    }


def _coverage(journal: Asked, fits: Fit, clips: Clips, ids: Sequence[str]) -> dict[str, Any]:
    errors = {
        clip: journal.errors[line] for clip, line in fits.lines.items() if line in journal.errors
    }
    return {
        "n_clips": len(clips.rows),
        "n_lines": len(fits.lines),
        "n_answered": len(fits.lines) - len(errors),
        "n_errors": len(errors),
        "errors": dict(Counter(errors.values()).most_common()),
        "n_unanswered": len(fits.unanswered),
        "unanswered": fits.unanswered,
        "coverage": (len(fits.lines) - len(errors)) / len(ids),
        "n_unknown": len(fits.unknown),
        "elsewhere": fits.elsewhere,
        "matched_by": fits.how,
    }


def _scores(measured: Measured, clips: Clips, tools: Tools) -> dict[str, Any]:
    how = {"n_resamples": tools.n_resamples, "seed": tools.seed}
    groups = [clips.groups[place] for place in measured.places]
    subsets = {}
    for column in SUBSETS:
        values = clips.column(column)
        here = [values[place] for place in measured.places] if values else []
        known = sorted({str(value) for value in here if value is not None})
        for name in known if 1 < len(known) <= 8 else ():
            places = [i for i, value in enumerate(here) if str(value) == name]
            part = measured.tally.only(places)
            found = with_intervals(part, [groups[i] for i in places], **how)
            subsets[f"{column} {name}"] = {
                "n": len(places),
                "scores": found,
                "per_label": measured.per_label(places),
            }
    return {
        "column": measured.column,
        "n": len(measured.places),
        "n_without_reference": len(clips.rows) - len(measured.places),
        "scores": with_intervals(measured.tally, groups, **how),
        "per_label": measured.per_label(),
        "subsets": subsets,
        "details": measured.details,
    }
