"""The MER-UniBench table: nine sets, nine primary scores and their mean, as an evaluate module."""

from affecthub.metrics.mer_unibench.scores import mer_unibench, read_answer, score_folder
from affecthub.metrics.modules.metric import About, ClipMetric

_DESCRIPTION = """
The mean of nine primary scores: hit rate on MER2023, MER2024, MELD and IEMOCAP, weighted F1 of
sentiment on CMU-MOSI, CMU-MOSEI, CH-SIMS and CH-SIMS v2, set-F on OV-MERD+, with the rows that
the AffectGPT paper reports beside it.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: One mapping per clip, {"set": name, "labels": value}: a list of labels, text or
        None; in the sentiment sets a polarity word, a number, or text that holds one. Names are
        mer2023, mer2024, meld, iemocap, cmu_mosi, cmu_mosei, ch_sims, ch_sims_v2 and ov_merd.
        {"set": name, "answer": text} is a description in words, read as the labels it names.
    references: The same, aligned: the basic label, the sentiment, or the label list.
    lexicon: None for the built-in lexicon, a folder of released tables, or an
        affecthub.metrics.lexicon.emotion_lexicon.Lexicon.
    partial: Give the mean of the sets that are there; without it a missing set leaves the mean
        nan.

Returns:
    mer_unibench: float in [0, 1], higher is better: the unweighted mean over the sets.
    sets: per set score, primary (the name of the score), n_clips, n_scored and, for sentiment,
        n_invalid.
    tasks: mean score of basic, sentiment and fine_grained, None where a set of it is missing.
    missing: sets without answers.
    table: rows in percent: this evaluation, then the rows of the paper.
    n_clips, lexicon, partial: how it was made.
    published: dict with comparable, whether the scores may stand beside those rows, and because, a
        list of what speaks against it.

Examples:
    >>> from affecthub import load_metric
    >>> metric = load_metric("mer_unibench")
    >>> scores = metric.compute(
    ...     predictions=[
    ...         {"set": "meld", "labels": ["happy", "excited"]},
    ...         {"set": "cmu_mosi", "labels": "positive"},
    ...         {"set": "ov_merd", "labels": "['angry', 'sad']"},
    ...     ],
    ...     references=[
    ...         {"set": "meld", "labels": "joy"},
    ...         {"set": "cmu_mosi", "labels": 1.8},
    ...         {"set": "ov_merd", "labels": ["furious"]},
    ...     ],
    ...     partial=True,
    ... )
    >>> {name: round(entry["score"], 3) for name, entry in scores["sets"].items()}
    {'meld': 1.0, 'cmu_mosi': 1.0, 'ov_merd': 0.667}
    >>> round(scores["mer_unibench"], 3), scores["missing"][:2]
    (0.889, ['mer2023', 'mer2024'])
"""


class MerUnibench(ClipMetric):
    """The nine primary scores of MER-UniBench and their mean."""

    about = About(
        _DESCRIPTION,
        _KWARGS_DESCRIPTION,
        cites=("lian2025affectgpt",),
        code_urls=("https://github.com/zeroQiaoba/AffectGPT",),
        paper_urls=("https://proceedings.mlr.press/v267/",),
    )
    function = staticmethod(mer_unibench)
    score_folder = staticmethod(score_folder)

    def read_item(self, column: str, value: object, where: str) -> object:
        """An answer or a reference as a mapping of plain types."""
        return read_answer(value, where)
