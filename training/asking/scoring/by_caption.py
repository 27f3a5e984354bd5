"""Captions of speaking style: what their metrics give, and intervals where a score is a mean."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from affecthub.metrics.speaking_style_caption.scores import speaking_style_caption
from affecthub.training.asking.scoring.measured import Measured, Replies, with_reference
from affecthub.training.asking.scoring.tallies import Floats, Tally, ratio
from affecthub.training.captioning.kinds import COLUMNS, references

METRIC = "speaking_style_caption"
FORMS = ("text",)
# Corpora whose paper says which scores it takes.
_PRESETS = {"emotiontalk": "emotiontalk", "emer": "emer"}
_SAID = ("preset", "tokenizer", "beta", "meteor_variant", "models", "clap_mode", "scale", "primary")


def kind_of(prompt: str) -> str | None:
    """The kind of caption that a prompt asks for, by its name.

    Example:
        >>> kind_of("caption_style_zh@1"), kind_of("unibench_description@1") is None
        ('style', True)
    """
    words = prompt.partition("@")[0].lower().replace("-", "_").split("_")
    if not {"caption", "captions"} & {*words}:
        return None
    return next((kind for kind in COLUMNS if kind in words), "overall")


def by_caption(
    replies: Replies, column: str | None = None, options: Mapping[str, Any] | None = None
) -> Measured | None:
    """The scores of captions.

    An answer that is missing or invalid is an empty caption.

    Args:
        replies: Answers of the form ``text``.
        column: Of the references, a kind of caption or a column; None takes the kind that the
            prompt's name says.
        options: Of `speaking_style_caption`; by default those of the corpus' paper, of which what
            needs packages or weights that are not there is named in the details.

    Returns:
        Every score that can be computed; None where nothing says which column, or no clip has a
        reference. Scores that are no mean over clips (BLEU) have no interval.

    Source: EmotionTalk paper, section 4.3 and Table 5 (rows of models that are asked).
    """
    kind = column or kind_of(replies.form.prompt)
    if replies.form.name not in FORMS or kind is None:
        return None
    chosen = COLUMNS.get(kind, kind)
    values = replies.clips.require(chosen) if column else replies.clips.column(chosen)
    captions = [references({"caption": value}, "caption") for value in values]
    places = with_reference(captions)
    if not places:
        return None
    said = [replies.values[i] or "" for i in places]
    chosen_options = {
        "preset": _PRESETS.get(replies.clips.corpus),
        "lang": _language(replies),
        **(options or {}),
    }
    whole = speaking_style_caption(
        said, [captions[i] for i in places], per_clip=True, **chosen_options
    )
    clips = whole["per_clip"]
    means = [
        name
        for name, values in clips.items()
        if np.isclose(np.mean(values), whole[name], rtol=1e-9, atol=1e-12)
    ]
    columns = np.array([*(clips[name] for name in means), [1.0] * len(places)]).T
    details = {name: whole[name] for name in _SAID}
    details["unavailable"] = whole["unavailable"]
    details["without_interval"] = {name: whole[name] for name in clips if name not in means}
    tally = Tally(columns, partial(_means, names=tuple(means)))
    return Measured(METRIC, chosen, places, tally, details)


def _language(replies: Replies) -> str:
    """Chinese unless most clips say otherwise, as in the metric."""
    known = [value for value in replies.clips.column("language") if value]
    n_english = sum(str(value).startswith("en") for value in known)
    return "en" if known and 2 * n_english > len(known) else "zh"


def _means(sums: Floats, *, names: tuple[str, ...]) -> dict[str, Floats]:
    return {name: ratio(sums[:, i], sums[:, -1]) for i, name in enumerate(names)}
