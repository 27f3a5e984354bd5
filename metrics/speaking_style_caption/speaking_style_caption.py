"""Scores of emotional speaking-style captions, Chinese and English, as an evaluate module."""

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import evaluate

from affecthub.errors import unknown_name
from affecthub.metrics.modules.stored import STORED_FEATURES, require_clips, restore
from affecthub.metrics.parsing import require_as_many
from affecthub.metrics.speaking_style_caption.options import CaptionOptions, missing
from affecthub.metrics.speaking_style_caption.scores import (
    as_candidates,
    as_references,
    score_captions,
)

_DESCRIPTION = """
Scores of captions that say how somebody speaks, against reference captions, in Chinese or English.

BLEU, ROUGE-L and CIDEr-D are computed here exactly; METEOR in two named variants, SPICE and SPIDEr
by the programs of their authors; FENSE, SIM, BERTScore and CLAPScore by models on this machine.
Nothing is downloaded, and what cannot be computed is named with the reason.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: One caption per clip; None and empty text score 0.
    references: One caption, or a list of captions, per clip.
    options: Keyword arguments, all optional:
        lang: "zh" (the default) or "en"; references in the other language are an error.
        preset: "emotiontalk", "emer" or "secap": the metrics a paper reports with the tools that
            fit its figures best; reproduces no table.
        metrics: Names, one name or "all": rouge_l, bleu_1 to bleu_4, cider_d (these by default),
            meteor, spice, spider, fense, sim, bertscore, clapscore. The first one is the primary.
        tokenizer: "char" (Chinese default), "ptb" (English default), "char_and_marks", "jieba",
            or a function from text to tokens.
        beta: Weight of recall in ROUGE-L, 1.2 by default; 1 gives F1.
        meteor: "nltk" (the default) or "meteor-1.5" (Java): two different metrics.
        wordnet: Whether NLTK's METEOR counts English synonyms.
        models: Model of each embedding metric: {"sim": "folder or model id"}.
        bertscore_layer: Layer of a model that has no usual one.
        error_detector: Function from captions to probabilities of errors, for FENSE.
        audio, rate_hz: One mono waveform per clip, in the order in which clips were added, and
            their sampling rate: CLAPScore then compares captions with the sound.
        corenlp: Folder with the two jars of CoreNLP 3.6.0, for SPICE.
        allow_non_english: Whether SPICE parses other languages as if they were English.
        scale: 1 (the default) or 100 for percent.
        per_clip: Whether to give the scores of each clip too.
        device: Where models run, "cpu" by default.

Returns:
    speaking_style_caption: float, the score of the first metric; higher is better.
    primary: name of that metric (rouge_l by default).
    rouge_l, bleu_1, bleu_2, bleu_3, bleu_4, meteor, spice: float in [0, 1], higher is better.
    cider_d: float in [0, 10]. spider: float in [0, 5.5]. Higher is better.
    fense, sim, bertscore, bertscore_precision, bertscore_recall, clapscore: float, at most 1.
    sim_over_0.5, sim_over_0.6, sim_over_0.8: share of clips above a similarity.
    unavailable: dict from metric to the reason why it could not be computed.
    n_clips, n_references, n_empty: clips, references, and predictions without tokens.
    lang, preset, tokenizer, beta, meteor_variant, wordnet, models, clap_mode, scale: how the
        scores were made.
    per_clip: dict from metric to one score per clip, where asked for.

Examples:
    >>> import warnings
    >>> from affecthub import load_metric
    >>> warnings.simplefilter("ignore")  # CIDEr-D of two clips says little
    >>> metric = load_metric("speaking_style_caption")
    >>> scores = metric.compute(
    ...     predictions=["a low calm voice", "She shouts with anger."],
    ...     references=["a low voice", ["She shouts angrily.", "she yells with anger"]],
    ...     lang="en",
    ... )
    >>> round(scores["rouge_l"], 4), round(scores["bleu_1"], 4), scores["tokenizer"]
    (0.8149, 0.875, 'ptb')
    >>> metric.compute(predictions=["声音低沉。"], references=["声音很低沉。"], metrics="bleu_1")[
    ...     "bleu_1"
    ... ]  # four characters of five: exp(1 - 5/4)
    0.7788007830714049
"""

_CITATION = """
@inproceedings{xu2024secap,
  title = {{SECap}: Speech Emotion Captioning with Large Language Model},
  author = {Xu, Yaoxun and Chen, Hangting and Yu, Jianwei and Huang, Qiaochu and Wu, Zhiyong and
            Zhang, Shi-Xiong and Li, Guangzhi and Luo, Yi and Gu, Rongzhi},
  booktitle = {Proceedings of the AAAI Conference on Artificial Intelligence},
  volume = {38},
  pages = {19323--19331},
  year = {2024},
}
"""


class SpeakingStyleCaption(evaluate.Metric):
    """Scores of emotional speaking-style captions, Chinese and English.

    Captions and options are checked when they are handed over, so that an error leaves no
    half-done evaluation behind.
    """

    def add(self, *, prediction: object = None, reference: object = None, **clip: object) -> None:
        """Add one clip.

        Args:
            prediction: Caption or None.
            reference: Caption or list of captions.
            **clip: The same two under the plural names, as ``evaluate.combine`` passes them.
        """
        clip = {"predictions": prediction, "references": reference, **clip}
        self.add_batch(**{name: [value] for name, value in clip.items()})

    def add_batch(
        self, *, predictions: Iterable[object] = (), references: Iterable[object] = ()
    ) -> None:
        """Add clips, aligned by position.

        Args:
            predictions: One caption or None per clip.
            references: One caption or a list of captions per clip.
        """
        candidates, captions = as_candidates(predictions), as_references(references)
        require_as_many(len(candidates), len(captions))
        super().add_batch(
            predictions=[json.dumps(caption) for caption in candidates],
            references=[json.dumps(several) for several in captions],
        )

    def compute(
        self,
        *,
        predictions: Iterable[object] | None = None,
        references: Iterable[object] | None = None,
        **options: Any,
    ) -> dict[str, Any] | None:
        """Score the clips passed here and those added before.

        Args:
            predictions: One caption or None per clip.
            references: One caption or a list of captions per clip.
            **options: See `affecthub.metrics.speaking_style_caption.options.CaptionOptions`.

        Returns:
            The scores; None on every process but the first.

        Raises:
            ValueError: There is nothing to score, one of the two lists is missing, lengths
                differ, or an option is unknown.
            TypeError: A caption is not text.
            ImportError, FileNotFoundError: A metric named by the caller cannot be computed here.
        """
        require_clips(predictions, references, were_added=self.writer is not None)
        known = [field.name for field in fields(CaptionOptions)]
        for option in options:
            if option not in known:
                raise unknown_name("option of speaking_style_caption", option, known)
        asked = CaptionOptions(**options)
        missing(asked)  # raises where a named metric cannot be computed
        scores: dict[str, Any] | None = super().compute(
            predictions=predictions, references=references, options=asked
        )
        return scores

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation=_CITATION,
            inputs_description=_KWARGS_DESCRIPTION,
            features=STORED_FEATURES,
            license="Apache-2.0",
            codebase_urls=["https://github.com/salaniz/pycocoevalcap"],
            reference_urls=["https://arxiv.org/abs/2312.10381"],
        )

    def _compute(
        self, predictions: list[str], references: list[str], options: CaptionOptions
    ) -> dict[str, Any]:
        return score_captions(restore(predictions), restore(references), options)
