"""The MER-UniBench table: nine sets, nine primary scores and their mean, as an evaluate module."""

from collections.abc import Iterable
from typing import Any

import evaluate

from affecthub.metrics.mer_unibench.scores import mer_unibench, read_answer
from affecthub.metrics.modules.items import ItemMetric, restore_columns
from affecthub.metrics.modules.stored import STORED_FEATURES, restore
from affecthub.metrics.wheels.clips import LexiconSource

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

_CITATION = """
@inproceedings{lian2025affectgpt,
  title = {{AffectGPT}: A New Dataset, Model, and Benchmark for Emotion Understanding with
           Multimodal Large Language Models},
  author = {Lian, Zheng and Chen, Haoyu and Chen, Lan and Sun, Haiyang and Sun, Licai and Ren, Yong
            and Cheng, Zebang and Liu, Bin and Liu, Rui and Peng, Xiaojiang and Yi, Jiangyan and
            Tao, Jianhua},
  booktitle = {Proceedings of the 42nd International Conference on Machine Learning},
  series = {PMLR},
  volume = {267},
  year = {2025},
}
"""


class MerUnibench(ItemMetric):
    """The nine primary scores of MER-UniBench and their mean."""

    def read_item(self, column: str, value: object, where: str) -> object:
        """An answer or a reference as a mapping of plain types."""
        return read_answer(value, where)

    def compute(
        self,
        *,
        predictions: Iterable[object] | None = None,
        references: Iterable[object] | None = None,
        lexicon: LexiconSource = None,
        partial: bool = False,
    ) -> dict[str, Any] | None:
        """Score the clips passed here and those added before; None on all but the first process."""
        return self._score(predictions, references, {}, lexicon=lexicon, partial=partial)

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation=_CITATION,
            inputs_description=_KWARGS_DESCRIPTION,
            features=STORED_FEATURES,
            license="Apache-2.0",
            codebase_urls=["https://github.com/zeroQiaoba/AffectGPT"],
            reference_urls=["https://proceedings.mlr.press/v267/"],
        )

    def _compute(
        self,
        predictions: list[str],
        references: list[str],
        lexicon: LexiconSource,
        partial: bool,
    ) -> dict[str, Any]:
        return mer_unibench(
            restore(predictions),
            restore_columns(references, 1)[0],
            lexicon=lexicon,
            partial=partial,
        )
