"""A recipe for a published chat model: everything that decides a run, read from YAML."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from affecthub.errors import unknown_name
from affecthub.training.arguments import check, require_batches
from affecthub.training.recipe import SAVE_DTYPES, Recipe
from affecthub.training.recipe_files import load_as
from affecthub.training.recipe_parts import NO_OTHER_FIELDS, EvaluateRecipe, Switch, Whole

KIND = "omni"
# What a chat model can be given: media, and the transcript within the question.
GIVEN = ("audio", "video", "text")


@dataclass(kw_only=True)
class ChatLoraRecipe:
    """Adapters on the linear layers of the language model; towers stay as they are.

    Args:
        r: Rank.
        alpha: The adapters' product is scaled by alpha over rank.
        dropout: Chance, 0 to 1, with which an adapter's input is zeroed; 0 where experts have some.
        experts: Whether the experts of a mixture have adapters too, which are many: of a model
            whose experts are fused weights, attention alone is reached without.

    Raises:
        ValueError: A value is outside its range, or experts are to have dropout.
    """

    __pydantic_config__ = NO_OTHER_FIELDS

    r: Whole = 16
    alpha: Whole = 32
    dropout: float = 0.0
    experts: Switch = True

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("r", "alpha"):
            if getattr(self, name) <= 0:
                raise ValueError(f"`lora.{name}` is {getattr(self, name)}: expected above 0.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`lora.dropout` is {self.dropout}: expected 0 to 1, 1 left out.")


@dataclass(kw_only=True)
class FramesRecipe:
    """How much of a film is shown, as ``affecthub ask`` shows it.

    Args:
        n_frames: Evenly spread over the clip; of a shorter clip all of them.
        max_side: Longest side of a frame as it is read, in pixels.
        min_pixels: Fewest pixels of a frame as the model sees it.
        max_pixels: Most pixels of it: 50,176 are 64 tokens for two frames.

    Raises:
        ValueError: A value is outside its range.
    """

    __pydantic_config__ = NO_OTHER_FIELDS

    n_frames: Whole = 8
    max_side: Whole = 448
    min_pixels: Whole = 16 * 28 * 28
    max_pixels: Whole = 64 * 28 * 28

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("n_frames", "max_side"):
            if getattr(self, name) < 1:
                raise ValueError(f"`frames.{name}` is {getattr(self, name)}: expected 1 or more.")
        if not 0 < self.min_pixels <= self.max_pixels:
            raise ValueError(
                f"`frames.min_pixels` and `frames.max_pixels` are {self.min_pixels} and "
                f"{self.max_pixels}: expected positive numbers, the first not above the second."
            )


@dataclass(kw_only=True)
class OmniRecipe:
    """One run of a chat model.

    > Parameters that control the data

        kind: ``"omni"``, which tells it from a recipe of another kind.
        corpus: Name from ``affecthub data list``.
        config: Config of the corpus; None takes the corpus' first.
        protocol: Split to train, validate and test on.
        modalities: What is given: ``audio``, ``video``, and ``text``, the transcript within the
            question.
        prompt: Name of an installed prompt, or a file of one.
        answer: What is to be said, a JSON object: its keys, and the column that each is read from.
            Clips without the first are left out, other keys where they have nothing.
        label: ClassLabel column that answers are scored against.
        sound: ``"slot"``: the sound stands by itself; ``"in_video"``: between the film's frames.
        frames: Which frames are shown.
        long_sound: ``"refuse"`` a clip that is longer than the model hears, which leaves it out and
            lists it, or ``"split"`` its sound into several.
        train_split: Split to train on.
        test_split: Split to answer and score; None takes "test" where there is one.
        max_train_clips: Train on the first clips of a seeded shuffle; None takes all.

    > Parameters that control the model

        model: Folder or Hub id of a chat model that hears: Qwen2.5-Omni, Qwen3-Omni, Qwen2-Audio.
        revision: Of a Hub id; None takes its newest.
        dtype: Of the weights that are loaded: "auto", "float32", "bfloat16" or "float16".
            Adapters are trained in float32 whatever it is.
        device_map: Passed to ``from_pretrained``: ``auto`` spreads layers over devices.
        lora: Adapters.

    > Parameters that control the training

        seed: Seed of initial values, order and dropout.
        global_batch_size: Clips of a step over all processes, see the recipes of fine-tuning.
        save_dtype: Precision of the adapters in the run's folder; None is that of recipes of
            fine-tuning: bfloat16 where ``trainer.bf16`` is set, else as they were trained.
        trainer: Fields of ``transformers.TrainingArguments`` under their own names.

    > Parameters that control the prediction

        predict_batch_size: Clips per generation step.
        max_new_tokens: Longest answer.

    Raises:
        ValueError: A value is outside its range, or ``TrainingArguments`` has no such field.
    """

    __pydantic_config__ = NO_OTHER_FIELDS

    # data
    kind: Literal["omni"] = "omni"
    corpus: str
    config: str | None = None
    protocol: str = "speaker_independent"
    modalities: tuple[str, ...] = GIVEN
    prompt: str = "emos_basic7"
    answer: dict[str, str] = field(default_factory=lambda: {"predicted_emotion": "emotion"})
    label: str = "emotion"
    sound: Literal["slot", "in_video"] = "slot"
    frames: FramesRecipe = field(default_factory=FramesRecipe)
    long_sound: Literal["refuse", "split"] = "refuse"
    train_split: str = "train"
    test_split: str | None = None
    max_train_clips: Whole | None = None

    # model
    model: str
    revision: str | None = None
    dtype: str = "auto"
    device_map: str | None = None
    lora: ChatLoraRecipe = field(default_factory=ChatLoraRecipe)

    # training
    seed: Whole = 0
    global_batch_size: Whole | None = None
    save_dtype: str | None = None
    trainer: dict[str, Any] = field(default_factory=dict)
    # What the Trainer's settings of all recipes ask; nothing here sets it.
    evaluate: EvaluateRecipe | None = None

    # prediction
    predict_batch_size: Whole = 4
    max_new_tokens: Whole = 128

    def __post_init__(self) -> None:
        """Check what can be checked before any data is read."""
        self.modalities = tuple(self.modalities)
        for name in self.modalities:
            if name not in GIVEN:
                raise unknown_name("modality", name, GIVEN)
        if not self.modalities:
            raise ValueError(f"`modalities` is empty: expected some of {', '.join(GIVEN)}.")
        if not self.answer:
            raise ValueError("`answer` is empty: expected keys of a JSON object and their columns.")
        if self.sound == "in_video" and not {"audio", "video"} <= {*self.modalities}:
            raise ValueError(
                f"`sound` is 'in_video': got modalities {', '.join(self.modalities)}, expected "
                "audio and video among them. Set sound=slot."
            )
        for name, value in (("dtype", self.dtype), ("save_dtype", self.save_dtype)):
            if value not in (None, "auto", *SAVE_DTYPES) or (name, value) == ("save_dtype", "auto"):
                raise unknown_name(f"`{name}`", str(value), SAVE_DTYPES)
        for name in ("predict_batch_size", "max_new_tokens"):
            if getattr(self, name) <= 0:
                raise ValueError(f"`{name}` is {getattr(self, name)}: expected a positive number.")
        if self.evaluate is not None:
            raise ValueError(
                "`evaluate` is of AffectGPT: got it in a recipe of a chat model, expected none. "
                "Its validation clips choose the weights by their loss."
            )
        check(self.trainer)
        if self.global_batch_size is not None:
            require_batches(self.global_batch_size, self.trainer)
        self.asking()  # its checks are ours

    def asking(self) -> Recipe:
        """Which clips are used and scored, as the recipe that splits and scores go by."""
        return Recipe(
            corpus=self.corpus,
            config=self.config,
            protocol=self.protocol,
            modalities=self.modalities,
            answer=(next(iter(self.answer.values())),),
            train_split=self.train_split,
            test_split=self.test_split,
            label=self.label,
            max_train_clips=self.max_train_clips,
            model=self.model,
            lora=None,
            seed=self.seed,
            trainer=self.trainer,
            predict_batch_size=self.predict_batch_size,
            max_new_tokens=self.max_new_tokens,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values that ``yaml.safe_dump`` and JSON can write."""
        plain = asdict(self) | {"modalities": list(self.modalities)}
        return {key: value for key, value in plain.items() if key != "evaluate"}


def load_omni_recipe(name_or_path: str | Path, **overrides: Any) -> OmniRecipe:
    """Read a recipe of a chat model by its installed name or from a YAML file.

    Args:
        name_or_path: "emos_basic7_omni", or a path that ends in .yaml or .yml.
        overrides: Fields that replace what the file says; a mapping is merged over the file's. A
            key of `answer` is taken away by ``answer.KEY=null``.

    Raises:
        FileNotFoundError: The path does not exist.
        ValueError: The name, a field or a value is not known, close matches are listed; or the
            recipe is of another kind.

    Example:
        >>> load_omni_recipe("emos_basic7_omni").lora.r
        16
    """
    return load_as(OmniRecipe, KIND, "chat models", name_or_path, overrides, mappings=("answer",))
