"""How captions are scored: the metrics, the presets named after papers, and what each one needs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Literal

from numpy.typing import ArrayLike

from affecthub.errors import unknown_name
from affecthub.metrics.captions.bertscore import layer_of
from affecthub.metrics.captions.embeddings import ErrorDetector
from affecthub.metrics.captions.encoders import find_weights
from affecthub.metrics.captions.meteor import (
    METEOR_VARIANTS,
    require_meteor_java,
    require_meteor_nltk,
)
from affecthub.metrics.captions.spice import find_corenlp
from affecthub.metrics.captions.tokenizers import DEFAULT_TOKENIZERS, Tokenizer, tokenizer_of

Language = Literal["en", "zh"]

LEXICAL = ("rouge_l", "bleu_1", "bleu_2", "bleu_3", "bleu_4", "cider_d")
EMBEDDING = ("fense", "sim", "bertscore", "clapscore")
METRICS = (*LEXICAL, "meteor", "spice", "spider", *EMBEDDING)

# Models taken where a call names none; the embedding metrics read no other language by default.
DEFAULT_MODELS = {
    ("bertscore", "en"): "roberta-large",
    ("bertscore", "zh"): "bert-base-chinese",
    ("clapscore", "en"): "laion/clap-htsat-unfused",
    ("fense", "en"): "sentence-transformers/paraphrase-TinyBERT-L6-v2",
    ("sim", "zh"): "shibing624/text2vec-base-chinese-paraphrase",
}


@dataclass(frozen=True)
class Preset:
    """A choice of options under a name."""

    metrics: tuple[str, ...] = LEXICAL
    tokenizers: Mapping[str, str] = field(default_factory=lambda: DEFAULT_TOKENIZERS)
    beta: float = 1.2
    meteor: str = "nltk"
    scale: float = 1.0


# The metrics the papers report, with the tools that fit their figures best. None of the papers
# names its tools, so none of these claims to reproduce a table.
PRESETS = {
    "emotiontalk": Preset(
        metrics=("rouge_l", "bleu_4", "meteor", "spider", "fense", "bertscore", "clapscore"),
        tokenizers={"en": "ptb", "zh": "ptb"},
        meteor="meteor-1.5",
    ),
    "emer": Preset(
        metrics=("rouge_l", "bleu_1", "bleu_4", "meteor"),
        tokenizers={"en": "ptb", "zh": "char_and_marks"},
        beta=1.0,
        scale=100.0,
    ),
    "secap": Preset(metrics=("sim",), scale=100.0),
}


@dataclass(frozen=True)
class CaptionOptions:
    """How captions are scored.

    Args:
        lang: Language of the captions, ``"zh"`` or ``"en"``; references in the other one raise.
        preset: ``"emotiontalk"``, ``"emer"`` or ``"secap"``: fills metrics, tokenizer, beta, meteor
            and scale where they are None.
        metrics: Names out of `METRICS`, one name, or ``"all"``. None is the preset's, or without a
            preset those that need nothing but NumPy (`LEXICAL`). The first one is the primary.
        tokenizer: ``"ptb"``, ``"char"``, ``"char_and_marks"``, ``"jieba"``, or a function from text
            to tokens. None is ``"char"`` for Chinese and ``"ptb"`` for English.
        beta: Weight of recall in ROUGE-L; None is 1.2.
        meteor: ``"meteor-1.5"`` or ``"nltk"``; None is ``"nltk"``.
        wordnet: Whether NLTK's METEOR counts English synonyms.
        models: Model of each embedding metric, by metric: a local folder or the id of a model in
            the Hugging Face cache.
        bertscore_layer: Layer of a model that BERTScore has no usual one for.
        error_detector: Function from captions to probabilities that they are not fluent; FENSE
            needs one.
        audio: One mono waveform per clip: CLAPScore then compares captions with the sound.
        rate_hz: Sampling rate of `audio`.
        corenlp: Folder with the jars of CoreNLP 3.6.0 for SPICE.
        allow_non_english: Whether SPICE parses other languages as if they were English.
        scale: 1 for fractions, 100 for percent; CIDEr-D and SPIDEr keep their own range. None
            is 1.
        per_clip: Whether to give the scores of each clip too.
        device: Where models run.

    Raises:
        ValueError: A name is unknown, or options contradict each other.
        ImportError: The tokenizer needs a package that is not installed.
    """

    lang: Language = "zh"
    preset: str | None = None
    metrics: str | Sequence[str] | None = None
    tokenizer: str | Tokenizer | None = None
    beta: float | None = None
    meteor: str | None = None
    wordnet: bool = False
    models: Mapping[str, str | PathLike[str]] = field(default_factory=dict)
    bertscore_layer: int | None = None
    error_detector: ErrorDetector | None = None
    audio: Sequence[ArrayLike] | None = None
    rate_hz: int | None = None
    corenlp: str | PathLike[str] | None = None
    allow_non_english: bool = False
    scale: float | None = None
    per_clip: bool = False
    device: str = "cpu"

    def __post_init__(self) -> None:
        """Check every name before any caption is read."""
        _require_known("language", [self.lang], DEFAULT_TOKENIZERS)
        _require_known("preset", [self.preset] if self.preset is not None else [], PRESETS)
        for metric in self.chosen:
            if metric not in METRICS:
                raise unknown_name("caption metric", metric, (*METRICS, "all"))
        _require_known("metric in `models`", self.models, EMBEDDING)
        _require_known("METEOR variant", [self.meteor_variant], METEOR_VARIANTS)
        tokenizer_of(self.tokenizer_or_default)
        if not self.chosen:
            raise ValueError("`metrics` is empty: expected at least one name. Pass None for all.")
        if (self.audio is None) != (self.rate_hz is None):
            raise ValueError(
                "`audio` and `rate_hz` belong together: got one of them, expected both or none."
            )
        if self.rouge_beta <= 0:
            raise ValueError(f"`beta` is {self.beta}, expected a positive number such as 1.2 or 1.")

    @property
    def filled(self) -> Preset:
        """The preset, or the plain defaults."""
        return PRESETS[self.preset] if self.preset else Preset()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The metrics to compute, in order."""
        if self.metrics == "all":
            return METRICS
        if isinstance(self.metrics, str):
            return (self.metrics,)
        return self.filled.metrics if self.metrics is None else tuple(self.metrics)

    @property
    def is_named(self) -> bool:
        """Whether the caller named the metrics, so that one that cannot be computed is an error."""
        return self.metrics is not None and self.metrics != "all"

    @property
    def tokenizer_or_default(self) -> str | Tokenizer:
        """The tokenizer as named by the caller, the preset, or for the language."""
        return self.tokenizer or self.filled.tokenizers[self.lang]

    @property
    def tokenizer_name(self) -> str:
        """The tokenizer's name; for a function the name it was defined by."""
        chosen = self.tokenizer_or_default
        return chosen if isinstance(chosen, str) else getattr(chosen, "__name__", repr(chosen))

    @property
    def tokenize(self) -> Tokenizer:
        """The tokenizer."""
        return tokenizer_of(self.tokenizer_or_default)

    @property
    def rouge_beta(self) -> float:
        """Weight of recall in ROUGE-L."""
        return self.filled.beta if self.beta is None else self.beta

    @property
    def meteor_variant(self) -> str:
        """The METEOR that is computed."""
        return self.meteor or self.filled.meteor

    @property
    def factor(self) -> float:
        """What fractions are multiplied by."""
        return self.filled.scale if self.scale is None else self.scale

    def model(self, metric: str) -> str:
        """The model of an embedding metric.

        Raises:
            ValueError: None is named and there is no usual one for the language.
        """
        if metric in self.models:
            return str(self.models[metric])
        if (metric, self.lang) not in DEFAULT_MODELS:
            raise ValueError(
                f"no model for {metric} in language {self.lang!r}: got none, expected one that "
                f"reads it; the usual model reads another. Name it: models={{'{metric}': 'folder "
                "or model id'}."
            )
        return DEFAULT_MODELS[metric, self.lang]

    def require(self, metric: str) -> None:
        """Raise an error that says what a metric lacks, where it lacks anything.

        Raises:
            ImportError: A package is not installed.
            FileNotFoundError: Java, a jar or weights are not there.
            ValueError: The metric needs an option, or makes no sense in this language.
        """
        if metric == "meteor":
            if self.meteor_variant == "nltk":
                require_meteor_nltk(self.wordnet)
            else:
                require_meteor_java()
        elif metric in ("spice", "spider"):
            self._require_english(metric)
            find_corenlp(self.corenlp)
        elif metric in EMBEDDING:
            model = self.model(metric)
            if metric == "bertscore":
                layer_of(model, self.bertscore_layer)
            if metric == "fense" and self.error_detector is None:
                raise ValueError(
                    "FENSE needs an error detector: got none, expected a function from captions to "
                    "probabilities as `error_detector`. The similarity alone is `sim`."
                )
            find_weights(model, metric)

    def _require_english(self, metric: str) -> None:
        if self.lang != "en" and not self.allow_non_english:
            raise ValueError(
                f"{metric} needs English captions: got lang={self.lang!r}, and SPICE parses with "
                "an English parser and WordNet. Translate both sides and pass lang='en', or pass "
                "allow_non_english=True for numbers without that meaning."
            )


def missing(options: CaptionOptions) -> dict[str, str]:
    """The metrics that cannot be computed here, each with the reason.

    Args:
        options: What is asked for.

    Returns:
        Reason by metric; empty where nothing lacks.

    Raises:
        ImportError, FileNotFoundError, ValueError: The caller named a metric that cannot be
            computed.

    Example:
        >>> sorted(missing(CaptionOptions(preset="secap", models={"sim": "/nowhere"})))
        ['sim']
        >>> missing(CaptionOptions())
        {}
    """
    reasons = {}
    for metric in options.chosen:
        try:
            options.require(metric)
        except (ImportError, FileNotFoundError, ValueError) as error:
            if options.is_named:
                raise
            reasons[metric] = str(error)
    return reasons


def _require_known(kind: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise unknown_name(kind, name, known)
