"""Sentiment: weighted F1 and accuracy of polarity, and intensity, as an evaluate module."""

from collections.abc import Iterable, Sequence
from typing import Any

import evaluate

from affecthub.metrics.modules.items import ItemMetric, restore_columns
from affecthub.metrics.modules.stored import STORED_FEATURES, restore
from affecthub.metrics.parsing import Style
from affecthub.metrics.sentiment.scores import Invalid, as_polarity, sentiment

_DESCRIPTION = """
Weighted F1 and accuracy of sentiment polarity, with the zero handling of the field.

Clips whose reference is 0 are left out; of the others prediction and reference are positive above
0 and negative otherwise. Macro-F1, balanced accuracy, the accuracies over two, five and seven
classes, mean absolute error, Pearson's r and concordance stand beside them.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: One answer per clip: a number, a polarity word or a text that holds one, or None.
    references: One number or polarity word per clip.
    value_range: Least and greatest intensity, (-3, 3), (-2, 2) or (-1, 1), for acc_5 and acc_7;
        None for neither.
    style: "any" reads polarity words, emotions and numbers, in any case, English or Chinese;
        "released" reads positive, negative and neutral exactly as written here, as the published
        code does.
    invalid: An answer that cannot be read is "negative", as in the published code, or "wrong".

Returns:
    sentiment: weighted F1 (WAF), float in [0, 1], higher is better.
    acc, macro_f1, balanced_acc: float in [0, 1], higher is better, over the same clips; acc is
        Acc-2 negative/positive.
    acc_2_with_zero, waf_with_zero: float in [0, 1], higher is better, over all clips: negative
        against the rest; under (-1, 1) positive against the rest.
    acc_5, acc_7: float in [0, 1], higher is better, by rounding, or under (-1, 1) by intervals;
        None for words.
    mae: float, lower is better. pearson, ccc: float in [-1, 1], higher is better. None for words.
    n_clips, n_scored, n_numbers, n_invalid, n_neutral: what was counted.
    value_range, style, invalid: how the scores were made.

Examples:
    >>> from affecthub import load_metric
    >>> metric = load_metric("sentiment")
    >>> scores = metric.compute(
    ...     predictions=["Positive", "消极", "neutral", "positive"], references=[1.2, -0.4, 2, 0]
    ... )
    >>> scores["sentiment"], scores["acc"], scores["n_scored"]
    (0.6666666666666666, 0.6666666666666666, 3)
    >>> scores = metric.compute(
    ...     predictions=[2.6, -1.2, 0.4], references=[3.0, -1.0, -0.2], value_range=(-3, 3)
    ... )
    >>> scores["acc_7"], round(scores["mae"], 3)
    (1.0, 0.4)
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


class Sentiment(ItemMetric):
    """Weighted F1 and accuracy of sentiment polarity, and scores of its intensity."""

    def read_item(self, column: str, value: object, where: str) -> object:
        """One answer or reference as text, number or None."""
        return as_polarity(value, where)

    def compute(
        self,
        *,
        predictions: Iterable[object] | None = None,
        references: Iterable[object] | None = None,
        value_range: Sequence[int] | None = None,
        style: Style = "any",
        invalid: Invalid = "negative",
    ) -> dict[str, Any] | None:
        """Score the clips passed here and those added before; None on all but the first process."""
        return self._score(
            predictions, references, {}, value_range=value_range, style=style, invalid=invalid
        )

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation=_CITATION,
            inputs_description=_KWARGS_DESCRIPTION,
            features=STORED_FEATURES,
            license="Apache-2.0",
            codebase_urls=[
                "https://github.com/zeroQiaoba/MERTools",
                "https://github.com/thuiar/MMSA",
            ],
            reference_urls=["https://proceedings.mlr.press/v267/"],
        )

    def _compute(
        self,
        predictions: list[str],
        references: list[str],
        value_range: Sequence[int] | None,
        style: Style,
        invalid: Invalid,
    ) -> dict[str, Any]:
        return sentiment(
            restore(predictions),
            restore_columns(references, 1)[0],
            value_range=value_range,
            style=style,
            invalid=invalid,
        )
