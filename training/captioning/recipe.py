"""A recipe of captions: everything that decides a run, read from YAML."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from affecthub.errors import unknown_name
from affecthub.training.arguments import check
from affecthub.training.recipe import SAVE_DTYPES
from affecthub.training.recipe_files import load_as
from affecthub.training.recipe_parts import (
    NO_OTHER_FIELDS,
    EvaluateRecipe,
    LoraRecipe,
    Switch,
    Whole,
)

KIND = "captioner"
# What a captioner can be given; sound, words as a prompt, or both.
GIVEN = ("audio", "text")
# The corpus that is no corpus of ours, and is read by `captioning.secap`.
SECAP = "secap"


@dataclass(kw_only=True)
class PartsRecipe:
    """A captioner put together from a pretrained encoder and a pretrained decoder.

    Args:
        encoder: Folder or Hub id of the speech encoder.
        decoder: Folder or Hub id of the decoder with its tokenizer.
        config: Fields of ``CaptionerConfig`` to set.
    """

    __pydantic_config__ = NO_OTHER_FIELDS

    encoder: str
    decoder: str
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class SmallRecipe:
    """A small captioner from random weights, with a tokenizer made from the training captions.

    Args:
        vocab_size: Largest number of tokens the tokenizer may learn.
        encoder: Fields of the encoder's configuration, ``model_type`` among them.
        decoder: Fields of the decoder's configuration, ``model_type`` among them.
        config: Fields of ``CaptionerConfig`` to set.
    """

    __pydantic_config__ = NO_OTHER_FIELDS

    vocab_size: Whole = 600
    encoder: dict[str, Any] = field(default_factory=dict)
    decoder: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class CaptionRecipe:
    """One run of a captioner.

    > Parameters that control the data

        kind: ``"captioner"``, which tells it from a recipe of fine-tuning.
        corpus: Name from ``affecthub data list``, or ``"secap"`` for the data SECap released.
        config: Config of the corpus; None takes the corpus' first.
        protocol: Split to train, validate and test on.
        caption: Which captions: EmotionTalk's ``speaker``, ``style``, ``emotion`` or ``overall``,
            or a column of texts.
        modalities: What is given: ``audio``, ``text`` (the transcript, as a prompt), or both.
        prompts: Texts between the sound and the caption, one drawn for each clip in
            training, the first of them afterwards; none where there are no prompts.
        too_long: ``"refuse"`` a clip that is longer than the encoder's window, or ``"cut"`` it.
        test_split: Split to caption and score; None takes "test" where there is one.
        max_train_clips: Train on the first clips of a seeded shuffle; None takes all.
        keep_in_memory: Keep what the feature extractor, or a frozen encoder, makes of each clip, so
            that it is made once and not every epoch.

    > Parameters that control the model

        model: Folder or Hub id of a saved captioner; exactly one of `model`, `parts`, `scratch`.
        parts: Two pretrained models to put together.
        scratch: Settings of a small model of random weights.
        dtype: Of the weights that are loaded: "auto", "float32", "bfloat16" or "float16".
        lora: Adapters on the decoder; null trains it in full, unless it is frozen.

    > Parameters that control the training

        seed: Seed of initial values, order, prompts and dropout.
        trainer: Fields of ``transformers.TrainingArguments`` under their own names.

    > Parameters that control captions and their scores

        predict_batch_size: Clips per generation step.
        max_new_tokens: Longest caption.
        num_beams: Beams of the search.
        lang: Language of the captions, ``"zh"`` or ``"en"``; None is the corpus' own.
        preset: Preset of the metric ``speaking_style_caption``.
        metrics: Scores beside the preset's.
        scoring: Further options of the metric: models, corenlp, ...

    Raises:
        ValueError: A value is outside its range, not exactly one source of a model is given, or
            ``TrainingArguments`` has no such field.
    """

    __pydantic_config__ = NO_OTHER_FIELDS

    # data
    kind: Literal["captioner"] = "captioner"
    corpus: str
    config: str | None = None
    protocol: str = "speaker_independent"
    caption: str = "overall"
    modalities: tuple[str, ...] = ("audio",)
    prompts: tuple[str, ...] = ()
    too_long: Literal["refuse", "cut"] = "refuse"
    test_split: str | None = None
    max_train_clips: Whole | None = None
    keep_in_memory: Switch = False

    # model
    model: str | None = None
    parts: PartsRecipe | None = None
    scratch: SmallRecipe | None = None
    dtype: str = "auto"
    lora: LoraRecipe | None = None

    # training
    seed: Whole = 0
    trainer: dict[str, Any] = field(default_factory=dict)
    # What the Trainer's settings of all recipes ask; nothing here sets them.
    evaluate: EvaluateRecipe | None = None
    global_batch_size: Whole | None = None

    # captions
    predict_batch_size: Whole = 16
    max_new_tokens: Whole = 64
    num_beams: Whole = 5
    lang: str | None = None
    preset: str = "emotiontalk"
    metrics: tuple[str, ...] = ()
    scoring: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what can be checked before any data is read."""
        self.modalities, self.prompts = tuple(self.modalities), tuple(self.prompts)
        self.metrics = tuple(self.metrics)
        for name in self.modalities:
            if name not in GIVEN:
                raise unknown_name("modality", name, GIVEN)
        if not self.modalities:
            raise ValueError(f"`modalities` is empty: expected some of {', '.join(GIVEN)}.")
        if self.prompts and "text" in self.modalities:
            raise ValueError(
                "`prompts` stand where the transcript stands: got both, expected one of them."
            )
        sources = [name for name in ("model", "parts", "scratch") if getattr(self, name)]
        if len(sources) != 1:
            raise ValueError(
                f"the model comes from {len(sources)} places: got "
                f"{' and '.join(sources) or 'none'}, expected one of model, parts and scratch."
            )
        if self.dtype not in ("auto", *SAVE_DTYPES):
            raise unknown_name("`dtype`", self.dtype, ("auto", *SAVE_DTYPES))
        if self.lora is not None and self.parts is None:
            raise ValueError(
                "`lora` needs `parts`: got adapters on a model that is not put together here, "
                "expected the two models that they are kept beside. Set lora=null."
            )
        for name in ("predict_batch_size", "max_new_tokens", "num_beams"):
            if getattr(self, name) <= 0:
                raise ValueError(f"`{name}` is {getattr(self, name)}: expected a positive number.")
        check(self.trainer)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that ``yaml.safe_dump`` and JSON can write."""
        lists = {name: list(getattr(self, name)) for name in ("modalities", "prompts", "metrics")}
        plain = asdict(self) | lists
        return {k: v for k, v in plain.items() if k not in ("evaluate", "global_batch_size")}


def load_caption_recipe(name_or_path: str | Path, **overrides: Any) -> CaptionRecipe:
    """Read a recipe of captions by its installed name or from a YAML file.

    Args:
        name_or_path: "demo_captions", or a path that ends in .yaml or .yml.
        overrides: Fields that replace what the file says; a mapping is merged over the file's.

    Raises:
        FileNotFoundError: The path does not exist.
        ValueError: The name, a field or a value is not known, close matches are listed; or the
            recipe is of another kind.

    Example:
        >>> load_caption_recipe("emotiontalk_captions_gpt2").trainer["num_train_epochs"]
        15
    """
    return load_as(CaptionRecipe, KIND, "captions", name_or_path, overrides)
