"""Scores of emotional speaking-style captions, Chinese and English, as an evaluate module."""

from inspect import Parameter, signature
from typing import Any

from affecthub.metrics.modules.metric import About, ClipMetric
from affecthub.metrics.speaking_style_caption.options import CaptionOptions, missing
from affecthub.metrics.speaking_style_caption.scores import (
    predicted_captions,
    reference_captions,
    speaking_style_caption,
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
    audio: One mono waveform per clip, in the order in which clips were added: CLAPScore then
        compares captions with the sound.
    rate_hz: Sampling rate of audio.
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


class SpeakingStyleCaption(ClipMetric):
    """Scores of emotional speaking-style captions, Chinese and English."""

    about = About(
        _DESCRIPTION,
        _KWARGS_DESCRIPTION,
        cites=("xu2024secap",),
        code_urls=("https://github.com/salaniz/pycocoevalcap",),
        paper_urls=("https://arxiv.org/abs/2312.10381",),
    )
    function = staticmethod(speaking_style_caption)

    @classmethod
    def options(cls) -> list[Parameter]:
        """The fields of `CaptionOptions`, which the function takes as a whole."""
        return list(signature(CaptionOptions).parameters.values())

    def checked(self, options: dict[str, Any]) -> dict[str, Any]:
        """The options, or an error where a metric named by the caller cannot be computed here."""
        missing(CaptionOptions(**options))
        return options

    def read_items(self, column: str, values: object) -> list[Any]:
        """Captions as text, reference captions as lists of text."""
        return (predicted_captions if column == "predictions" else reference_captions)(values)
