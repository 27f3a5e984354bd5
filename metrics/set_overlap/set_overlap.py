"""Set overlap: the set-level scores of EMER under any grouping of labels, as an evaluate module."""

from collections.abc import Iterable
from typing import Any

from affecthub.metrics.modules.metric import About, ClipMetric, Columns
from affecthub.metrics.parsing import as_item
from affecthub.metrics.set_overlap.scores import as_groups, require_one_grouping, set_overlap

_DESCRIPTION = """
Set-level accuracy, recall and overlap of open-vocabulary emotion labels under a grouping of labels.

Labels of one group count as one label. The grouping is a ring of a lexicon's wheels, lists of
words that mean the same, or a function; a label that it does not know is a group of its own, so an
unknown prediction costs accuracy.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: One item per clip: a list of labels, a text such as "['happy', 'sad']", or None.
    references: The same, aligned with `predictions`.
    lexicon: Groups labels by wheel sector: None for the built-in lexicon, a folder of released
        tables, or an affecthub.metrics.lexicon.emotion_lexicon.Lexicon. Not together with `groups`.
    ring: "inner" (the default) or "middle", the ring of the lexicon's sectors.
    groups: In place of a lexicon: lists of labels of one meaning for all clips, one such list of
        lists per clip (in the order in which the clips were added), or a function from label to
        the name of its group.
    style: How texts are read, "any" or "released"; None for what the lexicon says, and "any" under
        `groups`.

Returns:
    set_overlap: float in [0, 1], higher is better: the mean of accuracy_s and recall_s.
    accuracy_s, recall_s, overlap_s: float in [0, 1], higher is better.
    avg: set_overlap by the name the paper gives it.
    per_wheel: list of dicts with wheel and the four scores; empty under `groups`.
    n_scored: clips with a reference label. n_clips: clips passed.
    coverage: share of prediction and of reference labels that the grouping knows.
    grouping, ring, style: how the scores were made.

Examples:
    >>> from affecthub import load_metric
    >>> metric = load_metric("set_overlap")
    >>> scores = metric.compute(
    ...     predictions=["['joyful', 'tired']", ["furious"]],
    ...     references=[["happy", "glad"], ["angry", "sad"]],
    ... )
    >>> scores["accuracy_s"], scores["recall_s"], scores["set_overlap"]
    (0.75, 0.75, 0.75)
    >>> scores = metric.compute(
    ...     predictions=["joyful"],
    ...     references=["happy, blue"],
    ...     groups=[["happy", "joyful"], ["sad", "blue"]],
    ... )
    >>> scores["recall_s"]
    0.5
"""


class SetOverlap(ClipMetric):
    """Set-level accuracy, recall and overlap of label sets under a grouping of labels."""

    about = About(
        _DESCRIPTION,
        _KWARGS_DESCRIPTION,
        cites=("lian2023explainable",),
        code_urls=("https://github.com/zeroQiaoba/MERTools",),
        paper_urls=("https://arxiv.org/abs/2306.15401",),
    )
    function = staticmethod(set_overlap)
    optional = ("groups",)

    def read_item(self, column: str, value: object, where: str) -> object:
        """Labels as text, a list or None, and the groups of one clip as lists of labels."""
        if column != "groups":
            return as_item(value, where)
        kind, groups = as_groups(value)
        if kind != "groups":
            raise TypeError(
                f"`{where}` is of the wrong kind: got {value!r}, expected lists of labels such as "
                '[["happy", "joyful"], ["sad"]].'
            )
        return groups

    def split(self, given: dict[str, Any]) -> tuple[Columns, dict[str, Any]]:
        """Groups of a clip as a column, so that they survive any order of clips."""
        groups = given.get("groups")
        require_one_grouping(given.get("lexicon"), groups)
        if groups and not callable(groups) and as_groups(groups)[0] == "groups per clip":
            return super().split(given)
        return {}, given

    def score_clips(
        self,
        predictions: Iterable[Any],
        references: Iterable[Any],
        columns: dict[str, list[Any]],
        options: dict[str, Any],
    ) -> dict[str, Any]:
        """The scores under the groups of each clip, where clips came with some."""
        own = columns["groups"]
        if any(clip is not None for clip in own):
            options = {**options, "groups": [clip or [] for clip in own]}
        return set_overlap(predictions, references, **options)
