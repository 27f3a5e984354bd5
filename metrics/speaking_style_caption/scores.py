"""All scores of emotional speaking-style captions in one call, Chinese and English."""

import warnings
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from affecthub.metrics.captions.bertscore import bertscore
from affecthub.metrics.captions.clap import clapscore, clapscore_of_audio
from affecthub.metrics.captions.embeddings import fense, sim
from affecthub.metrics.captions.lexical import CaptionScore, bleu, cider_d, rouge_l
from affecthub.metrics.captions.meteor import meteor_java, meteor_nltk
from affecthub.metrics.captions.ngrams import TokenizedCaptions
from affecthub.metrics.captions.spice import spice, spider
from affecthub.metrics.captions.tokenizers import language_of
from affecthub.metrics.parsing import listed_clips, require_as_many
from affecthub.metrics.plain_values import is_missing, plain
from affecthub.metrics.speaking_style_caption.options import EMBEDDING, CaptionOptions, missing

# Not fractions, so `scale` leaves them alone; and rarity among clips, so one clip is not enough.
_OWN_RANGE = ("cider_d", "spider")


def speaking_style_caption(
    predictions: Iterable[object], references: Iterable[object], **options: Any
) -> dict[str, Any]:
    """The scores of predicted captions against reference captions.

    Args:
        predictions: One caption per clip; None and empty text score 0.
        references: One caption or a list of captions per clip, aligned with `predictions`.
        **options: As `CaptionOptions` describes them.

    Returns:
        ``speaking_style_caption``, the score of the first metric, whose name is under ``primary``;
        the score of every metric under its name, higher is better: fractions (times `scale`),
        CIDEr-D in [0, 10], SPIDEr in [0, 5.5]; ``unavailable``, metrics that could not be computed
        with the reason; ``n_clips``, ``n_references``, ``n_empty`` (predictions without tokens);
        and how the scores were made: ``lang``, ``preset``, ``tokenizer``, ``beta``,
        ``meteor_variant``, ``wordnet``, ``models``, ``clap_mode``, ``scale``. With `per_clip` also
        ``per_clip``, a list of scores by metric. No clips: every score is NaN, with a UserWarning.

    Raises:
        ValueError: Lengths differ, a reference is empty or in another language, an option is
            unknown, or a metric named by the caller makes no sense here.
        TypeError: A caption is not text.
        ImportError, FileNotFoundError: A metric named by the caller, or every metric of a preset,
            lacks a package, Java, jars or weights.

    Source: EmotionTalk paper, section 4.3 and Table 5; EMER paper (arXiv 2306.15401), appendix D
        and Table 8; for the metrics see each one's function.

    Example:
        >>> import warnings
        >>> warnings.simplefilter("ignore")
        >>> scores = speaking_style_caption(
        ...     ["语速很快，声音低沉。", "她很平静。"],
        ...     ["语速快，声音低沉。", ["她平静。", "她很安静。"]],
        ... )
        >>> scores["primary"], round(scores["speaking_style_caption"], 4), scores["tokenizer"]
        ('rouge_l', 0.9122, 'char')
    """
    candidates, captions = predicted_captions(predictions), reference_captions(references)
    require_as_many(len(candidates), len(captions))
    return _Scoring(candidates, captions, CaptionOptions(**options)).report()


def predicted_captions(predictions: object) -> list[str]:
    """Predicted captions as text on one line each; None becomes empty text.

    Raises:
        TypeError: `predictions` is one text, or a caption is not text.
    """
    return [
        _as_caption("" if is_missing(caption) else caption, f"predictions[{clip}]")
        for clip, caption in enumerate(map(plain, listed_clips(predictions, "predictions")))
    ]


def reference_captions(references: object) -> list[list[str]]:
    """Reference captions as lists of text on one line each.

    Raises:
        TypeError: `references` is one text, or a caption is not text.
        ValueError: A clip has no reference.
    """
    captions = []
    for clip, given in enumerate(listed_clips(references, "references")):
        several = plain(given)
        if isinstance(several, str):
            several = [several]
        if not isinstance(several, list):
            raise TypeError(
                f"`references[{clip}]` is not a caption: got {given!r} ({type(given).__name__}), "
                "expected text or a list of texts."
            )
        if not several:
            raise ValueError(
                f"`references[{clip}]` is empty: got no caption, expected at least one. Leave the "
                "clip out."
            )
        captions.append([_as_caption(text, f"references[{clip}]") for text in several])
    return captions


def _as_caption(caption: object, where: str) -> str:
    if not isinstance(caption, str):
        raise TypeError(
            f"`{where}` is not text: got {caption!r} ({type(caption).__name__}), expected a string."
        )
    # Programs that read line by line would otherwise shift every caption after this one.
    return " ".join(caption.splitlines())


class _Scoring:
    """The captions of one call, and each score computed at most once."""

    def __init__(
        self, candidates: list[str], references: list[list[str]], options: CaptionOptions
    ) -> None:
        self.candidates = candidates
        self.references = references
        self.options = options
        self.unavailable = missing(options)
        if len(candidates) < 2 and not options.is_named:
            for name in set(_OWN_RANGE) & set(options.chosen):
                self.unavailable.setdefault(name, "CIDEr-D needs at least two clips.")
        self._require_language()
        tokenize = options.tokenize
        texts = {*candidates, *(text for captions in references for text in captions)}
        tokens = {text: tokenize(text) for text in texts}
        self.candidate_tokens = [tokens[text] for text in candidates]
        self.reference_tokens = [[tokens[text] for text in captions] for captions in references]
        self.tokens = TokenizedCaptions(self.candidate_tokens, self.reference_tokens)

    def _require_language(self) -> None:
        found = language_of([text for captions in self.references for text in captions])
        if found not in (None, self.options.lang):
            raise ValueError(
                f"`references` are not in language {self.options.lang!r}: most of their letters "
                f"are {'Chinese' if found == 'zh' else 'Latin'}. Pass lang={found!r}."
            )

    def report(self) -> dict[str, Any]:
        options = self.options
        scores: dict[str, CaptionScore] = {}
        for metric in options.chosen:
            if metric not in self.unavailable:
                scores |= self.score(metric)
        if not scores:
            raise ValueError(
                f"no metric can be computed: got {', '.join(options.chosen)}. "
                f"{' '.join(self.unavailable.values())}"
            )
        scores = {name: self._scaled(name, score) for name, score in scores.items()}
        primary = next(iter(scores))
        if not self.candidates:
            warnings.warn(
                "speaking_style_caption is nan: there are no clips.", UserWarning, stacklevel=3
            )
        return {
            "speaking_style_caption": scores[primary].corpus,
            "primary": primary,
            **{name: score.corpus for name, score in scores.items()},
            "unavailable": self.unavailable,
            "n_clips": self.tokens.n_clips,
            "n_references": len(self.tokens.references),
            "n_empty": int((self.tokens.candidate_length == 0).sum()),
            **self.provenance(scores),
            **(
                {"per_clip": {name: score.per_clip.tolist() for name, score in scores.items()}}
                if options.per_clip
                else {}
            ),
        }

    def provenance(self, scores: dict[str, CaptionScore]) -> dict[str, Any]:
        options = self.options
        return {
            "lang": options.lang,
            "preset": options.preset,
            "tokenizer": options.tokenizer_name,
            "beta": options.rouge_beta if "rouge_l" in scores else None,
            "meteor_variant": options.meteor_variant if "meteor" in scores else None,
            "wordnet": options.wordnet,
            "models": {name: options.model(name) for name in scores if name in EMBEDDING},
            "clap_mode": None
            if "clapscore" not in scores
            else ("text" if options.audio is None else "audio"),
            "scale": options.factor,
        }

    def _scaled(self, name: str, score: CaptionScore) -> CaptionScore:
        factor = 1.0 if name in _OWN_RANGE else self.options.factor
        return CaptionScore(score.corpus * factor, score.per_clip * factor)

    def score(self, metric: str) -> dict[str, CaptionScore]:
        """Compute one metric; some give several scores."""
        return self._by_model(metric) if metric in EMBEDDING else {metric: self._by_words(metric)}

    def _by_words(self, metric: str) -> CaptionScore:
        match metric:
            case "rouge_l":
                return rouge_l(self.tokens, self.options.rouge_beta)
            case "cider_d":
                return self.cider_d
            case "meteor":
                return self._meteor()
            case "spice":
                return self.spice
            case "spider":
                return spider(self.cider_d, self.spice)
        return self.bleu[int(metric.removeprefix("bleu_")) - 1]

    def _meteor(self) -> CaptionScore:
        tokens = (self.candidate_tokens, self.reference_tokens)
        if self.options.meteor_variant == "nltk":
            return meteor_nltk(*tokens, wordnet=self.options.wordnet)
        return meteor_java(*tokens)

    def _by_model(self, metric: str) -> dict[str, CaptionScore]:
        options, pairs = self.options, (self.candidates, self.references)
        model, device = options.model(metric), options.device
        match metric:
            case "sim":
                return sim(*pairs, model, device=device)
            case "bertscore":
                return bertscore(*pairs, model, layer=options.bertscore_layer, device=device)
            case "fense":
                assert options.error_detector
                return {metric: fense(*pairs, model, options.error_detector, device=device)}
        if options.audio is None or options.rate_hz is None:
            return {metric: clapscore(*pairs, model, device=device)}
        heard = (options.audio, options.rate_hz)
        return {metric: clapscore_of_audio(self.candidates, *heard, model, device=device)}

    @cached_property
    def bleu(self) -> tuple[CaptionScore, ...]:
        return bleu(self.tokens)

    @cached_property
    def cider_d(self) -> CaptionScore:
        return cider_d(self.tokens)

    @cached_property
    def spice(self) -> CaptionScore:
        # COCO's scoring hands the tokens over, without marks and in lower case.
        return spice(
            [" ".join(tokens) for tokens in self.candidate_tokens],
            [[" ".join(tokens) for tokens in captions] for captions in self.reference_tokens],
            corenlp=self.options.corenlp,
        )
